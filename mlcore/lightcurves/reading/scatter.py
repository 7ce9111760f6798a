"""How much neighbouring points differ, which is what a light curve's noise is told by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["neighbour_scatter", "robust_deviation"]

_TO_DEVIATION = 1.4826
"""Standard deviation of a normal distribution in its median absolute deviations."""


def robust_deviation(values: NDArray[np.float64]) -> float:
    """Return 1.4826 times the median absolute deviation; 0 of fewer than two values."""
    if len(values) < 2:
        return 0.0
    return float(_TO_DEVIATION * np.median(np.abs(values - np.median(values))))


def neighbour_scatter(flux: NDArray[np.float64]) -> float:
    """Return the standard deviation of the noise, from differences between neighbours.

    What changes slowly, such as a star's spots and most of a transit, cancels out.

    Parameters
    ----------
    flux
        In the order of time, shape ``(n,)``.

    Returns
    -------
    float
        In the unit of `flux`; 0 where it is the same everywhere.
    """
    differences = np.diff(flux)
    scatter = robust_deviation(differences) / np.sqrt(2)
    # Coarse digits make most neighbours equal.
    if scatter == 0 and len(differences):
        scatter = float(np.std(differences)) / np.sqrt(2)
    return float(scatter)
