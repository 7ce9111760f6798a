"""Whether the media folder is the one that the database was filled with: a mark in both."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING

from sessions_app.files import storage

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["mark", "mark_file", "marked"]

_NAME = "store_identity"


def mark_file() -> Path:
    """Return the path of the media folder's mark."""
    return storage.media_path(_NAME)


def marked() -> uuid.UUID | None:
    """Return what the media folder is marked with; None where it has no mark."""
    with suppress(FileNotFoundError, ValueError):
        return uuid.UUID(mark_file().read_text(encoding="ascii").strip())
    return None


def mark(store: uuid.UUID) -> None:
    """Mark the media folder."""
    with storage.unfinished_file() as path:
        path.write_text(f"{store}\n", encoding="ascii")
        storage.keep_file(path, _NAME)
