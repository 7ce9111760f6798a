"""The columns that missions share, in one system of units.

A model that sees only these scores a mission that it was not trained on, and one model trains on
all of them. What a table does not have is missing: K2's default columns hold neither depth nor
duration, its full table has both, the depth in percent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mlcore.datasets import DATASETS
from mlcore.datasets.quantities import QUANTITIES
from mlcore.features.converting import quantities_of
from mlcore.features.registry import compute, features_of
from mlcore.features.spec import Feature

if TYPE_CHECKING:
    from mlcore.datasets.table import Table

__all__ = ["HARMONISED", "harmonise"]

_NOT_SHARED = frozenset({"matches", "match_distance", "match_brightness"})
"""What chance alone gives of these depends on a catalogue's size and on the telescope's pixels."""
_NOT_SEEN = frozenset({"epoch", "right_ascension", "declination", "magnitude"})
"""Dates and places are no features, and each mission's magnitudes are in a band of its own."""


def _shared() -> tuple[Feature, ...]:
    found = [
        Feature(
            name=quantity.name,
            unit=quantity.unit,
            meaning=quantity.meaning,
            scale=quantity.scale,
            group=quantity.meaning[0].lower() + quantity.meaning[1:],
            source="the mission's catalogue",
            needs=(quantity.name,),
        )
        for quantity in QUANTITIES.values()
        if len(quantity.columns) > 1 and quantity.name not in _NOT_SEEN
    ]
    derived = [
        {feature.name: feature for feature in features_of(dataset)} for dataset in DATASETS.values()
    ]
    names = dict.fromkeys(name for mission in derived for name in mission)
    for name in names:
        declared = [mission[name] for mission in derived if name in mission]
        if len(declared) > 1 and name not in _NOT_SHARED:
            found.append(declared[0])
    return tuple(found)


HARMONISED: tuple[Feature, ...] = _shared()
"""Quantities and features that at least two missions have; `needs` names Kepler's columns for a
derived one and the quantity itself for a measured one."""


def harmonise(table: Table, reference: Table | None, *, neighbours: bool = True) -> pd.DataFrame:
    """Return the shared columns of a table's rows.

    Parameters
    ----------
    table
        Rows of any mission.
    reference
        The mission's whole catalogue; see `mlcore.features.compute`.
    neighbours
        Whether to compute what depends on the catalogue's other objects.

    Returns
    -------
    DataFrame
        float64, shape ``(n, h)``, the columns of `HARMONISED` in order; NaN where the mission or
        the row has none.
    """
    # Of whatever the table has: a full table may hold what a default one lacks.
    derived = compute(table, reference=reference, wide=True, neighbours=neighbours)
    everything = pd.concat([quantities_of(table), derived], axis=1)
    names = [feature.name for feature in HARMONISED]
    return everything.reindex(columns=names).astype("float64")
