"""Loading missions' tables as snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from mlcore.datasets import DATASETS, obtain
from mlcore.datasets.snapshot import write_snapshot
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.models import DatasetSnapshot

if TYPE_CHECKING:
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
    table = obtained.table
    with storage.unfinished_file() as path:
        tested = write_snapshot(table, path)
        written = storage.sha256_of(path)
        facts = {"mission": mission, "sha256": obtained.sha256, "file_sha256": written}
        name = f"datasets/{mission}-{written}.parquet"
        with transaction.atomic():
            _wait_for_other_loads(mission)
            snapshots = DatasetSnapshot.objects.filter(mission=mission)
            existing = snapshots.filter(**facts).first()
            snapshots.filter(is_current=True).update(is_current=False)
            if existing is not None:
                snapshots.filter(pk=existing.pk).update(is_current=True)
                existing.refresh_from_db()
            snapshot = existing or DatasetSnapshot.objects.create(
                **facts,
                is_current=True,
                source=obtained.kind,
                source_description=obtained.description,
                dated=obtained.dated,
                file=name,
                rows=len(table),
                test_rows=int(tested.sum()),
                columns=list(table.frame.columns),
                label_counts={str(label): count for label, count in table.label_counts.items()},
            )
            # Last, so that a load that fails leaves no file; again for a file that was lost.
            storage.keep_file(path, name)
    return snapshot, obtained, existing is None


def _wait_for_other_loads(mission: str) -> None:
    # Rows that are not there yet cannot be locked, so two first loads would both find none.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, %s)", [_LOAD_LOCK, list(DATASETS).index(mission)]
        )
