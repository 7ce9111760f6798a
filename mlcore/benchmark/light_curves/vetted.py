"""The rows that a model on light curves learns from: what the tests measure of each signal."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from mlcore.datasets.missions.light_curves.registry import OF_SHAPE, feature_names
from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError
from mlcore.lightcurves.vetting.folded_by_others import candidate_of_fold
from mlcore.lightcurves.vetting.measuring import measure
from mlcore.lightcurves.vetting.star_search import search_star, shown, told
from mlcore.lightcurves.vetting.vet import candidate_of
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.parallel import run_all
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcore.benchmark.light_curves.collections import (
        CatalogueSignal,
        FlattenedStar,
        FoldedStar,
    )
    from mlcore.lightcurves.ephemeris import Ephemeris
    from mlcore.lightcurves.search.transits import TransitSearch
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = [
    "BOOKKEEPING",
    "MeasuredSignal",
    "as_rows",
    "vetted_folds",
    "vetted_found",
    "vetted_peaks",
    "vetted_stars",
]

_Star = TypeVar("_Star")

BOOKKEEPING = ("points", "span", "cadence")
"""What says how a star was observed, and nothing of what it shows."""
_TOGETHER = 20
"""Stars of one call: a process takes a while to begin."""
_SAME_PERIOD = 1e-3
_WITHIN = 0.01
"""Relative error of a period that is right."""
_RATIOS = (0.5, 1.0, 2.0)
"""Of a period that was found to the catalogue's, at which the signal was found."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredSignal:
    """A signal with what the tests measured of it."""

    host: str
    name: str
    """The catalogue's name of it, empty where a search found what the catalogue does not have."""
    label: Disposition | None
    values: dict[str, float]
    found: bool = False
    """Whether a search found it, and not the catalogue."""


def vetted_stars(
    stars: Sequence[FlattenedStar],
    *,
    cores: Cores,
    progress: ProgressCallback = silent,
) -> tuple[MeasuredSignal, ...]:
    """Return the catalogue's signals of each star, at the catalogue's ephemerides.

    Signals with fewer than two points in transit are left out.
    """
    return _together(_vet_catalogue, stars, "vetting", cores, progress)


def vetted_found(
    stars: Sequence[FlattenedStar],
    *,
    cores: Cores,
    progress: ProgressCallback = silent,
) -> tuple[MeasuredSignal, ...]:
    """Return the signals that a search finds in each star's curve.

    One at the period of a signal of the catalogue, or twice or half that, has its name and label;
    all others are false positives to learn from: nobody calls them planets.
    """
    return _together(_search, stars, "searching", cores, progress)


def vetted_peaks(
    stars: Sequence[FlattenedStar],
    *,
    cores: Cores,
    progress: ProgressCallback = silent,
) -> tuple[MeasuredSignal, ...]:
    """Return the strongest peak of each curve in which a search tells of no signal.

    As a session shows it; all are false positives.
    """
    return _together(_peak, stars, "looking for peaks", cores, progress)


def vetted_folds(
    stars: Sequence[FoldedStar], *, cores: Cores, progress: ProgressCallback = silent
) -> tuple[MeasuredSignal, ...]:
    """Return what the tests measure of folds that somebody else made."""
    return _together(_vet_fold, stars, "vetting folds", cores, progress)


def as_rows(signals: Sequence[MeasuredSignal], *, of_shape: bool = False) -> LabelledRows:
    """Return signals as rows to learn from.

    Parameters
    ----------
    signals
        What was measured of each.
    of_shape
        Whether to leave out what cannot be compared with other collections.
    """
    names = list(feature_names())
    features = pd.DataFrame([signal.values for signal in signals]).reindex(columns=names)
    if of_shape:
        features.loc[:, [name for name in names if name not in OF_SHAPE]] = np.nan
    return LabelledRows(
        features=features.astype("float64"),
        labels=pd.Series(
            [None if signal.label is None else str(signal.label) for signal in signals],
            dtype="str",
        ),
        hosts=pd.Series([signal.host for signal in signals], dtype="str"),
    )


