"""The cells of a table's columns of numbers.

People write a missing value in many words, numbers with thousands apart, errors and limits beside a
value. What can mean one thing only is read; what can mean two is refused with what to write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.conversions import Conversion, UnknownUnitError, conversion_of
from mlcore.datasets.numbers import AmbiguousCommaError, Found, read_number
from mlcore.datasets.spec import Column, Role
from mlcore.datasets.units import unit_in_words
from mlcore.datasets.words import holds_something
from mlcore.errors import DataError
from mlcore.in_words import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = [
    "CellUnits",
    "as_numbers",
    "decimal_comma",
    "errors_beside",
]

_ABSURD = 1e30
_ALONE = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_COMMA_IS_DECIMAL = r"[+-]?(\d*,(\d{1,2}|\d{4,})|0,\d+|[\d.]+\.\d{3},\d+)([eE].*)?"
_POINT_IS_DECIMAL = r"[+-]?(\d*\.(\d{1,2}|\d{4,})|0\.\d+|[\d,]+,\d{3}\.\d+)([eE].*)?"


@dataclass(kw_only=True, slots=True)
class CellUnits:
    """In which units the cells of a column are."""

    column: Column
    """What is declared of it."""
    dataset: Dataset
    """Whose column it is."""
    heading: Conversion | None = None
    """What makes numbers alone values in the column's unit, where its heading states another."""
    stated: bool = False
    """Whether cells state their units themselves, which shows when they are read."""
    _found: dict[str, Conversion | None] = field(default_factory=dict, init=False)

    def own(self, numbers: pd.Series[float]) -> pd.Series[float]:
        """Return numbers alone in the column's unit, without those that stand for no value."""
        if self.column.absent:
            numbers = numbers.mask(numbers.isin(self.column.absent))
        return numbers if self.heading is None else self.heading.apply(numbers)

    def conversion(self, unit: str) -> Conversion | None:
        """Return what makes a value that is written with a unit one in the column's unit.

        Raises
        ------
        DataError
            When the column cannot have such a unit.
        """
        if unit not in self._found:
            self._found[unit] = conversion_of(unit, self.column, self.dataset)
        return self._found[unit]


def as_numbers(
    cells: pd.Series[Any],
    units: CellUnits,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
    *,
    comma: bool | None = False,
) -> pd.Series[float]:
    """Return cells as float64 in their column's unit; what no measurement can have is missing.

    Parameters
    ----------
    cells
        The cells.
    units
        What is declared of their column, and in which unit numbers alone are.
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
        When a cell of a feature is not a number, or could be two, or some cells have a unit that
        others have not.
    """
    column = units.column
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        values = units.own(cells.astype("float64"))
    else:
        own = decimal_comma([cells])
        comma = comma if own is None else own
        values = _numbers_in_words(cells, units, row_numbers, warnings, comma=comma)
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
            # One column tells as well as all.
            points = points or bool(
                pd.api.types.is_float_dtype(cells) and (cells.dropna() % 1 != 0).any()
            )
            continue
        words = cells.dropna().astype("str").str.strip()
        # "1,234" and "1.234" can be both, "12,5", "0,125" and "1.234,5" cannot.
        commas |= bool(words.str.fullmatch(_COMMA_IS_DECIMAL).any())
        points |= bool(words.str.fullmatch(_POINT_IS_DECIMAL).any())
    return None if commas == points else bool(commas)


def errors_beside(
    frame: pd.DataFrame, columns: Iterable[CellUnits], *, comma: bool | None
) -> dict[str, pd.Series[float]]:
    """Return the errors that cells such as ``9.49 ± 0.02`` hold, for which there is no column.

    Parameters
    ----------
    frame
        The cells as they were read.
    columns
        Those to look through.
    comma
        As in `as_numbers`.

    Returns
    -------
    dict
        Values in the columns' units by the name of the column of errors, shape ``(n,)`` each.
    """
    found: dict[str, pd.Series[float]] = {}
    for units in columns:
        column = units.column
        errors = units.dataset.errors_of(column.name)
        cells = frame[column.name]
        if len(errors) != 2 or column.text or pd.api.types.is_numeric_dtype(cells):
            continue
        if any(error.name in frame for error in errors):
            continue
        own = decimal_comma([cells])
        words = cells.astype("str").str.strip()
        sides: dict[str, tuple[float, float]] = {}
        # A number alone has no error beside it.
        for word in words[~words.str.fullmatch(_ALONE, na=True)].unique():
            read = _read(word, units, comma=comma if own is None else own)
            if read.upper is not None and read.lower is not None:
                sides[word] = read.upper, read.lower
        if sides:
            for place, error in enumerate(errors):
                side = {word: both[place] for word, both in sides.items()}
                found[error.name] = words.map(side).astype("float64")
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    value: float
    found: Found | None = None
    """None where the cell is no number."""
    upper: float | None = None
    lower: float | None = None
    unit: str = ""
    """What stands beside the number."""
    converted: bool = False
    """Whether that is another unit than the column's own."""
    ambiguous: bool = False
    unfit: str = ""
    """Why the column cannot have the unit."""


