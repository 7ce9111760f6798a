"""Objects of loaded tables by what else they and their stars are called.

A table that was loaded before these names were kept has none, until it is loaded again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import F, Q

from mlcore.datasets import DATASETS
from mlcore.datasets.name_keys import keys_of, object_key, other_keys_of
from mlcore.datasets.object_names import RoundedNumberError, as_listed
from sessions_app.models import ObjectName

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from mlcore.datasets.object_names import Catalogue
    from mlcore.datasets.spec import Dataset
    from sessions_app.models import DatasetSnapshot

__all__ = [
    "keys_called",
    "keys_meant",
    "names_meant",
    "other_names_of",
    "other_names_of_object",
    "rows_called",
]

_OF_OBJECTS = ObjectName.objects.exclude(key=F("star_key"))
"""Names of objects, without those of their stars."""
_ASKED_FOR = 250
"""Of more rows it takes less to read all names of the table than to ask for them one by one."""


def rows_called(name: str, snapshot: DatasetSnapshot) -> list[int]:
    """Return the positions, from 1, of the objects that have this other name, or whose star has."""
    found = _called(name, DATASETS[snapshot.mission]).filter(snapshot=snapshot)
    return sorted(set(found.values_list("row", flat=True)))


def keys_called(name: str, datasets: Iterable[Dataset]) -> set[str]:
    """Return the keys of the objects that missions' current tables know by another name.

    They are those of `mlcore.datasets.name_keys.object_key`.
    """
    keys: set[str] = set()
    for dataset in datasets:
        current = {"snapshot__mission": dataset.name, "snapshot__is_current": True}
        keys.update(_called(name, dataset).filter(**current).values_list("object_key", flat=True))
    return keys


def keys_meant(name: str, datasets: Sequence[Dataset]) -> set[str]:
    """Return the keys of all objects and stars that are meant by a name, by whatever they go."""
    return keys_of(name, datasets) | keys_called(name, datasets)


def names_meant(name: str, mission: str) -> set[str]:
    """Return what tables of a mission call the objects and stars that are meant by a name."""
    dataset = DATASETS.get(mission)
    if dataset is None or not name:
        return set()
    keys = keys_meant(name, [dataset])
    host = dataset.column(dataset.host).catalogue
    return keys | {listed for key in keys if (listed := _listed(key, host)) is not None}


def other_names_of(rows: Sequence[int], snapshot: DatasetSnapshot) -> dict[int, tuple[str, ...]]:
    """Return what else objects are called, by their positions; what only their stars are, is not.

    An object without another name is not among them; of many rows there may be others.
    """
    named = _OF_OBJECTS.filter(snapshot=snapshot)
    if len(rows) <= _ASKED_FOR:
        named = named.filter(row__in=rows)
    names: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for row, name in named.values_list("row", "name"):
        names[row] += (name,)
    return dict(names)


def other_names_of_object(
    name: str, dataset: Dataset, snapshot: DatasetSnapshot | None
) -> list[str]:
    """Return what else an object is called in a snapshot; None: in the mission's current one."""
    where = {"snapshot__mission": dataset.name, "snapshot__is_current": True}
    named = _OF_OBJECTS.filter(
        object_key=object_key(name, dataset), **({"snapshot": snapshot} if snapshot else where)
    )
    return list(named.values_list("name", flat=True).distinct())


def _listed(key: str, catalogue: Catalogue | None) -> str | None:
    """Return a star's name as the column has it that names stars."""
    if catalogue is None:
        return None
    try:
        return as_listed(key, catalogue)
    except RoundedNumberError:
        return None


def _called(name: str, dataset: Dataset) -> QuerySet[ObjectName]:
    keys = other_keys_of(name, dataset)
    return ObjectName.objects.filter(Q(key__in=keys) | Q(star_key__in=keys)).order_by()
