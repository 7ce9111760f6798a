"""Where there is nothing: curves of noise alone, and ephemerides drawn by chance, to learn from.

A session shows the strongest peak of any curve, and whoever states an ephemeris may be wrong: a
model that has met neither takes both for weak planets.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.collections import CatalogueSignal, FlattenedStar
from mlcore.benchmark.light_curves.drawn import drawn_evenly
from mlcore.datasets.spec import Disposition
from mlcore.lightcurves.ephemeris import Ephemeris, longest_transit
from mlcore.lightcurves.light_curve import LightCurve

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BY_CHANCE", "SIMULATED", "curves_of_noise", "with_chance_ephemeris"]

BY_CHANCE = "by chance"
"""What a signal is called whose ephemeris was drawn where nothing is known to be."""
SIMULATED = "simulated"
"""How the hosts of curves begin that were made of nothing."""
_SEED = 3
_OBSERVED = ((29.4 / 1440, 90.0), (29.4 / 1440, 127.0), (30 / 1440, 27.0), (10 / 1440, 27.0))
"""Cadence [d] and span [d]: quarters of Kepler, sectors of TESS's full frames, and those of two
minutes where they are averaged."""
_SCATTERS = (5e-5, 3e-3)
"""Of single points, evenly in the logarithm."""
_HOURS = (1.0, 12.0)
"""Over how long red noise goes together, evenly in the logarithm."""
_REDDEST = 1.0
"""Standard deviation of red noise at most, in white noise's."""
_DENSITY = 1.0


def curves_of_noise(count: int) -> tuple[FlattenedStar, ...]:
    """Return curves of white noise, and of red noise beside it, as missions would observe it.

    Parameters
    ----------
    count
        How many; each is a star of its own.
    """
    return tuple(_noise(number) for number in range(count))


def _noise(number: int) -> FlattenedStar:
    generator = np.random.default_rng([_SEED, number])
    cadence, span = _OBSERVED[number % len(_OBSERVED)]
    time = 1000 + np.arange(0.0, span, cadence)
    # The spacecraft sends its data home once in a while.
    time = time[np.abs(time - 1000 - span / 2) > span / 50]
    scatter = drawn_evenly(generator, _SCATTERS)
    noise = generator.normal(0.0, scatter, len(time))
    if number // len(_OBSERVED) % 2:
        width = max(int(drawn_evenly(generator, _HOURS) / 24 / cadence), 2)
        red = np.convolve(generator.normal(size=len(time)), np.ones(width) / np.sqrt(width), "same")
        noise += scatter * generator.uniform(0.1, _REDDEST) * red
    curve = LightCurve(
        time=time,
        flux=1 + noise,
        error=np.full(len(time), scatter),
        segment=np.zeros(len(time), dtype=np.int64),
        time_zero=0.0,
        time_name="time",
        cadence=cadence,
    )
    return FlattenedStar(host=f"{SIMULATED} {number}", curve=curve, signals=())


def with_chance_ephemeris(stars: Sequence[FlattenedStar]) -> tuple[FlattenedStar, ...]:
    """Return stars with a signal stated that nobody has seen.

    Parameters
    ----------
    stars
        Their known signals have been taken out.
    """
    drawn = []
    for star in stars:
        generator = np.random.default_rng([_SEED, 1, int(star.host)])
        period = drawn_evenly(generator, (0.6, star.curve.span / 2))
        ephemeris = Ephemeris(
            period=period,
            epoch=float(star.curve.time[0] + period * generator.uniform()),
            duration=float(longest_transit(period, density=_DENSITY) * generator.uniform(0.5, 1)),
        )
        signal = CatalogueSignal(
            name=BY_CHANCE, ephemeris=ephemeris, label=Disposition.FALSE_POSITIVE
        )
        drawn.append(replace(star, signals=(signal,)))
    return tuple(drawn)