def _numbers_in_words(
    cells: pd.Series[Any],
    units: CellUnits,
    row_numbers: NDArray[np.int64],
    warnings: list[str],
    *,
    comma: bool | None,
) -> pd.Series[float]:
    column = units.column
    words = cells.astype("str").str.strip()
    filled = holds_something(words)
    if comma:
        values = pd.Series(np.nan, index=words.index, dtype="float64")
    else:
        values = pd.to_numeric(words.where(filled), errors="coerce").astype("float64")
    left = (filled & values.isna()).to_numpy(dtype=bool)
    # In one pass: a column in which each cell has its own error has as many words as rows.
    places: dict[str, list[int]] = {}
    for place, word in zip(np.flatnonzero(left).tolist(), words[left], strict=True):
        places.setdefault(word, []).append(place)
    values = units.own(values)
    read = {word: _read(word, units, comma=comma) for word in places}
    values = values.fillna(words[left].map({word: one.value for word, one in read.items()}))
    first = partial(_first_of, read, places)
    if (wrong := first(lambda one: one.found is None)) is not None:
        word, row, count = wrong
        if column.role is Role.FEATURE:
            raise _not_a_number(word, int(row_numbers[row]), column, read[word])
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
    units.stated = any(one.unit for one in read.values())
    _refuse_some_letters(column, read, places, row_numbers, filled=int(filled.sum()))
    for unit in dict.fromkeys(one.unit for one in read.values() if one.converted):
        count = sum(len(places[word]) for word, one in read.items() if one.unit == unit)
        warnings.append(
            f"{counted(count, 'cell')} of column {column.name} written with {unit}: converted to"
            f" {unit_in_words(column.unit) or 'a plain number'}."
        )
    return values


def _refuse_some_letters(
    column: Column,
    read: dict[str, _Read],
    places: dict[str, list[int]],
    row_numbers: NDArray[np.int64],
    *,
    filled: int,
) -> None:
    """Refuse a column in which some numbers have a letter behind them: it may be a footnote's."""
    lettered = {
        word: one
        for word, one in read.items()
        if one.converted and re.fullmatch(r".*[\d.)][A-Za-z]", word)
    }
    first = _first_of(lettered, places, lambda _: True)
    if first is None or column.role is not Role.FEATURE:
        return
    word, row, _ = first
    count = sum(len(places[word]) for word, one in read.items() if one.unit)
    if count < filled:
        raise DataError(
            f"Column {column.name} has {quoted(word)} in row {row_numbers[row]}, and no unit in"
            f" {filled - count} of {filled} cells: a footnote's letter has to go, and a unit has to"
            " stand in all cells or in none."
        )


def _read(word: str, units: CellUnits, *, comma: bool | None) -> _Read:
    try:
        number = read_number(word, comma=comma)
    except AmbiguousCommaError:
        return _Read(value=np.nan, ambiguous=True)
    if number is None:
        return _Read(value=np.nan)
    if number.found is Found.LIMIT:
        return _Read(value=np.nan, found=number.found)
    conversion = units.heading
    if number.unit:
        try:
            conversion = units.conversion(number.unit)
        except UnknownUnitError:
            return _Read(value=np.nan)
        except DataError as error:
            return _Read(value=np.nan, unfit=str(error))
    upper, lower = number.upper, number.lower
    if conversion is None:
        value = number.value
    else:
        value = _short(conversion.apply(number.value))
        # How much of a depth an error in magnitudes is follows from the depth itself.
        if upper is not None and lower is not None and not conversion.magnitudes:
            upper, lower = _short(upper * conversion.factor), _short(lower * conversion.factor)
        else:
            upper = lower = None
    return _Read(
        value=value,
        found=number.found,
        upper=upper,
        lower=lower,
        unit=number.unit,
        converted=bool(number.unit) and conversion is not None,
    )


def _short(value: float) -> float:
    """Return a converted value without the last digits that a factor leaves."""
    return float(f"{value:.12g}")


def _first_of(
    read: dict[str, _Read], places: dict[str, list[int]], wanted: Any
) -> tuple[str, int, int] | None:
    """Return the first cell that is wanted, its row's position, and how many there are."""
    chosen = [word for word, one in read.items() if wanted(one)]
    if not chosen:
        return None
    # The words stand in the order in which they come.
    word = chosen[0]
    return word, places[word][0], sum(len(places[word]) for word in chosen)


def _not_a_number(word: str, row: int, column: Column, read: _Read) -> DataError:
    if read.unfit:
        return DataError(
            f"Column {column.name} has {quoted(word)} in row {row}, but {read.unfit}"
            f"{'' if read.unfit.endswith('.') else '.'}"
        )
    if read.ambiguous:
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
