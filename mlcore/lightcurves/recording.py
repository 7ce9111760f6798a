"""From a star's light curve and its signals to the records that are kept of them."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.lightcurves.detrending import detrend
from mlcore.lightcurves.reading.scatter import robust_deviation
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.lightcurves.search.transits import DETECTION_LIMIT, LONGEST_DURATION
from mlcore.lightcurves.vetting.stretches import replaced_stretches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.lightcurves.folding import Fold
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.box_least_squares import Periodogram
    from mlcore.lightcurves.search.transits import TransitSignal
    from mlcore.lightcurves.vetting.candidate import Candidate
    from mlcore.lightcurves.vetting.report import VettedSignal

__all__ = ["record_of_signal", "record_of_star"]

_CURVE_POINTS = 4000
"""Of a curve that are drawn at most: of a longer one, averages."""
_PERIODOGRAM_POINTS = 1500
"""Of a periodogram: of a longer one the strongest of each stretch."""
_SINGLE_POINTS = 1500
"""Near the transit that are drawn one by one."""
_NEAR = 3.0
"""Durations before and after mid-transit that are drawn."""
_NEAR_BINS, _WHOLE_BINS, _CENTROID_BINS = 60, 300, 30
_EACH_TRANSITS, _EACH_POINTS = 24, 60
"""How many transits are drawn one by one, and how many points of each."""
_HOURS = 24.0


def record_of_star(
    number: int,
    curve: LightCurve,
    *,
    name: str,
    files: Sequence[str],
    periodogram: Periodogram | None,
    numbers: Sequence[int],
) -> StarRecord:
    """Return what is kept of a star and its curve.

    Parameters
    ----------
    number
        Among the session's stars, from 1.
    curve
        As it was read.
    name, files
        Of the star, and what its files were called.
    periodogram
        Of the first search; None where the ephemeris was given.
    numbers
        Of its signals among the session's objects.
    """
    detrended = detrend(curve, longest_duration=LONGEST_DURATION)
    drawn = _drawn(curve, detrended.trend, detrended.kept)
    flat = detrended.flux[detrended.kept]
    return StarRecord(
        number=number,
        name=name,
        file=", ".join(files),
        notes=[*curve.notes, *detrended.notes],
        mission=curve.mission or "",
        points=len(curve.time),
        span=curve.span,
        cadence=curve.cadence,
        time_name=curve.time_name,
        time_zero=curve.time_zero,
        scatter=float(robust_deviation(flat)),
        **drawn,
        **_peaks(periodogram),
        limit=DETECTION_LIMIT,
        numbers=list(numbers),
    )


def record_of_signal(
    number: int,
    star: int,
    of_star: int,
    vetted: VettedSignal,
    found: TransitSignal | None,
    *,
    stretches: bool = True,
) -> SignalRecord:
    """Return what is kept of a signal.

    Parameters
    ----------
    number
        Among the session's objects, from 1.
    star, of_star
        Number of its star, and its own among the star's signals, from 1.
    vetted
        The signal with what the tests looked at.
    found
        What the search found; None where the ephemeris was given.
    stretches
        Whether to measure it again with each stretch of its fold replaced, which takes about ten
        times as long as the tests took.
    """
    candidate, ephemeris = vetted.candidate, vetted.ephemeris
    folded = candidate.folded
    reach = min(_NEAR * folded.duration, ephemeris.period / 2)
    near = np.abs(folded.phase) <= reach
    single = near & _some(near, _SINGLE_POINTS)
    bins = np.linspace(-reach, reach, _NEAR_BINS + 1)
    parts: dict[str, Any] = {
        "points_phase": _rounded(folded.phase[single] * _HOURS),
        "points_flux": _rounded(folded.deviation[single]),
    }
    parts |= _binned("near", folded, folded.phase, near, bins)
    parts["near_model"] = _rounded(_trapezoid(np.array(parts["near_phase"]) / _HOURS, candidate))
    for name, odd in (("odd", 1), ("even", 0)):
        parts |= _binned(name, folded, folded.phase, near & (folded.number % 2 == odd), bins)
    everything = np.ones(len(near), dtype=bool)
    whole = np.linspace(-ephemeris.period / 2, ephemeris.period / 2, _WHOLE_BINS + 1)
    parts |= _binned("whole", folded, folded.phase, everything, whole, per=ephemeris.period)
    parts |= _secondary(vetted, folded, bins, reach)
    parts |= _transits(candidate)
    parts |= _centroid(candidate, near, reach)
    if stretches:
        parts |= _stretches(vetted)
    strength = vetted.values["strength"] if found is None else found.strength
    return SignalRecord(
        number=number,
        star=star,
        of_star=of_star,
        given=found is None,
        detected=found is None or found.strength >= DETECTION_LIMIT,
        period=ephemeris.period,
        epoch=ephemeris.epoch,
        duration=ephemeris.duration * _HOURS,
        depth=candidate.depth * 1e6,
        strength=strength,
        false_alarm=None
        if found is None or math.isnan(found.false_alarm)
        else float(found.false_alarm),
        measured=list(vetted.values),
        values=_rounded(np.array(list(vetted.values.values()))),
        shorter=[] if found is None else list(found.shorter),
        **_peaks(None if found is None else found.periodogram),
        **parts,
        **asdict(vetted.in_catalogues),
    )


def _drawn(
    curve: LightCurve, trend: NDArray[np.float64], kept: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return a curve's points, or averages of neighbours within stretches without a gap."""
    together = -(-len(curve.time) // _CURVE_POINTS)
    if together == 1:
        return {
            "averaged": 0.0,
            "time": _rounded(curve.time, 7),
            "flux": _rounded(curve.flux),
            "trend": _rounded(trend),
            "kept": kept.tolist(),
        }
    width = together * curve.cadence
    place = np.floor((curve.time - curve.time[0]) / width).astype(np.int64)
    # What a search left out, such as a flare, would make an average that is nowhere.
    chosen = kept if kept.any() else np.ones(len(kept), dtype=bool)
    _, place = np.unique(place[chosen], return_inverse=True)
    count = np.bincount(place)
    means = [
        np.bincount(place, values[chosen]) / count for values in (curve.time, curve.flux, trend)
    ]
    return {
        "averaged": width,
        "time": _rounded(means[0], 7),
        "flux": _rounded(means[1]),
        "trend": _rounded(means[2]),
        "kept": [True] * len(count),
    }


def _peaks(periodogram: Periodogram | None) -> dict[str, Any]:
    """Return a periodogram, or the strongest of each stretch of it, by ascending period."""
    if periodogram is None:
        return {"periods": [], "strengths": []}
    order = np.argsort(periodogram.periods)
    periods, strength = periodogram.periods[order], periodogram.strength[order]
    strength = np.where(np.isfinite(strength), strength, 0.0)
    together = -(-len(periods) // _PERIODOGRAM_POINTS)
    begins = np.arange(0, len(periods), together)
    best = [begin + int(strength[begin : begin + together].argmax()) for begin in begins]
    return {"periods": _rounded(periods[best], 7), "strengths": _rounded(strength[best], 4)}


def _binned(
    name: str,
    folded: Fold,
    phase: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    edges: NDArray[np.float64],
    *,
    per: float = 1 / _HOURS,
) -> dict[str, Any]:
    """Return weighted means in bins of phase that have points, with their errors."""
    count = len(edges) - 1
    place = np.searchsorted(edges, phase[chosen], side="right") - 1
    there = (place >= 0) & (place < count)
    place, weight = place[there], folded.weight[chosen][there]
    total = np.bincount(place, weight, minlength=count)
    summed = np.bincount(place, weight * folded.deviation[chosen][there], minlength=count)
    middles = np.bincount(place, weight * phase[chosen][there], minlength=count)
    full = total > 0
    return {
        f"{name}_phase": _rounded(middles[full] / total[full] / per),
        f"{name}_flux": _rounded(summed[full] / total[full]),
        f"{name}_error": _rounded(1 / np.sqrt(total[full])),
    }


def _secondary(
    vetted: VettedSignal, folded: Fold, bins: NDArray[np.float64], reach: float
) -> dict[str, Any]:
    at = vetted.values.get("secondary_phase", math.nan)
    if not math.isfinite(at):
        return {}
    period = vetted.ephemeris.period
    # Whichever side of the transit it is on, the value tells only how far from it.
    scan = vetted.candidate.scan
    far = np.isfinite(scan.strength) & (np.abs(scan.phase) > 2 * folded.duration)
    if not far.any():
        return {}
    middle = float(scan.phase[far][scan.strength[far].argmax()])
    phase = np.mod(folded.phase - middle + period / 2, period) - period / 2
    near = np.abs(phase) <= reach
    return {"secondary_at": middle / period, **_binned("secondary", folded, phase, near, bins)}


def _transits(candidate: Candidate) -> dict[str, Any]:
    folded, ephemeris = candidate.folded, candidate.folded.ephemeris
    transits = candidate.transits
    times = ephemeris.epoch + transits.number * ephemeris.period
    shown = transits.number[_spread(len(transits.number), _EACH_TRANSITS)]
    number: list[int] = []
    phase: list[float] = []
    flux: list[float] = []
    close = np.abs(folded.phase) <= 2 * folded.duration
    for one in shown:
        here = close & (folded.number == one)
        here &= _some(here, _EACH_POINTS)
        number += [int(one)] * int(here.sum())
        phase += _rounded(folded.phase[here] * _HOURS)
        flux += _rounded(folded.deviation[here])
    return {
        "transit_number": transits.number.tolist(),
        "transit_time": _rounded(times, 8),
        "transit_depth": _rounded(transits.depth),
        "transit_error": _rounded(transits.error * candidate.noise_factor),
        "each_number": number,
        "each_phase": phase,
        "each_flux": flux,
    }


def _centroid(candidate: Candidate, near: NDArray[np.bool_], reach: float) -> dict[str, Any]:
    """Return where the light's centre is against the centre beside the same transit."""
    observed, folded = candidate.observed, candidate.folded
    centroid = None if observed is None else observed.centroid
    if centroid is None:
        return {}
    beside = near & (np.abs(folded.phase) > folded.duration)
    shifts = []
    for place in (centroid.column, centroid.row):
        shift = np.full(len(place), np.nan)
        for number in np.unique(folded.number[near]):
            here = near & (folded.number == number)
            level = place[here & beside]
            if np.isfinite(level).sum() > 1:
                shift[here] = place[here] - np.nanmedian(level)
        shifts.append(shift * 1000)
    known = near & np.isfinite(shifts[0]) & np.isfinite(shifts[1])
    if not known.any():
        return {}
    edges = np.linspace(-reach, reach, _CENTROID_BINS + 1)
    place = np.clip(np.searchsorted(edges, folded.phase[known]) - 1, 0, _CENTROID_BINS - 1)
    full = np.unique(place)
    medians = [
        [float(np.median(values[known][place == one])) for one in full]
        for values in (folded.phase * _HOURS, *shifts)
    ]
    return {
        "centroid_phase": _rounded(np.array(medians[0])),
        "centroid_column": _rounded(np.array(medians[1])),
        "centroid_row": _rounded(np.array(medians[2])),
    }


def _stretches(vetted: VettedSignal) -> dict[str, Any]:
    """Return what the tests would measure with each stretch replaced, with all digits."""
    replaced = replaced_stretches(vetted.candidate)
    return {
        "stretch_name": [one.name for one in replaced],
        "stretch_begin": _rounded(np.array([one.begin for one in replaced])),
        "stretch_end": _rounded(np.array([one.end for one in replaced])),
        "remeasured": [one.values[name] for one in replaced for name in vetted.values],
    }


def _trapezoid(phase: NDArray[np.float64], candidate: Candidate) -> NDArray[np.float64]:
    """Return the trapezoid that fits best at these phases [d]; NaN where none fits."""
    fit, duration = candidate.trapezoid, candidate.folded.duration
    if fit is None:
        return np.full(len(phase), np.nan)
    return np.asarray(-fit.depth * fit.dip(phase / duration))


def _some(chosen: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Return so many of the chosen points at most, evenly among them."""
    places = np.flatnonzero(chosen)
    some = np.zeros(len(chosen), dtype=bool)
    some[places[_spread(len(places), most)]] = True
    return some


def _spread(count: int, most: int) -> NDArray[np.int64]:
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).round().astype(np.int64))


def _rounded(values: NDArray[np.floating[Any]], digits: int = 6) -> list[float]:
    """Return numbers as they are drawn: more digits only take room."""
    whole = np.asarray(values, dtype=np.float64)
    size = np.where(whole == 0, 1.0, np.abs(whole))
    with np.errstate(invalid="ignore"):
        scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
        return [float(value) for value in np.round(whole * scale) / scale]
