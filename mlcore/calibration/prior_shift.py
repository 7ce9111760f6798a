"""What probabilities become where planets are more or less common than among the training rows.

A model's probabilities carry the share of planets that it was trained on. Where the evidence is
the same and only that share differs, Bayes' theorem says by how much the odds change (Elkan 2001,
theorem 2, for two classes; Saerens, Latinne & Decaestecker 2002, equation 2.4, for any number).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import HyperparameterError
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition

__all__ = ["prior_corrected", "with_planet_rate"]


def prior_corrected(
    probabilities: NDArray[np.float64], *, trained: Sequence[float], expected: Sequence[float]
) -> NDArray[np.float64]:
    """Return the probabilities under other frequencies of the classes.

    Parameters
    ----------
    probabilities
        Calibrated, shape ``(n, k)``, rows summing to 1.
    trained
        Share of each class among the rows that the probabilities are calibrated on.
    expected
        Share of each class among the objects that are asked about.

    Returns
    -------
    ndarray, shape ``(n, k)``
        Rows in which no class keeps any probability stay as they are.
    """
    before, after = np.asarray(trained, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    # A class that was never trained on has no probability to correct.
    ratio = np.divide(after, before, out=np.zeros(len(before)), where=before > 0)
    weighed = probabilities * ratio
    total = weighed.sum(axis=1, keepdims=True)
    kept = np.array(probabilities, dtype=np.float64)
    return np.asarray(np.divide(weighed, total, out=kept, where=total > 0))


def with_planet_rate(
    trained: Sequence[float], rate: float, *, classes: Sequence[Disposition]
) -> tuple[float, ...]:
    """Return class frequencies with a stated share of planets.

    Parameters
    ----------
    trained
        Share of each class among the training rows: the classes other than planets keep their
        proportions to each other.
    rate
        Share of planets expected, in (0, 1).
    classes
        Which class each share is of.

    Raises
    ------
    HyperparameterError
        When `rate` is out of bounds.
    """
    if not 0 < rate < 1:
        raise HyperparameterError(
            f"planet_rate was {rate:g}, but it must be a number between 0 and 1, both excluded."
        )
    planet = list(classes).index(PLANET)
    others = sum(trained) - trained[planet]
    return tuple(
        rate if place == planet else share * (1 - rate) / others
        for place, share in enumerate(trained)
    )
