"""Where a session's objects are in the sky, as the mission's loaded table has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from mlcore.datasets import DATASETS
from sessions_app.exceptions import GoneError
from sessions_app.selectors.dataset_columns import file_of, object_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessions_app.models import Session

__all__ = ["Position", "positions_of"]

_QUANTITIES = ("right_ascension", "declination")


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """Where an object is."""

    ra: float | None
    """Right ascension [deg]."""
    dec: float | None
    """Declination [deg]."""


def positions_of(session: Session) -> Mapping[str, Position] | None:
    """Return the positions of objects by their names in the table that a session was compared with.

    None where there is no such table, or it has none.
    """
    snapshot = session.snapshot or session.reference
    dataset = DATASETS.get(session.mission)
    if snapshot is None or dataset is None:
        return None
    try:
        path = file_of(snapshot)
    except GoneError:
        return None
    columns = [dataset.quantities.get(name, "") for name in _QUANTITIES]
    there = set(pq.read_schema(path).names)
    if not there.issuperset(columns) or any(dataset.column(name).unit != "deg" for name in columns):
        return None
    names = [name for name in dataset.object_name if name in there]
    table = pq.read_table(path, columns=[*names, *columns])
    numbers = range(1, len(table) + 1)
    ra, dec = (table.column(name).to_pylist() for name in columns)
    return {
        name: Position(ra=along, dec=above)
        for name, along, above in zip(object_names(table, dataset, numbers), ra, dec, strict=True)
    }
