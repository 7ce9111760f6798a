"""Transits that could be a planet's and seen, drawn by chance and put into real light curves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.collections import CatalogueSignal
from mlcore.benchmark.light_curves.transit_model import InjectedTransit, transit_flux
from mlcore.datasets.spec import Disposition
from mlcore.lightcurves.ephemeris import Ephemeris, longest_transit
from mlcore.lightcurves.reading.scatter import neighbour_scatter

if TYPE_CHECKING:
    from mlcore.benchmark.light_curves.collections import FlattenedStar
    from mlcore.lightcurves.light_curve import LightCurve

__all__ = [
    "INJECTED",
    "LEARNT",
    "LEARNT_AGAIN",
    "LEARNT_STRONG",
    "OF_ECLIPSES",
    "SCORED",
    "Draw",
    "drawn_evenly",
    "drawn_transit",
    "with_transit",
]

INJECTED = "injected"
"""What a signal is called that was put into a curve."""
_DENSITIES = (0.3, 3.0)
"""Of the stars [solar densities], evenly in the logarithm: the duration follows from it."""
_IMPACTS = (0.0, 0.85)
OF_ECLIPSES = (15.0, 3000.0)
"""Strengths of eclipses of two stars against white noise, evenly in the logarithm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """Between which bounds transits are drawn."""

    periods: tuple[float, float]
    """[d], evenly in the logarithm."""
    longest: float
    """Share of the curve's span that a period has at most."""
    strengths: tuple[float, float]
    """Against white noise, evenly in the logarithm up to what the deepest allows: the depth follows
    from it."""
    deepest: float
    """Depth that is not exceeded, relative flux."""
    seed: int
    """Another one draws other transits for the same stars."""


SCORED = Draw(
    periods=(0.6, 40.0),
    # Two transits lie in the curve.
    longest=0.5,
    strengths=(8.0, 80.0),
    # A seventh of the star's radius.
    deepest=0.02,
    seed=0,
)
"""Of the transits that completeness is measured by."""
LEARNT = Draw(periods=(0.5, np.inf), longest=1.0, strengths=(7.0, 80.0), deepest=0.03, seed=1)
"""Of the transits that are learnt from: from the shortest period that is searched to the whole
span, and as deep as planets of small stars are."""
LEARNT_AGAIN = replace(LEARNT, seed=4)
"""Of each curve's second transit to learn from: there is more that is none than planets."""
LEARNT_STRONG = replace(LEARNT, longest=0.5, strengths=OF_ECLIPSES, deepest=SCORED.deepest, seed=5)
"""Of transits as strong as the eclipses that are learnt from: where all that is made so strong were
eclipses, strength alone would speak for them."""


def drawn_transit(
    curve: LightCurve, generator: np.random.Generator, draw: Draw = SCORED
) -> InjectedTransit:
    """Draw a planet's transit that could be seen in a light curve.

    Parameters
    ----------
    curve
        Its noise and how many of its points are in transit say how deep a strength is.
    generator
        Draws it.
    draw
        Between which bounds.
    """
    shortest, longest = draw.periods
    period = drawn_evenly(generator, (shortest, min(longest, curve.span * draw.longest)))
    impact = float(generator.uniform(*_IMPACTS))
    central = float(longest_transit(period, density=drawn_evenly(generator, _DENSITIES)))
    ephemeris = Ephemeris(
        period=period,
        epoch=float(curve.time[0] + period * generator.uniform()),
        duration=central * float(np.sqrt(1 - impact**2)),
    )
    points = max(int(ephemeris.in_transit(curve.time).sum()), 1)
    unit = neighbour_scatter(curve.flux) / np.sqrt(points)
    weakest, strongest = draw.strengths
    # Cut off after the draw, many would be of one depth, and a model would learn that depth.
    strongest = max(weakest, min(strongest, draw.deepest / unit))
    depth = min(unit * drawn_evenly(generator, (weakest, strongest)), draw.deepest)
    return InjectedTransit(ephemeris=ephemeris, depth=float(depth), impact=impact)


def with_transit(star: FlattenedStar, draw: Draw) -> tuple[FlattenedStar, InjectedTransit]:
    """Return a star with one signal, which is put into its curve, and that signal.

    Parameters
    ----------
    star
        Its known signals have been taken out.
    draw
        Between which bounds the transit is drawn; its seed and the star's number decide which.
    """
    curve = star.curve
    transit = drawn_transit(curve, np.random.default_rng([draw.seed, int(star.host)]), draw)
    flux = curve.flux * transit_flux(curve.time, transit, cadence=curve.cadence)
    signal = CatalogueSignal(
        name=INJECTED, ephemeris=transit.ephemeris, label=Disposition.CONFIRMED
    )
    return replace(star, curve=replace(curve, flux=flux), signals=(signal,)), transit


def drawn_evenly(generator: np.random.Generator, bounds: tuple[float, float]) -> float:
    """Draw a number between bounds, evenly in its logarithm."""
    low, high = np.log(bounds)
    return float(np.exp(generator.uniform(low, high)))
