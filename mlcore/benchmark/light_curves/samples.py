"""Known stars, from the missions' own files to their planets, and why a planet is not found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.altered import without
from mlcore.benchmark.light_curves.shares import line_of
from mlcore.benchmark.light_curves.shortened import first_days
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.errors import DataError
from mlcore.in_words import counted
from mlcore.lightcurves.reading.read import read_light_curve
from mlcore.lightcurves.search.transits import DETECTION_LIMIT, search_transits
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.vet import candidate_of
from mlcore.parallel import run_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.protocol import Effort
    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.light_curve import LightCurve
    from mlcore.lightcurves.search.transits import TransitSignal
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["KnownSignal", "samples_searched", "why_not"]

_RATIOS = (0.5, 1.0, 2.0)
"""Of a found period to the known one."""
_WITHIN = 0.01
_NEAR = 1e-3
"""Relative width on either side of a period whose epoch is looked for."""
_MOST = 12
"""Signals that are looked for in a star with eight planets, where five are the default."""
_FEWEST = 2
"""Transits from which a period follows."""
_KEPLER_90_I = 14.44912
"""Period [d] of the planet that no KOI is (Shallue & Vanderburg 2018, AJ 155, 94)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownSignal:
    """What a catalogue says of a signal of a sample."""

    period: float
    """[d]."""
    ephemeris: Ephemeris | None = None
    """In the light curve's own times; None where only the period is known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    aim: Aim
    files: str
    """Pattern of their names."""
    known: Callable[[Collections, float], tuple[KnownSignal, ...]]
    """Takes the Julian date of the light curve's time 0."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outcome:
    found: int
    known: int
    words: str


def _aim(name: str, task: str, *, files: str, note: str = "", bar: float = 1.0) -> Aim:
    return Aim(
        name=f"samples-{name}",
        task=f"{task}: found at the period, twice or half of it",
        features="search of the mission's files",
        bars=(Bar(metric="found_share", value=bar),),
        needs=f"samples/{files} or its star's table",
        note=note,
    )


def _of_catalogue(
    mission: str, host: str, collections: Collections, time_zero: float
) -> tuple[KnownSignal, ...]:
    signals = collections.catalogues.get(mission, {}).get(host, ())
    # Epochs of the catalogues are in BKJD there.
    moved = 2454833.0 - time_zero
    return tuple(
        KnownSignal(
            period=signal.ephemeris.period,
            ephemeris=replace(signal.ephemeris, epoch=signal.ephemeris.epoch + moved),
        )
        for signal in signals
    )


def _of_kepler_90(collections: Collections, time_zero: float) -> tuple[KnownSignal, ...]:
    catalogued = _of_catalogue("kepler", "11442793", collections, time_zero)
    return (*catalogued, KnownSignal(period=_KEPLER_90_I)) if catalogued else ()


def _of_k2_3(collections: Collections, time_zero: float) -> tuple[KnownSignal, ...]:
    del time_zero
    return tuple(KnownSignal(period=period) for period in collections.k2_periods.get("K2-3", ()))


_SAMPLES = (
    _Sample(
        aim=_aim("k2-3", "The three planets of K2-3", files="EPIC201367065.csv"),
        files="EPIC201367065.csv",
        known=_of_k2_3,
    ),
    _Sample(
        aim=_aim(
            "kepler-90",
            "The eight planets of Kepler-90, in quarters 3 to 5",
            files="kplr011442793-*_llc.fits",
            note=f"Up to {_MOST} signals are looked for.",
            bar=7 / 8,
        ),
        files="kplr011442793-*_llc.fits",
        known=_of_kepler_90,
    ),
    _Sample(
        aim=_aim("toi-207", "TOI 207.01, in sector 1", files="tess*0000000260271203*_lc.fits"),
        files="tess*0000000260271203*_lc.fits",
        known=partial(_of_catalogue, "tess", "260271203"),
    ),
)


