"""The objects that repeat at the same times as a table's, found for all of its rows in one walk.

Rows are gone through by their periods: those next to each other are compared with the same others,
which a processor then has at hand, however many objects there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.features.spec import Arrays
    from mlcore.features.surroundings import Compared, Surroundings

__all__ = ["FARTHEST", "SMALLEST", "TOLERANCE", "matches_of"]

TOLERANCE = 3e-4
"""How far two periods may be from their ratio, relative to it."""
SMALLEST = 1e-3
"""Angular distance [arcmin] below which two places are one."""
FARTHEST = 180.0 * 60
"""Angular distance [arcmin] of opposite places."""
_RATIOS = (1.0, 2.0, 0.5)
_PERIOD_FLOOR = 1e-6
"""Relative differences of periods below this one say nothing about how alike they are."""
_EPOCH_FLOOR = 0.05
"""The same for differences of epochs, in durations."""
_WIDTH = 0.05
"""Relative half-width of the window in which periods around one are counted."""
_ROWS_AT_ONCE = 1 << 14
_NAMES = (
    "matches",
    "match_distance",
    "match_chance",
    "match_chance_near",
    "match_depth_ratio",
    "match_brightness",
)


def matches_of(everything: Surroundings) -> Arrays:
    """Return what is known of the objects that repeat at the same times as each of the table's.

    Parameters
    ----------
    everything
        The table's objects and those around them.

    Returns
    -------
    dict
        The features of `mlcore.features.ephemeris` by their names, shape ``(n,)`` each: those of a
        row depend on its own values and on all others; NaN where its period is not known.
    """
    known = everything.by_period()
    # A known entry of an object's is compared with the first ones of all others.
    others = known.take(everything.first[known.positions] == known.positions)
    mine = np.flatnonzero(known.positions < everything.rows)
    found = {name: np.full(everything.rows, np.nan) for name in _NAMES}
    for begin in range(0, len(mine), _ROWS_AT_ONCE):
        own = known.take(mine[begin : begin + _ROWS_AT_ONCE])
        for name, values in _of_rows(everything, own, others, known.values[0]).items():
            found[name][own.positions] = values
    return found


def _of_rows(
    everything: Surroundings,
    own: Compared,
    others: Compared,
    ascending: NDArray[np.float64],
) -> Arrays:
    """Return the features of some objects, whose periods rise, as those of all do."""
    # Whoever lists what features there are, such as a web server, compiles nothing.
    from mlcore.features.period_pairs import match_in_phase  # noqa: PLC0415

    size, period = len(own.positions), own.values[0]
    matches = np.zeros(size, dtype=np.int64)
    extremes = np.tile([np.inf, np.inf, np.inf, -np.inf, -np.inf, np.nan], (size, 1))
    pairs = np.full((size, 2), -1, dtype=np.int64)
    for ratio in _RATIOS:
        low = _places(others.values[0], period * ratio * (1 - TOLERANCE), behind=False)
        high = _places(others.values[0], period * ratio * (1 + TOLERANCE), behind=True)
        match_in_phase(
            low,
            high,
            own.host,
            own.values,
            # How many objects a catalogue without any contamination would show as close in period.
            _density(ascending, period * ratio),
            others.host,
            others.values,
            ratio,
            _PERIOD_FLOOR,
            _EPOCH_FLOOR,
            _sine_squared(SMALLEST),
            matches,
            extremes,
            pairs,
        )
    angles = np.full((size, 2), np.nan)
    for place in range(2):
        some = np.flatnonzero(pairs[:, place] >= 0)
        nearest = others.positions[pairs[some, place]]
        angles[some, place] = _angle(everything, own.positions[some], nearest)
    angles = np.maximum(angles, SMALLEST)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return {
            "matches": matches.astype(np.float64),
            # What stands for an object without a match is what the weakest match would have.
            "match_distance": np.fmin(angles[:, 1], FARTHEST),
            "match_chance": np.fmin(np.log10(extremes[:, 0]), 0.0),
            # As close in period and epoch, and as near on the sky too.
            "match_chance_near": np.fmin(
                np.log10(extremes[:, 5] * _sine_squared(angles[:, 0])), 0.0
            ),
            "match_depth_ratio": np.fmax(np.log10(np.maximum(extremes[:, 3], 0.0)), 0.0),
            "match_brightness": np.fmax(extremes[:, 4], 0.0),
        }


def _places(
    ascending: NDArray[np.float64], keys: NDArray[np.float64], *, behind: bool
) -> NDArray[np.int64]:
    """Return where rising keys belong in an array, as `numpy.searchsorted` does."""
    from mlcore.features.period_pairs import rising_places  # noqa: PLC0415 - as above

    places = np.empty(len(keys), dtype=np.int64)
    start = int(np.searchsorted(ascending, keys[0], side="left"))
    rising_places(ascending, keys, behind, start, places)
    return places


def _sine_squared(angle: NDArray[np.float64] | float) -> Any:
    """Return the squared sine of half an angle [arcmin]: the share of the sky that is nearer."""
    return np.sin(np.radians(np.asarray(angle) / 60) / 2) ** 2


def _density(ascending: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the number of objects around a period per unit of relative period."""
    low = _places(ascending, at * (1 - _WIDTH), behind=False)
    high = _places(ascending, at * (1 + _WIDTH), behind=True)
    return np.asarray(np.maximum(high - low, 1) / (2 * _WIDTH))


def _angle(
    everything: Surroundings, i: NDArray[np.intp], j: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the angular distance of each pair [arcmin] by the haversine formula."""
    ra, dec = (everything.values[name] for name in ("right_ascension", "declination"))
    ra_i, dec_i, ra_j, dec_j = (np.radians(part) for part in (ra[i], dec[i], ra[j], dec[j]))
    half = np.sin((dec_i - dec_j) / 2) ** 2
    half = half + np.cos(dec_i) * np.cos(dec_j) * np.sin((ra_i - ra_j) / 2) ** 2
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(np.minimum(half, 1.0)))) * 60)
