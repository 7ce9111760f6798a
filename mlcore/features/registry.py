"""Which features a mission has, and their values for a table."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.features.centroid import CENTROID
from mlcore.features.converting import measured_quantities
from mlcore.features.ephemeris import EPHEMERIS
from mlcore.features.siblings import SIBLINGS
from mlcore.features.signal import BRIGHTNESS, SIGNAL, WIDE_SIGNAL
from mlcore.features.size import SIZE
from mlcore.features.sky import MOTION, POSITION
from mlcore.features.stars import STARS
from mlcore.features.surroundings import Around, surroundings_of
from mlcore.features.transit import TRANSIT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.features.spec import Arrays, Feature, Idea

__all__ = ["compute", "declared_features", "features_of", "of_neighbours"]

_IDEAS: tuple[Idea, ...] = (
    STARS,
    TRANSIT,
    SIZE,
    SIGNAL,
    BRIGHTNESS,
    SIBLINGS,
    EPHEMERIS,
    POSITION,
    MOTION,
    WIDE_SIGNAL,
    CENTROID,
)


# Kept, since each gap of each object asks for it.
@cache
def declared_features() -> Mapping[str, Feature]:
    """Return every feature by its name; `needs` names quantities, not a mission's columns."""
    return MappingProxyType({feature.name: feature for idea in _IDEAS for feature in idea.features})


def features_of(dataset: Dataset, *, wide: bool = False) -> tuple[Feature, ...]:
    """Return the derived features of a mission.

    Parameters
    ----------
    dataset
        The mission.
    wide
        Whether those come along that need columns of the archive's full table only.

    Returns
    -------
    tuple of Feature
        In a fixed order; `needs` names the mission's columns.
    """
    # Asked for each part of a large table; nothing of a mission changes.
    kept = _FEATURES.get((id(dataset), wide))
    if kept is None:
        kept = _FEATURES[id(dataset), wide] = (dataset, tuple(_features_of(dataset, wide=wide)))
    return kept[1]


_FEATURES: dict[tuple[int, bool], tuple[Dataset, tuple[Feature, ...]]] = {}
"""By the identity of the mission, which is kept alive beside them."""


def _features_of(dataset: Dataset, *, wide: bool) -> Iterator[Feature]:
    columns = dataset.quantities
    for idea in _IDEAS:
        for feature in idea.features:
            lacking = any(getattr(dataset, fact) is None for fact in feature.facts)
            if lacking or not columns.keys() >= set(feature.needs):
                continue
            needs = tuple(columns[name] for name in feature.needs)
            # What is computed from a column that follows the label follows it too.
            if any(dataset.column(name).leak is not None for name in needs):
                continue
            if feature.of_neighbours:
                # Without its star an object of the catalogue would be its own neighbour.
                needs = (*needs, dataset.host)
            of_full_table = any(dataset.column(name).wide for name in needs)
            if wide or not of_full_table:
                yield replace(feature, needs=needs, wide=of_full_table)


def compute(
    table: Table,
    *,
    reference: Table | None,
    wide: bool = False,
    neighbours: bool = True,
    left_out: Collection[str] = (),
) -> pd.DataFrame:
    """Return the derived features of a table's rows.

    Parameters
    ----------
    table
        Rows of any mission.
    reference
        The mission's whole catalogue, whose objects count as siblings and as ephemeris matches
        beside the table's own rows; None: only the table's own. An object that is in both counts
        once, with the table's values. No label is read from either.
    wide
        See `features_of`.
    neighbours
        Whether to compute what depends on the catalogue's other objects; else it is missing.
    left_out
        Names of features that nobody wants.

    Returns
    -------
    DataFrame
        float64, shape ``(n, f)``, the table's rows and the features of `features_of` in order;
        NaN where a row lacks what a feature needs.
    """
    rows = measured_quantities(table)
    names = [
        feature.name
        for feature in features_of(table.dataset, wide=wide)
        if feature.name not in left_out
    ]
    values: dict[str, NDArray[np.float64]] = {}
    for idea in _IDEAS:
        if not any(feature.name in names for feature in idea.features):
            continue
        if not idea.of_neighbours:
            values |= _complete(idea, rows)
        elif not neighbours:
            nothing = np.full(len(table), np.nan)
            values.update({feature.name: nothing for feature in idea.features})
    if neighbours:
        around = Around(everything=surroundings_of(table, reference), begin=0, end=len(table))
        values |= of_neighbours(around)
    return pd.DataFrame({name: values[name] for name in names}, index=table.frame.index)


def of_neighbours(around: Around) -> dict[str, NDArray[np.float64]]:
    """Return the features that depend on the catalogue's other objects, by their names.

    Parameters
    ----------
    around
        Rows of a table: their features do not depend on which of the table's rows they are.
    """
    everything = around.everything
    rows = {name: of[around.begin : around.end] for name, of in everything.values.items()}
    values: dict[str, NDArray[np.float64]] = {}
    for idea in _IDEAS:
        if idea.of_neighbours:
            values |= _complete(idea, rows, around)
    return values


def _complete(idea: Idea, rows: Arrays, around: Around | None = None) -> dict[str, Any]:
    """Return the features of one idea, missing where what they need is missing."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        computed = idea.compute(rows, around)
    values = {}
    for feature in idea.features:
        complete = np.isfinite(computed[feature.name])
        for name in feature.needs:
            complete &= np.isfinite(rows[name])
        values[feature.name] = np.where(complete, computed[feature.name], np.nan)
    return values
