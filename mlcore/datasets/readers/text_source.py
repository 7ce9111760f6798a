"""Text files, read piece by piece: packed or not, and in the encodings that people use.

A first pass finds the encoding and refuses what is no text or too large; a second one reads. No
pass holds more than a piece.
"""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from mlcore.datasets.readers.formats import EXPECTED, NotATableError
from mlcore.datasets.readers.limits import LIMITS
from mlcore.datasets.readers.packing import PIECE
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlcore.datasets.readers.packing import Content

__all__ = ["TextSource", "as_file", "head_of", "inspected"]

_GROUPED = re.compile(rb"\.\d{3},\d+[\t;|\r\n]")
_GROUPED_IN_QUOTES = re.compile(rb"\.\d{3},\d+\"")
"""What ends a number whose thousands are separated by points and whose decimals by a comma."""

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
_UNUSED_IN_WINDOWS_1252 = b"\x81\x8d\x8f\x90\x9d"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSource:
    """A text file that has been looked through."""

    content: Content
    encoding: str
    mark: int
    """Length of its byte order mark [bytes]."""
    head: str
    """Its first piece, in which the columns' names have to be."""
    grouped_in_quotes: bool
    """Whether it has what may be a number such as 1.149,4 in quotes, where a comma does not
    separate cells and a point is no decimal point."""

    def is_grouped(self, *, in_cells: bool) -> bool:
        """Tell whether it has such a number.

        Parameters
        ----------
        in_cells
            Whether also one without quotes counts, because a comma separates no cells.
        """
        if self.grouped_in_quotes or not in_cells:
            return self.grouped_in_quotes
        return any(b"," in piece and _GROUPED.search(piece) for piece in self.pieces())

    def pieces(self, *, skipping: int = 0) -> Iterator[bytes]:
        """Yield the text as UTF-8, without the first `skipping` characters of its head."""
        skipped = len(self.head[:skipping].encode())
        for piece in _as_utf8(self.content.pieces(), self.encoding, self.mark):
            yield piece[skipped:]
            skipped = max(0, skipped - len(piece))


def inspected(content: Content, *, by_lines: bool = True) -> TextSource:
    """Look through a whole text file, whose lines are rows or, as in JSON, mean nothing.

    Raises
    ------
    NotATableError
        When it is no text or cannot be unpacked.
    DataError
        When it is larger than `LIMITS` allows.
    """
    raw = content.pieces()
    first = next(raw, b"")
    stated, mark = _stated_encoding(first)
    guess = _Encoding()
    lines = _Lines()
    in_quotes = False
    pieces = chain([first], raw)
    # In the encodings that state nothing, line ends and control codes are the bytes of ASCII.
    for piece in _as_utf8(pieces, stated, mark) if stated else pieces:
        _refuse_controls(piece)
        if by_lines:
            lines.see(piece)
        if b'"' in piece:
            in_quotes = in_quotes or _GROUPED_IN_QUOTES.search(piece) is not None
        if not stated:
            guess.see(piece)
    guess.see(b"", final=True)
    encoding = stated or guess.name()
    return TextSource(
        content=content,
        encoding=encoding,
        mark=mark,
        head=codecs.getincrementaldecoder(encoding)().decode(first[mark:]),
        grouped_in_quotes=in_quotes,
    )


def head_of(content: Content) -> str:
    """Return the text in a file's first piece, without looking at the rest.

    Raises
    ------
    NotATableError
        When it is no text or cannot be unpacked.
    """
    first = next(content.pieces(), b"")
    encoding, mark = _stated_encoding(first)
    if not encoding:
        guess = _Encoding()
        guess.see(first)
        encoding = guess.name()
    head = next(_as_utf8([first], encoding, mark), b"")
    _refuse_controls(head)
    return head.decode(errors="ignore")


def as_file(pieces: Iterable[bytes]) -> BinaryIO:
    """Return a file that is read from pieces as they come."""
    return io.BufferedReader(_Joined(iter(pieces)), buffer_size=PIECE)


def _stated_encoding(first: bytes) -> tuple[str, int]:
    """Return what a byte order mark says and its length, "" and 0 when there is none."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if first.startswith(mark):
            return encoding, len(mark)
    return "", 0


def _as_utf8(pieces: Iterable[bytes], encoding: str, mark: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in pieces:
            # Checked in any case, because a mark only claims what follows.
            text = decoder.decode(piece[mark:])
            mark = 0
            if text:
                yield text.encode()
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        msg = f"The file's text is not in the encoding that its first bytes state; {EXPECTED}."
        raise NotATableError(msg) from error


def _refuse_controls(piece: bytes) -> None:
    if len(piece.translate(None, _CONTROLS)) != len(piece):
        raise NotATableError(f"The file is not a table; {EXPECTED}.")


class _Encoding:
    """UTF-8 where it fits, else Western European.

    Windows-1252 is Latin-1 with letters and signs where Latin-1 has control codes, so that it
    stands for both; five of its codes mean nothing, and a text that has them can only be Latin-1.
    """

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
        self._latin = False

    def see(self, piece: bytes, *, final: bool = False) -> None:
        self._latin |= len(piece.translate(None, _UNUSED_IN_WINDOWS_1252)) != len(piece)
        if self._decoder is not None:
            try:
                self._decoder.decode(piece, final)
            except UnicodeDecodeError:
                self._decoder = None

    def name(self) -> str:
        if self._decoder is not None:
            return "utf-8"
        return "latin-1" if self._latin else "cp1252"


class _Lines:
    """Counts lines, those within quotes included, and refuses too many and too long ones."""

    def __init__(self) -> None:
        self.count = 0
        self._unfinished = 0
        self._after_return = False

    def see(self, piece: bytes) -> None:
        # Three ways to end a line, and a piece may end within the third.
        self.count += piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
        self.count -= self._after_return and piece.startswith(b"\n")
        self._after_return = piece.endswith(b"\r")
        if self.count > LIMITS.rows + LIMITS.lines_above:
            raise DataError(f"The table has more than the {LIMITS.rows:,} rows that it may have.")
        ends = [end for end in (piece.find(b"\n"), piece.find(b"\r")) if end >= 0]
        length = self._unfinished + min(ends, default=len(piece))
        # Of the piece's other lines none is longer than the piece.
        if length > max(LIMITS.line_bytes, PIECE):
            raise DataError(
                f"A line of the file is longer than the {LIMITS.line_bytes:,} bytes that it may be."
            )
        last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
        self._unfinished = length if not ends else len(piece) - last - 1


class _Joined(io.RawIOBase):
    """A file of pieces that come one by one."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count
