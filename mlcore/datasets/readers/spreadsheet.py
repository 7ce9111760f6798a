"""XLSX workbooks: the first sheet is the table.

What the zip archive says of its contents is read before any of them is.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import pandas as pd

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS, check_size
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Sheet", "opened"]

_CELLS_AT_ONCE = 1 << 17
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_END_AT_MOST = 22 + 0xFFFF + 20 + 56
"""How far from the file's end its directory is described [bytes]."""
_STREAMED = ("xl/worksheets/", "xl/sharedStrings.xml")
"""Parts of a workbook that are read piece by piece; its others are read whole."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The cells of a sheet, to be read once."""

    comments: tuple[str, ...]
    """The lines above the columns' names, as far as they begin with ``#``."""
    names: tuple[Any, ...]
    rows: Iterator[tuple[Any, ...]]

    def pieces(self, kept: Sequence[int]) -> Iterator[pd.DataFrame]:
        """Yield the rows."""
        while True:
            rows = list(islice(self.rows, max(1, _CELLS_AT_ONCE // max(1, len(self.names)))))
            piece = pd.DataFrame(
                {
                    position: pd.Series([row[position] for row in rows], dtype=object)
                    for position in kept
                },
                index=pd.RangeIndex(len(rows)),
            )
            yield piece.infer_objects()
            if not rows:
                return


@contextmanager
def opened(path: Path) -> Iterator[Sheet]:
    """Open a workbook's first sheet.

    Raises
    ------
    NotATableError
        When it is no workbook or is damaged, now or while it is read, or has no line with column
        names.
    DataError
        When it is larger than `LIMITS` allows.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  # slow to import, and rarely needed
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    _check_claims(path)
    try:
        with warnings.catch_warnings(), path.open("rb") as file:
            # It remarks on styles and extensions that have nothing to do with the cells.
            warnings.simplefilter("ignore", UserWarning)
            # defusedxml, which it takes for its parser, refuses entities that multiply.
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            # A sheet may claim to be as wide as it likes; its cells tell.
            sheet.reset_dimensions()
            yield _sheet(_counted(sheet.iter_rows(values_only=True)))
            book.close()
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        zlib.error,
        ParseError,
        EOFError,
        LookupError,
        ValueError,
        OverflowError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise NotATableError(f"The workbook is damaged; {EXPECTED}.") from error


def _counted(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows as long as they are few; what is empty costs time, too."""
    cells = 0
    for number, row in enumerate(rows):
        cells += len(row)
        check_size(rows=number, columns=1)
        if cells > LIMITS.cells:
            raise DataError(
                f"The workbook's first sheet has more than the {LIMITS.cells:,} cells that it may"
                " have, its empty ones included."
            )
        yield row


def _sheet(rows: Iterator[tuple[Any, ...]]) -> Sheet:
    comments: list[str] = []
    for row in rows:
        first = next((cell for cell in row if cell is not None), None)
        if first is None:
            continue
        if str(first).lstrip().startswith("#"):
            comments.append(str(first).strip())
            continue
        width = max(position for position, cell in enumerate(row) if cell is not None) + 1
        # Rows that were only ever formatted come as rows without a value.
        filled = (cells for cells in rows if any(cell is not None for cell in cells[:width]))
        return Sheet(
            comments=tuple(comments),
            names=tuple("" if cell is None else cell for cell in row[:width]),
            rows=((*cells, *(None,) * width)[:width] for cells in filled),
        )
    raise NotATableError(f"The workbook's first sheet has no line with column names; {EXPECTED}.")


def _check_claims(path: Path) -> None:
    """Refuse an archive that is no workbook, or whose contents would take too much memory.

    What a part claims to be large it cannot exceed: unpacking stops there.
    """
    if _directory_bytes(path) > LIMITS.part_bytes // 8:
        raise NotATableError(f"The archive has too many files in it; {EXPECTED}.")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        msg = f"The file is damaged: its compressed content cannot be unpacked; {EXPECTED}."
        raise NotATableError(msg) from error
    if not any(member.filename == "xl/workbook.xml" for member in members):
        raise NotATableError(f"The file is an archive without a workbook in it; {EXPECTED}.")
    if sum(member.file_size for member in members) > LIMITS.unpacked_bytes:
        limit = LIMITS.unpacked_bytes / 10**6
        raise NotATableError(f"The workbook unpacks to more than {limit:g} MB.")
    for member in members:
        whole = member.filename.endswith((".xml", ".rels")) and not member.filename.startswith(
            _STREAMED
        )
        if whole and member.file_size > LIMITS.part_bytes:
            limit = LIMITS.part_bytes / 10**6
            raise NotATableError(
                f"The workbook's styles or properties are larger than {limit:g} MB: save its first"
                " sheet as CSV."
            )
        if member.file_size > max(1, member.compress_size) * LIMITS.packed_ratio + 10**6:
            raise NotATableError(
                f"A part of the workbook unpacks to more than {LIMITS.packed_ratio} times its"
                " size: save its first sheet as CSV."
            )


def _directory_bytes(path: Path) -> int:
    """Return how large the list of the archive's contents is, which its reader takes whole."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_AT_MOST))
        tail = file.read()
    sizes = [
        int.from_bytes(tail[at + offset : at + offset + length], "little")
        for mark, offset, length in ((_END, 12, 4), (_END_64, 40, 8))
        if (at := tail.rfind(mark)) >= 0
    ]
    # All ones say that the other place has it.
    return max((size for size in sizes if size != 0xFFFFFFFF), default=0)
