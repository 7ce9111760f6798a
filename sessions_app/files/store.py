"""What every host has to see: a store of files and folders by name, and the one that is a folder.

A name is ``folder/own name``, the same in each kind of store, so that one can be copied to another.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings

from sessions_app.files import disk
from sessions_app.files.incoming import unfinished_file

__all__ = ["FOLDERS", "LAST", "RESULTS", "WRITTEN", "Facts", "LocalStore", "Store"]

RESULTS = "results"
WRITTEN = "written"
"""Name of the folder within a result's folder for files that are written on demand, on each host
for itself."""
LAST = {"artifacts": "manifest.json", RESULTS: "predictions.parquet"}
"""Where a name is one of a folder: the file of it that is written last, and with which it is
there."""
FOLDERS = ("uploads", "datasets", *LAST)
"""What is kept for good; whatever else is in the media folder is this host's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of a file or a folder without reading it."""

    size: int
    """Bytes."""
    changed_at: float
    """When any of it was last written [s since 1970]."""


class Store(Protocol):
    """Keeps files and folders by name.

    All but a result's folder is immutable. Each method may raise
    `sessions_app.exceptions.StoreError` where the store is somewhere else.
    """

    def file(self, name: str, *, sha256: str = "") -> Path:
        """Return a file's path on this host, for reading; there is nothing when it is not kept.

        Where its digest is known, a damaged copy is fetched again.
        """

    def folder(self, name: str) -> Path:
        """Return a folder's path on this host, for reading; nothing is there when none is kept."""

    def content(self, name: str) -> bytes:
        """Return what a small file holds in the store itself, whatever this host has a copy of.

        Raises
        ------
        FileNotFoundError
            When it is not kept.
        """

    def keep_file(self, path: Path, name: str) -> None:
        """Move a finished file into the store, in place of what is there."""

    def keep_folder(self, folder: Path, name: str) -> None:
        """Move a finished folder into the store, in place of what is there."""

    def exists(self, name: str) -> bool:
        """Tell whether a file, or a whole folder, is kept."""

    def remove(self, name: str) -> None:
        """Remove a file or a folder, if it is there."""

    def listed(self, folder: str) -> list[str]:
        """Return the names in one of the `FOLDERS`, in their order."""

    def facts(self, name: str) -> Facts | None:
        """Return what is known of a file or a folder; None when there is nothing of it."""

    def wait(self) -> None:
        """Return when the store answers."""


class LocalStore:
    """The media folder of this host, or one that all hosts have mounted."""

    def file(self, name: str, *, sha256: str = "") -> Path:  # noqa: ARG002 - it is the original
        """Return where a file lies."""
        return self._path(name)

    def folder(self, name: str) -> Path:
        """Return where a folder lies."""
        return self._path(name)

    def content(self, name: str) -> bytes:
        """Return what a small file holds."""
        return self._path(name).read_bytes()

    def keep_file(self, path: Path, name: str) -> None:
        """Move a finished file to its place."""
        disk.move_file(path, self._path(name))

    def keep_folder(self, folder: Path, name: str) -> None:
        """Move a finished folder to its place; one that an earlier attempt left there goes."""
        target = self._path(name)
        if name.startswith(f"{RESULTS}/") and target.is_dir():
            # Its evidence replaces it while pages read in it and downloads of it are written.
            disk.replace_files(folder, target, apart=WRITTEN)
            return
        with unfinished_file() as old:
            disk.move_folder(folder, target, old=old)

    def exists(self, name: str) -> bool:
        """Tell whether it lies there."""
        return self._path(name).exists()

    def remove(self, name: str) -> None:
        """Remove a file or a folder, if it is there."""
        disk.remove(self._path(name))

    def listed(self, folder: str) -> list[str]:
        """Return the names in one of the `FOLDERS`, in their order."""
        try:
            # A path of each takes longer, and there may be hundreds of thousands.
            return [f"{folder}/{name}" for name in sorted(os.listdir(self._path(folder)))]  # noqa: PTH208
        except FileNotFoundError:
            return []

    def facts(self, name: str) -> Facts | None:
        """Return what is known of a file or a folder; None when there is nothing of it."""
        path = self._path(name)
        changed = disk.changed_at(path)
        return None if changed is None else Facts(size=disk.size_of(path), changed_at=changed)

    def wait(self) -> None:
        """Return: a folder answers at once."""

    def _path(self, name: str) -> Path:
        return Path(settings.MEDIA_ROOT) / name
