"""How often noise alone makes a peak as strong as a signal's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.search.box_least_squares import Periodogram

__all__ = ["false_alarm_probability"]

_BLOCKS = 50
"""Into how many parts of equally many trial periods the search is divided."""
_FEWEST = 10


def false_alarm_probability(periodogram: Periodogram, strength: float) -> float:
    """Return the chance that a search of noise like this curve's finds a peak so strong.

    Bumps upwards are made by the same noise as dips and by no planet. Their strongest of each part
    of the search follow an extreme-value distribution (Gumbel's, fitted by the median and the
    spread of its quartiles, which a few large ones do not move); of the whole search, its power of
    the number of parts.

    Parameters
    ----------
    periodogram
        Of the curve in which the peak was found.
    strength
        Of the peak.

    Returns
    -------
    float
        In [0, 1]; NaN where the search is too small to tell.
    """
    parts = np.array_split(periodogram.inverted, min(_BLOCKS, len(periodogram.periods) // 20 or 1))
    largest: NDArray[np.float64] = np.array([part.max() for part in parts if len(part)])
    if len(largest) < _FEWEST:
        return float("nan")
    low, middle, high = np.quantile(largest, [0.25, 0.5, 0.75])
    # Quartiles of the standard Gumbel distribution: -log(-log(q)).
    scale = (high - low) / (np.log(np.log(4)) - np.log(np.log(4 / 3)))
    if scale <= 0:
        return float("nan")
    place = middle + scale * np.log(np.log(2))
    exponent = -np.exp(-(strength - place) / scale) * len(largest)
    return float(-np.expm1(exponent))
