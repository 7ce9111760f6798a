"""What a file is, told by its first bytes: its name says nothing."""

from __future__ import annotations

from enum import Enum

from mlcore.errors import DataError

__all__ = ["EXPECTED", "Format", "NotATableError", "recognised"]

EXPECTED = "expected CSV, an IPAC table, XLSX or Parquet"


class NotATableError(DataError):
    """The file's content is no table in a format that can be read."""


class Format(Enum):
    """How a file is stored."""

    TEXT = "text"
    GZIP = "text packed with gzip"
    ZIP = "zip"
    PARQUET = "Parquet"


_READ = (
    (b"PAR1", Format.PARQUET),
    (b"PK\x03\x04", Format.ZIP),
    (b"\x1f\x8b", Format.GZIP),
)
_UNREAD = (
    (b"BZh", "is packed with bzip2: pack it with gzip, or send it as it is"),
    (b"\xfd7zXZ\x00", "is packed with xz: pack it with gzip, or send it as it is"),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd: pack it with gzip, or send it as it is"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: pack it with gzip, or send it as it is"),
    (b"Rar!", "is a RAR archive: pack it with gzip, or send it as it is"),
    (b"\xd0\xcf\x11\xe0", "is an old or an encrypted Excel workbook: save it as plain XLSX or CSV"),
    (b"SIMPLE  =", "is a FITS file: save its table as CSV"),
    (b"\x89HDF", "is an HDF5 file: save its table as CSV"),
    (b"<", "is XML or HTML, such as a VOTable: save its table as CSV"),
    (b"%PDF-", "is not a table"),
    (b"{", "is JSON: save its table as CSV"),
    (b"[", "is JSON: save its table as CSV"),
)


def recognised(start: bytes) -> Format:
    """Tell a file's format by its first bytes, sixteen or more where it has as many.

    Raises
    ------
    NotATableError
        When it is of a known kind that is not read.
    """
    if not start:
        raise NotATableError(f"The file is empty; {EXPECTED}.")
    for signature, kind in _READ:
        if start.startswith(signature):
            return kind
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    for signature, what in _UNREAD:
        if start.startswith(signature) or text.startswith(signature):
            raise NotATableError(f"The file {what}; {EXPECTED}.")
    return Format.TEXT
