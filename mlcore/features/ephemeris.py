"""Other stars' objects that repeat at the same times: one source seen in several places.

The light of a bright eclipsing binary reaches the pixels of other stars, near ones by the wings of
its image and far ones by reflections and crosstalk. Each of them then shows a shallow copy of the
eclipses, at the binary's period and epoch, or at half of it when both eclipses are alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.spec import Scale
from mlcore.features.converting import HOST
from mlcore.features.spec import Feature, Idea

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["EPHEMERIS", "TOLERANCE", "pairs_in_ratio", "phase_distance"]

TOLERANCE = 3e-4
"""How far two periods may be from their ratio, relative to it."""
_RATIOS = (1.0, 2.0, 0.5)
_USED = (
    "period",
    "epoch",
    "duration",
    "depth",
    "magnitude",
    "right_ascension",
    "declination",
)
_HOURS = 24.0
_PERIOD_FLOOR = 1e-6
"""Relative differences of periods below this one say nothing about how alike they are."""
_EPOCH_FLOOR = 0.05
"""The same for differences of epochs, in durations."""
_SMALLEST = 1e-3
"""Angular distance [arcmin] below which two places are one."""
_FARTHEST = 180.0 * 60
"""Angular distance [arcmin] of opposite places."""


def pairs_in_ratio(
    periods: NDArray[np.float64], others: NDArray[np.float64], ratio: float, tolerance: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of each pair whose periods are in a ratio.

    Parameters
    ----------
    periods, others
        Periods, NaN where unknown; shapes ``(n,)`` and ``(m,)``.
    ratio
        What ``others`` divided by ``periods`` shall be.
    tolerance
        How far it may be from that, relative to `ratio`.

    Returns
    -------
    i, j : ndarray of int
        Positions in `periods` and in `others`, pair by pair, ordered by `i`.
    """
    order = np.argsort(others, kind="stable")
    order = order[np.isfinite(others[order])]
    ascending = others[order]
    low = np.searchsorted(ascending, periods * ratio * (1 - tolerance), side="left")
    high = np.searchsorted(ascending, periods * ratio * (1 + tolerance), side="right")
    count = np.where(np.isfinite(periods), high - low, 0)
    i = np.repeat(np.arange(len(periods)), count)
    within = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)
    return i, order[np.repeat(low, count) + within]