def _together(
    work: Callable[[_Star], list[MeasuredSignal]],
    stars: Sequence[_Star],
    step: str,
    cores: Cores,
    progress: ProgressCallback,
) -> tuple[MeasuredSignal, ...]:
    parts = [stars[begin : begin + _TOGETHER] for begin in range(0, len(stars), _TOGETHER)]
    if not parts:
        return ()
    calls = [partial(_each, work, part) for part in parts]
    steps = [f"{step} {len(stars)} stars"] * len(parts)
    results = run_all(calls, steps, cores=cores, progress=progress)
    return tuple(signal for part in results for signal in part)


def _each(
    work: Callable[[_Star], list[MeasuredSignal]],
    stars: Sequence[_Star],
    _report: ProgressCallback,
) -> list[MeasuredSignal]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return [signal for star in stars for signal in work(star)]


def _vet_catalogue(star: FlattenedStar) -> list[MeasuredSignal]:
    vetted = []
    search = search_star(star.curve)
    for signal in star.signals:
        own = signal.ephemeris
        hidden = [
            other.ephemeris
            for other in star.signals
            if abs(other.ephemeris.period / own.period - 1) > _SAME_PERIOD
        ]
        values = _values(star, own, hidden, search, searched=False)
        if values is not None:
            vetted.append(
                MeasuredSignal(host=star.host, name=signal.name, label=signal.label, values=values)
            )
    return vetted


def _search(star: FlattenedStar) -> list[MeasuredSignal]:
    search = search_star(star.curve)
    if search is None:
        return []
    signals = told(search)
    vetted = []
    for signal in signals:
        hidden = [other.ephemeris for other in signals if other is not signal]
        values = _values(star, signal.ephemeris, hidden, search, searched=True)
        if values is None:
            continue
        known = matching(signal.ephemeris, star.signals)
        vetted.append(
            MeasuredSignal(
                host=star.host,
                name="" if known is None else known.name,
                label=Disposition.FALSE_POSITIVE if known is None else known.label,
                values=values,
                found=True,
            )
        )
    return vetted


def _peak(star: FlattenedStar) -> list[MeasuredSignal]:
    search = search_star(star.curve)
    if search is None or told(search):
        return []
    try:
        (peak, *_) = shown(star.curve, search)
    except DataError:
        return []
    values = _values(star, peak.ephemeris, (), search, searched=True)
    if values is None:
        return []
    label = Disposition.FALSE_POSITIVE
    return [MeasuredSignal(host=star.host, name="", label=label, values=values, found=True)]


def matching(found: Ephemeris, signals: Sequence[CatalogueSignal]) -> CatalogueSignal | None:
    """Return the signal whose period, or twice or half of it, was found; None where none was."""
    off = [
        (min(abs(found.period / (ratio * signal.ephemeris.period) - 1) for ratio in _RATIOS), place)
        for place, signal in enumerate(signals)
    ]
    nearest, place = min(off, default=(np.inf, 0))
    return signals[place] if nearest < _WITHIN else None


def _values(
    star: FlattenedStar,
    ephemeris: Ephemeris,
    hidden: Sequence[Ephemeris],
    search: TransitSearch | None,
    *,
    searched: bool,
) -> dict[str, float] | None:
    curve = star.curve
    try:
        values = measure(
            candidate_of(curve, ephemeris, hidden=hidden, search=search, searched=searched)
        )
    except DataError:
        return None
    return values | dict(
        zip(BOOKKEEPING, (float(len(curve.time)), curve.span, curve.cadence), strict=True)
    )


def _vet_fold(star: FoldedStar) -> list[MeasuredSignal]:
    ephemeris = star.signal.ephemeris
    try:
        candidate = candidate_of_fold(
            star.flux, period=ephemeris.period, duration=ephemeris.duration
        )
    except DataError:
        return []
    return [
        MeasuredSignal(
            host=star.host,
            name=star.signal.name,
            label=star.signal.label,
            values=measure(candidate),
        )
    ]
