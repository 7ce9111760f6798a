"""The labelled objects that a model was trained on and that an object resembles most.

Near is meant as the model means it: columns are scaled robustly and weighted by how much they
contribute to the model's output, so a column that the model does not use does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

__all__ = ["NEIGHBOURS", "NearestNeighbours", "Neighbour"]

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


class NearestNeighbours:
    """Finds the training objects that resemble others.

    Parameters
    ----------
    training
        Rows that the model was trained on; those without a label are left out.
    training_features
        Their features, shape ``(n, p)``, in the columns' declared units.
    columns
        Declarations of the model's columns.
    importance
        Mean absolute contribution of each column, shape ``(p,)``.

    Raises
    ------
    DataError
        When no training row has a label.
    """

    def __init__(
        self,
        *,
        training: Table,
        training_features: pd.DataFrame,
        columns: Sequence[Column],
        importance: NDArray[np.float64],
    ) -> None:
        labels = training.labels
        if labels is None or labels.isna().all():
            raise DataError("No training row has a disposition, so there are no analogues.")
        known = labels.notna().to_numpy(dtype=bool)
        self.names = training.names.to_numpy()[known]
        self.hosts = training.hosts.to_numpy()[known]
        self.labels = labels.to_numpy()[known]
        self.space = RobustScaler.fit(training_features.loc[known], columns)
        size = np.abs(importance)
        total = size.sum()
        # A model that uses nothing treats all columns alike.
        self.weights = size / total if total > 0 else np.full(len(size), 1 / len(size))
        self.places = self._place(training_features.loc[known])
        self.index = NearestNeighbors().fit(self.places)
        self.most_siblings = int(np.unique(self.hosts, return_counts=True)[1].max())

    def of(
        self, table: Table, features: pd.DataFrame, *, count: int = NEIGHBOURS
    ) -> list[tuple[Neighbour, ...]]:
        """Return the nearest neighbours of each row, the nearest first.

        Parameters
        ----------
        table
            The rows; training rows are allowed.
        features
            Their features, in the order of the table.
        count
            How many neighbours to return; fewer where there are not as many.

        Returns
        -------
        list of tuple of Neighbour
            Neither the object itself nor another of its star's is ever among them: they would
            agree for reasons that say nothing of the object. A missing value counts as the
            training median.
        """
        wanted = min(count + self.most_siblings + 1, len(self.places))
        distances, positions = self.index.kneighbors(self._place(features), n_neighbors=wanted)
        names, hosts = table.names.to_numpy()[:, None], table.hosts.to_numpy()[:, None]
        other = (self.hosts[positions] != hosts) & (self.names[positions] != names)
        return [
            tuple(
                Neighbour(
                    name=str(self.names[position]),
                    host=str(self.hosts[position]),
                    disposition=Disposition(self.labels[position]),
                    distance=float(distance),
                )
                for position, distance in zip(near[kept][:count], far[kept][:count], strict=True)
            )
            for near, far, kept in zip(positions, distances, other, strict=True)
        ]

    def _place(self, features: pd.DataFrame) -> NDArray[np.float64]:
        scaled = np.nan_to_num(self.space.transform(features), nan=0.0)
        return np.asarray(np.clip(scaled, -_FARTHEST, _FARTHEST) * np.sqrt(self.weights))
