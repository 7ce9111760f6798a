"""Loading a mission's table: a job of its own, whoever asked for it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS, obtain
from mlcore.datasets.snapshot import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.datasets import Obtained

__all__ = ["facts_of", "load_table_job"]


def load_table_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Get a mission's table from the first source that has it, and write it as a snapshot.

    Parameters
    ----------
    argument
        ``dataset``: the mission; ``folder``: one with the archive's tables, or None; ``path``:
        where to write.
    emit
        Receives ``{"progress": fraction, "step": words}``.

    Returns
    -------
    dict
        What `facts_of` tells, and ``failures``: why earlier sources were not taken, as sentences.

    Raises
    ------
    DataError
        When no source has the table.
    """
    folder = argument["folder"]
    obtained = obtain(
        DATASETS[argument["dataset"]],
        folder=None if folder is None else Path(folder),
        progress=lambda done, step: emit({"progress": 0.9 * done, "step": step}),
    )
    emit({"progress": 0.9, "step": "Writing the snapshot"})
    tested = int(write_snapshot(obtained.table, Path(argument["path"])).sum())
    return {**facts_of(obtained, tested), "failures": list(obtained.failures)}


def facts_of(obtained: Obtained, tested: int) -> dict[str, Any]:
    """Return what is recorded of a table that was loaded, as JSON values.

    Parameters
    ----------
    obtained
        The table and where it is from.
    tested
        How many test rows it has.
    """
    table = obtained.table
    return {
        "source": str(obtained.kind),
        "source_description": obtained.description,
        "dated": obtained.dated and obtained.dated.isoformat(),
        "sha256": obtained.sha256,
        "rows": len(table),
        "test_rows": tested,
        "columns": list(table.frame.columns),
        "other_names": [asdict(name) for name in obtained.other_names],
        "label_counts": {str(label): count for label, count in table.label_counts.items()},
    }
