"""What was read from a session's files, as its page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessions_app.web.formatting import words
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["reading_tables"]

_MATCHED = {"name": "its name", "alias": "another name of it", "request": "the request"}


def reading_tables(reading: dict[str, Any] | None) -> Iterator[WordTable]:
    """Yield a table of the headings of each file, and one of the words of its labels."""
    for field, read in (reading or {}).items():
        file = words(field)
        used = [row for row in read["headings"] if row["column"] is not None]
        ignored = [row["heading"] for row in read["headings"] if row["column"] is None]
        yield WordTable(
            title=f"Headings of the {file}",
            about=f"Ignored: {', '.join(ignored)}." if ignored else "All of them are read.",
            columns=("Heading", "Read as", "By", "Unit", "For"),
            rows=[
                Row(
                    row["heading"],
                    row["column"] or "nothing",
                    _MATCHED.get(row["matched"], ""),
                    _unit(row),
                    row["use"],
                    note=row["why"],
                )
                for row in (*used, *(row for row in read["headings"] if _left_out(row)))
            ],
        )
        if label := read["label"]:
            yield WordTable(
                title=f"Labels of the {file}",
                about=f"From {label['heading']}, read as {label['column']}.",
                columns=("Word", "Read as", "Rows"),
                rows=[
                    Row(word, words(meaning) if meaning else "no label", str(label["rows"][word]))
                    for word, meaning in label["words"].items()
                ],
            )


def _left_out(row: dict[str, Any]) -> bool:
    """Tell whether there is more to say of an ignored heading than that it is."""
    return row["column"] is None and bool(row["why"])


def _unit(row: dict[str, Any]) -> str:
    if row["converted_from"]:
        return f"{row['converted_from']}, converted to {row['converted_to']}"
    return row["unit"] or ""