def phase_distance(
    first: NDArray[np.float64], second: NDArray[np.float64], period: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far two epochs are apart modulo a period, between 0 and half of it."""
    apart = np.abs(first - second) % period
    return np.asarray(np.minimum(apart, period - apart))


def _compute(rows: pd.DataFrame, around: pd.DataFrame) -> dict[str, NDArray[np.float64]]:
    size = len(rows)
    hosts = np.unique(around[HOST].to_numpy(dtype=str), return_inverse=True)[1]
    column = {name: around[name].to_numpy() for name in _USED}
    period, epoch, depth = column["period"], column["epoch"], column["depth"]
    pairs = [pairs_in_ratio(period[:size], period, ratio, TOLERANCE) for ratio in _RATIOS]
    i = np.concatenate([pair[0] for pair in pairs])
    j = np.concatenate([pair[1] for pair in pairs])
    ratio = np.repeat(_RATIOS, [len(pair[0]) for pair in pairs])
    shortest = np.minimum(period[i], period[j])
    late = phase_distance(epoch[i], epoch[j], shortest)
    length = np.fmax(column["duration"][i], column["duration"][j]) / _HOURS
    same = (hosts[i] != hosts[j]) & (late <= length)
    i, j, ratio, shortest, late, length = (
        values[same] for values in (i, j, ratio, shortest, late, length)
    )
    angle = np.maximum(_angle(column, i, j), _SMALLEST)
    off = np.maximum(np.abs(period[j] / period[i] / ratio - 1), _PERIOD_FLOOR)
    # How many objects a catalogue without any contamination would show as close in period and
    # in epoch, and then also as near on the sky.
    chance = _density(period, period[i] * ratio) * 2 * off
    chance = chance * np.minimum(2 * np.maximum(late, _EPOCH_FLOOR * length) / shortest, 1.0)
    near = chance * np.sin(np.radians(angle / 60) / 2) ** 2
    return {
        "matches": np.bincount(i, minlength=size).astype(float),
        # What stands for an object without a match is what the weakest match would have.
        "match_distance": _extreme(np.minimum, angle, i, np.full(size, _FARTHEST)),
        "match_chance": _extreme(np.minimum, np.log10(chance), i, np.zeros(size)),
        "match_chance_near": _extreme(np.minimum, np.log10(near), i, np.zeros(size)),
        "match_depth_ratio": _extreme(np.maximum, np.log10(depth[j] / depth[i]), i, np.zeros(size)),
        "match_brightness": _extreme(
            np.maximum, column["magnitude"][i] - column["magnitude"][j], i, np.zeros(size)
        ),
    }


def _density(
    periods: NDArray[np.float64], at: NDArray[np.float64], width: float = 0.05
) -> NDArray[np.float64]:
    """Return the number of objects around a period per unit of relative period."""
    ascending = np.sort(periods[np.isfinite(periods)])
    low = np.searchsorted(ascending, at * (1 - width), side="left")
    high = np.searchsorted(ascending, at * (1 + width), side="right")
    return np.asarray(np.maximum(high - low, 1) / (2 * width))


def _extreme(
    choose: np.ufunc,
    values: NDArray[np.float64],
    rows: NDArray[np.intp],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the smallest or largest known value of each row and of where it starts."""
    known = np.isfinite(values)
    extreme = start.astype(np.float64)
    choose.at(extreme, rows[known], values[known])
    return extreme


def _angle(
    column: dict[str, NDArray[np.float64]], i: NDArray[np.intp], j: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the angular distance of each pair [arcmin] by the haversine formula."""
    ra, dec = np.radians(column["right_ascension"]), np.radians(column["declination"])
    half = np.sin((dec[i] - dec[j]) / 2) ** 2
    half = half + np.cos(dec[i]) * np.cos(dec[j]) * np.sin((ra[i] - ra[j]) / 2) ** 2
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(np.minimum(half, 1.0)))) * 60)


_COUGHLIN = "Coughlin et al. 2014, AJ 147, 119"
_group = "ephemeris matches"
_needs = ("period", "epoch", "duration")

EPHEMERIS = Idea(
    features=(
        Feature(
            name="matches",
            meaning="Number of other stars' objects at the same times",
            group=_group,
            source=_COUGHLIN,
            needs=_needs,
        ),
        Feature(
            name="match_distance",
            unit="arcmin",
            meaning="Angular distance of the nearest object at the same times",
            scale=Scale.LOG,
            group=_group,
            source=_COUGHLIN,
            needs=(*_needs, "right_ascension", "declination"),
        ),
        Feature(
            name="match_depth_ratio",
            unit="dex",
            meaning="Depth of the deepest object at the same times against its own, at least 0",
            group=_group,
            source=_COUGHLIN,
            needs=(*_needs, "depth"),
        ),
        Feature(
            name="match_chance",
            meaning="Number of matches as close in period and epoch that chance would give",
            unit="dex",
            group=_group,
            source=_COUGHLIN,
            needs=_needs,
        ),
        Feature(
            name="match_chance_near",
            meaning="Number of matches as close on the sky too that chance would give",
            unit="dex",
            group=_group,
            source=_COUGHLIN,
            needs=(*_needs, "right_ascension", "declination"),
        ),
        Feature(
            name="match_brightness",
            unit="mag",
            meaning="Magnitudes by which a match's star outshines its own, at least 0",
            group=_group,
            source=_COUGHLIN,
            needs=(*_needs, "magnitude"),
        ),
    ),
    compute=_compute,
    of_neighbours=True,
)
