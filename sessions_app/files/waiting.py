"""Files that somebody has shown and not sent yet: kept for a while, for whoever brought them.

Who looks at what a session would do brings the files for it, and starts the session a moment later
or corrects something first. In between the files wait on this host, under a token that is good for
the one visitor alone.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing

from sessions_app.files import disk, storage
from sessions_app.files.upload_handler import Upload

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["WAITING", "WAITING_SECONDS", "Visitor", "WaitingFile", "drop", "find", "keep"]

WAITING = "waiting"
"""The folder under the media folder."""
WAITING_SECONDS = 3600
"""How long a file waits after it was last used [s]."""
_MOST_FILES = 20
"""How many of one address, or of one user, wait at the same time."""
_MOST_LARGE = 4
"""How many of these may be as large as a file may be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who brings files."""

    key: str
    """Theirs alone; never empty."""
    origin: str
    """Under what their files are counted: cookies cost nothing, so that it is an address, or the
    user."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingFile:
    """A file that waits."""

    token: str
    """By which its visitor finds it again."""
    upload: Upload
    size: int
    """Bytes."""


def keep(upload: Upload, visitor: Visitor) -> WaitingFile:
    """Move a file that came with a request to where it waits; older ones make room for it."""
    own = secrets.token_urlsafe(24)
    path = _path(own, visitor)
    disk.make_folder(path.parent)
    upload.path.replace(path)
    _make_room(visitor, besides=path)
    token = signing.dumps([own, upload.name], salt=_salt(visitor))
    return _waiting(token, Upload(path=path, name=upload.name))


def find(token: str, visitor: Visitor) -> WaitingFile | None:
    """Return the file of a visitor's token; None where there is none, or it is another's."""
    try:
        own, name = signing.loads(token, salt=_salt(visitor))
        path = _path(own, visitor)
        # It is used, and so not old.
        os.utime(path)
    except (signing.BadSignature, FileNotFoundError):
        return None
    return _waiting(token, Upload(path=path, name=name))


def drop(token: str, visitor: Visitor) -> None:
    """Remove the file of a visitor's token, if it is there."""
    if (found := find(token, visitor)) is not None:
        disk.remove(found.upload.path)


def _waiting(token: str, upload: Upload) -> WaitingFile:
    return WaitingFile(token=token, upload=upload, size=disk.size_of(upload.path))


def _salt(visitor: Visitor) -> str:
    return f"sessions_app.waiting {visitor.key}"


def _path(own: str, visitor: Visitor) -> Path:
    return storage.media_path(WAITING) / f"{_folded(visitor.origin)}-{own}"


def _folded(origin: str) -> str:
    return hashlib.sha256(origin.encode()).hexdigest()[:32]


def _make_room(visitor: Visitor, *, besides: Path) -> None:
    """Remove the oldest files of an origin until the others are as few and as small as may be."""
    alike = storage.media_path(WAITING).glob(f"{_folded(visitor.origin)}-*")
    others = _newest_first(path for path in alike if path != besides)
    left = _MOST_LARGE * settings.EXOPLANET_UPLOAD_LIMIT_MB * 10**6 - disk.size_of(besides)
    outdated = time.time() - WAITING_SECONDS
    for place, (changed, path) in enumerate(others, start=1):
        left -= disk.size_of(path)
        if left < 0 or place >= _MOST_FILES or changed < outdated:
            disk.remove(path)


def _newest_first(paths: Iterable[Path]) -> list[tuple[float, Path]]:
    found = ((disk.changed_at(path), path) for path in paths)
    return sorted(((at, path) for at, path in found if at is not None), reverse=True)
