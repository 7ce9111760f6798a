"""The labelled objects that a model was trained on and that an object resembles most.

Near is meant as the model means it: columns are scaled robustly and weighted by how much they
contribute to the model's output, so a column that the model does not use does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.neighbors import NearestNeighbors

from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.features.robust_scaler import RobustScaler

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column
    from mlcore.datasets.table import Table

__all__ = ["NEIGHBOURS", "LearntPlaces", "NearestNeighbours", "Neighbour"]

NEIGHBOURS = 5
"""How many are shown for an object."""

_FARTHEST = 5.0
"""Beyond this many spreads from the median one outlier is as far as another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """A labelled training object that resembles another one."""

    name: str
    host: str
    disposition: Disposition
    distance: float
    """In spreads of the training rows, weighted; 0 is the same in all that the model uses."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LearntPlaces:
    """Labelled training objects and where they lie: the same whatever they are compared with."""

    names: NDArray[Any]
    hosts: NDArray[Any]
    labels: NDArray[Any]
    space: RobustScaler
    scaled: NDArray[np.float64]
    """Shape ``(n, p)``, in spreads, unweighted."""

    @classmethod
    def of(cls, training: Table, features: pd.DataFrame, columns: Sequence[Column]) -> LearntPlaces:
        """Return where training rows lie.

        Parameters
        ----------
        training
            Rows that the model was trained on; those without a label are left out.
        features
            Their features, shape ``(n, p)``, in the columns' declared units.
        columns
            Declarations of the model's columns.

        Raises
        ------
        DataError
            When no training row has a label.
        """
        labels = training.labels
        if labels is None or labels.isna().all():
            raise DataError("No training row has a disposition, so there are no analogues.")
        known = labels.notna().to_numpy(dtype=bool)
        space = RobustScaler.fit(features.loc[known], columns)
        return cls(
            names=training.names.to_numpy(dtype=object)[known],
            hosts=training.hosts.to_numpy(dtype=object)[known],
            labels=labels.to_numpy(dtype=object)[known],
            space=space,
            scaled=_scaled(space, features.loc[known]),
        )


class NearestNeighbours:
    """Finds the training objects that resemble others.

    Parameters
    ----------
    learnt
        The training objects.
    importance
        Mean absolute contribution of each column, shape ``(p,)``.
    """

    def __init__(self, learnt: LearntPlaces, importance: NDArray[np.float64]) -> None:
        self.learnt = learnt
        size = np.abs(importance)
        total = size.sum()
        # A model that uses nothing treats all columns alike.
        self.weights = size / total if total > 0 else np.full(len(size), 1 / len(size))
        self.places = learnt.scaled * np.sqrt(self.weights)
        self.index = NearestNeighbors().fit(self.places)
        self.most_siblings = int(np.unique(learnt.hosts, return_counts=True)[1].max())

    def of(
        self,
        names: pd.Series[str],
        hosts: pd.Series[str],
        features: pd.DataFrame,
        *,
        count: int = NEIGHBOURS,
    ) -> list[tuple[Neighbour, ...]]:
        """Return the nearest neighbours of each row, the nearest first.

        Parameters
        ----------
        names, hosts
            Of the rows; training rows are allowed.
        features
            Their features, in the order of the names.
        count
            How many neighbours to return; fewer where there are not as many.

        Returns
        -------
        list of tuple of Neighbour
            Neither the object itself nor another of its star's is ever among them: they would
            agree for reasons that say nothing of the object. A missing value counts as the
            training median.
        """
        learnt = self.learnt
        # A few more, since the index rounds.
        wanted = min(count + self.most_siblings + 3, len(self.places))
        places = _scaled(learnt.space, features) * np.sqrt(self.weights)
        positions = np.sort(self.index.kneighbors(places, wanted, return_distance=False), axis=1)
        # The index takes what is equal for all rows out of its sums, and so rounds with the rows.
        distances = np.concatenate(
            [
                np.sqrt(((self.places[near] - place[None, :]) ** 2).sum(axis=1))[None, :]
                for near, place in zip(positions, places, strict=True)
            ]
        )
        order = np.argsort(distances, axis=1, kind="stable")
        positions = np.take_along_axis(positions, order, axis=1)
        distances = np.take_along_axis(distances, order, axis=1)
        own = (names.to_numpy(dtype=object)[:, None], hosts.to_numpy(dtype=object)[:, None])
        other = (learnt.hosts[positions] != own[1]) & (learnt.names[positions] != own[0])
        return [
            tuple(
                Neighbour(
                    name=str(learnt.names[position]),
                    host=str(learnt.hosts[position]),
                    disposition=Disposition(learnt.labels[position]),
                    distance=float(distance),
                )
                for position, distance in zip(near[kept][:count], far[kept][:count], strict=True)
            )
            for near, far, kept in zip(positions, distances, other, strict=True)
        ]


def _scaled(space: RobustScaler, features: pd.DataFrame) -> NDArray[np.float64]:
    return np.clip(np.nan_to_num(space.transform(features), nan=0.0), -_FARTHEST, _FARTHEST)
