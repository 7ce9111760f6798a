"""What the benchmark aims at, and the lines of its table."""

from __future__ import annotations

import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlcore.in_words import CARD, decimal, figure
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "COVERAGE",
    "Aim",
    "Bar",
    "BenchmarkRow",
    "as_markdown",
    "bar_and_verdict",
    "keeps",
    "table_in_markdown",
]

COVERAGE = "set_coverage"
"""What a row's metric is called that is no metric of a model's scores: how often sets of answers
hold the true class."""
_TITLES = {
    COVERAGE: "Coverage of the sets",
    "found_share": "Share found",
    "likely_share": "Share called likely planet",
    "completeness": "Share found and called likely planet",
    "reliability": "Reliability",
    "not_likely_share": "Share not called likely planet",
    "same_share": "Share alike",
    "time_ratio": "Ratio of processor times",
    "seconds": "Processor time [s]",
}


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
    cell: tuple[str, str] | None = None
    """Line and column of the map that its aim is shown as; None where it is no cell of a map."""

    @property
    def title(self) -> str:
        """The metric's name for people."""
        return METRICS[self.metric].title if self.metric in METRICS else _TITLES[self.metric]

    @property
    def holds(self) -> bool | None:
        """Whether the figure keeps to its bar; None without a bar."""
        return keeps(self.value, self.bar, at_most=self.at_most)

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values, what most readers look for first."""
        row = asdict(self)
        first = ("task", "features", "metric", "value", "interval", "bar")
        return {name: row[name] for name in first} | {"holds": self.holds} | row


def keeps(value: float | None, bar: float | None, *, at_most: bool) -> bool | None:
    """Return whether a figure keeps to its bar; None without a bar.

    Parameters
    ----------
    value
        None where it was not measured, which keeps to no bar.
    bar
        None where the figure is only told.
    at_most
        Whether the bar is an upper one.
    """
    if bar is None:
        return None
    if value is None:
        return False
    return value <= bar if at_most else value >= bar


def bar_and_verdict(bar: float | None, holds: bool | None, *, at_most: bool) -> tuple[str, str]:  # noqa: FBT001 - a value to show
    """Return the last two cells of a line: the bar with its sign, and what `keeps` says of it."""
    shown = "" if bar is None else f"{'≤' if at_most else '≥'} {bar:.4g}"
    return shown, {None: "", True: "holds", False: "**missed**"}[holds]


def table_in_markdown(headings: Sequence[str], lines: Iterable[tuple[Sequence[str], str]]) -> str:
    """Return a Markdown table with its notes below, each told once, which reads well as it is.

    Parameters
    ----------
    headings
        Of the columns.
    lines
        Of each line its cells, and its note as a sentence, empty for none.
    """
    table = [f"| {' | '.join(headings)} | |", f"|{'---|' * (len(headings) + 1)}"]
    notes: dict[str, int] = {}
    for (first, *others), note in lines:
        mark = f" [{notes.setdefault(note, len(notes) + 1)}]" if note else ""
        table.append(f"| {' | '.join([f'{first}{mark}', *others])} |")
    table.append("")
    for note, number in notes.items():
        table += textwrap.wrap(f"[{number}] {note}", width=100, subsequent_indent="    ")
    return "\n".join(table)


def as_markdown(rows: Iterable[BenchmarkRow]) -> str:
    """Return the lines as a Markdown table, and the maps below; see `table_in_markdown`."""
    headings = ["task", "features", "rows", "metric", f"value ({INTERVAL})", "bar"]
    lines: list[BenchmarkRow] = []
    maps: dict[tuple[str, str], list[BenchmarkRow]] = {}
    for row in rows:
        (lines if row.cell is None else maps.setdefault((row.task, row.title), [])).append(row)
    table = table_in_markdown(headings, [(_cells(row), row.note) for row in lines])
    if not maps:
        return table
    drawn = [_map(task, title, of) for (task, title), of in maps.items()]
    return "\n\n".join([table.rstrip("\n"), *drawn])


def _map(task: str, title: str, rows: Sequence[BenchmarkRow]) -> str:
    """Return a map: its lines below one another, in each cell the value and how many it is of."""
    shown: dict[str, dict[str, str]] = {}
    for row in rows:
        line, column = row.cell or ("", "")
        value = "–" if row.value is None else decimal(row.value, CARD)
        shown.setdefault(line, {})[column] = f"{value} ({row.rows})"
    columns = list(next(iter(shown.values())))
    table = [f"| | {' | '.join(columns)} |", f"|{'---|' * (len(columns) + 1)}"]
    table += [
        f"| {line} | {' | '.join(of.get(column, '') for column in columns)} |"
        for line, of in shown.items()
    ]
    return "\n".join([f"{task}: {title.lower()} (of how many)", "", *table])


def _cells(row: BenchmarkRow) -> list[str]:
    value = "not measured" if row.value is None else decimal(row.value, CARD)
    if row.value is not None and row.interval is not None:
        value = figure(row.value, *row.interval, CARD)
    last = bar_and_verdict(row.bar, row.holds, at_most=row.at_most)
    return [row.task, row.features, str(row.rows), row.title, value, *last]
