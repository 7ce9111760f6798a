"""Zip archives: a workbook, or the one table that somebody has packed.

What the archive says of its contents is read before any of them is.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from mlcore.datasets.readers.formats import EXPECTED, Format, NotATableError
from mlcore.datasets.readers.limits import LIMITS
from mlcore.datasets.readers.names_line import is_a_table
from mlcore.datasets.readers.packing import Content, damaged, gunzipped, packed_twice
from mlcore.datasets.readers.text_source import head_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["check_parts", "content_of", "files_among", "is_junk", "is_workbook", "members_of"]

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_END_AT_MOST = 22 + 0xFFFF + 20 + 56
"""How far from the file's end its directory is described [bytes]."""
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
"""What operating systems leave in archives."""
_OPENED_AT_MOST = 50
_NAMED_AT_MOST = 5


def content_of(path: Path) -> Content:
    """Tell what a file holds, and in which format.

    Raises
    ------
    NotATableError
        When it cannot be unpacked, is of a known kind that is not read, or is an archive that
        holds no table or more than one.
    """
    content = gunzipped(Content(path=path))
    if content.kind is not Format.ZIP:
        return content
    with content.file() as file:
        members = members_of(file)
    if workbook := _workbook(members):
        return replace(content, kind=workbook)
    if content.gzipped:
        raise packed_twice()
    return _only_table(content, members)


def members_of(file: BinaryIO) -> list[zipfile.ZipInfo]:
    """List what is in a zip archive, as far as its list is not too long.

    Raises
    ------
    NotATableError
        When it is damaged or its list too long.
    """
    if _directory_bytes(file) > LIMITS.part_bytes // 8:
        raise NotATableError(f"The archive has too many files in it; {EXPECTED}.")
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise damaged() from error


def check_parts(file: BinaryIO, *, streamed: tuple[str, ...]) -> None:
    """Refuse a workbook whose contents would take too much memory.

    What a part claims to be large it cannot exceed: unpacking stops there.

    Parameters
    ----------
    file
        The workbook.
    streamed
        How the names of those parts begin that are read piece by piece.

    Raises
    ------
    NotATableError
        When they would.
    """
    members = members_of(file)
    if sum(member.file_size for member in members) > LIMITS.unpacked_bytes:
        limit = LIMITS.unpacked_bytes / 10**6
        raise NotATableError(f"The workbook unpacks to more than {limit:g} MB.")
    for member in members:
        whole = member.filename.endswith((".xml", ".rels")) and not member.filename.startswith(
            streamed
        )
        if whole and member.file_size > LIMITS.part_bytes:
            limit = LIMITS.part_bytes / 10**6
            raise NotATableError(
                f"The workbook's styles or properties are larger than {limit:g} MB: save its table"
                " as CSV."
            )
        if member.file_size > max(1, member.compress_size) * LIMITS.packed_ratio + 10**6:
            raise NotATableError(
                f"A part of the workbook unpacks to more than {LIMITS.packed_ratio} times its"
                " size: save its table as CSV."
            )


def _workbook(members: Sequence[zipfile.ZipInfo]) -> Format | None:
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        return Format.XLSX
    return Format.ODS if {"mimetype", "content.xml"} <= names else None


def is_junk(name: str) -> bool:
    """Tell whether an operating system left a file, by its path in an archive or a folder."""
    last = name.rsplit("/", 1)[-1]
    return name.startswith(_JUNK) or last.startswith((*_JUNK, "._"))


def files_among(members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the files of an archive that somebody packed, and not an operating system.

    Raises
    ------
    NotATableError
        When there are none, or they are protected by a password.
    """
    files = [member for member in members if not member.is_dir() and not is_junk(member.filename)]
    if not files:
        raise NotATableError(f"The file is an archive with nothing in it; {EXPECTED}.")
    if any(member.flag_bits & 1 for member in files):
        msg = "The archive is protected by a password: unpack it, and send the table in it."
        raise NotATableError(msg)
    return files


def is_workbook(members: Sequence[zipfile.ZipInfo]) -> bool:
    """Tell whether an archive is an XLSX or ODS workbook."""
    return _workbook(members) is not None


def _only_table(content: Content, members: list[zipfile.ZipInfo]) -> Content:
    files = files_among(members)
    if len(files) > _OPENED_AT_MOST:
        raise NotATableError(
            f"The archive has {len(files)} files in it: send the one that is the table."
        )
    if len(files) == 1:
        return _member(content, files[0].filename)
    tables = [
        member
        for file in files
        if (member := _member_that_is_a_table(content, file.filename)) is not None
    ]
    if len(tables) != 1:
        named = ", ".join(str(table.member) for table in tables[:_NAMED_AT_MOST])
        raise NotATableError(
            f"The archive has {len(tables)} tables in it ({named}): send one of them."
            if tables
            else f"The archive has {len(files)} files in it, and none is a table; {EXPECTED}."
        )
    return replace(tables[0], notes=(f"The table {tables[0].member} in the archive was read.",))


def _member(content: Content, name: str) -> Content:
    member = gunzipped(replace(content, member=name, kind=Format.TEXT))
    if member.kind is not Format.ZIP:
        return member
    with member.file() as file:
        workbook = _workbook(members_of(file))
    if workbook is None:
        raise packed_twice()
    return replace(member, kind=workbook)


def _member_that_is_a_table(content: Content, name: str) -> Content | None:
    try:
        member = _member(content, name)
        if member.kind is Format.TEXT and not is_a_table(head_of(member)):
            return None
    except NotATableError:
        return None
    return member


def _directory_bytes(file: BinaryIO) -> int:
    """Return how large the list of the archive's contents is, which its reader takes whole."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _END_AT_MOST))
    tail = file.read()
    sizes = [
        int.from_bytes(tail[at + offset : at + offset + length], "little")
        for mark, offset, length in ((_END, 12, 4), (_END_64, 40, 8))
        if (at := tail.rfind(mark)) >= 0
    ]
    # All ones say that the other place has it.
    return max((size for size in sizes if size != 0xFFFFFFFF), default=0)
