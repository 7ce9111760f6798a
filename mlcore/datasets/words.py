"""Words in a table's cells: names as their catalogue's table spells them, and what is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.object_names import RoundedNumberError, are_listed, as_listed
from mlcore.datasets.spec import Column, Role
from mlcore.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MISSING_WORDS", "as_words", "holds_something"]

_BYTES = re.compile(r"""^b(['"])(.*)\1$""")
_WHOLE = r"^(\d+)\.0+$"
_DIGITS = {"float16": 2**11, "float32": 2**24, "float64": 2**53}
"""Whole numbers beyond these are not all told apart in a type."""

MISSING_WORDS = frozenset({
    *("", "na", "n/a", "n.a.", "#n/a", "#na", "#n/a n/a", "<na>", "nan", "-nan", "null", "none"),
    *("nil", "-", "--", "---", "...", "…", "?", ".", "*", "\\n", "unknown", "missing", "masked"),
    *("not available", "not applicable", "no data", "nodata", "undefined", "undef", "nat"),
    *("–", "—", "⋯", "..", "**", "--.--", "\\nodata", "(null)", "(missing)", "n / a", "n.d."),
    *("nd", "n/d", "tbd", "k.a.", "k. a.", "s/d", "not measured", "not determined"),
    *("#value!", "#div/0!", "#ref!", "#name?", "#null!", "#num!", "1.#qnan", "-1.#ind", "1.#ind"),
})  # fmt: skip
"""What stands for a value that is not there, in lower case, whatever the file's format."""
_OF_LABELS = frozenset(
    {"?", "*", "**", ".", "unknown", "undefined", "undef", "not applicable", "tbd", "nd"}
)
"""Words of these that may be a disposition, which its own reader judges."""


def holds_something(words: pd.Series[Any]) -> pd.Series[bool]:
    """Tell for each word, without spaces around it, whether it stands for a value that is there."""
    return words.notna() & ~words.str.lower().isin(MISSING_WORDS)


def as_words(
    cells: pd.Series[Any],
    column: Column,
    row_numbers: NDArray[np.int64] | None = None,
    *,
    of_star: bool = False,
) -> pd.Series[str]:
    """Return cells as words without spaces around them, missing where empty.

    A name that was taken for a number on its way here, such as 10797460.0 or 1000.1, gets the
    decimals of its column back, and names of a column with a catalogue are spelled as its table
    spells them.

    Parameters
    ----------
    cells, column
        The cells and what is declared of their column.
    row_numbers
        Number of each cell's row in the file; counted from 1 by default.
    of_star
        Whether the column names stars, so that the name of an object stands for its star.

    Raises
    ------
    DataError
        When a cell holds a NUL character, which binary formats can carry and no name has, or a
        number that lost digits and so names nothing.
    """
    if column.catalogue is not None:
        _refuse_rounded(cells, column, row_numbers)
    if cells.dtype == object:
        cells = cells.map(
            lambda cell: f"{cell:.{column.decimals}f}" if isinstance(cell, float) else cell,
            na_action="ignore",
        )
    words = cells.astype("str")
    if column.catalogue is not None:
        listed = are_listed(words, column.catalogue, of_star=of_star)
        if (listed | words.isna().to_numpy(dtype=bool)).all():
            # As the catalogue's own table has them: nothing of them is looked at further.
            return words
    words = words.str.strip()
    # How Python prints the bytes that FITS and HDF5 have for words.
    if words.str.startswith(("b'", 'b"')).any():
        words = words.str.replace(_BYTES, r"\2", regex=True)
    if words.str.contains("\x00", regex=False, na=False).any():
        msg = f"Column {column.name} has a NUL character, which no name or word may contain."
        raise DataError(msg)
    absent = MISSING_WORDS - _OF_LABELS if column.role is Role.LABEL else MISSING_WORDS
    words = words.where(~words.str.lower().isin(absent))
    words = _with_decimals(words, column.decimals)
    if column.catalogue is None:
        return words
    others = ~are_listed(words, column.catalogue, of_star=of_star) & words.notna().to_numpy()
    spelled: dict[str, str] = {}
    for word in words[others].unique():
        try:
            spelled[word] = as_listed(word, column.catalogue, of_star=of_star)
        except RoundedNumberError as error:
            at = int(np.flatnonzero((words == word).to_numpy(dtype=bool))[0])
            raise _rounded(word, column, at, row_numbers) from error
    if all(word == name for word, name in spelled.items()):
        return words
    return words.mask(others, words[others].map(spelled).astype("str"))


def _with_decimals(words: pd.Series[str], decimals: int) -> pd.Series[str]:
    """Return words of which those that are numbers have as many decimals as their column."""
    if decimals == 0:
        if words.str.fullmatch(_WHOLE, na=False).any():
            return words.str.replace(_WHOLE, r"\1", regex=True)
        return words
    # As they are to be: with so few digits, reading and writing a number changes none of them.
    done = words.str.fullmatch(rf"(?:0|[1-9][0-9]{{0,11}})\.[0-9]{{{decimals}}}", na=False)
    numeric = words[~done & words.str.fullmatch(r"\d+(\.\d*)?", na=False)].astype("float64")
    if numeric.empty:
        return words
    return words.mask(words.index.isin(numeric.index), numeric.map(f"{{:.{decimals}f}}".format))


def _refuse_rounded(
    cells: pd.Series[Any], column: Column, row_numbers: NDArray[np.int64] | None
) -> None:
    """Refuse numbers that stand for names and that their type can no longer tell apart."""
    if pd.api.types.is_float_dtype(cells):
        most = _DIGITS.get(str(cells.dtype).lower(), 2**53)
        large = (cells.abs() > most).fillna(False).to_numpy(dtype=bool)  # noqa: FBT003
    elif cells.dtype == object:
        large = np.array(
            [isinstance(cell, float) and abs(cell) > _DIGITS["float64"] for cell in cells],
            dtype=bool,
        )
    else:
        return
    if large.any():
        at = int(large.argmax())
        raise _rounded(f"{float(cells.iloc[at]):.8g}", column, at, row_numbers)


def _rounded(
    word: str, column: Column, at: int, row_numbers: NDArray[np.int64] | None
) -> DataError:
    row = at + 1 if row_numbers is None else int(row_numbers[at])
    return DataError(
        f"Column {column.name} has {word} in row {row}: a spreadsheet has rounded the number, and"
        " which object it named cannot be told. Export the column as text, with all its digits."
    )
