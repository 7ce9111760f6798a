"""FITS files: their first table extension, read by astropy."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.readers.fits_extensions import opened_extensions
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.packing import Content

__all__ = ["opened", "opened_table"]

_CELLS_AT_ONCE = 1 << 19


@contextmanager
def opened(content: Content) -> Iterator[Opened]:
    """Open a FITS file's first table extension.

    Raises
    ------
    NotATableError
        When it is damaged, now or while it is read, or has no table.
    DataError
        When it is larger than `LIMITS` allows.
    """
    with opened_extensions(content) as (extensions, number):
        yield opened_table(extensions[number])


def opened_table(extension: Any) -> Opened:
    """Return a table extension whose claims have been looked at, its rows yet to be read."""
    return Opened(
        headings=[
            Heading(name=column.name or "", unit=column.unit or "") for column in extension.columns
        ],
        pieces=partial(_pieces, extension),
    )


def _pieces(extension: Any, kept: Sequence[int], words: Collection[int]) -> Iterator[pd.DataFrame]:  # noqa: ARG001
    from astropy.table import Table  # noqa: PLC0415  # as above

    data = extension.data
    names = [data.columns.names[place] for place in kept]
    for name in names:
        if data.dtype[name].shape or data.dtype[name].kind in "cV" or _is_variable(data, name):
            raise DataError(
                f"Column {name.strip().lower()} of the FITS file has more than one value in a row;"
                " allowed are numbers and words."
            )
    rows = max(1, _CELLS_AT_ONCE // max(1, len(kept)))
    for begin in range(0, len(data), rows):
        table = Table()
        for place, name in zip(kept, names, strict=True):
            table[str(place)] = _column(data, name, slice(begin, begin + rows))
        yield table.to_pandas()


def _column(data: Any, name: str, rows: slice) -> Any:
    from astropy.table import MaskedColumn  # noqa: PLC0415  # as above

    cells = data[name][rows]
    if cells.dtype.kind in "SU":
        # Words are as wide as their column, and the blanks behind them are none of theirs.
        return np.char.rstrip(cells)
    null = data.columns[name].null
    if null is None or null == "" or cells.dtype.kind not in "iu":
        return cells
    return MaskedColumn(cells, mask=cells == null)


def _is_variable(data: Any, name: str) -> bool:
    return str(data.columns[name].format)[:2].lstrip("01")[:1] in {"P", "Q"}
