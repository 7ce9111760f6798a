"""What the benchmark aims at, and the lines of its table."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlcore.in_words import CARD, decimal, figure
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["COVERAGE", "Aim", "Bar", "BenchmarkRow", "as_markdown"]

COVERAGE = "set_coverage"
"""What a row's metric is called that is no metric of a model's scores: how often sets of answers
hold the true class."""
_TITLES = {COVERAGE: "Coverage of the sets"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """What a figure is held to."""

    metric: str
    """Name of a metric in `mlcore.metrics.METRICS`."""
    value: float | None = None
    """None where the figure is only told."""
    at_most: bool = False
    """Whether the bar is an upper one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Described:
    task: str
    """What is asked of which rows, in words."""
    features: str
    """What the model sees, in words."""
    name: str
    """Short and stable, for a script; with a metric it tells the lines apart."""
    note: str = ""
    """What the reader should know, as a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim(_Described):
    """What is measured of which rows."""

    bars: tuple[Bar, ...]
    needs: str
    """The tables that it takes, in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchmarkRow(_Described):
    """A measured figure beside its bar."""

    metric: str
    """Name of a metric in `mlcore.metrics.METRICS`, or `COVERAGE`."""
    value: float | None
    """Mean over the seeds; None where a table is missing."""
    interval: tuple[float, float] | None
    """95 % interval, resampled by host star, mean over the seeds."""
    bar: float | None = None
    """None where the figure is only told."""
    at_most: bool = False
    """Whether the bar is an upper one."""
    rows: int = 0
    """Rows that were scored."""

    @property
    def title(self) -> str:
        """The metric's name for people."""
        return METRICS[self.metric].title if self.metric in METRICS else _TITLES[self.metric]

    @property
    def holds(self) -> bool | None:
        """Whether the figure keeps to its bar; None without a bar."""
        if self.bar is None:
            return None
        if self.value is None:
            return False
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values, what most readers look for first."""
        row = asdict(self)
        first = ("task", "features", "metric", "value", "interval", "bar")
        return {name: row[name] for name in first} | {"holds": self.holds} | row


def as_markdown(rows: Iterable[BenchmarkRow]) -> str:
    """Return the lines as a Markdown table with their notes below, which reads well as it is."""
    lines = [
        f"| task | features | rows | metric | value ({INTERVAL}) | bar | |",
        "|---|---|---|---|---|---|---|",
    ]
    notes: dict[str, int] = {}
    for row in rows:
        value = "not measured" if row.value is None else decimal(row.value, CARD)
        if row.interval is not None:
            value = figure(row.value, *row.interval, CARD)
        bar = "" if row.bar is None else f"{'≤' if row.at_most else '≥'} {row.bar:.4g}"
        verdict = {None: "", True: "holds", False: "**missed**"}[row.holds]
        mark = f" [{notes.setdefault(row.note, len(notes) + 1)}]" if row.note else ""
        lines.append(
            f"| {row.task}{mark} | {row.features} | {row.rows} | {row.title}"
            f" | {value} | {bar} | {verdict} |"
        )
    lines.append("")
    for note, number in notes.items():
        lines += textwrap.wrap(f"[{number}] {note}", width=100, subsequent_indent="    ")
    return "\n".join(lines)
