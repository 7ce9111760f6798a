"""Looking more closely at a model, or at what it says of one object, when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore._lazy import lazy_names
from mlcore.analyses.names import Analysis

if TYPE_CHECKING:
    from mlcore.analyses.answer import analyse

__all__ = ["Analysis", "analyse"]

if not TYPE_CHECKING:
    # A web process asks for the names of the analyses only.
    __getattr__, __dir__ = lazy_names(__name__, __file__)
