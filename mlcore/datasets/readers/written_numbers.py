"""Numbers that people wrote with decimal commas or with thousands set apart.

A comma in a number means one of two things. Which, a column tells where one of its numbers can be
read in one way only, and else the table's other columns; where nothing tells, it stays a word.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["read_written_numbers"]

_END = r"(?:[eE][+-]?\d+)?"
_SIGN = r"[+\-−]?"
_DECIMAL_COMMA = re.compile(rf"{_SIGN}\d*,\d+{_END}")
_COMMA_GROUPS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d*)?")
_POINT_GROUPS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:\.\d{{3}})+(?P<decimals>,\d*)?")
_BLANK_GROUPS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:[ \u00a0\u2009\u202f'’]\d{{3}})+(?:[.,]\d*)?")
_DECIMAL_POINT = re.compile(rf"{_SIGN}\d*\.\d*{_END}")
_PLAIN_COMMA = r"[+-]?[0-9]*,?[0-9]+"
_PLAIN_KINDS = (
    r"[+-]?[0-9]+",
    r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}",
    r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+)",
    r"[+-]?[1-9][0-9]{0,2},[0-9]{3}",
    r"[+-]?[0-9]*,[0-9]+",
)
"""Numbers that the patterns above do not tell apart, each without those of the kinds before it."""
_BETWEEN_GROUPS = re.compile(r"[ \u00a0\u2009\u202f'’]")
_NAMED_AT_MOST = 5


class _Comma(Enum):
    DECIMAL = "decimal"
    GROUPS = "groups"
    EITHER = "either"


def read_written_numbers(frame: pd.DataFrame, text: Collection[str]) -> list[str]:
    """Turn words that are numbers into numbers, and return what was taken for what.

    Parameters
    ----------
    frame
        A table, which is changed: columns with such words in them become numbers where all of
        them are; words that are no numbers stay.
    text
        Columns that are not to be taken for numbers.

    Returns
    -------
    list of str
        Sentences.
    """
    words = {
        name: _words(frame[name])
        for name in frame.columns
        if name not in text and not pd.api.types.is_numeric_dtype(frame[name])
    }
    # Points set thousands apart where a number has both, such as 1.149,4, and none says otherwise.
    grouped = any(_has(cells, _grouped_with_decimals) for cells in words.values()) and not any(
        _has(cells, _is_decimal_point) for cells in words.values()
    )
    commas = {name: comma for name, cells in words.items() if (comma := _comma(cells, grouped))}
    told = {comma for comma in commas.values() if comma is not _Comma.EITHER}
    grouped = grouped and told == {_Comma.DECIMAL}
    meant = next(iter(told)) if len(told) == 1 else _Comma.EITHER
    done: dict[_Comma | str, list[str]] = {_Comma.DECIMAL: [], _Comma.GROUPS: [], "points": []}
    for name, cells in words.items():
        comma = commas.get(name)
        comma = meant if comma is _Comma.EITHER else comma
        points = grouped and _has(cells, _POINT_GROUPS.fullmatch)
        blanks = _has(cells, _BLANK_GROUPS.fullmatch)
        if comma in {_Comma.DECIMAL, _Comma.GROUPS} or points or blanks:
            frame[name] = _numbers(frame[name], comma, points=points)
        if comma in {_Comma.DECIMAL, _Comma.GROUPS}:
            done[comma].append(name)
        if points:
            done["points"].append(name)
    for name in words:
        _as_numbers_where_all_are(frame, name)
    return [
        *_note("commas", done[_Comma.DECIMAL], "decimal points"),
        *_note("commas", done[_Comma.GROUPS], "setting thousands apart"),
        *_note("points", done["points"], "setting thousands apart"),
    ]


def _note(what: str, columns: list[str], meaning: str) -> list[str]:
    if not columns:
        return []
    more = len(columns) - _NAMED_AT_MOST
    named = ", ".join(columns[:_NAMED_AT_MOST]) + (f" and {more} more" if more > 0 else "")
    column = "column" if len(columns) == 1 else "columns"
    return [f"The {what} in the numbers of {column} {named} were read as {meaning}."]


def _as_numbers_where_all_are(frame: pd.DataFrame, name: str) -> None:
    """Turn a column of words into numbers as a CSV file's would be: in a workbook they are text."""
    cells = frame[name]
    if pd.api.types.is_numeric_dtype(cells):
        return
    filled = cells.dropna()
    if len(filled) and (
        isinstance(cells.dtype, pd.StringDtype)
        or all(isinstance(cell, str) for cell in filled.unique())
    ):
        numbers = pd.to_numeric(cells, errors="coerce")
        if numbers.notna().sum() == len(filled):
            frame[name] = numbers.astype("float64")


