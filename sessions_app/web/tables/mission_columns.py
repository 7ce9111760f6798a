"""The columns of a mission's table, as tables of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.web.formatting import percent
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessions_app.selectors.dataset_columns import DatasetColumn

__all__ = ["column_tables"]


def column_tables(columns: Mapping[str, DatasetColumn]) -> list[WordTable]:
    """Return what each column is: what models see, what they may not, and all the rest."""
    seen = [column for column in columns.values() if column.by_default]
    leaks = [column for column in columns.values() if column.leak]
    rest = [column for column in columns.values() if not column.by_default and not column.leak]
    bars = "Bars: the share of the rows with a value."
    tables = (
        ("What a model sees by default", bars, seen),
        (
            "What no model may see",
            f"Each of these states or follows the disposition. {bars}",
            leaks,
        ),
        (
            "Everything else",
            f"Names, positions, uncertainties and measurements beside these. {bars}",
            rest,
        ),
    )
    return [_table(title, about, part) for title, about, part in tables if part]


def _table(title: str, about: str, columns: list[DatasetColumn]) -> WordTable:
    return WordTable(
        title=title,
        about=about,
        columns=("Column", "What it is", "Unit", "Rows with a value", "Share"),
        rows=[
            Row(
                column.name,
                column.title,
                column.unit_in_words,
                str(column.filled),
                percent(column.coverage),
                note=column.leak or "",
                bar=column.coverage,
            )
            for column in columns
        ],
        bars=True,
    )
