"""A table's objects and the rest of the catalogue around them: what features of neighbours need.

Of each object only the few values are held that neighbours are compared by, so that a million
objects are a matter of a hundred megabytes; the features themselves follow part by part.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.membership import are_among
from mlcore.features.converting import HOST, OBJECT, quantities_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.features.spec import Arrays

__all__ = ["Around", "Surroundings", "ranges", "surroundings_of"]

COMPARED = ("period", "epoch", "days", "depth", "magnitude", "x", "y", "z")
"""What is compared of two objects, in the order of the rows: the duration in days, and the place
as a unit vector."""
COMPARED_BY = (
    "period",
    "epoch",
    "depth",
    "duration",
    "radius",
    "magnitude",
    "right_ascension",
    "declination",
)
"""Quantities that features of neighbours are computed from."""
_SIGNAL = ["period", "epoch", "depth"]
"""Quantities that are equal for two entries of one object alone."""
_ROUNDED = 1e-3
"""Relative difference up to which two periods on one star may be one, rounded in one table."""
_PAIRS_AT_ONCE = 1 << 18
_HOURS = 24.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Compared:
    """Objects next to each other in memory as they are compared."""

    positions: NDArray[np.intp]
    host: NDArray[np.int64]
    values: NDArray[np.float64]
    """The rows are `COMPARED`, shape ``(8, n)``."""

    def take(self, some: NDArray[np.bool_] | NDArray[np.intp]) -> Compared:
        """Return some of them."""
        if some.dtype == bool and some.all():
            return self
        return Compared(
            positions=self.positions[some],
            host=self.host[some],
            values=np.ascontiguousarray(self.values[:, some]),
        )


# Without slots, so that what all parts have in common is worked out once.
@dataclass(frozen=True, kw_only=True, eq=False)
class Surroundings:
    """The table's objects first, then the catalogue's objects that are not among them."""

    rows: int
    """How many of them are the table's."""
    values: Arrays
    """`COMPARED_BY`, each of shape ``(m,)``."""
    host: NDArray[np.int64]
    """A number for the host star of each object, shape ``(m,)``."""
    first: NDArray[np.intp]
    """Position of the first entry that is the same object, its own where it is listed once."""
    _computed: dict[Callable[[Surroundings], Arrays], Arrays] = field(
        default_factory=dict, init=False, repr=False
    )

    @cached_property
    def once(self) -> NDArray[np.intp]:
        """Positions of the first entry of each object."""
        return np.flatnonzero(self.first == np.arange(len(self.first)))

    def of_all(self, compute: Callable[[Surroundings], Arrays]) -> Arrays:
        """Return what a function makes of all of them, computed once."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        return self._computed[compute]

    def by_period(self) -> Compared:
        """Return the entries of a known period, by their periods."""
        period = self.values["period"]
        known = np.flatnonzero(np.isfinite(period))
        return self.compared(known[np.argsort(period[known], kind="stable")])

    def compared(self, positions: NDArray[np.intp]) -> Compared:
        """Return objects as they are compared."""
        ra, dec = (
            np.radians(self.values[name][positions]) for name in ("right_ascension", "declination")
        )
        # A row at a time, so that a million objects are not there twice.
        values = np.empty((len(COMPARED), len(positions)))
        for place, name in enumerate(COMPARED):
            match name:
                case "days":
                    values[place] = self.values["duration"][positions] / _HOURS
                case "x":
                    values[place] = np.cos(dec) * np.cos(ra)
                case "y":
                    values[place] = np.cos(dec) * np.sin(ra)
                case "z":
                    values[place] = np.sin(dec)
                case _:
                    values[place] = self.values[name][positions]
        return Compared(positions=positions, host=self.host[positions], values=values)

    @cached_property
    def by_host(self) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Positions of the first entries star by star, and where each star's begin."""
        hosts = self.host[self.once]
        counts = np.bincount(hosts, minlength=int(self.host.max(initial=-1)) + 1)
        starts = np.concatenate([[0], np.cumsum(counts)])
        return self.once[np.argsort(hosts, kind="stable")], starts

    def with_values(self, place: int, values: Arrays) -> Surroundings:
        """Return the same with other values of one entry, which stays the object that it is.

        Parameters
        ----------
        place
            Its position.
        values
            `COMPARED_BY` of it, each of shape ``(1,)``.
        """
        changed = {name: of.copy() for name, of in self.values.items()}
        for name, value in values.items():
            changed[name][place] = value[0]
        return replace(self, values=changed)

    def as_if(self, place: int, values: Arrays) -> Around:
        """Return one object as if it were there with many values, each time alone.

        The density of periods counts all of them, so that the features are those of `with_values`
        but for a few parts in a thousand of the matches by chance.

        Parameters
        ----------
        place
            Its position.
        values
            `COMPARED_BY` of it, each of shape ``(n,)``.
        """
        count = len(values["period"])
        itself = np.full(count, self.first[place] + count, dtype=np.intp)
        everything = Surroundings(
            rows=count,
            values={name: np.concatenate([values[name], of]) for name, of in self.values.items()},
            host=np.concatenate([np.full(count, self.host[place]), self.host]),
            first=np.concatenate([itself, self.first + count]),
        )
        return Around(everything=everything, begin=0, end=count)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Around:
    """Rows of a table, and everything that surrounds them."""

    everything: Surroundings
    begin: int
    """Position of the first of the rows."""
    end: int


