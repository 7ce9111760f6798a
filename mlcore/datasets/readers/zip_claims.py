"""What a zip archive says of its contents, read before any of them is."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["check_workbook"]

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_END_AT_MOST = 22 + 0xFFFF + 20 + 56
"""How far from the file's end its directory is described [bytes]."""
_STREAMED = ("xl/worksheets/", "xl/sharedStrings.xml")
"""Parts of a workbook that are read piece by piece; its others are read whole."""


def check_workbook(path: Path) -> None:
    """Refuse an archive that is no workbook, or whose contents would take too much memory.

    What a part claims to be large it cannot exceed: unpacking stops there.

    Raises
    ------
    NotATableError
        When it is damaged, no workbook, or beyond `LIMITS`.
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
