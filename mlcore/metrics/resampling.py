"""Intervals from the bootstrap, resampled by host star.

The rows of a star share its properties and its errors, so the star is what was drawn
independently: each resample draws as many stars as there are, with replacement, and a row weighs
as often as its star was drawn. Drawing rows instead would call figures surer than they are.

The interval is the percentile interval (Efron & Tibshirani 1993, chapter 13): the middle 95 % of
the resampled figures. It stays within a figure's range, follows any transformation of it, and
covers the truth as often as it says for every figure here but one; its refinements BC and BCa
came out no better. The exception is the calibration error, to which each resample adds noise that
the figure has once already, so that the percentile interval lies too high: there the resamples
are reflected about the figure (the basic interval, Davison & Hinkley 1997, section 5.2), which
takes the noise off again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.levels import INTERVAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["RESAMPLES", "intervals", "star_codes", "star_weights"]

RESAMPLES = 500
"""How many resamples an interval is drawn from."""

_MOST_CELLS = 1_000_000
"""How many weights are held at a time: eight megabytes."""
_FEWEST_DEFINED = 0.9
"""Share of the resamples in which a figure must be defined for its interval to be given."""


def star_codes(
    hosts: Sequence[str] | pd.Series[str] | NDArray[Any],
) -> tuple[NDArray[np.int64], int]:
    """Give each host star a number.

    Returns
    -------
    codes : ndarray, shape ``(n,)``
        Which star each row belongs to, from 0.
    stars : int
        How many there are.
    """
    codes, names = pd.factorize(np.asarray(hosts, dtype=object))
    return codes.astype(np.int64), len(names)


def star_weights(
    codes: NDArray[np.int64], stars: int, *, resamples: int, seed: int
) -> Iterator[NDArray[np.float64]]:
    """Yield how much each row weighs in each resample, shape ``(some resamples, n)`` at a time.

    Parameters
    ----------
    codes, stars
        What `star_codes` returned.
    resamples
        How many resamples in all.
    seed
        The same seed and stars give the same resamples.
    """
    generator = np.random.default_rng(seed)
    at_a_time = max(1, _MOST_CELLS // max(len(codes), 1))
    for begin in range(0, resamples, at_a_time):
        count = min(at_a_time, resamples - begin)
        drawn = generator.integers(stars, size=(count, stars))
        drawn += stars * np.arange(count)[:, None]
        often = np.bincount(drawn.ravel(), minlength=count * stars).reshape(count, stars)
        yield often[:, codes].astype(np.float64)


def intervals(
    values: NDArray[np.float64],
    replicates: NDArray[np.float64],
    *,
    reflected: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bounds of the 95 % interval of each of `m` figures.

    Parameters
    ----------
    values
        The figures, shape ``(m,)``; NaN where not defined.
    replicates
        The same in each resample, shape ``(b, m)``; NaN where not defined.
    reflected
        Which figures are never negative and grow with noise, so that their resamples are
        reflected, shape ``(m,)``; none by default.

    Returns
    -------
    low, high : ndarray, shape ``(m,)``
        The value never lies outside; NaN where the figure is not defined, or not in enough of
        the resamples.
    """
    low, high = np.full(len(values), np.nan), np.full(len(values), np.nan)
    tails = (1 - INTERVAL_LEVEL) / 2, (1 + INTERVAL_LEVEL) / 2
    for place, value in enumerate(values):
        found = replicates[:, place]
        found = found[np.isfinite(found)]
        if not np.isfinite(value) or len(found) < max(_FEWEST_DEFINED * len(replicates), 1):
            continue
        begin, end = np.quantile(found, tails)
        if reflected is not None and reflected[place]:
            begin, end = max(2 * value - end, 0.0), 2 * value - begin
        low[place], high[place] = min(begin, value), max(end, value)
    return low, high
