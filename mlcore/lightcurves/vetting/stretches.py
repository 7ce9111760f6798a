"""What the tests would measure, were a stretch of the fold as a planet's curve is.

Of each stretch the means of bins are taken to what a planet would show there, nothing outside of
the transit and the fitted trapezoid within, where they differ from it by more than noise does. What
noise explains stays, as do the points about the means: a stretch that became quieter than the rest
of the curve would be none of a planet's curve either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.datasets.missions.light_curves.stretches import STRETCHES
from mlcore.lightcurves.folding import levelled
from mlcore.lightcurves.reading.scatter import robust_deviation
from mlcore.lightcurves.vetting.means import FAR
from mlcore.lightcurves.vetting.measuring import measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.trapezoid import TrapezoidFit

__all__ = ["ReplacedStretch", "replaced_stretches"]

_DURATIONS = (1.0, 0.5)
"""Widths of the bins, one after the other: narrow ones alone know too little of a shallow dip."""
_ORBITS = (0.125,)
"""Parts of an orbit that go before them where a stretch goes all around: waves are wide."""
_WITHIN = (1.0, 0.5)
"""Parts of the ingress, the floor or the egress."""
_NOISE = 2.0
"""Standard errors of a mean up to which it is left to noise."""
_LEAST_FLOOR = 1 / 3
"""Of the transit that is called its floor, where exposures or a V leave none."""
_EVENT = 1.5
"""Durations before and after another dip's middle that are replaced with it."""
_HAIR = 1e-9
"""Of a bin: no last point is in one of its own."""
_FEWEST_BINS = 10
_FEWEST = 2
"""Points that a stretch has at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplacedStretch:
    """A stretch of a fold, and what the tests measure once it is replaced."""

    name: str
    """One of `mlcore.datasets.missions.light_curves.stretches.STRETCHES`."""
    begin: float
    end: float
    """From and to which phase it is [periods from mid-transit]; an end beyond 0.5 goes on at the
    orbit's beginning. What is of the orbit as a whole goes all around, less the others."""
    values: Mapping[str, float]
    """By name, as `mlcore.lightcurves.vetting.measuring.measure` returns them."""


def replaced_stretches(candidate: Candidate) -> tuple[ReplacedStretch, ...]:
    """Measure a signal again with each stretch of its fold replaced, one at a time.

    Parameters
    ----------
    candidate
        The signal. Its star's other signals stay as a search found them.

    Returns
    -------
    tuple of ReplacedStretch
        Those that the fold has points in, in the order of `STRETCHES`; nothing of a fold in which
        no transit could be fitted.
    """
    fit = candidate.trapezoid
    if fit is None or fit.depth <= 0:
        return ()
    period = candidate.folded.ephemeris.period
    replaced = {
        name: ReplacedStretch(
            name=name,
            begin=begin / period,
            end=end / period,
            values=measure(_with(candidate, deviation)),
        )
        for name, begin, end, deviation in _replaced(candidate, fit)
    }
    return tuple(replaced[name] for name in STRETCHES if name in replaced)


def _replaced(
    candidate: Candidate, fit: TrapezoidFit
) -> Iterator[tuple[str, float, float, NDArray[np.float64]]]:
    """Yield each stretch: name, begin and end [d], and the deviations with it replaced."""
    folded = candidate.folded
    unit, period = folded.duration, folded.ephemeris.period
    model = -fit.depth * fit.dip(folded.phase / unit)
    places, noise = _places(candidate, fit), _NOISE * _noise_factor(candidate)
    taken = np.zeros(len(folded.phase), dtype=bool)
    for name, (begin, end) in places.items():
        along = np.mod(folded.phase - begin, period)
        inside = (along < end - begin) & ~taken
        taken |= inside
        if inside.sum() < _FEWEST:
            continue
        within = name in ("ingress", "floor", "egress")
        widths = _times(_WITHIN, end - begin) if within else _times(_DURATIONS, unit)
        yield name, begin, end, _nearer(folded, noise, inside, along, widths, model)
    begin, end = places["ingress"][0], places["egress"][1]
    along = np.mod(folded.phase - begin, period)
    beside = along >= end - begin
    for name, chosen in (("rest", ~taken), ("outside", beside)):
        if chosen.sum() >= _FEWEST:
            widths = _times(_ORBITS, period) + _times(_DURATIONS, unit)
            nearer = _nearer(folded, noise, chosen, along, widths, model)
            yield name, -period / 2, period / 2, nearer
    steep = _steeper(fit)
    if steep is not None:
        planet = -steep.depth * steep.dip(folded.phase / unit)
        yield "shape", begin, end, folded.deviation + planet - model
    inside = ~beside
    odd = folded.number % 2 == 1
    if min((inside & odd).sum(), (inside & ~odd).sum()) >= _FEWEST:
        # The bins of odd transits lie behind those of even ones.
        behind = along + odd * (end - begin)
        nearer = _nearer(folded, noise, inside, behind, _times(_WITHIN, end - begin), model)
        yield "odd_even", begin, end, nearer


