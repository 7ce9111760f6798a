"""A table's rows, gathered from pieces and held to the limits while they come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers.limits import LIMITS
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["check_size", "gathered"]


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


def gathered(pieces: Iterable[pd.DataFrame], names: Sequence[str], *, width: int) -> pd.DataFrame:
    """Put pieces of a table together.

    Parameters
    ----------
    pieces
        Rows in their order; each piece has the columns `names` in this order.
    names
        Names of the columns that are read.
    width
        How many columns the file has.

    Returns
    -------
    pandas.DataFrame
        All rows, index 0 to n - 1.

    Raises
    ------
    DataError
        When there are too many rows or too long words.
    """
    columns: list[list[pd.Series[Any]]] = [[] for _ in names]
    rows = characters = 0
    for piece in pieces:
        if piece.empty and columns and columns[0]:
            continue
        check_size(rows=rows + len(piece), columns=width)
        for parts, name, (_, cells) in zip(columns, names, piece.items(), strict=True):
            characters += _characters(cells, name, rows)
            parts.append(cells)
        if characters > LIMITS.unpacked_bytes:
            limit = LIMITS.unpacked_bytes / 10**6
            raise DataError(f"The words of the table are more than {limit:g} million characters.")
        rows += len(piece)
    whole = {}
    # One by one, so that never more than one column is there twice.
    for name, parts in zip(names, columns, strict=True):
        whole[name] = pd.concat(parts, ignore_index=True) if parts else pd.Series(dtype="float64")
        parts.clear()
    return pd.DataFrame(whole, index=pd.RangeIndex(rows), columns=list(names), copy=False)


def _characters(cells: pd.Series[Any], name: str, before: int) -> int:
    """Return how many characters the words of a column have, and refuse too many in one."""
    if pd.api.types.is_numeric_dtype(cells):
        return 0
    lengths = cells.astype("str").str.len().fillna(0)
    if (lengths > LIMITS.cell_characters).any():
        raise DataError(
            f"Column {name} has {int(lengths.max()):,} characters in row"
            f" {before + int(lengths.argmax()) + 1}; a cell may have at most"
            f" {LIMITS.cell_characters:,}."
        )
    return int(lengths.sum())
