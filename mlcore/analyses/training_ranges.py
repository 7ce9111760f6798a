"""Between which values training rows are, as a model's novelty check learnt it: no row is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from mlcore.features.converting import as_catalogued
from mlcore.features.robust_scaler import RobustScaler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset
    from mlcore.models.novelty import Novelty

    Ends: TypeAlias = tuple[RobustScaler, NDArray[np.float64], NDArray[np.float64]]
    """A space, and within it the lower and the upper end of each column, scaled."""

__all__ = ["learnt_ends", "saved_ends", "training_ranges"]


def learnt_ends(novelty: Novelty) -> list[Ends]:
    """Return the ends of each of the tables that a model learnt from, of one that is loaded."""
    own = (novelty.space, novelty.low, novelty.high)
    return [own, *(ends for later in novelty.further for ends in learnt_ends(later))]


def saved_ends(saved: Mapping[str, Any]) -> list[Ends]:
    """Return the same from what `mlcore.models.novelty.Novelty.as_json` wrote."""
    low, high = (np.array(saved[name], dtype=np.float64) for name in ("low", "high"))
    own = (RobustScaler.from_json(saved["space"]), low, high)
    return [own, *(ends for later in saved.get("further", ()) for ends in saved_ends(later))]


def training_ranges(of: Sequence[Ends], dataset: Dataset) -> dict[str, tuple[float, float]]:
    """Return between which values 99 % of the training rows are, by the mission's columns.

    Parameters
    ----------
    of
        Of every table that the model learnt from: the widest range counts.
    dataset
        The mission; a quantity that missions share is told in the unit of its column.
    """
    both = np.stack([space.original(np.stack([low, high])) for space, low, high in of])
    low, high = both[:, 0].min(axis=0), both[:, 1].max(axis=0)
    ranges = {}
    for place, name in enumerate(of[0][0].columns):
        column, ends = name, np.array([low[place], high[place]])
        if not dataset.knows(name):
            catalogued = as_catalogued(dataset, name, ends)
            if catalogued is None:
                continue
            column, ends = catalogued
        ranges[column] = (float(ends[0]), float(ends[1]))
    return ranges
