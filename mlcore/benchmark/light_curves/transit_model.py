"""The dip that a small planet makes in its star's light, as it is injected into real curves.

The planet covers a part of the star's disc, as two circles overlap, and the star is as bright there
as quadratic limb darkening says, which is the small-planet approximation of Mandel & Agol 2002,
ApJ 580, L171, their section 5. It crosses on a straight line at a steady speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.lightcurves.limb_darkening import LINEAR, MEAN_BRIGHTNESS, QUADRATIC

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.lightcurves.ephemeris import Ephemeris

__all__ = ["InjectedTransit", "transit_flux"]

_EXPOSURES = 15
"""Into how many moments an exposure is divided."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InjectedTransit:
    """A transit that is put into a light curve."""

    ephemeris: Ephemeris
    """When it is; the duration is from first to last contact."""
    depth: float
    """Share of the star's light that is missing at mid-transit, before an exposure smears it."""
    impact: float
    """Distance of the planet's path from the disc's centre [stellar radii]."""

    @property
    def radius(self) -> float:
        """The planet's radius [stellar radii], all of it before the star at mid-transit."""
        brightness = _brightness(np.array([self.impact]))[0] / MEAN_BRIGHTNESS
        return float(np.sqrt(self.depth / brightness))


def transit_flux(
    time: NDArray[np.float64], transit: InjectedTransit, *, cadence: float
) -> NDArray[np.float64]:
    """Return the star's light relative to that out of transit, shape of `time`.

    Parameters
    ----------
    time
        Mid-times of the exposures [d].
    transit
        What is seen.
    cadence
        How long an exposure is [d]: the flux is the mean over it.
    """
    ephemeris, radius = transit.ephemeris, transit.radius
    moments = (np.arange(_EXPOSURES) + 0.5) / _EXPOSURES - 0.5
    phase = ephemeris.phase(time[:, None] + cadence * moments)
    half_chord = np.sqrt((1 + radius) ** 2 - transit.impact**2)
    along = half_chord * phase / (ephemeris.duration / 2)
    # Only one half of the orbit is before the star, and `phase` is of the nearest transit.
    distance = np.hypot(along, transit.impact)
    return np.asarray((1 - _missing(distance, radius)).mean(axis=1))


def _missing(distance: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return the share of light behind a planet at a distance from the disc's centre."""
    # Where it stands half outside, the star is as bright as half way to the limb.
    inner = np.clip(distance - radius, 0.0, 1.0)
    middle = np.where(distance + radius > 1, (inner + 1) / 2, distance)
    return _covered(distance, radius) * _brightness(middle) / MEAN_BRIGHTNESS


def _brightness(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    away = 1 - np.sqrt(np.maximum(1 - distance**2, 0.0))
    return np.asarray(1 - LINEAR * away - QUADRATIC * away**2)


def _covered(distance: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return the share of a disc of radius 1 that a smaller one covers: how two circles overlap."""
    partly = np.clip(distance, 1 - radius, 1 + radius)
    planet = np.arccos(np.clip((partly**2 + radius**2 - 1) / (2 * partly * radius), -1, 1))
    star = np.arccos(np.clip((partly**2 + 1 - radius**2) / (2 * partly), -1, 1))
    kite = np.sqrt(np.maximum(4 * partly**2 - (1 + partly**2 - radius**2) ** 2, 0.0)) / 2
    overlap = (radius**2 * planet + star - kite) / np.pi
    return np.asarray(np.where(distance >= 1 + radius, 0.0, overlap))
