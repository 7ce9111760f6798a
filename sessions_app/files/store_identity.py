"""Whether the store of files is the one that the database was filled with: a mark in both."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.conf import settings

from sessions_app.files import storage
from sessions_app.monitoring.store import is_elsewhere

__all__ = ["NAME", "mark", "marked", "place_and_variable"]

NAME = "store_identity"
"""Of the mark in the store."""


def place_and_variable() -> tuple[str, str]:
    """Return in words where files are kept, and which variable says so."""
    if is_elsewhere():
        options = settings.STORAGES["default"]["OPTIONS"]
        names = filter(None, (options["bucket_name"], options.get("location")))
        return f"bucket {'/'.join(names)}", "EXOPLANET_STORAGE"
    return f"media folder {settings.MEDIA_ROOT}", "EXOPLANET_MEDIA_ROOT"


def marked() -> uuid.UUID | None:
    """Return what the store is marked with; None where it has no mark.

    Raises
    ------
    StoreError
        When the store does not answer.
    """
    with suppress(FileNotFoundError, ValueError):
        return uuid.UUID(storage.store().content(NAME).decode("ascii").strip())
    return None


def mark(store: uuid.UUID) -> None:
    """Mark the store."""
    with storage.unfinished_file() as path:
        path.write_text(f"{store}\n", encoding="ascii")
        storage.keep_file(path, NAME)
