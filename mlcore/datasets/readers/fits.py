"""FITS files: their first table extension, read by astropy."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.datasets.readers.raw_table import Heading, Opened
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pandas as pd

    from mlcore.datasets.readers.packing import Content

__all__ = ["opened"]

_EXTENSIONS_AT_MOST = 1000
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
    from astropy.io import fits  # noqa: PLC0415  # slow, and rarely needed

    try:
        with warnings.catch_warnings(), content.file() as file:
            # It remarks on cards that are not as the standard demands, and mends them.
            warnings.simplefilter("ignore")
            number = _first_table(file)
            file.seek(0)
            with fits.open(file, memmap=False, lazy_load_hdus=True) as extensions:
                extension = extensions[number]
                yield Opened(
                    headings=[
                        Heading(name=column.name or "", unit=column.unit or "")
                        for column in extension.columns
                    ],
                    pieces=partial(_pieces, extension),
                )
    except (
        OSError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        EOFError,
        OverflowError,
        fits.VerifyError,
    ) as error:
        raise _damaged() from error


def _first_table(file: BinaryIO) -> int:
    """Return the number of the first extension that is a table, and hold its claims to the limits.

    Nothing but headers is read; what they claim has to be in the file.
    """
    from astropy.io import fits  # noqa: PLC0415  # as above

    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    for number in range(_EXTENSIONS_AT_MOST):
        if file.tell() >= end:
            break
        header = fits.Header.fromfile(_Bounded(file))
        size = header.data_size
        if header.get("XTENSION", "").strip() in {"BINTABLE", "TABLE"} and not header.get("ZIMAGE"):
            rows, columns = header["NAXIS2"], header["TFIELDS"]
            check_size(rows=rows, columns=columns)
            width = header["NAXIS1"]
            if file.tell() + size > end or width < 0 or rows < 0 or (rows and width == 0):
                raise _damaged()
            if size > LIMITS.fits_bytes:
                raise DataError(
                    f"The table in the FITS file is larger than the {LIMITS.fits_bytes / 10**6:g}"
                    " MB that it may be."
                )
            return number
        file.seek(header.data_size_padded, io.SEEK_CUR)
    raise NotATableError(f"The FITS file has no table extension; {EXPECTED}.")


class _Bounded(io.RawIOBase):
    """A file of which no more is read than a header may be long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = LIMITS.part_bytes // 8

    def read(self, size: int = -1) -> bytes:
        self._left -= size
        if self._left < 0 or size < 0:
            raise NotATableError(f"A header of the FITS file has no end; {EXPECTED}.")
        return self._file.read(size)

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)


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


def _damaged() -> NotATableError:
    return NotATableError(f"The FITS file is damaged; {EXPECTED}.")