def _words(cells: pd.Series[Any]) -> list[str]:
    """Return the different words of a column that have something between their digits.

    Of those that are plain numbers, one of each kind tells as much as all.
    """
    if isinstance(cells.dtype, pd.StringDtype):
        words = cells.dropna().str.strip()
    else:
        different = cells.dropna().unique().tolist()
        words = pd.Series([word for word in different if isinstance(word, str)], dtype="str")
        words = words.str.strip()
    told: list[str] = []
    for kind in _PLAIN_KINDS:
        here = words.str.fullmatch(kind)
        told += words[here].iloc[:1].tolist()
        words = words[~here]
    told += (word.strip() for word in words.unique().tolist())
    return [word for word in told if word[-1:].isdigit() or word[-1:] in {",", "."}]


def _comma(words: Iterable[str], points_group: bool) -> _Comma | None:  # noqa: FBT001
    """Tell what the commas in a column's numbers mean; None where there are none, or no telling."""
    decimal = grouped = either = point = False
    for word in words:
        is_decimal = _DECIMAL_COMMA.fullmatch(word) is not None
        is_grouped = _COMMA_GROUPS.fullmatch(word) is not None
        has_both = _grouped_with_decimals(word)
        if "," in word and not (
            is_decimal or is_grouped or has_both or _BLANK_GROUPS.fullmatch(word)
        ):
            # Such as a list of numbers, between which commas stand.
            return None
        decimal |= (is_decimal and not is_grouped) or has_both
        grouped |= is_grouped and not is_decimal
        either |= is_decimal and is_grouped
        point |= _is_decimal_point(word) or (_is_point(word) and not points_group)
    if decimal:
        return None if grouped or point else _Comma.DECIMAL
    if grouped:
        return _Comma.GROUPS
    return _Comma.EITHER if either else None


def _has(words: Iterable[str], kind: Any) -> bool:
    return any(kind(word) for word in words)


def _is_point(word: str) -> bool:
    return _DECIMAL_POINT.fullmatch(word) is not None


def _is_decimal_point(word: str) -> bool:
    return _is_point(word) and _POINT_GROUPS.fullmatch(word) is None


def _grouped_with_decimals(word: str) -> bool:
    match = _POINT_GROUPS.fullmatch(word)
    return match is not None and match["decimals"] is not None


def _numbers(cells: pd.Series[Any], comma: _Comma | None, *, points: bool) -> pd.Series[Any]:
    """Return a column with its written numbers as numbers, and as a column of numbers if it is."""

    def number(cell: Any) -> Any:
        if not isinstance(cell, str):
            return cell
        word = cell.strip()
        if _BLANK_GROUPS.fullmatch(word):
            word = _BETWEEN_GROUPS.sub("", word).replace(",", ".")
        elif comma is _Comma.GROUPS and _COMMA_GROUPS.fullmatch(word):
            word = word.replace(",", "")
        elif points and _POINT_GROUPS.fullmatch(word):
            word = word.replace(".", "").replace(",", ".")
        elif comma is _Comma.DECIMAL and _DECIMAL_COMMA.fullmatch(word):
            word = word.replace(",", ".")
        try:
            return float(word.replace("−", "-"))
        except ValueError:
            return cell

    if comma is not _Comma.DECIMAL or not isinstance(cells.dtype, pd.StringDtype):
        return cells.astype(object).map(number, na_action="ignore").infer_objects()
    # Nearly all cells of such a column are read in one way.
    plain = cells.str.fullmatch(_PLAIN_COMMA, na=False)
    numbers = cells.where(plain).str.replace(",", ".", regex=False).astype("float64")
    others = cells[~plain].astype(object).map(number, na_action="ignore")
    if others.isna().all():
        return numbers
    together = numbers.astype(object)
    together[~plain] = others
    return together.infer_objects()