def samples_searched(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Search the missions' files of known stars, and say of each signal not found why it is not."""
    calls = [partial(_searched, collections, sample, effort.days) for sample in _SAMPLES]
    steps = [sample.aim.task for sample in _SAMPLES]
    lines: list[BenchmarkRow] = []
    outcomes = run_all(calls, steps, cores=cores, progress=progress)
    for sample, outcome in zip(_SAMPLES, outcomes, strict=True):
        if outcome is None:
            lines += unmeasured(sample.aim)
            continue
        aim = replace(sample.aim, note=" ".join(filter(None, (outcome.words, sample.aim.note))))
        lines.append(line_of(aim, outcome.found / outcome.known, outcome.known))
    return tuple(lines)


def _searched(
    collections: Collections, sample: _Sample, days: float, _report: ProgressCallback
) -> _Outcome | None:
    paths = _paths(collections.curves, sample.files)
    if not paths:
        return None
    curve = first_days(read_light_curve(paths), days)
    known = sample.known(collections, curve.time_zero)
    if not known:
        return None
    signals = search_transits(curve, most=_MOST).signals
    found, missed = [], []
    for one in sorted(known, key=lambda one: one.period):
        near = [signal for signal in signals if _at(signal, one.period)]
        if near:
            found.append(f"{one.period:.4g} d at {near[0].ephemeris.period:.4g} d")
        else:
            others = [other.ephemeris for other in known if other is not one and other.ephemeris]
            missed.append(f"{one.period:.4g} d: {why_not(curve, one, hidden=others)}")
    words = [f"Found: {', '.join(found) or 'none'}."]
    if missed:
        words.append(f"Not found: {'; '.join(missed)}.")
    return _Outcome(found=len(found), known=len(known), words=" ".join(words))


def why_not(curve: LightCurve, known: KnownSignal, *, hidden: Sequence[Ephemeris] = ()) -> str:
    """Return why a search may not have found a known signal, in words.

    Parameters
    ----------
    curve
        What was searched.
    known
        The signal.
    hidden
        The star's other signals.
    """
    ephemeris = known.ephemeris
    if ephemeris is None:
        return _strength_at_any_epoch(curve, known.period, hidden)
    inside = ephemeris.in_transit(curve.time)
    transits = len(np.unique(ephemeris.number(curve.time[inside])))
    seen = f"{counted(transits, 'transit')} in the data"
    if transits < _FEWEST:
        return f"{seen}, from which no period follows"
    if known.period > curve.span / _FEWEST:
        return f"{seen}, and periods above {curve.span / _FEWEST:.3g} d are not searched"
    try:
        candidate = candidate_of(curve, ephemeris, hidden=hidden)
    except DataError:
        return f"{seen}, fewer than two points of them"
    strength = measure(candidate)["strength"]
    return (
        f"{seen}, strength {strength:.2g} at the catalogue's ephemeris, where"
        f" {DETECTION_LIMIT:g} is asked for"
    )


def _strength_at_any_epoch(curve: LightCurve, period: float, hidden: Sequence[Ephemeris]) -> str:
    """Return the strength of the strongest signal at a period whose epoch is not at hand."""
    signals = search_transits(
        without(curve, hidden),
        shortest_period=period * (1 - _NEAR),
        longest_period=period * (1 + _NEAR),
        limit=0.0,
        most=1,
    ).signals
    if not signals:
        return "no dip at its period"
    return (
        f"strength {signals[0].strength:.2g} at its period and the best epoch, where"
        f" {DETECTION_LIMIT:g} is asked for"
    )


def _at(signal: TransitSignal, period: float) -> bool:
    return any(abs(signal.ephemeris.period / (ratio * period) - 1) < _WITHIN for ratio in _RATIOS)


def _paths(folder: Path | None, pattern: str) -> list[Path]:
    return [] if folder is None else sorted((folder / "samples").glob(pattern))
