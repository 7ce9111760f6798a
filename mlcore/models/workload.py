"""How long a session takes, estimated from its size: what is fitted how often, what is asked.

An estimate and not a promise: it is there to refuse what cannot end in time, before it begins. How
often a model is fitted belongs to the result, so that it follows from the estimate and not from the
clock.
"""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from mlcore.model_selection.protocol import FOLDS, FOLDS_TO_CALIBRATE, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = [
    "CALIBRATED_FITS",
    "MOST_SECONDS",
    "Costed",
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
_PATIENCE = 75.0
"""Estimated seconds beyond which a model is not refitted for a comparison alone."""


def affordable_folds(seconds: float, *, cross_validated: bool) -> int:
    """Return how many folds to divide the training rows into.

    Parameters
    ----------
    cross_validated
        Whether the held-out scores were asked for as a test.
    seconds
        Estimate of one fit, by the model type's declared cost and not by the clock: the number
        of folds belongs to the result.
    """
    if seconds > _SLOW:
        return 2
    return FOLDS if cross_validated else FOLDS_TO_CALIBRATE


def may_repeat(seconds: float) -> bool:
    """Tell whether a fit that is estimated to take so long is made again for a comparison alone."""
    return seconds <= _PATIENCE


Seconds: TypeAlias = "Callable[[Mapping[str, Any], int, int], float]"
"""Seconds on one core, from values, rows and columns."""


class Costed(typing.Protocol):
    """What says how long it takes: see `mlcore.models.ModelType`."""

    @property
    def searches(self) -> bool:
        """Whether it takes the time that its user gives it."""

    @property
    def seconds(self) -> Seconds:
        """Of a fit and what follows it."""

    @property
    def seconds_a_row(self) -> Seconds:
        """Of each row that is asked."""

    @property
    def fit_seconds(self) -> Seconds | None:
        """Of a fit alone."""


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

    def seconds(self, kind: Costed, values: Mapping[str, Any]) -> float:
        """Return how long the session takes on one core [s].

        Parameters
        ----------
        kind, values
            What is fitted, and what `ModelType.read_hyperparameters` returned for it.
        """
        if kind.searches:
            # The user has said how long it may take, and it takes no longer.
            return float(values["time_budget"])

        def fit(rows: int) -> float:
            return (kind.fit_seconds or kind.seconds)(values, rows, self.columns)

        def held_out(rows: int, folds: int) -> float:
            return folds * fit(round(rows * (folds - 1) / folds))

        first = kind.seconds(values, self.rows, self.columns)
        crossed = Protocol.CROSS_VALIDATED in self.protocols
        return (
            first
            + held_out(self.rows, affordable_folds(first, cross_validated=crossed))
            + (fit(self.rows) if may_repeat(first) else 0.0)
            + sum(
                fit(rows) + held_out(rows, FOLDS_TO_CALIBRATE)
                for rows in self._rows_of_further_tests()
            )
            + self.predicted * kind.seconds_a_row(values, self.rows, self.columns)
        )

    def in_words(self) -> str:
        """Return its size as the end of a sentence."""
        predicting = f" and {self.predicted} rows to predict" if self.predicted else ""
        return f"on {self.rows} training rows{predicting}"

    def _rows_of_further_tests(self) -> list[int]:
        sizes = [self.older] if Protocol.TIME_FORWARD in self.protocols else []
        if Protocol.LEAVE_ONE_MISSION_OUT in self.protocols and self.others:
            missions = [self.rows, *self.others]
            sizes += [sum(missions) - left_out for left_out in missions]
        return sizes
