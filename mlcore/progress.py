"""Progress that follows work: named stages with weights, and steps within a stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Progress", "ProgressCallback", "StageProgress", "silent"]

ProgressCallback = Callable[[float, str], None]
"""Called with the fraction of the work that is done, in [0, 1], and the current step in words."""


def silent(_fraction: float, _step: str) -> None:
    """Discard progress; the default of everything that reports it."""


@dataclass(slots=True)
class StageProgress:
    """Reports how far one stage has come."""

    begin: float
    span: float
    step: str
    report: ProgressCallback

    def __call__(self, fraction: float, detail: str = "") -> None:
        """Report that `fraction` of this stage is done, with an optional detail in words."""
        self.nested(fraction, f"{self.step}: {detail}" if detail else self.step)

    def nested(self, fraction: float, step: str) -> None:
        """Report for a stage that has named steps of its own, whose names are shown instead."""
        self.report(self.begin + self.span * min(max(fraction, 0.0), 1.0), step)


@dataclass(slots=True)
class Progress:
    """Divides a job into weighted stages and reports a fraction that never goes back.

    Parameters
    ----------
    stages
        The name of each stage, in order, with its weight: its share of the work relative to the
        other stages. A stage that is left out of a run is simply jumped over.
    report
        Receives the overall fraction in [0, 1] and the step in words.
    """

    stages: Mapping[str, float]
    report: ProgressCallback = silent
    _done: float = field(default=0.0, init=False)

    @contextmanager
    def stage(self, name: str) -> Iterator[StageProgress]:
        """Enter the stage `name`; its end is reported when the block is left without an error."""
        names = list(self.stages)
        total = sum(self.stages.values())
        begin = sum(self.stages[earlier] for earlier in names[: names.index(name)]) / total
        stage = StageProgress(begin, self.stages[name] / total, name, self._forward)
        stage(0.0)
        yield stage
        stage(1.0)

    def _forward(self, fraction: float, step: str) -> None:
        self._done = max(self._done, fraction)
        self.report(self._done, step)
