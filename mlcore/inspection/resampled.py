"""Figures of the same rows in many resamples of their stars, for what a change of them is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.inspection.scoring import Figures, figures_under
from mlcore.metrics.resampling import intervals, star_codes, star_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["RESAMPLES", "StarResamples", "ends"]

RESAMPLES = 200
"""How many resamples such an interval is drawn from: it is asked for once a quantity."""

_MOST_CELLS = 20_000_000
"""How many weights are kept, instead of being drawn anew each time: 160 megabytes."""


class StarResamples:
    """Weighs rows by how often their star was drawn.

    Parameters
    ----------
    hosts
        Host star of each row, shape ``(n,)``.
    seed
        The same seed and stars give the same resamples.
    """

    def __init__(self, hosts: Sequence[str], *, seed: int) -> None:
        self._codes, self.stars = star_codes(np.asarray(hosts, dtype=object))
        self._seed = seed
        small = len(self._codes) * RESAMPLES <= _MOST_CELLS
        self._kept = list(self._drawn()) if small else None

    def figures(
        self, probabilities: NDArray[np.float64], target: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return `mlcore.inspection.scoring.figures_of` the rows in each resample, ``(b, 3)``.

        NaN where a resample lacks a class that occurs; no rows for a single star.
        """
        found = [figures_under(probabilities, target, each) for each in self._weights()]
        return np.concatenate([np.empty((0, 3)), *found])

    def means(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of each column of values, shape ``(n, q)``, in each resample."""
        found = [weights @ values / weights.sum(axis=1)[:, None] for weights in self._weights()]
        return np.concatenate([np.empty((0, values.shape[1])), *found])

    def _weights(self) -> Iterable[NDArray[np.float64]]:
        return self._drawn() if self._kept is None else self._kept

    def _drawn(self) -> Iterable[NDArray[np.float64]]:
        # Resamples of a single star are all the same: they say nothing of how sure a figure is.
        many = RESAMPLES if self.stars > 1 else 0
        return star_weights(self._codes, self.stars, resamples=many, seed=self._seed)


def ends(value: Figures, replicates: NDArray[np.float64]) -> tuple[Figures, Figures]:
    """Return the bounds of the 95 % interval of each figure; NaN where there is none."""
    low, high = intervals(value.as_array(), replicates)
    return Figures.from_array(low), Figures.from_array(high)
