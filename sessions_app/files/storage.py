"""What is kept as files, and where: the face of the store and of this host's own folders.

What outlives a host's job is kept in the store, by name: users' files, tables, models and results.
Its place is written as a path in the media folder, whether it is there or somewhere else; to read
it, ask `local_file` or `local_folder`. The other folders are this host's own.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from sessions_app.exceptions import StoreError
from sessions_app.files import disk
from sessions_app.files.disk import sha256_of
from sessions_app.files.host_cache import HostCache, holding
from sessions_app.files.incoming import (
    is_in_use,
    is_work_folder,
    mark_in_use,
    remove_work_folders,
    sessions_with_work_folders,
    unfinished_file,
    work_folder,
)
from sessions_app.files.object_store import ObjectStore, patiently
from sessions_app.files.store import FOLDERS, RESULTS, WRITTEN, LocalStore
from sessions_app.monitoring.store import is_elsewhere

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterator

    from sessions_app.files.store import Store

__all__ = [
    "COMPUTED",
    "FOLDERS",
    "MEASURING",
    "REFITS",
    "RESULTS",
    "artifact_folder",
    "changed_at",
    "computed_folder",
    "cores_folder",
    "exists",
    "for_a_job",
    "host_cache",
    "is_in_use",
    "is_work_folder",
    "keep_file",
    "keep_folder",
    "listed",
    "local_file",
    "local_folder",
    "mark_in_use",
    "measuring_folder",
    "media_path",
    "names",
    "refits_folder",
    "remove",
    "remove_kept",
    "remove_work_folders",
    "results_folder",
    "sessions_with_work_folders",
    "sha256_of",
    "size_of",
    "store",
    "unfinished_copy",
    "unfinished_file",
    "wait_for_store",
    "work_folder",
    "written_folder",
]

_log = logging.getLogger(__name__)

COMPUTED = "computed"
MEASURING = "measuring"
REFITS = "refits"


def store() -> Store:
    """Return where this server keeps what outlives a host's job."""
    return ObjectStore() if is_elsewhere() else LocalStore()


def host_cache() -> HostCache | None:
    """Return this host's copies of what is kept somewhere else; None where it is kept here."""
    return HostCache() if is_elsewhere() else None


def media_path(name: str) -> Path:
    """Return the place of a file by its name in the database."""
    return Path(settings.MEDIA_ROOT) / name


def artifact_folder(session_id: uuid.UUID) -> Path:
    """Return the place of a session's model."""
    return media_path(f"artifacts/{session_id}")


def results_folder(session_id: uuid.UUID) -> Path:
    """Return the place of what a session says of single objects."""
    return media_path(f"{RESULTS}/{session_id}")


def written_folder(session_id: uuid.UUID) -> Path:
    """Return the folder of what is written on demand, on each host for itself, of a result."""
    cache = host_cache()
    name = f"{RESULTS}/{session_id}/{WRITTEN}"
    return media_path(name) if cache is None else cache.path(name)


@contextlib.contextmanager
def unfinished_copy() -> Iterator[Path]:
    """Provide a path to write to on the file system of `written_folder`, as `unfinished_file`."""
    cache = host_cache()
    with unfinished_file() if cache is None else cache.unfinished() as path:
        yield path


def refits_folder() -> Path:
    """Return the folder of the models that were fitted anew for tables which lack columns."""
    folder = media_path(REFITS)
    disk.make_folder(folder)
    return folder


def computed_folder() -> Path:
    """Return the folder of what is the same for every model on a loaded table."""
    folder = media_path(COMPUTED)
    disk.make_folder(folder)
    return folder


def measuring_folder(session_id: uuid.UUID) -> Path:
    """Return the place of what is measured of a session's stars, which outlives an attempt.

    It goes when the session has a result, is cancelled or is deleted; one that failed may be asked
    for again.
    """
    return media_path(f"{MEASURING}/{session_id}")


def cores_folder() -> Path:
    """Return the folder of the tokens by which this machine's jobs share its cores."""
    folder = Path(settings.EXOPLANET_STATE_DIR) / "cores"
    disk.make_folder(folder)
    return folder


@contextlib.contextmanager
def for_a_job() -> Iterator[None]:
    """Wait for a store that is away, and keep this host's copies for as long as the job reads."""
    with patiently(), holding():
        yield


def wait_for_store() -> None:
    """Return when the store answers; raises StoreError when it does not in time."""
    store().wait()


def local_file(name: str, *, sha256: str = "") -> Path:
    """Return the path, on this host, of a file that is kept; nothing lies there when it is not.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return store().file(name, sha256=sha256)


def local_folder(place: Path) -> Path:
    """Return the path, on this host, of a folder that is kept; nothing lies there when it is not.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    return store().folder(_name(place))


def exists(place: Path) -> bool:
    """Tell whether something is at its place; raises StoreError when the store does not answer."""
    return store().exists(_name(place)) if _is_kept(place) else place.exists()


def keep_file(path: Path, name: str) -> str:
    """Move a finished file to its place and return the name for the database."""
    store().keep_file(path, name)
    return name


def keep_folder(folder: Path, target: Path) -> None:
    """Move a finished folder to its place; one that an earlier attempt left there goes.

    What lies at the place is all old or all new, or nothing for a moment.
    """
    store().keep_folder(folder, _name(target))


def names(folder: str) -> list[str]:
    """Return the names of what is kept in one of the `FOLDERS`."""
    return store().listed(folder)


def listed(folder: str) -> list[Path]:
    """Return the places of what is in one of the folders under the media folder."""
    if folder in FOLDERS:
        return [media_path(name) for name in names(folder)]
    return sorted(media_path(folder).glob("*"))


def changed_at(place: Path) -> float | None:
    """Return when a file, or anything in a folder, was last written or moved; None when gone."""
    if not _is_kept(place):
        return disk.changed_at(place)
    facts = store().facts(_name(place))
    return None if facts is None else facts.changed_at


def size_of(place: Path) -> int:
    """Return how large a file or a folder is [bytes], 0 when it is not there."""
    if not _is_kept(place):
        return disk.size_of(place)
    facts = store().facts(_name(place))
    return 0 if facts is None else facts.size


def remove(place: Path) -> None:
    """Remove a file or a folder, if it is there.

    What a store that does not answer still has is found, later, as what no row names.
    """
    if not _is_kept(place):
        disk.remove(place)
        return
    try:
        store().remove(_name(place))
    except StoreError as error:
        _log.warning("%s stays in the store for now: %s", _name(place), error.__cause__)


def remove_kept(session_id: uuid.UUID) -> None:
    """Remove all that the attempts of a session without a result wrote and kept."""
    remove_work_folders(session_id)
    # In place already, when what failed was the commit.
    remove(artifact_folder(session_id))
    remove(results_folder(session_id))


def _is_kept(place: Path) -> bool:
    root = Path(settings.MEDIA_ROOT)
    return place.is_relative_to(root) and place.relative_to(root).parts[:1] in _KEPT


_KEPT = frozenset((folder,) for folder in FOLDERS)


def _name(place: Path) -> str:
    return place.relative_to(settings.MEDIA_ROOT).as_posix()
