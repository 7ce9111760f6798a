"""Delimited text: the archive's CSV files, and what people make of them."""

from __future__ import annotations

import csv
import io
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from mlcore.datasets.readers.gathering import check_size, gathered
from mlcore.datasets.readers.text_source import as_file
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["Layout", "layout_of", "read"]

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


def layout_of(head: str) -> Layout | None:
    """Find the line with the columns' names at a text's beginning: the first that is no comment.

    The delimiter is the one of comma, semicolon, tab and bar that this line has most of, and blanks
    where it has none. Names of columns have none of these in them, so that the line tells for
    certain what sniffing at numbers could only guess.
    """
    position = 0
    while position < len(head):
        match = _LINE.match(head, position)
        assert match is not None  # noqa: S101 - it matches an empty line too
        line, position = match.group().strip("\r\n"), match.end()
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        delimiter = max(_DELIMITERS, key=line.count)
        # One name alone is that of a table of one column, whose cells may have blanks.
        if delimiter in line or len(line.split()) == 1:
            try:
                names = next(csv.reader([line], delimiter=delimiter), [])
            except csv.Error as error:
                msg = "The line with the columns' names cannot be read: one of them is too long."
                raise DataError(msg) from error
            return Layout(names=tuple(names), start=position, delimiter=delimiter)
        return Layout(names=tuple(line.split()), start=position, delimiter=_WHITESPACE)
    return None


def read(
    source: TextSource,
    layout: Layout,
    names: Sequence[str],
    wanted: Collection[str],
    text: Collection[str],
) -> pd.DataFrame:
    """Parse the rows.

    Parameters
    ----------
    source, layout
        The text and where its rows begin.
    names
        Names to give to the columns, as many as the layout has.
    wanted
        Those of the names to read.
    text
        Those that are not to be taken for numbers.

    Raises
    ------
    DataError
        When there is too much of it, when a row has more cells than there are columns, or a quote
        is not closed.
    """
    check_size(rows=1, columns=len(names))
    kept = [position for position, name in enumerate(names) if name in wanted]
    kept_names = [names[position] for position in kept]
    frame = gathered(_pieces(source, layout, kept, text, names), kept_names, width=len(names))
    # Semicolons separate the cells where a comma separates the decimals.
    if layout.delimiter == ";":
        _read_decimal_commas(frame, [name for name in kept_names if name not in text])
    return frame


def _pieces(
    source: TextSource,
    layout: Layout,
    kept: Sequence[int],
    text: Collection[str],
    names: Sequence[str],
) -> Iterator[pd.DataFrame]:
    width = len(names)
    texts = [str(width), *(str(position) for position in kept if names[position] in text)]
    rows = 0
    try:
        with warnings.catch_warnings():
            # Its remarks on types are about columns that are checked later, in our own words.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            warnings.simplefilter("error", pd.errors.ParserWarning)
            pieces = pd.read_csv(
                as_file(_with_numbers(source, layout, width)),
                sep="\t" if layout.delimiter == _WHITESPACE else layout.delimiter,
                quoting=csv.QUOTE_NONE if layout.delimiter == _WHITESPACE else csv.QUOTE_MINIMAL,
                index_col=False,
                usecols=[str(position) for position in (*kept, width)],
                dtype=dict.fromkeys(texts, str),
                low_memory=False,
                chunksize=max(1, _CELLS_AT_ONCE // (width + 1)),
            )
            for piece in pieces:
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


def _read_decimal_commas(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Turn columns into numbers that have decimal commas.

    Only where no other column has decimal points: the comma then separates thousands, perhaps.
    """
    with_comma: dict[str, pd.Series[Any]] = {}
    for name in names:
        cells = frame[name]
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
