"""The best models within a time budget, and what they make together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore._lazy import lazy_names

if TYPE_CHECKING:
    from mlcore.automl.leaderboard import SearchResult, Trial, TrialState
    from mlcore.automl.search import CANDIDATES

__all__ = ["CANDIDATES", "SearchResult", "Trial", "TrialState"]

if not TYPE_CHECKING:
    # The process that fits loads only what it needs, and is up the sooner for it.
    __getattr__, __dir__ = lazy_names(__name__, __file__)
