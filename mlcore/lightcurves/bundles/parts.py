"""Results of single stars in a folder: what survives a kill, a file a star."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Parts", "parts_beside", "parts_in"]

_MARK, _LOCK = "run", "lock"


def _plain(value: Any) -> Any:
    """Return a number of numpy's as one of Python's."""
    return value.item()


# Numbers are written in full: what is read again is the same to the bit, NaN included.
_ENCODER = json.JSONEncoder(default=_plain)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """A folder of results, each whole or not there."""

    folder: Path
    mark: str
    """Written into it by this run: another host's folder of the same path has it only where it is
    the same folder."""

    def seen(self) -> bool:
        """Tell whether this process sees the folder, and not another one of the same path."""
        try:
            return (self.folder / _MARK).read_text(encoding="ascii") == self.mark
        except OSError:
            return False

    def has(self, key: str) -> bool:
        """Tell whether a star's result is there."""
        return self._path(key).is_file()

    def keep(self, key: str, result: dict[str, Any]) -> None:
        """Write a star's result, whole or not at all."""
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        unfinished = path.with_suffix(f".{uuid.uuid4().hex}.new")
        try:
            with unfinished.open("wb") as file:
                file.write(_ENCODER.encode(result).encode())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            with suppress(OSError):
                unfinished.unlink()
            raise

    def read(self, key: str) -> dict[str, Any] | None:
        """Return a star's result; None where it is not there, or damaged."""
        try:
            found = json.loads(self._path(key).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder)

    def _path(self, key: str) -> Path:
        # In 256 folders: one of a million files is slow to list on most file systems.
        return self.folder / key[:2] / f"{key[2:]}.json"


def parts_in(folder: Path) -> Parts:
    """Return the results in a folder, which is made where it is not there, for this run."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = uuid.uuid4().hex
    (folder / _MARK).write_text(mark, encoding="ascii")
    return Parts(folder=folder, mark=mark)


@contextmanager
def parts_beside(table: Path) -> Iterator[Parts]:
    """Provide the folder of results beside a table, to one run at a time.

    Raises
    ------
    DataError
        When another run is writing the same table.
    """
    folder = table.with_name(f"{table.name}.parts")
    folder.mkdir(exist_ok=True)
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataError(f"Another run is writing {table.name}.") from None
        yield parts_in(folder)
