"""The cells of a table's columns, made into words or numbers.

People write a missing value in many words, numbers with thousands apart, errors and limits beside a
value. What can mean one thing only is read; what can mean two is refused with what to write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.numbers import AmbiguousCommaError, Found, read_number
from mlcore.datasets.object_names import RoundedNumberError, as_listed
from mlcore.datasets.spec import Column, Role
from mlcore.datasets.units import parse_unit, unit_in_words
from mlcore.errors import DataError
from mlcore.in_words import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["MISSING_WORDS", "as_numbers", "as_words", "decimal_comma"]

_ABSURD = 1e30
_COMMA_IS_DECIMAL = r"[+-]?(\d*,(\d{1,2}|\d{4,})|0,\d+|[\d.]+\.\d{3},\d+)([eE].*)?"
_POINT_IS_DECIMAL = r"[+-]?(\d*\.(\d{1,2}|\d{4,})|0\.\d+|[\d,]+,\d{3}\.\d+)([eE].*)?"
_DIGITS = {"float16": 2**11, "float32": 2**24, "float64": 2**53}
"""Whole numbers beyond these are not all told apart in a type."""

MISSING_WORDS = frozenset({
    *("", "na", "n/a", "n.a.", "#n/a", "#na", "#n/a n/a", "<na>", "nan", "-nan", "null", "none"),
    *("nil", "-", "--", "---", "...", "…", "?", ".", "*", "\\n", "unknown", "missing", "masked"),
    *("not available", "not applicable", "no data", "nodata", "undefined", "undef"),
    *("#value!", "#div/0!", "#ref!", "#name?", "#null!", "#num!", "1.#qnan", "-1.#ind", "1.#ind"),
})  # fmt: skip
"""What stands for a value that is not there, in lower case, whatever the file's format."""
_OF_LABELS = frozenset({"?", "*", ".", "unknown", "undefined", "undef", "not applicable"})
"""Words of these that may be a disposition, which its own reader judges."""


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
    words = cells.astype("str").str.strip()
    if words.str.contains("\x00", regex=False, na=False).any():
        msg = f"Column {column.name} has a NUL character, which no name or word may contain."
        raise DataError(msg)
    absent = MISSING_WORDS - _OF_LABELS if column.role is Role.LABEL else MISSING_WORDS
    words = words.where(~words.str.lower().isin(absent))
    if column.decimals == 0:
        words = words.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    else:
        numeric = words[words.str.fullmatch(r"\d+(\.\d*)?", na=False)].astype("float64")
        words = words.mask(
            words.index.isin(numeric.index), numeric.map(f"{{:.{column.decimals}f}}".format)
        )
    if column.catalogue is None:
        return words
    spelled: dict[str, str] = {}
    for word in words.dropna().unique():
        try:
            spelled[word] = as_listed(word, column.catalogue, of_star=of_star)
        except RoundedNumberError as error:
            at = int(np.flatnonzero((words == word).to_numpy(dtype=bool))[0])
            raise _rounded(word, column, at, row_numbers) from error
    if all(word == name for word, name in spelled.items()):
        return words
    return words.map(spelled, na_action="ignore").astype("str")


def as_numbers(
    cells: pd.Series[Any],
    column: Column,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
    *,
    comma: bool | None = False,
) -> pd.Series[float]:
    """Return cells as float64; what no measurement can have is missing and added to the warnings.

    Parameters
    ----------
    cells, column
        The cells and what is declared of their column.
    row_numbers
        Number of each cell's row in the file.
    warnings
        Gets a sentence for what was left out or converted.
    comma
        Whether a comma separates the decimals in the table, see `decimal_comma`, for a column
        that does not tell; None: the table does not either.

    Raises
    ------
    DataError
        When a cell of a feature is not a number, or could be two.
    """
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        values = cells.astype("float64")
    else:
        own = decimal_comma([cells])
        comma = comma if own is None else own
        values = _numbers_in_words(cells, column, row_numbers, warnings, comma=comma)
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


