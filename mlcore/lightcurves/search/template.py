"""What a transit looks like: a small planet in front of a star that is darker at its edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TEMPLATE", "transit_shape"]

_LIMB_DARKENING = (0.4804, 0.1867)
"""Quadratic coefficients of a Sun-like star in Kepler's band, as transit least squares takes them
by default (Hippke & Heller 2019, A&A 623, A39; after Claret & Bloemen 2011, A&A 529, A75)."""
_IMPACT = 0.32
"""Impact parameter that it takes by default, too."""
_RADIUS = 0.05
"""Planet to star; it rounds first and last contact off."""
_STEPS = 400


def transit_shape() -> NDArray[np.float64]:
    """Return the dip over half a transit, 1 on average over its duration; shape ``(401,)``.

    Returns
    -------
    ndarray
        At equal steps from mid-transit to last contact. The light that a small planet hides is in
        proportion to the star's brightness behind it, I(μ) = 1 − u₁(1 − μ) − u₂(1 − μ)²; that is
        averaged over the planet's width.
    """
    half = np.sqrt((1 + _RADIUS) ** 2 - _IMPACT**2)
    offsets = np.linspace(0, half, _STEPS + 1)
    across = np.linspace(-_RADIUS, _RADIUS, 41)
    chord = np.sqrt(np.maximum(_RADIUS**2 - across**2, 0))
    distance = np.sqrt(_IMPACT**2 + (offsets[:, None] + across[None, :]) ** 2)
    mu = np.sqrt(np.clip(1 - distance**2, 0, 1))
    u1, u2 = _LIMB_DARKENING
    brightness = np.where(distance < 1, 1 - u1 * (1 - mu) - u2 * (1 - mu) ** 2, 0.0)
    dip = (brightness * chord).sum(axis=1) / chord.sum()
    return np.asarray(dip / np.trapezoid(dip, dx=1 / _STEPS))


TEMPLATE = transit_shape()
"""The dip that signals are refined with."""


@njit(
    "void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1],"
    " float64[::1], float64, float64[::1])",
    cache=True,
    nogil=True,
)
def best_transit(  # noqa: PLR0913 - compiled functions take no keywords
    time: NDArray[np.float64],
    weighted: NDArray[np.float64],
    weight: NDArray[np.float64],
    periods: NDArray[np.float64],
    shifts: NDArray[np.float64],
    durations: NDArray[np.float64],
    template: NDArray[np.float64],
    cadence: float,
    best: NDArray[np.float64],
) -> None:  # pragma: no cover
    """Find the period, epoch and duration whose transit lowers the squares most.

    Parameters
    ----------
    time
        Of points around the transits [d], counted from a mid-transit in the middle of the curve.
    weighted, weight
        Weight times deviation, and weight, of each.
    periods, shifts, durations
        What is tried [d]; shifts of the epoch.
    template
        The dip from mid-transit to last contact.
    cadence
        Over how long a point is an average [d].
    best
        Gets strength, period, shift, duration and depth.
    """
    steps = len(template) - 1
    for p in range(len(periods)):
        period = periods[p]
        for s in range(len(shifts)):
            for d in range(len(durations)):
                half = durations[d] / 2
                w0 = 0.0
                wm = 0.0
                wmm = 0.0
                wy = 0.0
                wmy = 0.0
                for i in range(len(time)):
                    since = time[i] - shifts[s]
                    since -= np.floor(since / period + 0.5) * period
                    dip = 0.0
                    # An exposure is an average: its beginning, middle and end.
                    for e in range(3):
                        place = abs(since + (e - 1) * cadence / 3) / half * steps
                        if place < steps:
                            low = int(place)
                            dip += template[low] + (place - low) * (
                                template[low + 1] - template[low]
                            )
                    dip /= 3
                    w0 += weight[i]
                    wy += weighted[i]
                    if dip > 0.0:
                        wm += weight[i] * dip
                        wmm += weight[i] * dip * dip
                        wmy += weighted[i] * dip
                determinant = w0 * wmm - wm * wm
                if determinant <= 1e-12 * w0 * w0:
                    continue
                depth = -(w0 * wmy - wm * wy) / determinant
                strength = depth * np.sqrt(determinant / w0)
                if strength > best[0]:
                    best[0] = strength
                    best[1] = period
                    best[2] = shifts[s]
                    best[3] = durations[d]
                    best[4] = depth
