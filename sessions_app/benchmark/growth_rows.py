"""The growth benchmark's lines: what a request takes after a year of use, beside its bar."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from mlcore.benchmark.rows import keeps, table_in_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessions_app.benchmark.deleted import Deleted
    from sessions_app.benchmark.footprint import Footprint

__all__ = ["GrowthRow", "as_markdown", "as_when_empty", "deleted", "within_the_bars"]

_SECONDS, _MEGABYTES = 0.3, 50.0
"""What a request may take of the processor and of memory."""
_TIMES, _MORE = 1.25, 0.002
"""How much more something may take than on a database without history, and seconds beside that: on
a busy machine the same call differs by as much."""
_MANY, _A_MINUTE, _PROCESS_MEGABYTES = 10_000, 60.0, 300.0
"""How many sessions may go in a minute of the processor, and what the process may have."""
PROCESSOR, MEMORY = "processor time", "memory"


@dataclass(frozen=True, kw_only=True, slots=True)
class GrowthRow:
    """A figure beside the most that it may be."""

    asked: str
    figure: str
    """Which of what was measured of it."""
    value: float
    bar: float
    unit: str
    note: str = ""
    """What the reader should know, as sentences."""

    @property
    def what(self) -> str:
        """Short and stable: a script finds the line by it."""
        return f"{self.asked}: {self.figure}"

    @property
    def holds(self) -> bool:
        """Whether it is no more than it may be."""
        return bool(keeps(self.value, self.bar, at_most=True))

    def as_json(self) -> dict[str, Any]:
        """Return the line as JSON values, what most readers look for first."""
        first = {"what": self.what, "value": self.value, "bar": self.bar, "holds": self.holds}
        return first | asdict(self)

    @classmethod
    def from_json(cls, line: dict[str, Any]) -> GrowthRow:
        """Return the line that `as_json` made these values of."""
        return cls(**{name: line[name] for name in cls.__slots__})


def within_the_bars(asked: str, taken: Footprint) -> list[GrowthRow]:
    """Hold a request to what every request may take."""
    return _rows(asked, taken, bar=_SECONDS, note="")


def as_when_empty(asked: str, taken: Footprint, *, empty: Footprint) -> list[GrowthRow]:
    """Hold what happens all the time to what it takes on a database without history."""
    note = (
        f"The bar is {_TIMES:g} × what the same took on a database without history, and"
        f" {_MORE * 1000:g} ms."
    )
    return _rows(asked, taken, bar=_TIMES * empty.seconds + _MORE, note=note)


def deleted(gone: Deleted) -> list[GrowthRow]:
    """Hold a cleanup to a minute for each ten thousand sessions, and its process to its room."""
    asked = "deleting ten thousand sessions"
    note = (
        f"{gone.sessions} sessions, with whatever else a cleanup does, in"
        f" {gone.wall_seconds:.0f} s of wall time; {gone.postgres_seconds:.1f} of"
        f" {gone.seconds:.1f} s of the processor are Postgres'."
    )
    seconds = gone.seconds * _MANY / max(gone.sessions, 1)
    return [
        GrowthRow(asked=asked, figure=PROCESSOR, value=seconds, bar=_A_MINUTE, unit="s", note=note),
        GrowthRow(
            asked=asked, figure=MEMORY, value=gone.megabytes, bar=_PROCESS_MEGABYTES, unit="MB"
        ),
    ]


def _rows(asked: str, taken: Footprint, *, bar: float, note: str) -> list[GrowthRow]:
    return [
        GrowthRow(asked=asked, figure=PROCESSOR, value=taken.seconds, bar=bar, unit="s", note=note),
        GrowthRow(asked=asked, figure=MEMORY, value=taken.megabytes, bar=_MEGABYTES, unit="MB"),
    ]


def as_markdown(rows: Iterable[GrowthRow]) -> str:
    """Return the lines as a Markdown table with their notes below, one line for each request."""
    together: dict[str, list[GrowthRow]] = {}
    for row in rows:
        together.setdefault(row.asked, []).append(row)
    lines = []
    for asked, figures in together.items():
        cells = [asked.replace("|", "\\|")]
        cells += [_cell(figures, unit) for unit in ("s", "MB")]
        cells.append("holds" if all(row.holds for row in figures) else "**missed**")
        lines.append((cells, next((row.note for row in figures if row.note), "")))
    return table_in_markdown(["asked", PROCESSOR, MEMORY], lines)


def _cell(figures: Iterable[GrowthRow], unit: str) -> str:
    for row in figures:
        if row.unit == unit:
            digits = 3 if unit == "s" else 0
            return f"{row.value:.{digits}f} {unit} (≤ {row.bar:.{digits}f})"
    return ""
