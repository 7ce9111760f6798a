"""How large a table may be, declared in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mlcore.errors import DataError

__all__ = ["LIMITS", "TableLimits", "check_sheet_rows", "check_size"]


def _limit(default: int, meaning: str) -> Any:
    return field(default=default, metadata={"help": meaning})


@dataclass(frozen=True, kw_only=True, slots=True)
class TableLimits:
    """What a table is refused beyond; thirty times and more of what any of the archive's has.

    Each is checked before the memory is taken that it protects: a file's own claims first, then
    what unpacking and reading find.
    """

    rows: int = _limit(1_000_000, "Rows; of a text file its lines without the first `lines_above`.")
    lines_above: int = _limit(
        1_000, "Lines of a text file beyond its rows: names, and comments wherever they stand."
    )
    sheet_rows: int = _limit(
        250_000, "Rows of a workbook's sheet, whose cells are read one by one in minutes."
    )
    columns: int = _limit(2_000, "Columns, known to the mission or not.")
    cells: int = _limit(25_000_000, "Rows times columns.")
    cell_characters: int = _limit(1_000, "Characters of a word in a mission's column.")
    name_characters: int = _limit(200, "Characters of a column's name.")
    line_bytes: int = _limit(1 << 20, "Bytes of a line of a text file.")
    unpacked_bytes: int = _limit(
        500 * 10**6, "Bytes of a compressed file, a workbook or a Parquet file, unpacked."
    )
    json_bytes: int = _limit(64 * 10**6, "Bytes of a JSON file, which is read whole.")
    fits_bytes: int = _limit(200 * 10**6, "Bytes of a FITS table, which is read whole.")
    packed_ratio: int = _limit(
        200, "How many times as large a part of a workbook may be as its packed form."
    )
    part_bytes: int = _limit(
        16 * 10**6, "Bytes of what a reader takes whole: a workbook's styles, a Parquet footer."
    )


LIMITS = TableLimits()


def check_size(*, rows: int, columns: int) -> None:
    """Refuse a table that is too large.

    Parameters
    ----------
    rows, columns
        As many as there are at least.

    Raises
    ------
    DataError
        When they are more than `LIMITS` allows.
    """
    if columns > LIMITS.columns:
        raise DataError(
            f"The table has {columns:,} columns; at most {LIMITS.columns:,} are allowed."
        )
    if rows > LIMITS.rows:
        raise DataError(f"The table has more than the {LIMITS.rows:,} rows that it may have.")
    if rows * columns > LIMITS.cells:
        raise DataError(
            f"The table has {columns:,} columns and with them more than the {LIMITS.cells:,} cells"
            " that it may have: send fewer rows, or only the columns that are needed."
        )


def check_sheet_rows(rows: int) -> None:
    """Refuse a workbook's sheet with more rows than one may have, as `check_size` does others.

    Raises
    ------
    DataError
        When there are more than `LIMITS` allows.
    """
    if rows > LIMITS.sheet_rows < LIMITS.rows:
        raise DataError(
            f"The table has more than the {LIMITS.sheet_rows:,} rows that one in a workbook may"
            " have: send it as CSV or Parquet."
        )
    check_size(rows=rows, columns=1)
