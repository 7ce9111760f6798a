"""A store that is somewhere else: any storage of Django's, and this host's copies of it.

What is immutable is fetched once. Of a result's folder, which its evidence replaces, size and time
of each object are compared, as `rsync` and `aws s3 sync` do, before a copy is used.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.files import File
from django.core.files.storage import storages

from sessions_app.exceptions import DamagedError, StoreError
from sessions_app.files import disk
from sessions_app.files.host_cache import HostCache
from sessions_app.files.store import LAST, RESULTS, WRITTEN, Facts
from sessions_app.files.whole_model import is_whole, named_parts
from sessions_app.monitoring.store import failures, is_absence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.core.files.storage import Storage

__all__ = ["ObjectStore", "patiently"]

_log = logging.getLogger(__name__)

_TRIES = 2
"""How often something is fetched that does not arrive whole."""
_CLOCK_SECONDS = 0.001
"""How exactly the disk keeps a time [s]."""

_storage: ContextVar[str] = ContextVar("storage", default="default")


@contextlib.contextmanager
def patiently() -> Iterator[None]:
    """Ride out a store that is away for a minute, which a job can and a request cannot."""
    token = _storage.set("patient")
    try:
        yield
    finally:
        _storage.reset(token)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Object:
    name: str
    size: int
    changed_at: float


class ObjectStore:
    """The storage that the settings name as Django's default one."""

    def __init__(self) -> None:
        self._cache = HostCache()

    def file(self, name: str, *, sha256: str = "") -> Path:
        """Return the path of a copy; one that is not what its digest says is fetched again."""
        path = self._cache.path(name)
        if self._cache.use(name) and (not sha256 or disk.sha256_of(path) == sha256):
            return path
        for _ in range(_TRIES):
            with self._cache.unfinished() as fetched:
                if not self._fetch(name, fetched):
                    self._cache.drop(name)
                    return path
                if not sha256 or disk.sha256_of(fetched) == sha256:
                    self._cache.put_file(fetched, name)
                    self._cache.use(name)
                    return path
        raise DamagedError(name)

    def folder(self, name: str) -> Path:
        """Return the path of a copy of a folder, whole and as it is in the store."""
        if name.startswith(f"{RESULTS}/"):
            return self._replaceable_folder(name)
        path = self._cache.path(name)
        if self._cache.use(name) and is_whole(path):
            return path
        for _ in range(_TRIES):
            with self._cache.unfinished() as fetched:
                fetched.mkdir()
                last = _last_of(name)
                if not self._fetch(f"{name}/{last}", fetched / last):
                    self._cache.drop(name)
                    return path
                for part in named_parts(fetched):
                    (fetched / part).parent.mkdir(parents=True, exist_ok=True)
                    self._fetch(f"{name}/{part}", fetched / part)
                if is_whole(fetched):
                    self._cache.put_folder(fetched, name)
                    self._cache.use(name)
                    return path
        raise DamagedError(name)

    def _replaceable_folder(self, name: str) -> Path:
        path = self._cache.path(name)
        objects = self._objects(name)
        if not objects:
            self._cache.drop(name)
            return path
        path.mkdir(parents=True, exist_ok=True)
        self._cache.use(name)
        for each in objects:
            copy = self._cache.path(each.name)
            if not _is_copy(copy, each):
                with self._cache.unfinished() as fetched:
                    if self._fetch(each.name, fetched):
                        self._put_copy(fetched, each)
        self._remove_other_copies(name, objects)
        return path

    def content(self, name: str) -> bytes:
        """Return what a small object holds."""
        with _answered(), self._django.open(name) as source:
            return bytes(source.read())

    def keep_file(self, path: Path, name: str) -> None:
        """Put a file into the store; it becomes this host's copy."""
        path.chmod(0o640)
        self._put(path, name)
        try:
            self._cache.put_file(path, name)
        except OSError:
            # Its folder is on another disk: it is fetched when it is asked for.
            path.unlink(missing_ok=True)

    def keep_folder(self, folder: Path, name: str) -> None:
        """Put a folder's files into the store, the one last with which the folder is there."""
        last = folder / _last_of(name)
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path != last]
        kept = set()
        for path in (*paths, last):
            part = path.relative_to(folder)
            if part.parts[0] != WRITTEN:
                kept.add(f"{name}/{part.as_posix()}")
                self._put(path, f"{name}/{part.as_posix()}")
        objects = self._objects(name)
        for left in objects:
            if left.name not in kept:
                self._remove(left.name)
        if name.startswith(f"{RESULTS}/"):
            # Pages may read on in the copy while it is replaced.
            own = [each for each in objects if each.name in kept]
            for each in own:
                self._put_copy(folder / each.name.removeprefix(f"{name}/"), each)
            self._remove_other_copies(name, own)
        else:
            self._cache.drop(name)
        disk.remove(folder)

    def _put_copy(self, path: Path, of: _Object) -> None:
        """Make a file this host's copy of an object, and tell by its time of which."""
        os.utime(path, (of.changed_at, of.changed_at))
        try:
            self._cache.put_file(path, of.name)
        except OSError:
            # Its folder is on another disk.
            self._cache.drop(of.name)

    def _remove_other_copies(self, name: str, objects: list[_Object]) -> None:
        folder = self._cache.path(name)
        there = {each.name for each in objects}
        for path in folder.rglob("*"):
            part = path.relative_to(folder)
            own = part.parts[0] == WRITTEN or path.is_dir()
            if not own and f"{name}/{part.as_posix()}" not in there:
                path.unlink(missing_ok=True)

    def exists(self, name: str) -> bool:
        """Tell whether a file, or the last one of a folder, is in the store."""
        last = _last_of(name)
        with _answered():
            return bool(self._django.exists(f"{name}/{last}" if last else name))

    def remove(self, name: str) -> None:
        """Remove what is in the store, and this host's copy of it."""
        self._cache.drop(name)
        last = _last_of(name)
        if not last:
            self._remove(name)
            return
        # What is incomplete is nothing.
        self._remove(f"{name}/{last}")
        for each in self._objects(name):
            self._remove(each.name)

    def listed(self, folder: str) -> list[str]:
        """Return the names in one of the folders, in their order."""
        with _answered():
            folders, files = self._django.listdir(folder)
        return sorted(f"{folder}/{each}" for each in (*folders, *files))

    def facts(self, name: str) -> Facts | None:
        """Return what is known of a file or a folder; None when there is nothing of it."""
        parts = self._objects(name) if _last_of(name) else [self._object(name)]
        there = [part for part in parts if part is not None]
        if not there:
            return None
        return Facts(
            size=sum(part.size for part in there),
            changed_at=max(part.changed_at for part in there),
        )

    def wait(self) -> None:
        """Return when the store answers, or raise StoreError."""
        with _answered():
            # A bucket that is not there has no objects either, but cannot be listed.
            self._django.listdir("datasets")

    @property
    def _django(self) -> Storage:
        return storages[_storage.get()]

    def _objects(self, name: str) -> list[_Object]:
        with _answered():
            folders, files = self._django.listdir(name)
        found = [self._object(f"{name}/{each}") for each in files]
        return [
            *(each for each in found if each is not None),
            *(each for folder in folders for each in self._objects(f"{name}/{folder}")),
        ]

    def _object(self, name: str) -> _Object | None:
        try:
            with _answered():
                size, changed = self._django.size(name), self._django.get_modified_time(name)
        except FileNotFoundError:
            return None
        return _Object(name=name, size=size, changed_at=changed.timestamp())

    def _put(self, path: Path, name: str) -> None:
        with path.open("rb") as file, _answered():
            self._django.save(name, File(file))

    def _fetch(self, name: str, path: Path) -> bool:
        """Copy an object to a path; False where there is none."""
        try:
            with _answered(), self._django.open(name) as source, path.open("xb") as file:
                shutil.copyfileobj(source, file)
        except FileNotFoundError:
            path.unlink(missing_ok=True)
            return False
        self._cache.prune_now_and_then()
        return True

    def _remove(self, name: str) -> None:
        with _answered():
            self._django.delete(name)


@contextlib.contextmanager
def _answered() -> Iterator[None]:
    """Turn what a storage raises that does not answer into a StoreError."""
    try:
        yield
    except failures() as error:
        if is_absence(error):
            raise FileNotFoundError(str(error)) from error
        _log.warning("the store of files does not answer: %s", error)
        raise StoreError from error


def _last_of(name: str) -> str:
    """Return which file of a folder is written last; empty for the name of a file."""
    return LAST.get(name.split("/", maxsplit=1)[0], "")


def _is_copy(path: Path, of: _Object) -> bool:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    return stat.st_size == of.size and abs(stat.st_mtime - of.changed_at) < _CLOCK_SECONDS
