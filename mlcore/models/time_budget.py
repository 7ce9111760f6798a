"""The time that a user gave a session, and what of it may still be spent on what."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlcore.errors import HyperparameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.models.spec import ModelType

__all__ = ["check_time", "seconds_after_search"]

_AFTERWARDS = 0.35
"""Share of a budget that is kept for predicting, explaining and measuring, at the least."""
_MOST_AFTERWARDS = 0.75
_FEWEST_SECONDS = 3.0
_SECONDS_A_ROW = 2.5e-3
"""Measured: assessing, measuring and saving a row that is predicted, on a slow machine."""


def seconds_after_search(seconds: float, rows: int) -> float:
    """Return how much of a budget is kept for what follows a search [s].

    Parameters
    ----------
    seconds
        The budget [s].
    rows
        How many are predicted.
    """
    needed = max(_AFTERWARDS * seconds, _FEWEST_SECONDS + _SECONDS_A_ROW * rows)
    return min(needed, _MOST_AFTERWARDS * seconds)


def check_time(kind: ModelType, values: Mapping[str, Any], *, rows: int) -> None:
    """Refuse a budget that predicting alone would use up.

    Parameters
    ----------
    kind, values
        A model type, and what `ModelType.read_hyperparameters` returned for it.
    rows
        How many are predicted.

    Raises
    ------
    HyperparameterError
        When a search would be left less than a quarter of the budget.
    """
    if not kind.searches:
        return
    fewest = math.ceil((_FEWEST_SECONDS + _SECONDS_A_ROW * rows) / _MOST_AFTERWARDS)
    if values["time_budget"] < fewest:
        raise HyperparameterError(
            f"time_budget was {values['time_budget']}, but to predict, explain and measure {rows:,}"
            f" rows in time it must be at least {fewest}."
        )
