"""The best models within a time budget, and what they make together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.lazy_names import lazy_names

if TYPE_CHECKING:
    from mlcore.search.leaderboard import Trial, TrialFigures, TrialState
    from mlcore.search.result import SearchResult
    from mlcore.search.run import CANDIDATES, search

__all__ = ["CANDIDATES", "SearchResult", "Trial", "TrialFigures", "TrialState", "search"]

_HOMES = {
    "CANDIDATES": "mlcore.search.run:CANDIDATES",
    "SearchResult": "mlcore.search.result:SearchResult",
    "Trial": "mlcore.search.leaderboard:Trial",
    "TrialFigures": "mlcore.search.leaderboard:TrialFigures",
    "TrialState": "mlcore.search.leaderboard:TrialState",
    "search": "mlcore.search.run:search",
}

if not TYPE_CHECKING:
    # The process that fits loads only what it needs, and is up the sooner for it.
    __getattr__, __dir__ = lazy_names(__name__, _HOMES)
