"""The data of a plot as CSV: all that is drawn, where its table of numbers shows some."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessions_app.plots.plot import Plot

__all__ = ["csv_of"]

_PARTS = ("layer", "vconcat", "hconcat")


def csv_of(plot: Plot) -> str:
    """Return the rows that a plot draws, with the number of the data set that each is of.

    Columns are called as the axes are, with their units, or as the specification calls them.
    """
    sets: list[list[dict[str, Any]]] = []
    titles: dict[str, str] = {}
    for part in _parts(plot.spec):
        rows = part.get("data", {}).get("values")
        if rows and rows not in sets:
            sets.append(rows)
        for encoding in part.get("encoding", {}).values():
            if isinstance(encoding, dict) and encoding.get("title") and "field" in encoding:
                titles.setdefault(encoding["field"], str(encoding["title"]))
    names = list(dict.fromkeys(name for rows in sets for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["data set", *(titles.get(name, name) for name in names)])
    for number, rows in enumerate(sets, start=1):
        writer.writerows([number, *(row.get(name, "") for name in names)] for row in rows)
    return text.getvalue()


def _parts(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield spec
    for name in _PARTS:
        for part in spec.get(name, ()):
            yield from _parts(part)
