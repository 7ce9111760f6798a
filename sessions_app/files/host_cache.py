"""What this host has fetched from a store that is somewhere else, within a bound.

What was used longest ago goes first, and never what a job of this host reads: a job locks what it
was given, and its locks go with its process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from sessions_app.files import disk
from sessions_app.files.store import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CachedEntry", "HostCache", "holding"]

_FETCHING = "fetching"
_YOUNG_SECONDS = 60.0
"""How long after its last use an entry stays, whatever its size: pages lock nothing."""
_ABANDONED_SECONDS = 3600.0
"""How long what is being fetched may stand still before it counts as left there."""

_PAUSE_SECONDS = 60.0
"""How often a process looks at most whether the cache is too large."""

_pruned = {"at": float("-inf")}
_held: ContextVar[contextlib.ExitStack | None] = ContextVar("held", default=None)


@contextlib.contextmanager
def holding() -> Iterator[None]:
    """Keep what is asked for meanwhile, in this thread, from being removed before the end."""
    with contextlib.ExitStack() as held:
        token = _held.set(held)
        try:
            yield
        finally:
            _held.reset(token)


@dataclass(frozen=True, kw_only=True, slots=True)
class CachedEntry:
    """A file or a folder that was fetched."""

    name: str
    size: int
    """Bytes."""
    used_at: float
    """When it was last asked for [s since 1970]."""


class HostCache:
    """Copies under their names in the store."""

    @property
    def root(self) -> Path:
        """Where they lie."""
        return Path(settings.EXOPLANET_STATE_DIR) / "cache"

    def path(self, name: str) -> Path:
        """Return where a copy lies, whether it is there or not."""
        return self.root / name

    def use(self, name: str) -> bool:
        """Tell whether a copy is there; if so, it has just been used, and is held for a job."""
        path = self.path(name)
        while True:
            try:
                descriptor = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                return False
            with contextlib.ExitStack() as opened:
                opened.callback(os.close, descriptor)
                fcntl.flock(descriptor, fcntl.LOCK_SH)
                try:
                    is_it = os.path.samestat(os.fstat(descriptor), path.stat())
                except FileNotFoundError:
                    return False
                if not is_it:
                    # It was replaced before the lock was there.
                    continue
                os.utime(path)
                if (held := _held.get()) is not None:
                    held.enter_context(opened.pop_all())
            return True

    @contextlib.contextmanager
    def unfinished(self) -> Iterator[Path]:
        """Provide a path to fetch something to; what is left there at the end is removed."""
        path = self.root / _FETCHING / str(uuid.uuid4())
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield path
        finally:
            disk.remove(path)

    def put_file(self, path: Path, name: str) -> None:
        """Move a whole file into the cache."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)

    def put_folder(self, folder: Path, name: str) -> None:
        """Move a whole folder into the cache, in place of what is there."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.drop(name)
        # Another process may have been as quick with the same.
        with contextlib.suppress(OSError):
            folder.replace(target)

    def prune_now_and_then(self) -> None:
        """Keep within the bound; called whenever something was fetched, for nothing else grows."""
        now = time.monotonic()
        if now - _pruned["at"] > _PAUSE_SECONDS:
            _pruned["at"] = now
            self.prune(settings.EXOPLANET_CACHE_MB * 10**6)

    def drop(self, name: str) -> None:
        """Remove a copy, if it is there; whoever has it open reads on."""
        with self.unfinished() as old, contextlib.suppress(FileNotFoundError):
            self.path(name).replace(old)

    def entries(self) -> list[CachedEntry]:
        """Return what is there, what was used longest ago first."""
        entries = []
        for path in (path for folder in FOLDERS for path in (self.root / folder).glob("*")):
            with contextlib.suppress(FileNotFoundError):
                entries.append(
                    CachedEntry(
                        name=str(path.relative_to(self.root)),
                        size=disk.size_of(path),
                        used_at=path.stat().st_mtime,
                    )
                )
        return sorted(entries, key=lambda entry: entry.used_at)

    def prune(self, most_bytes: int) -> list[CachedEntry]:
        """Remove what was used longest ago until the rest is small enough; return what went."""
        entries = self.entries()
        left = sum(entry.size for entry in entries)
        gone = []
        for entry in entries:
            if left <= most_bytes or entry.used_at > time.time() - _YOUNG_SECONDS:
                break
            if self.drop_unless_held(entry.name):
                left -= entry.size
                gone.append(entry)
        self._remove_abandoned()
        return gone

    def drop_unless_held(self, name: str) -> bool:
        """Remove a copy unless a job of this host reads it, and tell whether it was removed."""
        try:
            descriptor = os.open(self.path(name), os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.drop(name)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _remove_abandoned(self) -> None:
        before = time.time() - _ABANDONED_SECONDS
        for path in (self.root / _FETCHING).glob("*"):
            changed = disk.changed_at(path)
            if changed is not None and changed < before:
                disk.remove(path)
