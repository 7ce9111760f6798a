"""Files and folders of this host's disk, and how one gets to its place whole.

Everything is written to a temporary name on the same file system, forced to the disk and renamed:
after a crash there is the old or the new, never a part.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from stat import S_ISDIR
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "changed_at",
    "force_to_disk",
    "make_folder",
    "move_file",
    "move_folder",
    "remove",
    "replace_files",
    "sha256_of",
    "size_of",
]


def move_file(path: Path, target: Path) -> None:
    """Move a finished file to its place."""
    make_folder(target.parent)
    # Files that a browser sent come with the mode of temporary files.
    path.chmod(0o640)
    force_to_disk(path)
    path.replace(target)
    force_to_disk(target.parent)


def move_folder(folder: Path, target: Path, *, old: Path) -> None:
    """Move a finished folder to its place; what lies there is moved to `old`, and stays there.

    What lies at the place is all old or all new, or nothing for the moment between two renames.
    """
    for path in (*folder.rglob("*"), folder):
        force_to_disk(path)
    make_folder(target.parent)
    with contextlib.suppress(FileNotFoundError):
        target.replace(old)
    folder.replace(target)
    force_to_disk(target.parent)


def replace_files(folder: Path, target: Path, *, apart: str) -> None:
    """Move a finished folder's files into a folder that is there, and remove what else lies there.

    Whoever reads in it or writes to the folder of the name `apart` in it goes on: each file is all
    old or all new, and always there.
    """
    files = list(folder.iterdir())
    for path in files:
        force_to_disk(path)
        path.replace(target / path.name)
    stays = {apart, *(path.name for path in files)}
    for path in target.iterdir():
        if path.name not in stays:
            remove(path)
    force_to_disk(target)
    folder.rmdir()


def changed_at(path: Path) -> float | None:
    """Return when a file, or anything in a folder, was last written or moved; None when gone."""
    return max((stat.st_ctime for stat in _all_of(path)), default=None)


def size_of(path: Path) -> int:
    """Return how large a file or a folder is [bytes], 0 when it is not there."""
    return sum(stat.st_size for stat in _all_of(path) if not S_ISDIR(stat.st_mode))


def _all_of(path: str | Path) -> Iterator[os.stat_result]:
    """Yield what is known of a file, or of a folder and of all that is in it."""
    # A file may go while they are looked at.
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        stat = os.lstat(path)
        yield stat
        if S_ISDIR(stat.st_mode):
            # Hundreds of thousands are looked at in a row: a path of each takes longer.
            with os.scandir(path) as entries:
                for entry in entries:
                    yield from _all_of(entry.path)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_folder(folder: Path) -> None:
    """Make a folder that is still there after the power was cut."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        force_to_disk(folder.parent)


def force_to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
