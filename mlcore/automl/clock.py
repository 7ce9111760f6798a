"""How a search spends its time: what a trial may take, what it will take, what is left."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlcore.automl.proposals import Proposal

__all__ = ["Clock"]

_PROMISED_SHARE = 0.25
"""Share of the budget that a trial may promise to take."""

_LONGEST_SHARE = 0.4
"""Share of the budget after which a trial is ended, once another has finished."""

_RESERVED_SHARE = 0.25

_OVERHEAD = 0.05
"""Seconds of a fit that have nothing to do with the model: rows are picked and files written."""

_MOST_OFF = 3.0


@dataclass(kw_only=True, slots=True)
class Clock:
    """The budget of a search.

    Parameters
    ----------
    began
        When the search began, as `time.monotonic` told it [s].
    seconds
        Budget [s].
    rows, columns
        Size of the table.
    folds
        How many fits a trial takes, besides the one on all rows.
    classes
        How many there are to tell apart.
    most_trials
        Most trials to begin, None for any number.
    """

    began: float
    seconds: float
    rows: int
    columns: int
    folds: int
    classes: int
    most_trials: int | None = None
    _estimated: dict[str, float] = field(default_factory=dict)
    _measured: dict[str, float] = field(default_factory=dict)

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    @property
    def deadline(self) -> float:
        """When nothing but weighing the members may be left to do, as `time.monotonic` says it."""
        # Measured: the weights of a dozen members, once for each fold and once for all rows.
        weighing = 0.3 + 2e-5 * self.rows * self.classes
        return self.began + self.seconds - min(weighing, _RESERVED_SHARE * self.seconds)

    @property
    def promised(self) -> float:
        """How long a trial that is begun may be expected to take [s]."""
        return min(_PROMISED_SHARE * self.seconds, self.left)

    @property
    def longest(self) -> float:
        """How long a trial may take once another has finished [s]."""
        return _LONGEST_SHARE * self.seconds

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()

    def until(self, *, is_first: bool) -> float:
        """Return when a trial that begins now is ended, as `time.monotonic` says it."""
        # Before anything has finished, a late result is better than none.
        return self.deadline if is_first else min(self.deadline, time.monotonic() + self.longest)

    def declared(self, proposal: Proposal) -> float:
        """Return how long a trial takes by its model type's own estimate [s]."""
        kind, values = proposal.model_type, proposal.values
        part = round(self.rows * (1 - 1 / self.folds))
        fits = self.folds * kind.seconds(values, part, self.columns) + kind.seconds(
            values, self.rows, self.columns
        )
        return fits + _OVERHEAD * (self.folds + 1)

    def expected(self, proposal: Proposal) -> float | None:
        """Return how long a trial will take, going by those so far [s]; None: nobody knows."""
        if not self._measured:
            return None
        name = proposal.model_type.name
        if name in self._measured:
            return self._measured[name] / self._estimated[name] * self.declared(proposal)
        # How far one model type's estimate is off says little of another one's.
        ratio = sum(self._measured.values()) / sum(self._estimated.values())
        return min(max(ratio, 1 / _MOST_OFF), _MOST_OFF) * self.declared(proposal)

    def learn(self, proposal: Proposal, seconds: float) -> None:
        """Take note of how long a whole trial took."""
        name = proposal.model_type.name
        self._measured[name] = self._measured.get(name, 0.0) + seconds
        self._estimated[name] = self._estimated.get(name, 0.0) + self.declared(proposal)
