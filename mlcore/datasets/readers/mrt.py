"""Machine-readable tables of the journals and of the CDS, read by astropy.

Their header describes each column byte by byte, with its unit and what stands for a missing value.
"""

from __future__ import annotations

import io
import re
import warnings
from itertools import islice
from typing import TYPE_CHECKING, Any

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.datasets.readers.text_source import as_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.text_source import TextSource

__all__ = ["headings_of", "is_it", "opened"]

_CELLS_AT_ONCE = 1 << 19
_SIGN = re.compile(r"^Byte-by-byte Description of file", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(r"^(?:-{20,}|={20,})\s*$")


def is_it(head: str) -> bool:
    """Tell whether a text is a machine-readable table."""
    return _SIGN.search(head) is not None


def headings_of(head: str) -> Sequence[Heading]:
    """Return the names of the columns with their units.

    Raises
    ------
    NotATableError
        When the description cannot be read.
    """
    lines = head.splitlines()
    end = _rows_begin(lines)
    headings = _headings(_read(lines[: end + 1]))
    if not headings:
        raise _damaged()
    return headings


def opened(source: TextSource) -> Opened:
    """Open a text that has been looked through; see `headings_of`."""
    end = _rows_begin(source.head.splitlines())

    def pieces(kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:  # noqa: ARG001
        text = io.TextIOWrapper(as_file(source.pieces()), encoding="utf-8", newline=None)
        header = [line.rstrip("\n") for line in islice(text, end)]
        lines = (line.rstrip("\n") for line in text if line.strip())
        while rows := list(islice(lines, max(1, _CELLS_AT_ONCE // max(1, len(headings))))):
            table = _read([*header, *rows])
            table.keep_columns([table.colnames[place] for place in kept])
            yield table.to_pandas()

    headings = headings_of(source.head)
    return Opened(headings=headings, pieces=pieces)


def _rows_begin(lines: Sequence[str]) -> int:
    """Return the number of the line below the last line of dashes."""
    # Two frame the description's own heading, one ends it, and below the notes stands another where
    # there are any.
    ends = [number for number, line in enumerate(lines) if _LINE.match(line)]
    if not ends:
        raise _damaged()
    return ends[-1] + 1


def _headings(table: Any) -> tuple[Heading, ...]:
    return tuple(
        Heading(name=name, unit="" if table[name].unit is None else str(table[name].unit))
        for name in table.colnames
    )


def _read(lines: Sequence[str]) -> Any:
    from astropy.io import ascii as astropy_ascii  # noqa: PLC0415  # slow, and rarely needed

    try:
        with warnings.catch_warnings():
            # Units that it does not know are kept as they are written.
            warnings.simplefilter("ignore")
            return astropy_ascii.read(list(lines), format="cds", guess=False)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise _damaged() from error


def _damaged() -> NotATableError:
    return NotATableError(
        f"The table does not stand under its byte-by-byte description, or has no rows; {EXPECTED}."
    )
