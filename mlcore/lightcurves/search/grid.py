"""At which periods and durations transits are looked for.

A transit at period P is as long as the star's density and the orbit allow, so that the steps of
the grid follow physics: the frequency changes by as much as moves the last transit of the span by a
part of its duration (Ofir 2014, A&A 561, A138).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import DataError
from mlcore.lightcurves.ephemeris import longest_transit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SearchGrid", "search_grid"]

_OVERSAMPLING = 3.0
"""Steps of the grid in which the last transit moves by one duration of a central transit."""
_SHORTEST_PERIOD = 0.5
"""[d]; below it lie a hundredth of the known planets, and most contact binaries."""
_FEWEST_TRANSITS = 2
_DENSITY_FACTOR = 4.0
"""By how much a stated density may be wrong either way."""
_DENSITIES = (0.2, 5.0)
"""Between which densities stars that nothing is known of are [solar densities]: an F star that
begins to leave the main sequence, and an early M dwarf."""
_GRAZING = 0.45
"""Of the central transit's duration the shortest that is looked for: an impact parameter of 0.9."""
_ECCENTRIC = 1.3
"""And the longest: a transit near apastron, or a planet that is not small."""
_RATIO = 1.3
"""From one duration to the next."""
_LARGEST_DUTY = 0.15
"""Of the period that a transit may take: in more of it lies no flux to hold it against."""
_MOST_PERIODS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SearchGrid:
    """Trial periods and, at each, trial durations."""

    periods: NDArray[np.float64]
    """[d], ascending, shape ``(k,)``."""
    durations: NDArray[np.float64]
    """[d], ascending in each row, shape ``(k, m)``."""


def search_grid(
    span: float,
    *,
    cadence: float,
    density: float | None = None,
    shortest_period: float = _SHORTEST_PERIOD,
    longest_period: float | None = None,
) -> SearchGrid:
    """Return the trial periods and durations for a light curve.

    Parameters
    ----------
    span
        From its first to its last point [d].
    cadence
        Spacing of its points [d]: no shorter transit is looked for.
    density
        The star's mean density [solar densities], None where it is not known.
    shortest_period, longest_period
        Between which periods to look [d]. By default from half a day to half of the span, in which
        two transits lie.

    Raises
    ------
    DataError
        When no period lies between them, or more than a million do.
    """
    longest = span / _FEWEST_TRANSITS if longest_period is None else min(longest_period, span)
    shortest = max(shortest_period, 4 * cadence)
    if not 0 < shortest < longest:
        raise DataError(
            f"The light curve spans {span:.3g} days, so that periods from"
            f" {shortest:.3g} to {longest:.3g} days would be looked for, of which there are none."
        )
    low, high = _DENSITIES
    if density is not None and np.isfinite(density) and density > 0:
        low, high = density / _DENSITY_FACTOR, density * _DENSITY_FACTOR
    # The steps are those of the densest star allowed for, whose transits are shortest, or of the
    # Sun's: transits that are shorter still are caught by the refinement.
    usual = float(np.clip(1.0, low, high))
    scale = float(longest_transit(1.0, density=usual))
    step = scale / (3 * span * _OVERSAMPLING)
    count = int((shortest ** (-1 / 3) - longest ** (-1 / 3)) / step) + 2
    if count > _MOST_PERIODS:
        raise DataError(
            f"Between {shortest:.3g} and {longest:.3g} days lie {count:,} trial periods for a light"
            f" curve of {span:.0f} days; at most {_MOST_PERIODS:,} are allowed."
        )
    frequency = np.linspace(longest ** (-1 / 3), shortest ** (-1 / 3), count) ** 3
    periods = 1 / frequency[::-1]
    return SearchGrid(periods=periods, durations=_durations(periods, low, high, cadence))


def _durations(
    periods: NDArray[np.float64], low: float, high: float, cadence: float
) -> NDArray[np.float64]:
    shortest = np.asarray(longest_transit(periods, density=high)) * _GRAZING
    longest = np.asarray(longest_transit(periods, density=low)) * _ECCENTRIC
    longest = np.minimum(longest, _LARGEST_DUTY * periods)
    shortest = np.minimum(np.maximum(shortest, cadence), longest)
    steps = int(np.ceil(np.log((longest / shortest).max()) / np.log(_RATIO))) + 1
    return np.asarray(np.minimum(shortest[:, None] * _RATIO ** np.arange(steps), longest[:, None]))
