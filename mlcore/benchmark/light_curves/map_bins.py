"""Into which bins of period, depth and duration the maps divide signals."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mlcore.benchmark.rows import Aim

__all__ = ["DEPTH", "DURATION", "PERIOD", "Bins", "Cell", "Measured", "cells", "in_cell"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bins:
    """Bins of one quantity; the first and the last one are open."""

    name: str
    """As vetting tests call it."""
    unit: str
    edges: tuple[float, ...]
    """Between one bin and the next, ascending."""

    @property
    def words(self) -> tuple[str, ...]:
        """What each bin is called."""
        first, last = self.edges[0], self.edges[-1]
        return (
            f"{self.name} below {first:g} {self.unit}",
            *(f"{low:g} to {high:g} {self.unit}" for low, high in pairwise(self.edges)),
            f"above {last:g} {self.unit}",
        )

    def of(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the bin of each value, from 0, shape ``(n,)``."""
        return np.searchsorted(self.edges, values, side="right").astype(np.int64)


PERIOD = Bins(name="period", unit="d", edges=(2.0, 6.0, 15.0))
DEPTH = Bins(name="depth", unit="ppm", edges=(300.0, 1000.0, 3000.0))
DURATION = Bins(name="duration", unit="h", edges=(2.5, 4.0, 6.0))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Measured:
    """What the maps are drawn over, each of shape ``(n,)``."""

    period: NDArray[np.float64]
    """[d]."""
    depth: NDArray[np.float64]
    """[ppm]."""
    duration: NDArray[np.float64]
    """[h]."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Cell:
    """One cell of a map."""

    name: str
    """Stable, and different for each."""
    map: str
    """What its map is over, in words."""
    place: tuple[str, str]
    """What its line and its column are called."""
    inside: list[NDArray[np.bool_]]
    """Which signals of each set are in it, shape ``(n,)`` each."""


def cells(*signals: Measured) -> Iterator[Cell]:
    """Yield each cell of the maps of depth and of duration over the period.

    Parameters
    ----------
    signals
        Sets of signals that are shown in the same maps.

    Yields
    ------
    Cell
        Line by line of one map, then of the other.
    """
    for other in (DEPTH, DURATION):
        for line, line_words in enumerate(other.words):
            for column, column_words in enumerate(PERIOD.words):
                inside = [
                    (other.of(getattr(part, other.name)) == line)
                    & (PERIOD.of(part.period) == column)
                    for part in signals
                ]
                yield Cell(
                    name=f"{other.name}-{line + 1}-period-{column + 1}",
                    map=f"by {other.name} and period",
                    place=(line_words, column_words),
                    inside=inside,
                )


def in_cell(aim: Aim, cell: Cell) -> Aim:
    """Return the aim of a cell of a map."""
    return replace(aim, name=f"{aim.name}-{cell.name}", task=f"{aim.task}, {cell.map}")
