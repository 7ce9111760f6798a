"""What became of a mission's objects from one snapshot to another.

An object is known by its name, however either table spells it. Both files never change, so that
what is found of two of them is kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from mlcore.datasets import DATASETS, Disposition
from mlcore.datasets.name_keys import object_key
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files import storage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.datasets import Dataset
    from sessions_app.models import DatasetSnapshot

__all__ = ["ChangedObject", "SnapshotDifferences", "SnapshotObject", "differences"]

_KEPT = 8
"""Of how many pairs of snapshots the differences are kept in each process."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotObject:
    """An object that only one of two snapshots has."""

    name: str
    host: str
    """Its star, empty where the table does not name it."""
    disposition: Disposition | None
    """None where the table has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedObject:
    """An object whose disposition is another one in the newer snapshot."""

    name: str
    host: str
    before: Disposition | None
    after: Disposition | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SnapshotDifferences:
    """What became of a mission's objects, each list in the order of its own table."""

    added: tuple[SnapshotObject, ...]
    """Only in the newer snapshot."""
    removed: tuple[SnapshotObject, ...]
    """Only in the older one."""
    changed: tuple[ChangedObject, ...]
    """In both, with another disposition; in the newer one's order."""
    unchanged: int
    """How many objects are in both with the same disposition."""

    @property
    def moves(self) -> dict[tuple[Disposition | None, Disposition | None], int]:
        """How many objects changed from which disposition to which, the most frequent first."""
        return dict(Counter((one.before, one.after) for one in self.changed).most_common())


def differences(older: DatasetSnapshot, newer: DatasetSnapshot) -> SnapshotDifferences:
    """Return what became of a mission's objects from one snapshot to another.

    Of rows that name the same object the first one counts, and rows without any name are in neither
    list: nothing says what became of them. Raises RefusedError where the snapshots
    are of different missions, GoneError where a file is no longer on this server.
    """
    if older.mission != newer.mission:
        raise RefusedError(
            f"The snapshots are of {older.get_mission_display()} and of"
            f" {newer.get_mission_display()}, and only two of one mission can be compared.",
            field="other",
        )
    files = [(snapshot.file.name, snapshot.file_sha256) for snapshot in (older, newer)]
    return _differences(older.mission, *files)


@lru_cache(_KEPT)
def _differences(
    mission: str, older: tuple[str, str], newer: tuple[str, str]
) -> SnapshotDifferences:
    dataset = DATASETS[mission]
    before, after = _objects(older, dataset), _objects(newer, dataset)
    # Only names that the other table does not spell alike need to be parsed.
    spelled = {object_key(name, dataset): name for name in before if name not in after}
    earlier: dict[str, str] = {}
    for name in after:
        known = name if name in before else spelled.get(object_key(name, dataset))
        if known is not None:
            earlier.setdefault(known, name)
    pairs = [(before[old], after[new]) for old, new in earlier.items()]
    changed = [
        ChangedObject(name=new.name, host=new.host, before=old.disposition, after=new.disposition)
        for old, new in pairs
        if old.disposition != new.disposition
    ]
    met = set(earlier.values())
    return SnapshotDifferences(
        added=tuple(one for name, one in after.items() if name not in met),
        removed=tuple(one for name, one in before.items() if name not in earlier),
        changed=tuple(changed),
        unchanged=len(pairs) - len(changed),
    )


def _objects(file: tuple[str, str], dataset: Dataset) -> Mapping[str, SnapshotObject]:
    """Return the objects of a snapshot's file by name as the file has it."""
    name, sha256 = file
    path = Path(storage.local_file(name, sha256=sha256))
    if not path.is_file():
        raise GoneError("A snapshot's file is no longer on this server, so that it has no rows.")
    held = set(pq.read_schema(path).names)
    wanted = dict.fromkeys((*dataset.object_name, dataset.host, dataset.label))
    rows = pq.read_table(path, columns=[column for column in wanted if column in held])
    nothing = [None] * len(rows)
    named, *other_names, hosts, words = (
        rows[column].to_pylist() if column in held else nothing
        for column in (*dataset.object_name, dataset.host, dataset.label)
    )
    objects: dict[str, SnapshotObject] = {}
    for own, host, word, *others in zip(named, hosts, words, *other_names, strict=True):
        # Where no column names the object its star does, as in a model's result.
        called = own or next(filter(None, others), None)
        if called is not None:
            shown = f"{dataset.name_prefix}{own}" if own and own[0].isdigit() else called
            objects.setdefault(
                called,
                SnapshotObject(name=shown, host=host or "", disposition=dataset.labels.get(word)),
            )
    return objects
