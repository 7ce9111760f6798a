"""Where files lie under the media folder, and how one gets there whole.

Everything is written to a temporary name on the same file system, forced to the disk and renamed:
after a crash there is the old or the new, never a part. All names are the server's own.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "COMPUTED",
    "REFITS",
    "artifact_folder",
    "changed_at",
    "computed_folder",
    "cores_folder",
    "entries",
    "is_in_use",
    "is_work_folder",
    "keep_file",
    "keep_folder",
    "listed",
    "mark_in_use",
    "media_path",
    "refits_folder",
    "remove",
    "remove_work_folders",
    "sessions_with_work_folders",
    "sha256_of",
    "size_of",
    "unfinished_file",
    "work_folder",
]

COMPUTED = "computed"
REFITS = "refits"
_INCOMING = "incoming"
_OF_A_SESSION = "session_"


def media_path(name: str) -> Path:
    """Return the path of a file by its name in the database."""
    return Path(settings.MEDIA_ROOT) / name


def artifact_folder(session_id: uuid.UUID) -> Path:
    """Return the folder of a session's model."""
    return media_path(f"artifacts/{session_id}")


def refits_folder() -> Path:
    """Return the folder of the models that were fitted anew for tables which lack columns."""
    folder = media_path(REFITS)
    _make_folder(folder)
    return folder


def computed_folder() -> Path:
    """Return the folder of what is the same for every model on a loaded table."""
    folder = media_path(COMPUTED)
    _make_folder(folder)
    return folder


def cores_folder() -> Path:
    """Return the folder of the tokens by which this machine's jobs share its cores."""
    folder = Path(settings.EXOPLANET_STATE_DIR) / "cores"
    _make_folder(folder)
    return folder


@contextlib.contextmanager
def work_folder(session_id: uuid.UUID) -> Iterator[Path]:
    """Provide a folder for what a session's job writes before it is kept; the rest is removed.

    Each attempt has one of its own, which the session's id can be read from: a worker that is
    killed leaves it to `remove_work_folders`.
    """
    folder = media_path(f"{_INCOMING}/{_OF_A_SESSION}{session_id}_{uuid.uuid4()}")
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        remove(folder)


def sessions_with_work_folders() -> set[uuid.UUID]:
    """Return the sessions of which there is a work folder."""
    session_ids = set()
    for path in media_path(_INCOMING).glob(f"{_OF_A_SESSION}*_*"):
        # Whatever else somebody put there must not keep the rest from being found.
        with contextlib.suppress(ValueError):
            session_ids.add(uuid.UUID(path.name.removeprefix(_OF_A_SESSION).split("_")[0]))
    return session_ids


def remove_work_folders(session_id: uuid.UUID) -> None:
    """Remove what the attempts of a session that nothing runs left behind."""
    for folder in media_path(_INCOMING).glob(f"{_OF_A_SESSION}{session_id}_*"):
        remove(folder)


@contextlib.contextmanager
def unfinished_file() -> Iterator[Path]:
    """Provide a path to write to; what is left there at the end is removed."""
    path = media_path(f"{_INCOMING}/{uuid.uuid4()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        remove(path)


def mark_in_use(file: BinaryIO) -> None:
    """Keep an open file in the incoming folder from being taken for one that was left there.

    The mark goes when the file is closed, and so when its process dies.
    """
    with contextlib.suppress(OSError):
        # Some network file systems have no locks; there its age alone has to tell.
        fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)


def is_in_use(path: Path) -> bool:
    """Tell whether some process has marked a file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def keep_file(path: Path, name: str) -> str:
    """Move a finished file to its place and return the name for the database."""
    target = media_path(name)
    _make_folder(target.parent)
    # Files that a browser sent come with the mode of temporary files.
    path.chmod(0o640)
    _force_to_disk(path)
    path.replace(target)
    _force_to_disk(target.parent)
    return name


def keep_folder(folder: Path, target: Path) -> None:
    """Move a finished folder to its place; one that an earlier attempt left there goes.

    That one is moved away whole: what lies at the place is all old or all new, or nothing for the
    moment between two renames.
    """
    for path in (*folder.rglob("*"), folder):
        _force_to_disk(path)
    _make_folder(target.parent)
    with unfinished_file() as old:
        with contextlib.suppress(FileNotFoundError):
            target.replace(old)
        folder.replace(target)
        _force_to_disk(target.parent)


def listed(folder: str) -> list[Path]:
    """Return what lies in one of the folders under the media folder."""
    return sorted(media_path(folder).glob("*"))


def entries(folder: str) -> list[str]:
    """Return the names of what lies in one of the folders under the media folder."""
    try:
        return os.listdir(media_path(folder))  # noqa: PTH208 - of a path each it would be slower
    except FileNotFoundError:
        return []


def is_work_folder(path: Path) -> bool:
    """Tell whether something in the incoming folder is a session's work folder."""
    return path.name.startswith(_OF_A_SESSION)


def changed_at(path: Path) -> float | None:
    """Return when a file, or anything in a folder, was last written or moved; None when gone."""
    times = [entry.lstat().st_ctime for entry in _all_of(path)]
    return max(times, default=None)


def size_of(path: Path) -> int:
    """Return how large a file or a folder is [bytes], 0 when it is not there."""
    return sum(entry.lstat().st_size for entry in _all_of(path) if not entry.is_dir())


def _all_of(path: Path) -> list[Path]:
    # A file may go while they are looked at.
    return [entry for entry in (path, *path.rglob("*")) if entry.exists()]


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


def _make_folder(folder: Path) -> None:
    """Make a folder that is still there after the power was cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _force_to_disk(folder.parent)


def _force_to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
