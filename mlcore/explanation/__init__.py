"""Why a model says what it says of one object."""

from __future__ import annotations

from mlcore.explanation.local import Explanation, OutputScale, explain_rows
from mlcore.explanation.reasons import reasons

__all__ = ["Explanation", "OutputScale", "explain_rows", "reasons"]