def ranges(counts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of rows that have few pairs together, whatever one row may have alone.

    Parameters
    ----------
    counts
        How many pairs each row has, shape ``(n,)``.
    """
    total = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        before = int(total[begin - 1]) if begin else 0
        end = int(np.searchsorted(total, before + _PAIRS_AT_ONCE, side="right"))
        yield begin, max(end, begin + 1)
        begin = max(end, begin + 1)


def surroundings_of(table: Table, reference: Table | None) -> Surroundings:
    """Return a table's objects with the catalogue's around them.

    Parameters
    ----------
    table, reference
        As in `mlcore.features.compute`.
    """
    objects = _surroundings(quantities_of(table, COMPARED_BY), reference)
    host = pd.factorize(objects[HOST])[0].astype(np.int64)
    first = _first_entries(objects, host)
    values = {name: objects[name].to_numpy() for name in COMPARED_BY}
    return Surroundings(rows=len(table), values=values, host=host, first=first)


def _surroundings(rows: pd.DataFrame, reference: Table | None) -> pd.DataFrame:
    """Return the rows, and below them the reference's objects that are not among them."""
    if reference is None:
        return rows
    others = quantities_of(reference, COMPARED_BY)
    # An anonymous star of the reference is not the anonymous star in the same row of the table.
    anonymous = ~are_among(others[HOST], reference.frame.get(reference.dataset.host, []))
    others[HOST] = others[HOST].mask(anonymous, "reference " + others[HOST])
    named = are_among(others[OBJECT], rows[OBJECT])
    # Some have another catalogue's name, such as that of a planet. Few are of its stars at all.
    near = rows[are_among(rows[HOST], others[HOST])]
    strange = near[~are_among(near[OBJECT], others[OBJECT])]
    equal = _among(others, rows, _SIGNAL) | _same_signal(others, strange)
    return pd.concat([rows, others[~named & ~equal]], ignore_index=True)


def _first_entries(objects: pd.DataFrame, host: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return for each object the position of the first entry of it, shape ``(n,)``.

    Entries are of one object where they have its star and name in common, and its period but for
    rounding; without a name, where they have the star and equal measurements.
    """
    codes, names = pd.factorize(objects[OBJECT])
    if len(names) == len(objects):
        return np.arange(len(objects), dtype=np.intp)
    name = codes.astype(np.int64)
    nameless = name < 0
    signal = objects[nameless].groupby(_SIGNAL, sort=False, dropna=False).ngroup()
    name[nameless] = name.max(initial=-1) + 1 + signal.to_numpy()
    period = objects["period"].to_numpy()
    order = np.lexsort((period, name, host))
    ordered = period[order]
    apart = ~(ordered[1:] <= ordered[:-1] * (1 + _ROUNDED)) & ~np.isnan(ordered[1:])
    another = (np.diff(host[order]) != 0) | (np.diff(name[order]) != 0) | apart
    starts = np.concatenate([[0], np.flatnonzero(another) + 1])
    first = np.empty(len(objects), dtype=np.intp)
    first[order] = np.repeat(
        np.minimum.reduceat(order, starts), np.diff(starts, append=len(objects))
    )
    return first


def _same_signal(objects: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which objects have the star and the period of one of the others, but for rounding."""
    pairs = objects[[HOST, "period"]].reset_index().merge(others[[HOST, "period"]], on=HOST)
    close = (pairs["period_x"] / pairs["period_y"] - 1).abs() < _ROUNDED
    return np.asarray(objects.index.isin(pairs.loc[close, "index"]))


def _among(objects: pd.DataFrame, others: pd.DataFrame, measured: list[str]) -> NDArray[np.bool_]:
    """Tell which objects have all of these values, exactly, in common with one of the others."""
    # Of a million others hardly any has one of the values at all.
    near = others[np.isin(others[measured[0]].to_numpy(), objects[measured[0]].to_numpy())]
    known = pd.MultiIndex.from_frame(near[measured].dropna())
    return np.asarray(pd.MultiIndex.from_frame(objects[measured]).isin(known))
