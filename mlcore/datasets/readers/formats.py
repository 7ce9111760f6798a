"""What a file is, told by its first bytes: its name says nothing."""

from __future__ import annotations

import codecs
import re
from enum import Enum

from mlcore.errors import DataError

__all__ = ["EXPECTED", "TOLD_BY", "Format", "NotATableError", "recognised"]

EXPECTED = "expected CSV or another table of text, XLSX, ODS, Parquet, JSON, VOTable or FITS"

TOLD_BY = 4096
"""How much of a file's beginning tells its format [bytes]."""


class NotATableError(DataError):
    """The file's content is no table in a format that can be read."""


class Format(Enum):
    """How a table is stored, or packed."""

    TEXT = "text"
    GZIP = "gzip"
    ZIP = "zip"
    XLSX = "XLSX"
    ODS = "ODS"
    PARQUET = "Parquet"
    FITS = "FITS"
    VOTABLE = "VOTable"
    JSON = "JSON"


_READ = (
    (b"PAR1", Format.PARQUET),
    (b"PK\x03\x04", Format.ZIP),
    (b"PK\x05\x06", Format.ZIP),
    (b"\x1f\x8b", Format.GZIP),
    (b"SIMPLE  =", Format.FITS),
)
_READ_TEXT = ((b"<", Format.VOTABLE), (b"{", Format.JSON), (b"[", Format.JSON))
_UNREAD = (
    (b"BZh", "is packed with bzip2: pack it with gzip, or send it as it is"),
    (b"\xfd7zXZ\x00", "is packed with xz: pack it with gzip, or send it as it is"),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd: pack it with gzip, or send it as it is"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7z archive: pack it with gzip, or send it as it is"),
    (b"Rar!", "is a RAR archive: pack it with gzip, or send it as it is"),
    (b"\xd0\xcf\x11\xe0", "is an old or an encrypted Excel workbook: save it as plain XLSX or CSV"),
    (b"\x89HDF", "is an HDF5 file: save its table as CSV"),
    (b"%PDF-", "is not a table"),
    (b"\\begin", "is LaTeX: save its table as CSV"),
    (b"\\documentclass", "is LaTeX: save its table as CSV"),
)
_LATEX_ROWS = re.compile(
    rb"\\(?:begin|tablehead|startdata)\b|&[^\n]*\\\\\s*(?:\\hline\s*)?$", re.MULTILINE
)
"""What rows of LaTeX have, whatever stands above them."""
_HTML = re.compile(rb"<(!doctype html|html|body|div|table)\b", re.IGNORECASE)


def recognised(start: bytes) -> Format:
    """Tell a file's format by its first bytes, `TOLD_BY` of them where it has as many.

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
    text = _text(start)
    for signature, what in _UNREAD:
        if start.startswith(signature) or text.startswith(signature):
            raise NotATableError(f"The file {what}; {EXPECTED}.")
    if _LATEX_ROWS.search(text):
        raise NotATableError(f"The file is LaTeX: save its table as CSV; {EXPECTED}.")
    if _HTML.match(text) or (text.startswith(b"<") and b"<html" in text.lower()):
        raise NotATableError(f"The file is a web page: save its table as CSV; {EXPECTED}.")
    return next((kind for sign, kind in _READ_TEXT if text.startswith(sign)), Format.TEXT)


def _text(start: bytes) -> bytes:
    """Return what the bytes are as UTF-8, without a byte order mark and blanks before it."""
    for mark, encoding in (
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if start.startswith(mark):
            return start.removeprefix(mark).decode(encoding, errors="ignore").lstrip().encode()
    return start.removeprefix(codecs.BOM_UTF8).lstrip()
