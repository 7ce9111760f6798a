"""What is written once of a result and sent to everybody who asks for it: compressed files.

They lie beside the result and go with it. A name holds what the content follows from, so that a
file is never written anew: when the result grows there is another one.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sessions_app.files import storage
from sessions_app.files.store import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from uuid import UUID

__all__ = ["WRITTEN", "made_once", "version_of", "written_once"]

_FORMAT = 3
"""Counts the changes of what any of the files looks like."""
_QUICK = 6


def version_of(*follows_from: Any) -> str:
    """Return a word for what a file's content follows from, as JSON values."""
    of = json.dumps([_FORMAT, *follows_from], sort_keys=True, default=str)
    return hashlib.sha256(of.encode()).hexdigest()[:20]


def written_once(
    session_id: UUID,
    name: str,
    version: str,
    pieces: Callable[[], Iterable[bytes]],
    *,
    compressed: bool = True,
) -> Path:
    """Return a file of a result, which is written where it is not there.

    Who asks while somebody else writes it waits.

    Parameters
    ----------
    session_id
        Whose result it is of.
    name
        What it is.
    version
        As `version_of` returns it.
    pieces
        Returns what it consists of.
    compressed
        Whether it is kept as gzip does it.
    """

    def make(path: Path) -> None:
        with path.open("xb") as file:
            _write(file, pieces(), compressed=compressed)

    return made_once(session_id, f"{name}{'.gz' if compressed else ''}", version, make)


def made_once(session_id: UUID, name: str, version: str, make: Callable[[Path], None]) -> Path:
    """Return a file of a result, which is made where it is not there.

    Parameters
    ----------
    session_id, name, version
        As in `written_once`; a name that ends in ``.gz`` is of a compressed file.
    make
        Writes the file to a path where nothing lies.
    """
    folder = storage.written_folder(session_id)
    path = folder / f"{version}-{name}"
    if path.is_file():
        return path
    folder.mkdir(exist_ok=True)
    plain = name.removesuffix(".gz")
    with _alone(folder / f"{plain}.lock"):
        if path.is_file():
            return path
        with storage.unfinished_copy() as unfinished:
            make(unfinished)
            unfinished.replace(path)
        for older in folder.glob(f"*-{plain}*"):
            if older != path:
                storage.remove(older)
    return path


def _write(file: Any, pieces: Iterable[bytes], *, compressed: bool) -> None:
    storage.mark_in_use(file)
    if not compressed:
        file.writelines(pieces)
        return
    # Without a time of its own, so that the same content is the same file.
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_QUICK, mtime=0) as packed:
        for piece in pieces:
            packed.write(piece)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("a") as file:
        # Let go of when the file is closed, and with the process.
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
