"""Delimited text: the archive's CSV files, and what people make of them."""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["Layout", "layout_of", "pieces", "read_decimal_commas"]

_DELIMITERS = ",;\t|"
_WHITESPACE = " "
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_CELLS_AT_ONCE = 1 << 19
_WITH_COMMA = r"[+-]?\d+(?:,\d*)?(?:[eE][+-]?\d+)?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the rows begin and how their cells are separated."""

    names: tuple[str, ...]
    start: int
    """Position in the text where the line with the columns' names ends."""
    delimiter: str
    """A blank stands for any number of blanks and tabs."""


def layout_of(head: str) -> Layout:
    """Find the line with the columns' names at a text's beginning: the first that is no comment.

    The delimiter is the one of comma, semicolon, tab and bar that this line has most of, and blanks
    where it has none. Names of columns have none of these in them, so that the line tells for
    certain what sniffing at numbers could only guess.

    Raises
    ------
    NotATableError
        When there is none.
    """
    for match in _LINE.finditer(head):
        line = match.group().strip("\r\n")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        delimiter = max(_DELIMITERS, key=line.count)
        # One name alone is that of a table of one column, whose cells may have blanks.
        if delimiter not in line and len(line.split()) > 1:
            return Layout(names=tuple(line.split()), start=match.end(), delimiter=_WHITESPACE)
        try:
            names = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as error:
            msg = "The line with the columns' names cannot be read: one of them is too long."
            raise DataError(msg) from error
        return Layout(names=tuple(names), start=match.end(), delimiter=delimiter)
    raise NotATableError(f"The file has no line with column names; {EXPECTED}.")


def pieces(
    source: TextSource, layout: Layout, kept: Sequence[int], words: Collection[int]
) -> Iterator[pd.DataFrame]:
    """Yield the rows.

    Parameters
    ----------
    source, layout
        The text and where its rows begin.
    kept
        Positions of the columns to read.
    words
        Those that are not to be taken for numbers.

    Raises
    ------
    DataError
        When a row has more cells than there are columns, or a quote is not closed.
    """
    width = len(layout.names)
    texts = [str(position) for position in (width, *words)]
    rows = 0
    try:
        with warnings.catch_warnings():
            # Its remarks on types are about columns that are checked later, in our own words.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            warnings.simplefilter("error", pd.errors.ParserWarning)
            parsed = pd.read_csv(
                as_file(_with_numbers(source, layout, width)),
                sep="\t" if layout.delimiter == _WHITESPACE else layout.delimiter,
                quoting=csv.QUOTE_NONE if layout.delimiter == _WHITESPACE else csv.QUOTE_MINIMAL,
                index_col=False,
                usecols=[str(position) for position in (*kept, width)],
                dtype=dict.fromkeys(texts, str),
                low_memory=False,
                chunksize=max(1, _CELLS_AT_ONCE // (width + 1)),
            )
            for piece in parsed:
                if (surplus := piece[str(width)].notna().to_numpy()).any():
                    raise DataError(
                        f"Row {rows + int(surplus.argmax()) + 1} of the table has more cells than"
                        f" there are column names ({width})."
                    )
                rows += len(piece)
                yield piece[[str(position) for position in kept]]
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        raise DataError("The rows of the table cannot be read: a quote is not closed.") from error


def _with_numbers(source: TextSource, layout: Layout, width: int) -> Iterator[bytes]:
    """Yield the rows under a header of our own: the columns' positions.

    It has one column more: surplus cells would silently be dropped otherwise.
    """
    delimiter = "\t" if layout.delimiter == _WHITESPACE else layout.delimiter
    yield (delimiter.join(map(str, range(width + 1))) + "\n").encode()
    rows = source.pieces(skipping=layout.start)
    yield from _aligned(rows, width) if layout.delimiter == _WHITESPACE else rows


def _aligned(pieces: Iterator[bytes], width: int) -> Iterator[bytes]:
    """Yield rows of cells between blanks as cells between tabs.

    An absent cell would move the others into columns that they are not of.
    """
    number = 0
    for line in io.TextIOWrapper(as_file(pieces), encoding="utf-8", newline=None):
        cells = line.split()
        if not cells:
            continue
        number += 1
        if len(cells) != width:
            more = "more" if len(cells) > width else "fewer"
            raise DataError(
                f"Row {number} of the table has {more} cells than there are column names ({width});"
                " where blanks separate the cells, each row must have all of them."
            )
        yield ("\t".join(cells) + "\n").encode()


def read_decimal_commas(frame: pd.DataFrame, text: Collection[str]) -> None:
    """Turn columns into numbers that have decimal commas and are not to be words.

    Only where no other column has decimal points: the comma then separates thousands, perhaps.
    """
    with_comma: dict[Any, pd.Series[Any]] = {}
    for name, cells in frame.items():
        if name in text:
            continue
        if pd.api.types.is_numeric_dtype(cells):
            if pd.api.types.is_float_dtype(cells) and (cells.dropna() % 1 != 0).any():
                return
            continue
        words = cells.dropna().astype("str").str.strip()
        if words.str.fullmatch(_WITH_COMMA).all():
            with_comma[name] = words
    for name, words in with_comma.items():
        numbers = words.str.replace(",", ".", regex=False).astype("float64")
        frame[name] = numbers.reindex(frame.index)
