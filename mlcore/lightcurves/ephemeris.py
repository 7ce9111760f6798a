"""When a planet transits: period, epoch and duration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ephemeris", "longest_transit"]

_SOLAR_YEAR_TRANSIT = 13.0 / 24
"""Duration of a central transit of a planet at one solar density and a period of a year [d]: with
T = (3 P / (π² G ρ))^(1/3), of Seager & Mallén-Ornelas 2003, ApJ 585, 1038, their equation 9 with
b = 0 and a small planet."""
_YEAR = 365.25


def longest_transit(
    period: float | NDArray[np.float64], *, density: float = 1.0
) -> float | NDArray[np.float64]:
    """Return how long a small planet's central transit on a circular orbit takes [d].

    Parameters
    ----------
    period
        Orbital period [d].
    density
        The star's mean density [solar densities].

    Examples
    --------
    >>> round(24 * longest_transit(365.25), 1)
    13.0
    """
    return _SOLAR_YEAR_TRANSIT * (period / _YEAR / density) ** (1 / 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ephemeris:
    """When transits are.

    Raises
    ------
    DataError
        When a value is no positive number of days, or the transit as long as the orbit.

    Examples
    --------
    >>> import mlcore
    >>> import numpy as np
    >>> ephemeris = mlcore.Ephemeris(period=4.0, epoch=1.5, duration=0.2)
    >>> ephemeris.phase(np.array([1.5, 5.7])).round(3)
    array([0. , 0.2])
    >>> ephemeris.in_transit(np.array([1.5, 5.7, 7.0]))
    array([ True, False, False])
    """

    period: float
    """Orbital period [d]."""
    epoch: float
    """Mid-time of a transit, in the light curve's own times [d]."""
    duration: float
    """From first to last contact [d]."""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.period) and self.period > 0):
            raise DataError("The orbital period must be a number of days above 0.")
        if not np.isfinite(self.epoch):
            raise DataError("The transit epoch must be a number of days.")
        if not 0 < self.duration < self.period:
            raise DataError("The transit duration must be above 0 and below the orbital period.")

    def number(self, time: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the number of the nearest transit, 0 at the epoch; shape of `time`."""
        return np.asarray(np.floor((time - self.epoch) / self.period + 0.5), dtype=np.int64)

    def phase(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the time from the nearest mid-transit [d], in [-period / 2, period / 2)."""
        return np.asarray(time - self.epoch - self.number(time) * self.period)

    def in_transit(self, time: NDArray[np.float64], *, widths: float = 1.0) -> NDArray[np.bool_]:
        """Tell which times lie in a window around mid-transit that is so many durations wide."""
        return np.asarray(np.abs(self.phase(time)) < widths * self.duration / 2)

    def is_alias_of(self, other: Ephemeris, *, within: float = 0.005) -> bool:
        """Tell whether the two periods are equal, or one is a small multiple of the other."""
        ratio = max(self.period, other.period) / min(self.period, other.period)
        return bool(round(ratio) <= 3 and abs(ratio / round(ratio) - 1) < within)
