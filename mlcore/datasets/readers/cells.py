"""The cells of a table's columns, made into words or numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.spec import Column, Role
from mlcore.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["as_numbers", "as_words", "counted", "quoted"]

_ABSURD = 1e30
_MISSING = frozenset({"", "null", "NULL", "nan", "NaN", "None"})
_SHOWN = 40


def as_words(cells: pd.Series[Any], column: Column) -> pd.Series[str]:
    """Return cells as words without spaces around them, missing where empty.

    A name that was taken for a number on its way here, such as 10797460.0 or 1000.1, gets the
    decimals of its column back.

    Raises
    ------
    DataError
        When a cell holds a NUL character, which binary formats can carry and no name has.
    """
    if cells.dtype == object:
        cells = cells.map(
            lambda cell: f"{cell:.{column.decimals}f}" if isinstance(cell, float) else cell,
            na_action="ignore",
        )
    words = cells.astype("str").str.strip()
    if words.str.contains("\x00", regex=False, na=False).any():
        msg = f"Column {column.name} has a NUL character, which no name or word may contain."
        raise DataError(msg)
    if column.decimals == 0:
        words = words.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    else:
        numeric = words[words.str.fullmatch(r"\d+(\.\d*)?", na=False)].astype("float64")
        words = words.mask(
            words.index.isin(numeric.index), numeric.map(f"{{:.{column.decimals}f}}".format)
        )
    return words.where(words != "")


def as_numbers(
    cells: pd.Series[Any], column: Column, row_numbers: NDArray[np.int64], warnings: list[str]
) -> pd.Series[float]:
    """Return cells as float64; what no measurement can have is missing and added to the warnings.

    Raises
    ------
    DataError
        When a cell of a feature is not a number.
    """
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        values = cells.astype("float64")
    else:
        words = cells.astype("str").str.strip()
        filled = words.notna() & ~words.isin(_MISSING)
        values = pd.to_numeric(words.where(filled), errors="coerce").astype("float64")
        wrong = np.flatnonzero((filled & values.isna()).to_numpy(dtype=bool))
        if len(wrong) and column.role is Role.FEATURE:
            raise DataError(
                f"Column {column.name} has {quoted(words.iloc[wrong[0]])} in row "
                f"{row_numbers[wrong[0]]}, which is not a number."
            )
        if len(wrong):
            warnings.append(
                f"{counted(len(wrong), 'cell')} of column {column.name} with no number in it "
                "count as missing."
            )
    absurd = (values > _ABSURD) | (values < -_ABSURD)
    count = int(absurd.sum())
    if not count:
        # Not through `mask`, which would copy each column of a large table.
        return values
    warnings.append(
        f"{counted(count, 'value')} of column {column.name} that no measurement can have "
        f"(infinite or beyond {_ABSURD:.0e}) count as missing."
    )
    return values.mask(absurd)


def counted(count: int, noun: str) -> str:
    """Return "1 row" or "2 rows"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def quoted(value: str) -> str:
    """Return a cell's content for a sentence, in quotes and not too long."""
    return f'"{value}"' if len(value) <= _SHOWN else f'"{value[:_SHOWN]}…"'
