"""Loading a mission's table again: asked for by an operator, done by a worker in its own process.

The web process reads no table of ten thousand rows, and asks no archive while somebody waits.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django_q.tasks import async_task

from sessions_app.exceptions import ConflictError
from sessions_app.files import storage
from sessions_app.isolation import Ending, JobHost
from sessions_app.models import SnapshotLoad
from sessions_app.queue.lanes import Lane
from sessions_app.queue.notices import Notice, notify
from sessions_app.queue.presence import BUSY, share
from sessions_app.services.datasets import keep_snapshot
from sessions_app.services.inputs import known_dataset
from sessions_app.services.recording import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sessions_app.isolation import Outcome

__all__ = ["ask_to_reload", "reload_now", "underway"]

_log = logging.getLogger(__name__)

_JOB = "mlcore.jobs.load_table"
_MODULES = (_JOB, "pandas", "pyarrow.parquet")
_GRACE = timedelta(minutes=2)
"""How long after its job's deadline a load that says nothing more counts as lost."""
_PATIENCE = timedelta(days=1)
"""How long one that no worker has begun with keeps others from being asked for."""
_TASK = "sessions_app.tasks.reload_table"


def ask_to_reload(mission: str, *, by: int) -> SnapshotLoad:
    """Let a worker load a mission's table again; `by` is the id of the user who asks.

    Refused where it is being loaded already.
    """
    dataset = known_dataset(mission, field="mission")
    with transaction.atomic(), connection.cursor() as cursor:
        # Of two who ask at the same time the second sees what the first asked for.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{_TASK} {dataset.name}"])
        if underway().filter(mission=dataset.name).exists():
            raise ConflictError(f"The table of {dataset.title} is being loaded already.")
        load = SnapshotLoad.objects.create(mission=dataset.name, requested_by_id=by)
        record(by, load, "Asked for the table to be loaded again.")
        async_task(_TASK, load.pk, save=False)
        notify(Notice.SESSION)
    return load


def underway() -> Any:
    """Return the loads that wait for a worker or run, without those that were lost."""
    most = timedelta(seconds=settings.EXOPLANET_JOB_DEADLINE_SECONDS) + _GRACE
    now = timezone.now()
    waits = Q(started_at=None, requested_at__gt=now - _PATIENCE)
    alive = waits | Q(started_at__gt=now - most)
    return SnapshotLoad.objects.filter(alive, finished_at=None)


def reload_now(load_id: int) -> None:
    """Load a table that was asked for, unless another worker does; called by a worker."""
    claimed = SnapshotLoad.objects.filter(pk=load_id, started_at=None).update(
        started_at=timezone.now(), step="Starting"
    )
    if not claimed:
        return
    load = SnapshotLoad.objects.get(pk=load_id)
    holder = connection.copy()
    try:
        # Nobody is to leave a session to a worker that has this to do.
        share(holder, BUSY[Lane.FIRST_ANSWERS])
        with storage.unfinished_file() as path:
            outcome = _run(load, path)
            _end(load, outcome, path)
    except Exception:
        _log.exception("the table of %s was not loaded", load.mission)
        _finish(load, error="The load was ended by a fault on the server; nothing of it was kept.")
        raise
    finally:
        holder.close()


def _run(load: SnapshotLoad, path: Path) -> Outcome:
    folder = settings.EXOPLANET_ARCHIVE_DIR

    def tell(event: Mapping[str, Any]) -> None:
        SnapshotLoad.objects.filter(pk=load.pk).update(
            percent=100.0 * event["progress"], step=event["step"]
        )

    with JobHost(modules=_MODULES) as host:
        return host.run(
            target=f"{_JOB}:load_table_job",
            argument={
                "dataset": load.mission,
                "folder": None if folder is None else str(folder),
                "path": str(path),
            },
            on_event=tell,
            should_stop=lambda: False,
            deadline_seconds=settings.EXOPLANET_JOB_DEADLINE_SECONDS,
            memory_limit_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
        )


def _end(load: SnapshotLoad, outcome: Outcome, path: Path) -> None:
    if outcome.ending is not Ending.COMPLETED:
        _log.warning("the table of %s was not loaded: %s", load.mission, outcome.traceback)
        _finish(load, error=outcome.sentence)
        return
    facts = dict(outcome.value)
    notes = facts.pop("failures")
    snapshot, is_new = keep_snapshot(load.mission, facts, path)
    _finish(load, percent=100.0, snapshot=snapshot, is_new=is_new, notes=notes, step="Loaded")


def _finish(load: SnapshotLoad, **fields: Any) -> None:
    SnapshotLoad.objects.filter(pk=load.pk).update(finished_at=timezone.now(), **fields)
