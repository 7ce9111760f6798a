"""Eclipsing binaries drawn by chance and put into real light curves, to learn from.

Catalogues of candidates have few that are plain: an eclipse of unequal depths was taken for what it
is before anybody made an object of it, so that no model meets one. Kepler's last catalogue was
tested with such injections, too (Coughlin 2017, KSCI-19114).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.collections import CatalogueSignal
from mlcore.benchmark.light_curves.drawn import LEARNT, OF_ECLIPSES, drawn_evenly
from mlcore.datasets.spec import Disposition
from mlcore.lightcurves.ephemeris import Ephemeris, longest_transit
from mlcore.lightcurves.reading.scatter import neighbour_scatter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import FlattenedStar
    from mlcore.lightcurves.light_curve import LightCurve

__all__ = [
    "ECLIPSES",
    "EclipsingBinary",
    "drawn_binary",
    "eclipses_flux",
    "seen_as_eclipses",
    "with_eclipses",
]

ECLIPSES = "eclipsing binary"
"""What the signals of a binary are called that was put into a curve."""
_SEED = 2
_SHORTEST = 0.5
_DENSITIES = (0.1, 3.0)
"""Of the primary stars [solar densities], evenly in the logarithm: the duration follows from it."""
_DEEPEST = 0.45
_SEEN = 6.0
"""Strength that what tells a binary from a planet has at least: what is not seen tells nothing."""
_FORM = 40.0
"""Strength from which the form of an eclipse alone is seen, where it is deeper than a planet's
transit, or a V."""
_V = 10.0
"""By how much better a V fits such a form than a U, in squares of the noise."""
_INGRESS = (0.15, 0.5)
"""Share of the duration that an eclipse takes to begin; half of it where stars graze."""
_TWINS, _UNEQUAL = 0.5, 0.85
"""Up to which number between 0 and 1 a binary is of nearly equal stars, and of unequal ones; above
it, grazing without a second eclipse."""
_EXPOSURES = 9
_PPM = 1e6


@dataclass(frozen=True, kw_only=True, slots=True)
class EclipsingBinary:
    """Two stars that eclipse each other."""

    ephemeris: Ephemeris
    """Of the deeper eclipse."""
    depth: float
    """Of the deeper eclipse, relative flux."""
    second_depth: float
    """Of the other; 0 where there is none."""
    second_phase: float
    """When the other is [periods after the deeper]."""
    ingress: float
    """Share of the duration that either takes to begin."""


def drawn_binary(curve: LightCurve, generator: np.random.Generator) -> EclipsingBinary:
    """Draw a binary whose nature could be seen in a light curve.

    Half are of nearly equal stars, whose eclipses look like one signal of half the period and of
    unequal odd and even depths; a third have a shallow second eclipse, mostly half a period later;
    the others graze each other.

    Parameters
    ----------
    curve
        Its noise and how many of its points are in eclipse say how deep a strength is.
    generator
        Draws it.
    """
    kind = generator.uniform()
    period = drawn_evenly(generator, (_SHORTEST, curve.span / 2))
    if kind < _TWINS:
        period = min(2 * period, curve.span / 2)
    duration = float(longest_transit(period, density=drawn_evenly(generator, _DENSITIES)))
    ephemeris = Ephemeris(
        period=period,
        epoch=float(curve.time[0] + period * generator.uniform()),
        duration=min(duration * float(generator.uniform(0.5, 1.0)), 0.2 * period),
    )
    points = max(int(ephemeris.in_transit(curve.time).sum()), 1)
    strength = drawn_evenly(generator, OF_ECLIPSES)
    depth = min(strength * neighbour_scatter(curve.flux) / np.sqrt(points), _DEEPEST)
    strength = depth * np.sqrt(points) / neighbour_scatter(curve.flux)
    ingress = float(generator.uniform(*_INGRESS))
    ratio, phase = 0.0, 0.5
    if kind < _TWINS:
        ratio = float(generator.uniform(0.2, max(1 - _SEEN / strength, 0.25)))
    elif kind < _UNEQUAL:
        ratio = float(generator.uniform(min(_SEEN / strength, 0.5), 0.6))
        phase = 0.5 if generator.uniform() < 0.6 else float(generator.uniform(0.2, 0.8))
    else:
        ingress = _INGRESS[1]
    return EclipsingBinary(
        ephemeris=ephemeris,
        depth=depth,
        second_depth=ratio * depth,
        second_phase=phase,
        ingress=ingress,
    )


def eclipses_flux(
    time: NDArray[np.float64], binary: EclipsingBinary, *, cadence: float
) -> NDArray[np.float64]:
    """Return the light of both stars relative to that out of eclipse, shape of `time`.

    Parameters
    ----------
    time
        Mid-times of the exposures [d].
    binary
        What is seen.
    cadence
        How long an exposure is [d]: the flux is the mean over it.
    """
    own = binary.ephemeris
    moments = time[:, None] + cadence * ((np.arange(_EXPOSURES) + 0.5) / _EXPOSURES - 0.5)
    second = replace(own, epoch=own.epoch + binary.second_phase * own.period)
    missing = binary.depth * _shape(own.phase(moments), own.duration, binary.ingress)
    missing += binary.second_depth * _shape(second.phase(moments), own.duration, binary.ingress)
    return np.asarray(1 - missing.mean(axis=1))


def seen_as_eclipses(values: Mapping[str, float]) -> bool:
    """Tell whether a curve shows of a binary's signal what it is.

    Others look like planets, and would teach that strong planets are none.

    Parameters
    ----------
    values
        What the tests measured of it.
    """
    told = ("odd_even_strength", "secondary_strength", "half_phase_strength")
    if any(values.get(name, 0.0) > _SEEN for name in told):
        return True
    deep = values["depth"] > LEARNT.deepest * _PPM
    return values["strength"] > _FORM and (deep or values.get("v_over_u", 0.0) < -_V)


def _shape(phase: NDArray[np.float64], duration: float, ingress: float) -> NDArray[np.float64]:
    """Return a trapezoid of depth 1; a triangle where the ingress is half of it."""
    left = (duration / 2 - np.abs(phase)) / (duration * ingress)
    return np.asarray(np.clip(left, 0.0, 1.0))


def with_eclipses(star: FlattenedStar) -> FlattenedStar:
    """Return a star with a binary's eclipses in its curve, which its number decides.

    Parameters
    ----------
    star
        Its known signals have been taken out.
    """
    curve = star.curve
    binary = drawn_binary(curve, np.random.default_rng([_SEED, int(star.host)]))
    flux = curve.flux * eclipses_flux(curve.time, binary, cadence=curve.cadence)
    signal = CatalogueSignal(
        name=ECLIPSES, ephemeris=binary.ephemeris, label=Disposition.FALSE_POSITIVE
    )
    return replace(star, curve=replace(curve, flux=flux), signals=(signal,))
