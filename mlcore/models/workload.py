"""How long a session takes, estimated from its size: what is fitted how often, what is asked.

An estimate and not a promise: it is there to refuse what cannot end in time, before it begins. How
often a model is fitted belongs to the result, so that it follows from the estimate and not from the
clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.model_selection.protocol import FOLDS, FOLDS_TO_CALIBRATE, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "CALIBRATED_FITS",
    "MOST_SECONDS",
    "Workload",
    "affordable_folds",
    "may_repeat",
]

MOST_SECONDS = 1800.0
"""Longest session that a request may ask for, by its estimate; half of what a job may take unless
an operator says otherwise, because estimates are off by as much."""

CALIBRATED_FITS = 1 + FOLDS_TO_CALIBRATE
"""How often a model is fitted to have it calibrated."""
_SLOW = 240.0
"""Estimated seconds of one fit beyond which two folds must do."""
_MANY = 50_000
"""Training rows of which a half teaches as much as two thirds do, so that two folds do: already on
a seventh as many a third one moves the log loss by a thousandth at most."""
_PATIENCE = 75.0
"""Estimated seconds beyond which a model is not refitted for a comparison alone."""


def affordable_folds(seconds: float, *, rows: int, cross_validated: bool) -> int:
    """Return how many folds to divide the training rows into.

    Parameters
    ----------
    seconds
        Estimate of one fit, by the model type's declared cost and not by the clock: the number
        of folds belongs to the result.
    rows
        How many rows there are.
    cross_validated
        Whether the held-out scores were asked for as a test.
    """
    if seconds > _SLOW:
        return 2
    if cross_validated:
        return FOLDS
    return FOLDS_TO_CALIBRATE if rows < _MANY else 2


def may_repeat(seconds: float) -> bool:
    """Tell whether a fit that is estimated to take so long is made again for a comparison alone."""
    return seconds <= _PATIENCE


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """How large a training session is."""

    rows: int
    """Rows to learn from."""
    columns: int
    predicted: int = 0
    """Rows to predict, explain and assess."""
    protocols: Collection[Protocol] = ()
    """Ways of testing beside these rows."""
    older: int = 0
    """Rows of the mission's older table."""
    others: tuple[int, ...] = ()
    """Rows of each of the other missions' tables."""

    @property
    def rows_of_further_tests(self) -> list[int]:
        """How many rows a model is fitted on for each way of testing that fits others."""
        sizes = [self.older] if Protocol.TIME_FORWARD in self.protocols else []
        if Protocol.LEAVE_ONE_MISSION_OUT in self.protocols and self.others:
            missions = [self.rows, *self.others]
            sizes += [sum(missions) - left_out for left_out in missions]
        return sizes
