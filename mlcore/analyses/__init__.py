"""Looking more closely at a model, or at what it says of one object, when somebody asks."""

from __future__ import annotations

from mlcore.analyses.answer import analyse
from mlcore.jobs.analyse import analyse_job

__all__ = ["analyse", "analyse_job"]
