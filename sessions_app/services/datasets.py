"""Loading missions' tables as snapshots."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from mlcore.datasets import DATASETS, obtain
from mlcore.datasets.snapshot import write_snapshot
from mlcore.jobs.load_table import facts_of
from mlcore.lightcurves.catalogues.row import MISSIONS
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.models import DatasetSnapshot, ObjectName

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mlcore.datasets import Obtained
    from mlcore.progress import ProgressCallback

_LOAD_LOCK = 0x45585032
"""First half of the key of the lock that a load holds; the second half is its mission's."""


def load_command(mission: str) -> str:
    """Return the command that loads a mission."""
    return f"manage.py load_dataset {mission}"


def current_snapshot(mission: str, *, field: str) -> DatasetSnapshot:
    """Return the snapshot that new sessions on a mission use; refuse when none is loaded."""
    snapshot = loaded_snapshot(mission)
    if snapshot is None:
        raise RefusedError(
            f"{field}: the {mission} table is not loaded on this server;"
            f" an operator loads it with `{load_command(mission)}`.",
            field=field,
        )
    return snapshot


def loaded_snapshot(mission: str) -> DatasetSnapshot | None:
    """Return the snapshot that new sessions on a mission use, None when none is loaded."""
    return DatasetSnapshot.objects.filter(mission=mission, is_current=True).first()


def loaded_catalogues() -> tuple[DatasetSnapshot, ...]:
    """Return the tables in which new sessions on light curves look their signals up."""
    return tuple(DatasetSnapshot.objects.filter(mission__in=MISSIONS, is_current=True))


def load_dataset(
    mission: str,
    *,
    file: Path | None,
    folder: Path | None,
    progress: ProgressCallback | None = None,
) -> tuple[DatasetSnapshot, Obtained, bool]:
    """Load a mission's table from the first source that has it and make it current.

    A file is the only source to use, when given. Returns which source it came from and why the
    earlier ones failed, too, and False when the very same table had been loaded before. Raises
    `mlcore.datasets.UnavailableError` when no source has the table.
    """
    obtained = obtain(DATASETS[mission], file=file, folder=folder, progress=progress)
    with storage.unfinished_file() as path:
        tested = write_snapshot(obtained.table, path)
        facts = facts_of(obtained, int(tested.sum()))
        snapshot, created = keep_snapshot(mission, facts, path)
    return snapshot, obtained, created


def keep_snapshot(
    mission: str, facts: Mapping[str, Any], path: Path
) -> tuple[DatasetSnapshot, bool]:
    """Keep a table that was written at a path, and make it the mission's current one.

    The facts are those of `mlcore.jobs.load_table.facts_of`. False when the very same table had
    been loaded before.
    """
    written = storage.sha256_of(path)
    facts = dict(facts)
    names = facts.pop("other_names")
    same = {"mission": mission, "sha256": facts["sha256"], "file_sha256": written}
    name = f"datasets/{mission}-{written}.parquet"
    with transaction.atomic():
        _wait_for_other_loads(mission)
        snapshots = DatasetSnapshot.objects.filter(mission=mission)
        existing = snapshots.filter(**same).first()
        snapshots.filter(is_current=True).update(is_current=False)
        if existing is not None:
            snapshots.filter(pk=existing.pk).update(is_current=True)
            existing.refresh_from_db()
        else:
            dated = facts["dated"] and date.fromisoformat(facts["dated"])
            made = DatasetSnapshot.objects.create(
                **{**facts, **same, "dated": dated}, is_current=True, file=name
            )
        _keep_names(existing or made, names)
        # Last, so that a load that fails leaves no file; again for a file that was lost.
        storage.keep_file(path, name)
    return existing or made, existing is None


def _keep_names(snapshot: DatasetSnapshot, names: Sequence[Mapping[str, Any]]) -> None:
    """Keep what else the objects are called, in the place of what was known before."""
    snapshot.object_names.all().delete()
    ObjectName.objects.bulk_create(ObjectName(snapshot=snapshot, **name) for name in names)


def _wait_for_other_loads(mission: str) -> None:
    # Rows that are not there yet cannot be locked, so two first loads would both find none.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [_LOAD_LOCK, list(DATASETS).index(mission)]
        )
