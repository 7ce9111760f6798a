"""Keeping this host's own folders small: what nobody needs goes, and copies have a bound."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from sessions_app.files import storage
from sessions_app.files.orphans import YOUNG_SECONDS, find_left_here
from sessions_app.models import DatasetSnapshot, Session, UploadedFile

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["prune_cache", "prune_host"]


def prune_host() -> list[str]:
    """Remove from this host's own folders what nobody needs; return what went."""
    return [*prune_cache(), *(left.name for left in find_left_here() if left.removed())]


def prune_cache() -> list[str]:
    """Remove copies of what is gone, then what was used longest ago; return what went.

    Another host that deletes a session knows nothing of the copies here.
    """
    cache = storage.host_cache()
    if cache is None:
        return []
    # A file that was sent just now is named by no row yet.
    before = time.time() - YOUNG_SECONDS
    old = [entry.name for entry in cache.entries() if entry.used_at < before]
    kept = _named(old)
    gone = [name for name in old if name not in kept and cache.drop_unless_held(name)]
    most = settings.EXOPLANET_CACHE_MB * 10**6
    return [*gone, *(entry.name for entry in cache.prune(most))]


def _named(names: Iterable[str]) -> set[str]:
    """Return those names that rows still have."""
    folders: dict[str, UUID] = {}
    files = []
    for name in names:
        folder, own = name.split("/", 1)
        try:
            folders[name] = UUID(own)
        except ValueError:
            files.append(name)
        else:
            if folder in {"uploads", "datasets"}:
                files.append(name)
    ids = set(Session.objects.filter(pk__in=folders.values()).values_list("pk", flat=True))
    return {
        *(name for name, session_id in folders.items() if session_id in ids),
        *UploadedFile.objects.filter(file__in=files).values_list("file", flat=True),
        *DatasetSnapshot.objects.filter(file__in=files).values_list("file", flat=True),
    }
