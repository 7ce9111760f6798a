"""Where files lie under the media folder, and how one gets there whole.

Everything is written to a temporary name on the same file system, forced to the disk and renamed:
after a crash there is the old or the new, never a part. All names are the server's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "artifact_folder",
    "keep_file",
    "keep_folder",
    "media_path",
    "remove",
    "sha256_of",
    "unfinished_file",
    "work_folder",
]

_INCOMING = "incoming"
_CHUNK = 1 << 20


def media_path(name: str) -> Path:
    """Return the path of a file by its name in the database."""
    return Path(settings.MEDIA_ROOT) / name


def artifact_folder(session_id: uuid.UUID) -> Path:
    """Return the folder of a session's model."""
    return media_path(f"artifacts/{session_id}")


@contextlib.contextmanager
def work_folder() -> Iterator[Path]:
    """Provide a folder for what a job writes before it is kept; the rest is removed."""
    folder = media_path(f"{_INCOMING}/{uuid.uuid4()}")
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        remove(folder)


@contextlib.contextmanager
def unfinished_file() -> Iterator[Path]:
    """Provide a path to write to; what is left there at the end is removed."""
    path = media_path(f"{_INCOMING}/{uuid.uuid4()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def keep_file(path: Path, name: str) -> str:
    """Move a finished file to its place and return the name for the database."""
    target = media_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    _force_to_disk(path)
    # Files that a browser sent come with the mode of temporary files.
    path.chmod(0o640)
    path.replace(target)
    _force_to_disk(target.parent)
    return name


def keep_folder(folder: Path, target: Path) -> None:
    """Move a finished folder to its place; one that an earlier attempt left there goes."""
    for path in (*folder.rglob("*"), folder):
        _force_to_disk(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        remove(target)
    folder.replace(target)
    _force_to_disk(target.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _force_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
