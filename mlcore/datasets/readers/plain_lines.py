"""Lines of delimited text that are objects beyond doubt, told for many at a time.

Nearly all lines of nearly all files are: as many cells as there are names, nothing that a comment
or a sum begins with, no heading again. To find that out line by line takes longer than to read the
numbers; here a block of lines is looked at as one array of bytes. What is not certain is left to
the careful way, so that no line is read otherwise than there.
"""

from __future__ import annotations

import io
import re
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.readers.heading_row import COMMENTS, SUMMARIES
from mlcore.datasets.readers.text_source import as_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from numpy.typing import NDArray

    Places = NDArray[np.intp]
    Bytes = NDArray[np.uint8]

__all__ = ["LinesOfBlocks", "PlainLines", "blocks"]

_END, _RETURN, _QUOTE, _BLANK, _PERCENT, _POINT = map(ord, '\n\r" %.')
_MOST_HITS = 4
"""Of how many lines one may have the first name in it before each is looked at by itself."""
_COLUMNS_TRIED = 6
"""In how many columns of numbers a line's number is looked for."""


def blocks(pieces: Iterable[bytes], at_most: int) -> Iterator[bytes]:
    """Yield the same bytes in blocks that end where a line does.

    The last may end without; where no line ends in `at_most` bytes, so does the one with them.
    """
    left = b""
    for piece in pieces:
        left += piece
        cut = left.rfind(b"\n") + 1
        if not cut and len(left) > at_most:
            cut = len(left)
        if cut:
            yield left[:cut]
            left = left[cut:]
    if left:
        yield left