def _places(candidate: Candidate, fit: TrapezoidFit) -> dict[str, tuple[float, float]]:
    """Return from and to which phase each stretch is [d], in the order in which points are theirs.

    An exposure smears a transit's sides by its own length.
    """
    folded = candidate.folded
    unit, period = folded.duration, folded.ephemeris.period
    middle = fit.shift * unit
    outer = min((fit.duration + fit.exposure) / 2 * unit, period / 2)
    bare = fit.duration / 2 - fit.ingress * fit.duration - fit.exposure / 2
    floor = max(bare * unit, _LEAST_FLOOR * outer)
    beside = min(max(FAR * unit, outer + unit), period / 2)
    places = {
        "floor": (middle - floor, middle + floor),
        "ingress": (middle - outer, middle - floor),
        "egress": (middle + floor, middle + outer),
    }
    around = min(_EVENT * unit, period / 4)
    half = period / 2 + middle
    events = [("half", half)]
    other = candidate.events.secondary_phase
    if np.isfinite(other):
        away = abs(np.mod(other - half + period / 2, period) - period / 2)
        # A dip half a period later is told of as such.
        if away > around:
            events.append(("secondary", float(other)))
    places |= {name: (at - around, at + around) for name, at in events}
    places |= {
        "before": (middle - beside, middle - outer),
        "after": (middle + outer, middle + beside),
    }
    return places


def _noise_factor(candidate: Candidate) -> float:
    """Return how many times more means scatter than white noise, at least 1.

    Odd orbits less even ones tell it of noise alone: a dip or a wave of the fold is in both.
    """
    folded = candidate.folded
    period = folded.ephemeris.period
    count = max(int(period / folded.duration), 1)
    place = np.floor((folded.phase / period + 0.5) * count * (1 - _HAIR)).astype(np.int64)
    beside, odd = candidate.outside, folded.number % 2 == 1
    parts = [beside & odd, beside & ~odd]
    totals = [np.bincount(place[part], folded.weight[part], count) for part in parts]
    summed = [
        np.bincount(place[part], (folded.weight * folded.deviation)[part], count) for part in parts
    ]
    both = (totals[0] > 0) & (totals[1] > 0)
    if both.sum() < _FEWEST_BINS:
        return candidate.noise_factor
    first, second = totals[0][both], totals[1][both]
    differ = summed[0][both] / first - summed[1][both] / second
    scatter = robust_deviation(differ * np.sqrt(first * second / (first + second)))
    return float(min(max(scatter, 1.0), candidate.noise_factor))


def _nearer(
    folded: Fold,
    noise: float,
    chosen: NDArray[np.bool_],
    along: NDArray[np.float64],
    widths: Sequence[float],
    model: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the deviations with the means of some points' bins taken to a model.

    Of a mean that differs from it by r, of which noise explains s, r (1 − s²/r²) is taken away
    where that is positive: what noise explains stays, and of five times as much a fifth of it.

    Parameters
    ----------
    folded
        The fold.
    noise
        How many white standard errors of a mean are left to noise.
    chosen
        Which points.
    along
        In which order they are put into bins [d], shape ``(n,)``, not negative.
    widths
        Of the bins [d], in the order in which they are gone through.
    model
        What a planet's curve would show at each point, shape ``(n,)``.
    """
    weight, rest = folded.weight[chosen], (folded.deviation - model)[chosen]
    for width in widths:
        place = np.floor(along[chosen] / width * (1 - _HAIR)).astype(np.int64)
        total = np.bincount(place, weight)
        summed = np.bincount(place, weight * rest)
        more = np.abs(summed) > noise * np.sqrt(total)
        mean = summed[more] / total[more]
        taken = np.zeros(len(total))
        taken[more] = mean - noise**2 / total[more] / mean
        rest = rest - taken[place]
    deviation = folded.deviation.copy()
    deviation[chosen] = rest + model[chosen]
    return deviation


def _times(parts: Sequence[float], whole: float) -> tuple[float, ...]:
    return tuple(part * whole for part in parts)


def _steeper(fit: TrapezoidFit) -> TrapezoidFit | None:
    """Return a planet's central transit as deep and, at half its depth, as long; None if it is one.

    Ingress of a planet of k stellar radii that crosses the middle takes k / (1 + k) of the time
    from first to last contact (Seager & Mallén-Ornelas 2003, ApJ 585, 1038), and the depth is k².
    """
    radius = np.sqrt(min(fit.depth, 1.0))
    ingress = float(radius / (1 + radius))
    if fit.ingress <= ingress:
        return None
    duration = fit.duration * (1 - fit.ingress) / (1 - ingress)
    return replace(fit, duration=duration, ingress=ingress)


def _with(candidate: Candidate, deviation: NDArray[np.float64]) -> Candidate:
    """Return a signal with other deviations, whose level out of transit is 0 again."""
    folded = candidate.folded
    level = levelled(deviation, folded.phase, folded.weight, folded.duration)
    return replace(candidate, folded=replace(folded, deviation=level))
