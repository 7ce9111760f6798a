"""The brightness of a star over time, as everything that treats light curves takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Centroid", "LightCurve", "Star"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Star:
    """What a file says of the star, None where it says nothing."""

    name: str | None = None
    """As its catalogue writes it, such as ``KIC 11442793``."""
    teff: float | None = None
    """Effective temperature [K]."""
    log_g: float | None = None
    """Surface gravity [dex, cgs]."""
    radius: float | None = None
    """[solar radii]."""
    magnitude: float | None = None
    """In the mission's band [mag]."""
    right_ascension: float | None = None
    """[deg, J2000]."""
    declination: float | None = None
    """[deg, J2000]."""

    @property
    def density(self) -> float | None:
        """Mean density [solar densities], from gravity and radius: ρ/ρ☉ = (g/g☉) / (R/R☉).

        The Sun's log g is 4.438 (IAU 2015 Resolution B3, nominal solar values).
        """
        if self.log_g is None or self.radius is None or self.radius <= 0:
            return None
        return float(10 ** (self.log_g - 4.438) / self.radius)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Centroid:
    """Where the light in the aperture has its centre, at each time of the curve."""

    column: NDArray[np.float64]
    """[pixel], shape ``(n,)``, NaN where it was not measured."""
    row: NDArray[np.float64]
    """[pixel], likewise."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LightCurve:
    """The brightness of one star over time: sorted, finite, each time once.

    `mlcore.read_light_curve` makes one of files.

    Examples
    --------
    >>> import mlcore
    >>> import numpy as np
    >>> time = np.arange(0, 27, 0.02)
    >>> curve = mlcore.LightCurve(
    ...     time=time,
    ...     flux=np.ones(len(time)),
    ...     error=np.full(len(time), 1e-4),
    ...     segment=np.zeros(len(time), dtype=int),
    ...     time_zero=2457000.0,
    ...     time_name="BTJD",
    ...     cadence=0.02,
    ... )
    >>> round(curve.span, 2)
    26.98
    """

    time: NDArray[np.float64]
    """Mid-times of exposures [d] since `time_zero`, ascending, shape ``(n,)``."""
    flux: NDArray[np.float64]
    """Relative to each segment's median, which is 1, shape ``(n,)``; not detrended."""
    error: NDArray[np.float64]
    """Uncertainty of `flux`, shape ``(n,)``; estimated from the scatter between neighbours where
    the file states none."""
    segment: NDArray[np.int64]
    """Number of the stretch (quarter, sector, campaign, file) of each point, from 0, ascending,
    shape ``(n,)``; fluxes of two segments share no zero point."""
    time_zero: float
    """Julian date of time 0 [BJD]: 2454833 for Kepler's BKJD, 2457000 for TESS's BTJD, and 0 where
    nothing says from when the file counts."""
    time_name: str
    """How the times are called, such as ``BKJD``; ``time`` where nothing says it."""
    cadence: float
    """Usual spacing of the points [d]."""
    star: Star = field(default_factory=Star)
    mission: str | None = None
    """``Kepler``, ``K2`` or ``TESS``, where the file says it."""
    segment_names: tuple[str, ...] = ("all",)
    """What each segment is, such as ``quarter 3``."""
    centroid: Centroid | None = None
    notes: tuple[str, ...] = ()
    """What was understood of the file, left out or taken for granted, as sentences."""

    @property
    def span(self) -> float:
        """Time from the first to the last point [d]."""
        return float(self.time[-1] - self.time[0])
