"""Delimited text: the archive's CSV files, and what people make of them."""

from __future__ import annotations

import csv
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = ["Layout", "layout", "read"]

_DELIMITERS = ",;\t"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the rows begin and how their cells are separated."""

    names: tuple[str, ...]
    start: int
    """Position in the text where the line with the columns' names ends."""
    delimiter: str


def layout(document: str) -> Layout | None:
    """Find the line with the columns' names in a text or its beginning: the first no comment."""
    position = 0
    while position < len(document):
        end = document.find("\n", position)
        end = len(document) if end < 0 else end + 1
        line = document[position:end].strip("\r\n")
        position = end
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        delimiter = max(_DELIMITERS, key=line.count)
        names = next(csv.reader([line], delimiter=delimiter), [])
        return Layout(names=tuple(names), start=position, delimiter=delimiter)
    return None


def read(
    document: str,
    found: Layout,
    names: Sequence[str],
    wanted: Collection[str],
    text: Collection[str],
) -> pd.DataFrame:
    """Parse the rows.

    Parameters
    ----------
    document, found
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
        When a row has more cells than there are columns, or a quote is not closed.
    """
    width = len(names)
    kept = [position for position, name in enumerate(names) if name in wanted]
    texts = [str(width), *(str(position) for position in kept if names[position] in text)]
    # A header of our own, with one column more: surplus cells would silently be dropped otherwise.
    header = found.delimiter.join(map(str, range(width + 1)))
    rows = io.BytesIO(f"{header}\n{document[found.start :]}".encode())
    try:
        with warnings.catch_warnings():
            # Its remarks on types are about columns that are checked later, in our own words.
            warnings.simplefilter("ignore", pd.errors.DtypeWarning)
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                rows,
                sep=found.delimiter,
                index_col=False,
                usecols=[str(position) for position in (*kept, width)],
                dtype=dict.fromkeys(texts, str),
                low_memory=False,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        msg = "The rows of the table cannot be read: a quote is not closed."
        raise DataError(msg) from error
    if (surplus := frame[str(width)].notna().to_numpy()).any():
        msg = (
            f"Row {surplus.argmax() + 1} of the table has more cells than there are column names "
            f"({width})."
        )
        raise DataError(msg)
    frame = frame[[str(position) for position in kept]]
    frame.columns = [names[position] for position in kept]
    return frame
