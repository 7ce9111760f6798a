"""Files without a row, and rows without a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from sessions_app.files import storage
from sessions_app.files.waiting import WAITING, WAITING_SECONDS
from sessions_app.lifecycle import UNFINISHED, Status
from sessions_app.models import DatasetSnapshot, Session, SessionKind, UploadedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from django.db.models import QuerySet

__all__ = ["YOUNG_SECONDS", "Orphan", "find_left_here", "find_missing", "find_orphans"]

YOUNG_SECONDS = 3600
"""How long a file may lie there before the transaction that names it is committed [s]."""

_DAY = 86_400
_ANY = UUID(int=0)
"""Stands for a session in the name of what it has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphan:
    """A file or a folder that nothing needs."""

    path: Path
    name: str
    """Within the media folder."""
    size: int
    """Bytes."""

    def removed(self) -> bool:
        """Remove it, and tell whether it is gone."""
        storage.remove(self.path)
        return not storage.exists(self.path)


def find_orphans() -> list[Orphan]:
    """Return the files in the server's own folders that no row names and nobody writes."""
    return [*_older(_unnamed(), than=time.time() - YOUNG_SECONDS), *find_left_here()]


def find_left_here() -> list[Orphan]:
    """Return what lies in folders that are this host's own and nobody needs any more."""
    now = time.time()
    # Work folders are the reaper's, who can tell whether their session runs.
    incoming = (path for path in storage.listed("incoming") if not storage.is_work_folder(path))
    unused = (path for path in incoming if not storage.is_in_use(path))
    return [
        *_older(unused, than=now - YOUNG_SECONDS),
        *_older(storage.listed(WAITING), than=now - WAITING_SECONDS),
        # No row names these: whoever asks uses them, and makes what is not there anew.
        *_older(
            chain(storage.listed(storage.REFITS), storage.listed(storage.COMPUTED)),
            than=now - settings.EXOPLANET_RETENTION_DAYS * _DAY,
        ),
        *_older(_measured_in_vain(), than=now - YOUNG_SECONDS),
    ]


def _measured_in_vain() -> Iterator[Path]:
    """Yield what was measured for sessions that have a result by now, or never will.

    Another host may have ended them, or this one between that and the removal.
    """
    lying = storage.listed(storage.MEASURING)
    needed = Session.objects.filter(status__in={*UNFINISHED, Status.FAILED}).order_by()
    places = {str(pk) for pk in needed.values_list("pk", flat=True)} if lying else set()
    yield from (path for path in lying if path.name not in places)


def find_missing() -> list[str]:
    """Return what is not there that rows name, as names in the media folder."""
    completed = Session.objects.filter(status=Status.COMPLETED).exclude(kind=SessionKind.ANALYSIS)
    lying = _lying()
    return sorted(
        name
        for name in _named(completed)
        # One that was kept since the folders were listed is there.
        if name not in lying and not storage.exists(storage.media_path(name))
    )


def _older(paths: Iterable[Path], *, than: float) -> Iterator[Orphan]:
    """Yield what was last changed before a time, as orphans."""
    for path in paths:
        if (changed := storage.changed_at(path)) is not None and changed < than:
            yield Orphan(path=path, name=_name(path), size=storage.size_of(path))


def _unnamed() -> Iterator[Path]:
    # The folders first, so that what is named later than it is written is not missed.
    lying = _lying()
    # A session that has ended without a result has no model; one that has not may get it yet.
    without_model = {Status.FAILED, Status.CANCELLED}
    # What is named is taken away name by name: only what is left takes room.
    lying.difference_update(_named(Session.objects.exclude(status__in=without_model)))
    yield from map(storage.media_path, sorted(lying))


def _named(with_model: QuerySet[Session]) -> Iterator[str]:
    """Yield the names of users' files, of tables, and of sessions' models and results."""
    yield from UploadedFile.objects.values_list("file", flat=True).iterator()
    yield from DatasetSnapshot.objects.values_list("file", flat=True).iterator()
    places = [_name(place(_ANY)) for place in (storage.artifact_folder, storage.results_folder)]
    for pk in with_model.order_by().values_list("pk", flat=True).iterator():
        for name in places:
            yield name.replace(str(_ANY), str(pk))


def _lying() -> set[str]:
    """Return the names of what is kept for good: of hundreds of thousands no path is made."""
    return {name for folder in storage.FOLDERS for name in storage.names(folder)}


def _name(path: Path) -> str:
    return str(path.relative_to(storage.media_path("")))
