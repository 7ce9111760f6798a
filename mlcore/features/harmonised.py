"""The columns that missions share, in one system of units.

A model that sees only these scores a mission that it was not trained on, and one model trains on
all of them. What a table does not have is missing: K2's default columns hold neither depth nor
duration, its full table has both, the depth in percent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from mlcore.datasets import of_candidates
from mlcore.datasets.quantities import QUANTITIES
from mlcore.features.converting import measured_quantities
from mlcore.features.registry import compute, features_of
from mlcore.features.spec import Feature
from mlcore.in_words import lowered

if TYPE_CHECKING:
    from mlcore.datasets.table import Table

__all__ = ["harmonise", "harmonised_features"]

_NOT_SHARED = frozenset({"matches", "match_distance", "match_brightness"})
"""What chance alone gives of these depends on a catalogue's size and on the telescope's pixels."""
_NOT_SEEN = frozenset({"epoch", "right_ascension", "declination", "magnitude"})
"""Dates and places are no features, and each mission's magnitudes are in a band of its own."""


def harmonised_features() -> tuple[Feature, ...]:
    """Return the quantities and features that at least two missions have.

    Returns
    -------
    tuple of Feature
        In a fixed order; `needs` names the quantity itself for a measured one, and the columns of
        the first mission that has it for a derived one.
    """
    missions = tuple(of_candidates().values())
    features = [
        Feature(
            name=quantity.name,
            unit=quantity.unit,
            meaning=quantity.meaning,
            scale=quantity.scale,
            group=lowered(quantity.meaning),
            source="the mission's catalogue",
            needs=(quantity.name,),
        )
        for quantity in QUANTITIES.values()
        if sum(quantity.name in dataset.quantities for dataset in missions) > 1
        and quantity.name not in _NOT_SEEN
    ]
    derived: dict[str, list[Feature]] = {}
    for dataset in missions:
        for feature in features_of(dataset):
            derived.setdefault(feature.name, []).append(feature)
    features += [
        declared[0]
        for name, declared in derived.items()
        if len(declared) > 1 and name not in _NOT_SHARED
    ]
    return tuple(features)


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
        float64, shape ``(n, h)``, the columns of `harmonised_features` in order; NaN where the
        mission or the row has none.
    """
    # Of whatever the table has: a full table may hold what a default one lacks.
    derived = compute(table, reference=reference, wide=True, neighbours=neighbours)
    measured = pd.DataFrame(measured_quantities(table), index=table.frame.index)
    everything = pd.concat([measured, derived], axis=1)
    names = [feature.name for feature in harmonised_features()]
    return everything.reindex(columns=names).astype("float64")
