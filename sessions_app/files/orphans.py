"""Files without a row, and rows without a file."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import DatasetSnapshot, Session, SessionKind, UploadedFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["YOUNG_SECONDS", "Orphan", "find_missing", "find_orphans"]

YOUNG_SECONDS = 3600
"""How long a file may lie there before the transaction that names it is committed [s]."""


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
        return not self.path.exists()


def find_orphans() -> list[Orphan]:
    """Return the files in the server's own folders that no row names and nobody writes."""
    now = time.time()
    orphans = []
    for path in _unnamed():
        changed = storage.changed_at(path)
        if changed is not None and now - changed > YOUNG_SECONDS:
            name = str(path.relative_to(storage.media_path("")))
            orphans.append(Orphan(path=path, name=name, size=storage.size_of(path)))
    return orphans


def find_missing() -> list[str]:
    """Return what is not there that rows name, as names in the media folder."""
    named = [
        *UploadedFile.objects.values_list("file", flat=True),
        *DatasetSnapshot.objects.values_list("file", flat=True),
        *(
            str(storage.artifact_folder(session).relative_to(storage.media_path("")))
            for session in Session.objects.filter(status=Status.COMPLETED)
            .exclude(kind=SessionKind.ANALYSIS)
            .values_list("pk", flat=True)
        ),
    ]
    return sorted(name for name in named if not storage.media_path(name).exists())


def _unnamed() -> Iterator[Path]:
    # The folders first, so that what is named later than it is written is not missed.
    lying = {name: storage.listed(name) for name in ("uploads", "datasets", "artifacts")}
    uploads = set(UploadedFile.objects.values_list("file", flat=True))
    yield from (path for path in lying["uploads"] if f"uploads/{path.name}" not in uploads)
    tables = set(DatasetSnapshot.objects.values_list("file", flat=True))
    yield from (path for path in lying["datasets"] if f"datasets/{path.name}" not in tables)
    # A session that has ended without a result has no model; one that has not may get it yet.
    without = {Status.FAILED, Status.CANCELLED}
    sessions = Session.objects.exclude(status__in=without).values_list("pk", flat=True)
    with_model = {str(session_id) for session_id in sessions}
    yield from (path for path in lying["artifacts"] if path.name not in with_model)
    # Work folders are the reaper's, who can tell whether their session runs.
    incoming = (path for path in storage.listed("incoming") if not storage.is_work_folder(path))
    yield from (path for path in incoming if not storage.is_in_use(path))
