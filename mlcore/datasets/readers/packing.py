"""What is in a file, packed or not.

No more is unpacked than a file may hold, and never more at a time than a piece.
"""

from __future__ import annotations

import errno
import gzip
import tempfile
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, cast

from mlcore.datasets.readers.formats import (
    EXPECTED,
    TOLD_BY,
    Format,
    NotATableError,
    recognised,
)
from mlcore.datasets.readers.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["PIECE", "Content", "damaged", "gunzipped", "packed_twice"]

PIECE = 1 << 20
"""How much is held at a time [bytes]."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What is in a file, once unpacked."""

    path: Path
    kind: Format = Format.TEXT
    member: str | None = None
    """Which file of a zip archive it is."""
    gzipped: bool = False
    notes: tuple[str, ...] = ()

    def pieces(self) -> Iterator[bytes]:
        """Yield the content from its beginning.

        Raises
        ------
        NotATableError
            When it cannot be unpacked, or is more than `LIMITS` allows.
        """
        return self._read(PIECE)

    def start(self) -> bytes:
        """Return the content's first bytes."""
        return next(self._read(TOLD_BY), b"")

    def _read(self, at_once: int) -> Iterator[bytes]:
        left = LIMITS.unpacked_bytes
        try:
            with self._opened() as file:
                while piece := file.read(at_once):
                    left -= len(piece)
                    if left < 0:
                        limit = LIMITS.unpacked_bytes / 10**6
                        raise NotATableError(
                            f"The file holds more than the {limit:g} MB that it may hold."
                        )
                    yield piece
        except (
            gzip.BadGzipFile,
            zipfile.BadZipFile,
            EOFError,
            zlib.error,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as error:
            raise damaged() from error
        except OSError as error:
            # An archive that names a place outside of the file; others are no fault of the file.
            if error.errno != errno.EINVAL:
                raise
            raise damaged() from error

    @contextmanager
    def file(self) -> Iterator[BinaryIO]:
        """Open the content as a file in which a reader may go to any place."""
        if self.member is None and not self.gzipped:
            with self.path.open("rb") as file:
                yield file
            return
        with tempfile.NamedTemporaryFile() as unpacked:
            for piece in self.pieces():
                unpacked.write(piece)
            unpacked.flush()
            with open(unpacked.name, "rb") as file:  # noqa: PTH123  # it is no path of ours
                yield file

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        with ExitStack() as stack:
            if self.member is None:
                file: BinaryIO = stack.enter_context(self.path.open("rb"))
            else:
                archive = stack.enter_context(zipfile.ZipFile(self.path))
                file = cast("BinaryIO", stack.enter_context(archive.open(self.member)))
            if self.gzipped:
                file = cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=file)))
            yield file


def gunzipped(content: Content) -> Content:
    """Return what is in a content that is packed with gzip, and any other as it is.

    Raises
    ------
    NotATableError
        When it is damaged, packed twice, or of a known kind that is not read.
    """
    kind = recognised(content.start())
    if kind is not Format.GZIP:
        return replace(content, kind=kind)
    content = replace(content, gzipped=True)
    kind = recognised(content.start())
    if kind is Format.GZIP:
        raise packed_twice()
    return replace(content, kind=kind)


def damaged() -> NotATableError:
    """Return what is said of a content that cannot be unpacked."""
    return NotATableError(
        f"The file is damaged: its compressed content cannot be unpacked; {EXPECTED}."
    )


def packed_twice() -> NotATableError:
    """Return what is said of a content that is packed more than once."""
    return NotATableError(f"The file is packed more than once: unpack it first; {EXPECTED}.")
