"""The benchmark's table as a reader sees it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from mlcore.in_words import CARD, decimal, figure
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlcore.benchmark.rows import BenchmarkRow

__all__ = ["as_markdown"]


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
        bar = "" if row.bar is None else f"{'≤' if row.at_most else '≥'} {row.bar:g}"
        verdict = {None: "", True: "holds", False: "**missed**"}[row.holds]
        mark = f" [{notes.setdefault(row.note, len(notes) + 1)}]" if row.note else ""
        lines.append(
            f"| {row.task}{mark} | {row.features} | {row.rows} | {METRICS[row.metric].title}"
            f" | {value} | {bar} | {verdict} |"
        )
    lines.append("")
    for note, number in notes.items():
        lines += textwrap.wrap(f"[{number}] {note}", width=100, subsequent_indent="    ")
    return "\n".join(lines)
