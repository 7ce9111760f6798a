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

from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.levels import INTERVAL_LEVEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["RESAMPLES", "RESAMPLES_OF_CHANGES", "Resampled", "StarResamples", "intervals"]

RESAMPLES = 500
"""How many resamples an interval is drawn from."""
RESAMPLES_OF_CHANGES = 200
"""How many where the same rows are measured again for each quantity."""

_MOST_CELLS = 1_000_000
"""How many weights are held at a time: eight megabytes."""
_MOST_KEPT = 20_000_000
"""How many weights are kept, instead of being drawn again each time: 160 megabytes."""
_FEWEST_DEFINED = 0.9
"""Share of the resamples in which a figure must be defined for its interval to be given."""


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
    defined = np.isfinite(replicates)
    count = defined.sum(axis=0)
    given = np.isfinite(values) & (count >= max(_FEWEST_DEFINED * len(replicates), 1))
    low, high = np.full((2, len(values)), np.nan)
    tails = (1 - INTERVAL_LEVEL) / 2, (1 + INTERVAL_LEVEL) / 2
    everywhere = given & (count == len(replicates))
    if everywhere.any():
        low[everywhere], high[everywhere] = np.quantile(replicates[:, everywhere], tails, axis=0)
    for place in np.flatnonzero(given & ~everywhere):
        low[place], high[place] = np.quantile(replicates[defined[:, place], place], tails)
    if reflected is not None:
        turned = np.maximum(2 * values - high, 0.0), 2 * values - low
        low, high = np.where(reflected, turned, (low, high))
    # NaN stays NaN.
    return np.minimum(low, values), np.maximum(high, values)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Resampled:
    """Figures, and the same figures in each resample of the stars."""

    values: NDArray[np.float64]
    """Shape ``(m,)``; NaN where not defined."""
    replicates: NDArray[np.float64]
    """Shape ``(b, m)``; no rows where there is a single star."""

    def __sub__(self, other: Resampled) -> Resampled:
        """Return what the figures differ by, resample by resample: of the same stars."""
        return Resampled(
            values=self.values - other.values, replicates=self.replicates - other.replicates
        )

    def bounds(
        self, *, reflected: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the bounds of the 95 % interval of each figure; see `intervals`."""
        return intervals(self.values, self.replicates, reflected=reflected)


class StarResamples:
    """Resamples of rows by host star: how often each row's star was drawn.

    Parameters
    ----------
    hosts
        Host star of each row, shape ``(n,)``.
    resamples
        How many. A single star has none: they would all be the same, and say nothing of how sure
        a figure is.
    seed
        The same seed and stars give the same resamples.
    kept
        Whether they are asked for many times, so that they are kept where they are not too large.
    """

    def __init__(
        self,
        hosts: Sequence[str] | pd.Series[str] | NDArray[Any],
        *,
        resamples: int = RESAMPLES,
        seed: int,
        kept: bool = False,
    ) -> None:
        codes, names = pd.factorize(np.asarray(hosts, dtype=object))
        self.codes, self.stars = codes.astype(np.int64), len(names)
        self._resamples = resamples if self.stars > 1 else 0
        self._seed = seed
        small = len(self.codes) * resamples <= _MOST_KEPT
        self._kept = list(self._with_ones()) if kept and small else None

    def weights(self) -> Iterable[NDArray[np.float64]]:
        """Return how much each row weighs, shape ``(some resamples, n)`` at a time."""
        if self._kept is None:
            return self._drawn()
        first, *others = self._kept
        return [first[1:], *others] if self._resamples else []

    def figures(self, measured: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Resampled:
        """Return figures with what they are in each resample.

        Parameters
        ----------
        measured
            Returns the figures under weights of shape ``(b, n)``, shape ``(b, m)``.
        """
        parts = map(measured, self._with_ones() if self._kept is None else self._kept)
        first = next(parts)
        return _resampled(first[0], [first[1:], *parts])

    def means(self, values: NDArray[np.float64]) -> Resampled:
        """Return the mean of each column of values, shape ``(n, m)``."""
        return _resampled(
            values.mean(axis=0),
            (weights @ values / weights.sum(axis=1)[:, None] for weights in self.weights()),
        )

    def _with_ones(self) -> Iterator[NDArray[np.float64]]:
        """Draw the weights, a row of ones above the first: these measure the rows as they are."""
        parts = self._drawn()
        # Measured with the first resamples: on few rows a call costs more than its weights.
        yield np.concatenate([np.ones((1, len(self.codes))), *islice(parts, 1)])
        yield from parts

    def _drawn(self) -> Iterator[NDArray[np.float64]]:
        at_a_time = max(1, _MOST_CELLS // max(len(self.codes), 1))
        drawn: Iterable[NDArray[np.integer[Any]]]
        if self._resamples * self.stars <= _MOST_KEPT:
            often = _often(self.stars, self._resamples, self._seed)
            begins = range(0, self._resamples, at_a_time)
            drawn = (often[begin : begin + at_a_time] for begin in begins)
        else:
            drawn = _draws(self.stars, self._resamples, self._seed, at_a_time)
        for part in drawn:
            yield part[:, self.codes].astype(np.float64)


@lru_cache(maxsize=4)
def _often(stars: int, resamples: int, seed: int) -> NDArray[np.integer[Any]]:
    """Return how often each star is drawn in each resample, shape ``(b, s)``.

    It follows from nothing but these numbers, so all figures of the same rows share it; a star is
    drawn a few times, so it is kept in a byte each.
    """
    at_a_time = max(1, _MOST_CELLS // max(stars, 1))
    parts = [
        part.astype(np.min_scalar_type(part.max()))
        for part in _draws(stars, resamples, seed, at_a_time)
    ]
    often = np.concatenate(parts) if parts else np.empty((0, stars), dtype=np.uint8)
    often.setflags(write=False)
    return often


def _draws(
    stars: int, resamples: int, seed: int, at_a_time: int
) -> Iterator[NDArray[np.integer[Any]]]:
    """Draw as many stars as there are, and count each; the same ones whatever is made at a time."""
    generator = np.random.default_rng(seed)
    for begin in range(0, resamples, at_a_time):
        count = min(at_a_time, resamples - begin)
        drawn = generator.integers(stars, size=(count, stars))
        drawn += stars * np.arange(count)[:, None]
        often = np.bincount(drawn.ravel(), minlength=count * stars)
        yield often.reshape(count, stars)


def _resampled(values: NDArray[np.float64], drawn: Iterable[NDArray[np.float64]]) -> Resampled:
    nothing = np.empty((0, len(values)))
    return Resampled(values=values, replicates=np.concatenate([nothing, *drawn]))