def decimal_comma(columns: Iterable[pd.Series[Any]]) -> bool | None:
    """Tell whether a comma separates the decimals in columns of numbers.

    Returns
    -------
    bool or None
        None where no cell tells: neither ``12,5`` nor ``12.5``, or both.
    """
    commas = points = False
    for cells in columns:
        if pd.api.types.is_bool_dtype(cells):
            continue
        if pd.api.types.is_numeric_dtype(cells):
            points |= bool(pd.api.types.is_float_dtype(cells) and (cells.dropna() % 1 != 0).any())
            continue
        words = cells.dropna().astype("str").str.strip()
        # "1,234" and "1.234" can be both, "12,5", "0,125" and "1.234,5" cannot.
        commas |= bool(words.str.fullmatch(_COMMA_IS_DECIMAL).any())
        points |= bool(words.str.fullmatch(_POINT_IS_DECIMAL).any())
    return None if commas == points else bool(commas)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    value: float
    found: Found | None = None
    """None where the cell is no number."""
    unit: str = ""
    ambiguous: bool = False


def _numbers_in_words(
    cells: pd.Series[Any],
    column: Column,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
    *,
    comma: bool | None,
) -> pd.Series[float]:
    words = cells.astype("str").str.strip()
    filled = words.notna() & ~words.str.lower().isin(MISSING_WORDS)
    if comma:
        values = pd.Series(np.nan, index=words.index, dtype="float64")
    else:
        values = pd.to_numeric(words.where(filled), errors="coerce").astype("float64")
    left = words[filled & values.isna()]
    read = {word: _read(word, column, comma=comma) for word in left.unique()}
    values = values.fillna(left.map({word: one.value for word, one in read.items()}))
    places = {word: np.flatnonzero((words == word).to_numpy(dtype=bool)) for word in read}
    first = partial(_first_of, read, places)
    if (wrong := first(lambda one: one.found is None)) is not None:
        word, row, count = wrong
        if column.role is Role.FEATURE:
            raise _not_a_number(word, int(row_numbers[row]), column, ambiguous=read[word].ambiguous)
        warnings.append(
            f"{counted(count, 'cell')} of column {column.name} with no number in it "
            "count as missing."
        )
    if (limits := first(lambda one: one.found is Found.LIMIT)) is not None:
        word, row, count = limits
        warnings.append(
            f"{counted(count, 'cell')} of column {column.name} with a limit and no measurement, "
            f"such as {quoted(word)} in row {row_numbers[row]}, count as missing."
        )
    for unit in dict.fromkeys(one.unit for one in read.values() if one.unit):
        count = sum(len(places[word]) for word, one in read.items() if one.unit == unit)
        warnings.append(
            f"{counted(count, 'cell')} of column {column.name} written with {unit}: converted to"
            f" {unit_in_words(column.unit) or 'a plain number'}."
        )
    return values


def _read(word: str, column: Column, *, comma: bool | None) -> _Read:
    try:
        number = read_number(word, comma=comma)
    except AmbiguousCommaError:
        return _Read(value=np.nan, ambiguous=True)
    if number is None:
        return _Read(value=np.nan)
    if number.found is Found.LIMIT:
        return _Read(value=np.nan, found=number.found)
    if not number.unit or number.unit == unit_in_words(column.unit):
        return _Read(value=number.value, found=number.found)
    try:
        factor = float(parse_unit(number.unit).to(parse_unit(column.unit)))
    # Whatever astropy says of units that it does not know or cannot convert.
    except (ValueError, TypeError, AttributeError):
        return _Read(value=np.nan)
    converted = float(f"{number.value * factor:.12g}")
    unit = "" if factor == 1 else number.unit
    return _Read(value=converted, found=number.found, unit=unit)


def _first_of(
    read: dict[str, _Read], places: dict[str, NDArray[np.intp]], wanted: Any
) -> tuple[str, int, int] | None:
    """Return the first cell that is wanted, its row's position, and how many there are."""
    chosen = [word for word, one in read.items() if wanted(one)]
    if not chosen:
        return None
    word = min(chosen, key=lambda word: int(places[word][0]))
    return word, int(places[word][0]), sum(len(places[word]) for word in chosen)


def _not_a_number(word: str, row: int, column: Column, *, ambiguous: bool) -> DataError:
    if ambiguous:
        as_decimals, as_thousands = word.replace(",", "."), word.replace(",", "")
        return DataError(
            f"Column {column.name} has {quoted(word)} in row {row}, whose comma may stand before"
            f" decimals or between thousands: write {as_decimals} or {as_thousands}."
        )
    fix = "leave the cell empty where nothing was measured"
    if re.fullmatch(r"[+-]?\d+,\d+", word):
        fix = f"write {word.replace(',', '.')}, as the table's other decimals have points"
    return DataError(
        f"Column {column.name} has {quoted(word)} in row {row}, which is not a number; {fix}."
    )


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
