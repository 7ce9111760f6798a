"""What a FITS file claims to hold, looked at before any of it is read."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.datasets.readers.packing import Content

__all__ = ["opened_extensions"]

_EXTENSIONS_AT_MOST = 1000


@contextmanager
def opened_extensions(content: Content) -> Iterator[tuple[Any, int]]:
    """Open a FITS file of which the first table extension and all headers above it are in order.

    Yields
    ------
    extensions : astropy.io.fits.HDUList
        Of which nothing but those headers and that table may be read.
    number : int
        Which of them is the table.

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
                yield extensions, number
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


def _damaged() -> NotATableError:
    return NotATableError(f"The FITS file is damaged; {EXPECTED}.")
