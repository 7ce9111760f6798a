"""What is being written on this host and is not kept yet: work folders and unfinished files.

They lie in the media folder's own folder of incoming files, so that keeping one there is a rename.
All names are the server's own.
"""

from __future__ import annotations

import contextlib
import fcntl
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from sessions_app.files import disk

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "is_in_use",
    "is_work_folder",
    "mark_in_use",
    "remove_work_folders",
    "sessions_with_work_folders",
    "unfinished_file",
    "work_folder",
]

_OF_A_SESSION = "session_"


def _incoming() -> Path:
    return Path(settings.MEDIA_ROOT) / "incoming"


@contextlib.contextmanager
def work_folder(session_id: uuid.UUID) -> Iterator[Path]:
    """Provide a folder for what a session's job writes before it is kept; the rest is removed.

    Each attempt has one of its own, which the session's id can be read from: a worker that is
    killed leaves it to `remove_work_folders`.
    """
    folder = _incoming() / f"{_OF_A_SESSION}{session_id}_{uuid.uuid4()}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        disk.remove(folder)


def sessions_with_work_folders() -> set[uuid.UUID]:
    """Return the sessions of which there is a work folder."""
    session_ids = set()
    for path in _incoming().glob(f"{_OF_A_SESSION}*_*"):
        # Whatever else somebody put there must not keep the rest from being found.
        with contextlib.suppress(ValueError):
            session_ids.add(uuid.UUID(path.name.removeprefix(_OF_A_SESSION).split("_")[0]))
    return session_ids


def remove_work_folders(session_id: uuid.UUID) -> None:
    """Remove what the attempts of a session that nothing runs left behind."""
    for folder in _incoming().glob(f"{_OF_A_SESSION}{session_id}_*"):
        disk.remove(folder)


@contextlib.contextmanager
def unfinished_file() -> Iterator[Path]:
    """Provide a path to write to; what is left there at the end is removed."""
    path = _incoming() / str(uuid.uuid4())
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        disk.remove(path)


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


def is_work_folder(path: Path) -> bool:
    """Tell whether something in the incoming folder is a session's work folder."""
    return path.name.startswith(_OF_A_SESSION)