class LinesOfBlocks:
    """Lines one by one, out of blocks of which some are taken whole."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self._source = source
        self._lines: Iterator[str] = iter(())
        self._left, self._counted = 0, True

    def block(self) -> bytes | None:
        """Take the next block; None where lines of the last one are left, or there is none."""
        return None if self._left else next(self._source, None)

    def put_back(self, block: bytes) -> None:
        """Give back a block, of which each line is wanted by itself."""
        if not block.endswith(b"\n"):
            # Lines end in another way, and one may be in two blocks.
            whole = as_file(chain([block], self._source))
            self._lines = io.TextIOWrapper(whole, encoding="utf-8", newline="")
            self._left, self._counted = 1, False
            return
        lines = io.StringIO(block.decode(), newline="").readlines()
        self._lines, self._left = iter(lines), len(lines)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self._left:
            self.put_back(next(self._source))
        line = next(self._lines, None)
        if line is None:
            self._left = 0
            raise StopIteration
        self._left -= self._counted
        return line


class PlainLines:
    """Tells of the lines in a block which are certainly objects, as `BodyRows` would find."""

    def __init__(
        self,
        names: tuple[str, ...],
        *,
        delimiter: str,
        unit: str,
        numeric: Collection[int],
        absent: Iterable[str],
        names_are_words: bool,
    ) -> None:
        """Take what is known of the table.

        Parameters
        ----------
        names
            Those of the columns.
        delimiter
            What separates cells.
        unit
            The first one in the line of units, where there is one: a line with it may be that line.
        numeric
            Places of columns of numbers.
        absent
            Words for an absent value that a row without an object may begin with.
        names_are_words
            Whether a row with a number is certainly none of names.
        """
        self._width = len(names)
        self._delimiter = delimiter
        name = next((name.lower() for name in names if name), "")
        self._hints = [(name, True), *([(unit, False)] if unit else [])]
        self._numeric = sorted(numeric)[:_COLUMNS_TRIED] if names_are_words else []
        # Each line is looked at by itself where a byte does not separate, or anything is a name.
        self.usable = delimiter.isascii() and len(delimiter) == 1 and bool(name) and len(names) > 1
        end = re.escape(delimiter)
        words = "|".join(map(re.escape, sorted(SUMMARIES, key=len, reverse=True)))
        nothing = "|".join(map(re.escape, absent))
        begun = "|".join(map(re.escape, (*COMMENTS, "--", "==")))
        self._no_object = re.compile(
            rf"{begun}|(?:{nothing})\s*{end}|(?i:{words})[:\s]*{end}".encode()
        )
        first = {word[0] for word in (*COMMENTS, *absent, *SUMMARIES, "-", "=") if word}
        letters = {form for letter in first for form in (letter.lower(), letter.upper())}
        # A share such as 25% is no reason to look at all numbers that begin with a 2.
        self._doubtful = _table("".join(letter for letter in letters if not letter.isdigit()))
        self._shares = _table("".join(letter for letter in letters if letter.isdigit()))
        self._blank = ~_table(
            "".join(chr(code) for code in range(33, 127) if chr(code) != delimiter)
        )

    def certain(self, block: bytes) -> tuple[Places, NDArray[np.bool_]] | None:
        """Tell which lines of a block are objects.

        Parameters
        ----------
        block
            Lines with their ends.

        Returns
        -------
        ends : ndarray of intp, shape ``(n,)``
            Position behind each line in the block.
        certain : ndarray of bool, shape ``(n,)``
            None where the block has to be read line by line: its last line has no end, a line ends
            in another way, or a quote does not stand around a whole cell.
        """
        if not block.endswith(b"\n") or block.count(b"\r") != block.count(b"\r\n"):
            return None
        quoted = b'"' in block
        bare = block.replace(b'"', b"") if quoted else block
        if quoted and not self._quotes_are_simple(block):
            return None
        lines = _Lines(bare, self._delimiter, self._width)
        if not lines.any_fit:
            return None
        first, after = lines.first_bytes(), lines.bytes_after_first_cell()
        certain = lines.fit & ~self._blank[first]
        for doubtful in np.flatnonzero(certain & self._may_be_none(first, lines)).tolist():
            certain[doubtful] = self._no_object.match(bare, lines.starts[doubtful]) is None
        # A name alone is no object yet.
        hinted = self._blank[after] & self._blank[lines.last_bytes()]
        if quoted or (hits := self._hits(bare, lines)) is None:
            hinted[:] = True
        else:
            hinted[hits] = True
        if (certain & hinted).any():
            certain &= ~hinted | self._has_number(lines)
        if not quoted:
            return lines.starts[1:], certain
        ends = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == _END) + 1
        return ends, certain

    def _may_be_none(self, first: Bytes, lines: _Lines) -> NDArray[np.bool_]:
        share = self._shares[first] & (lines.third_bytes() == _PERCENT)
        return np.asarray(self._doubtful[first] | share)

    def _hits(self, block: bytes, lines: _Lines) -> Places | None:
        """Return the lines with the first name or unit in them, None where they are too many."""
        found: list[int] = []
        for word, in_any_case in self._hints:
            if block.isascii():
                text, sought = block.lower() if in_any_case else block, word.encode()
            elif word not in (block.decode().lower() if in_any_case else block.decode()):
                continue
            else:
                return None
            at = text.find(sought)
            while at >= 0:
                found.append(at)
                if len(found) > len(lines.fit) // _MOST_HITS:
                    return None
                at = text.find(sought, at + 1)
        return np.searchsorted(lines.starts[1:], np.array(found, dtype=np.intp), side="right")

    def _has_number(self, lines: _Lines) -> NDArray[np.bool_]:
        """Tell which lines have a plain number in a column of numbers."""
        found = np.zeros(len(lines.fit), dtype=bool)
        for place in self._numeric:
            found[lines.fit] |= lines.are_plain_numbers(place)
            if found[lines.fit].all():
                break
        return found

    def _quotes_are_simple(self, block: bytes) -> bool:
        """Tell whether quotes stand around whole cells, and nothing in these separates."""
        text = np.frombuffer(block, dtype=np.uint8)
        quotes = np.flatnonzero(text == _QUOTE)
        if len(quotes) % 2:
            return False
        opening, closing = quotes[::2], quotes[1::2]
        before = text[np.maximum(opening - 1, 0)]
        before = np.where(opening == 0, _END, before)
        # The block ends with the end of a line, so that something follows each quote.
        after = text[closing + 1]
        delimiter = ord(self._delimiter)
        if not (((before == delimiter) | (before == _END)).all()):
            return False
        if not (((after == delimiter) | (after == _END) | (after == _RETURN)).all()):
            return False
        separating = np.flatnonzero((text == delimiter) | (text == _END) | (text == _RETURN))
        inside = np.searchsorted(quotes, separating)
        return not (inside % 2).any()


class _Lines:
    """A block's lines and where their cells begin."""

    def __init__(self, block: bytes, delimiter: str, width: int) -> None:
        self._text = np.frombuffer(block, dtype=np.uint8)
        ends = np.flatnonzero(self._text == _END)
        self.starts = np.concatenate([[0], ends + 1]).astype(np.intp)
        self._ends = ends - (self._text[np.maximum(ends - 1, 0)] == _RETURN)
        between = np.flatnonzero(self._text == ord(delimiter))
        at = np.searchsorted(between, self.starts)
        self.fit = np.diff(at) == width - 1
        """Which lines have as many cells as there are names, shape ``(n,)``."""
        self.any_fit = bool(self.fit.any())
        self._first_between = at[:-1]
        self._between = between
        self._width = width
        self._digits: NDArray[np.int32] | None = None

    def first_bytes(self) -> Bytes:
        """Return the first byte of each line."""
        return np.asarray(self._text[self.starts[:-1]])

    def third_bytes(self) -> Bytes:
        """Return the third byte of each line, or any behind a shorter line."""
        return np.asarray(self._text[np.minimum(self.starts[:-1] + 2, len(self._text) - 1)])

    def last_bytes(self) -> Bytes:
        """Return the last byte of each line before its end."""
        return np.asarray(self._text[np.maximum(self._ends - 1, 0)])

    def bytes_after_first_cell(self) -> Bytes:
        """Return the first byte of the second cell, where a line fits."""
        at = np.minimum(self._first_between, len(self._between) - 1)
        return np.asarray(self._text[self._between[at] + 1])

    def are_plain_numbers(self, place: int) -> NDArray[np.bool_]:
        """Tell of each line that fits whether a cell is digits with at most points in them."""
        if self._digits is None:
            others = (self._text - ord("0") > 9) & (self._text != _POINT)
            self._digits = np.cumsum(others, dtype=np.int32)
        first = self._first_between[self.fit]
        begin = self.starts[:-1][self.fit] if place == 0 else self._between[first + place - 1] + 1
        end = self._ends[self.fit]
        if place < self._width - 1:
            end = self._between[first + place]
        digit = self._text[begin] - ord("0") <= 9
        # Between the first byte, which is a digit, and the last there is none that is no digit.
        others = self._digits[np.maximum(end - 1, 0)] - self._digits[begin]
        return np.asarray(digit & (others == 0))


def _table(characters: str) -> NDArray[np.bool_]:
    """Return for each byte whether it is one of these characters, or no character of ASCII."""
    table = np.zeros(256, dtype=bool)
    table[[ord(character) for character in characters if character.isascii()]] = True
    return table
