"""Which features a mission has, and their values for a table."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.membership import are_among
from mlcore.features.centroid import CENTROID
from mlcore.features.converting import FIRST, HOST, OBJECT, measured_quantities, quantities_of
from mlcore.features.ephemeris import EPHEMERIS
from mlcore.features.siblings import SIBLINGS
from mlcore.features.signal import BRIGHTNESS, SIGNAL, WIDE_SIGNAL
from mlcore.features.size import SIZE
from mlcore.features.sky import MOTION, POSITION
from mlcore.features.stars import STARS
from mlcore.features.transit import TRANSIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.features.spec import Arrays, Feature, Idea

__all__ = ["compute", "declared_features", "features_of"]

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

_SIGNAL = ["period", "epoch", "depth"]
"""Quantities that are equal for two entries of one object alone."""
_ROUNDED = 1e-3
"""Relative difference up to which two periods on one star may be one, rounded in one table."""


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
    columns = dataset.quantities
    features = []
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
                features.append(replace(feature, needs=needs, wide=of_full_table))
    return tuple(features)


def compute(
    table: Table, *, reference: Table | None, wide: bool = False, neighbours: bool = True
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

    Returns
    -------
    DataFrame
        float64, shape ``(n, f)``, the table's rows and the features of `features_of` in order;
        NaN where a row lacks what a feature needs.
    """
    around: Arrays = {}
    if neighbours:
        measured = quantities_of(table)
        rows, surroundings = _arrays(measured), _surroundings(measured, reference)
        around = {**_arrays(surroundings), FIRST: _first_entries(surroundings)}
    else:
        # Nobody asks what stars and objects are called.
        rows = measured_quantities(table)
    values: dict[str, NDArray[np.float64]] = {}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for idea in _IDEAS:
            if idea.of_neighbours and not neighbours:
                nothing = np.full(len(table), np.nan)
                values.update({feature.name: nothing for feature in idea.features})
                continue
            computed = idea.compute(rows, around)
            for feature in idea.features:
                complete = np.isfinite(computed[feature.name])
                for name in feature.needs:
                    complete &= np.isfinite(rows[name])
                values[feature.name] = np.where(complete, computed[feature.name], np.nan)
    names = [feature.name for feature in features_of(table.dataset, wide=wide)]
    return pd.DataFrame({name: values[name] for name in names}, index=table.frame.index)


def _arrays(quantities: pd.DataFrame) -> Arrays:
    return {str(name): column.to_numpy() for name, column in quantities.items()}


def _surroundings(rows: pd.DataFrame, reference: Table | None) -> pd.DataFrame:
    """Return the rows, and below them the reference's objects that are not among them."""
    if reference is None:
        return rows
    others = quantities_of(reference)
    # An anonymous star of the reference is not the anonymous star in the same row of the table.
    anonymous = ~are_among(others[HOST], reference.frame.get(reference.dataset.host, []))
    others[HOST] = others[HOST].mask(anonymous, "reference " + others[HOST])
    named = are_among(others[OBJECT], rows[OBJECT])
    # Some have another catalogue's name, such as that of a planet.
    strange = rows[~are_among(rows[OBJECT], others[OBJECT])]
    equal = _among(others, rows, _SIGNAL) | _same_signal(others, strange)
    return pd.concat([rows, others[~named & ~equal]], ignore_index=True)


def _first_entries(objects: pd.DataFrame) -> NDArray[np.intp]:
    """Return for each object the position of the first entry of it, shape ``(n,)``.

    Entries are of one object where they have its star and name in common, and its period but for
    rounding; without a name, where they have the star and equal measurements.
    """
    name = pd.factorize(objects[OBJECT])[0].astype(np.int64)
    nameless = name < 0
    signal = objects[nameless].groupby(_SIGNAL, sort=False, dropna=False).ngroup()
    name[nameless] = name.max(initial=-1) + 1 + signal.to_numpy()
    host = pd.factorize(objects[HOST])[0]
    period = objects["period"].to_numpy()
    order = np.lexsort((period, name, host))
    ordered = period[order]
    apart = ~(ordered[1:] <= ordered[:-1] * (1 + _ROUNDED)) & ~np.isnan(ordered[1:])
    another = (np.diff(host[order]) != 0) | (np.diff(name[order]) != 0) | apart
    entry = np.concatenate([[0], np.cumsum(another)])[: len(objects)]
    first = np.empty(len(objects), dtype=np.intp)
    first[order] = pd.Series(order).groupby(entry).transform("min")
    return first


def _same_signal(objects: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which objects have the star and the period of one of the others, but for rounding."""
    pairs = objects[[HOST, "period"]].reset_index().merge(others[[HOST, "period"]], on=HOST)
    close = (pairs["period_x"] / pairs["period_y"] - 1).abs() < _ROUNDED
    return np.asarray(objects.index.isin(pairs.loc[close, "index"]))


def _among(objects: pd.DataFrame, others: pd.DataFrame, measured: list[str]) -> NDArray[np.bool_]:
    """Tell which objects have all of these values, exactly, in common with one of the others."""
    known = pd.MultiIndex.from_frame(others[measured].dropna())
    return np.asarray(pd.MultiIndex.from_frame(objects[measured]).isin(known))
