"""From the curve alone: searched, found and judged, no ephemeris given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.light_curves.judged import judged
from mlcore.benchmark.light_curves.separated import STRONG
from mlcore.benchmark.light_curves.vetted import as_rows, vetted_found, vetted_stars
from mlcore.benchmark.protocol import unmeasured
from mlcore.benchmark.rows import Aim, Bar, BenchmarkRow
from mlcore.datasets.spec import Disposition
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.prediction.verdict import MARGIN
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["found_and_judged"]

_RESAMPLES = 1000
_LIKELY = 0.5 + MARGIN / 2
"""Probability from which the verdict is "likely"."""

_FOUND = Aim(
    name="found-planets",
    task=f"Confirmed KOIs of strength above {STRONG:g}: found at the period, twice or half of it",
    features="search of the curve",
    bars=(Bar(metric="found_share", value=0.90),),
    needs="kepler_flattened.parquet",
    note="Periods of more than half the curve are not searched, and count as not found.",
)
_CALLED = Aim(
    name="judged-planets",
    task="Of these found: called likely planet",
    features="search, then vetting tests",
    bars=(Bar(metric="likely_share", value=0.85),),
    needs="kepler_flattened.parquet",
    note="By models of other stars, which learn from the catalogue's signals and from what the"
    " search finds in their curves.",
)
_FALSE = Aim(
    name="judged-false-positives",
    task="False positives of that strength, found: called likely false positive or undecided",
    features="search, then vetting tests",
    bars=(Bar(metric="not_likely_share", value=0.75),),
    needs="kepler_flattened.parquet",
    note=_CALLED.note,
)
_FOUND_FALSE = Aim(
    name="found-false-positives",
    task="False positives of that strength: found",
    features="search of the curve",
    bars=(Bar(metric="found_share"),),
    needs="kepler_flattened.parquet",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    host: str
    hit: bool


def found_and_judged(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure how much of the catalogue a search finds, and what is said of it."""
    aims = (_FOUND, _CALLED, _FOUND_FALSE, _FALSE)
    if not collections.flattened:
        return tuple(line for aim in aims for line in unmeasured(aim))
    stars = collections.flattened
    known = vetted_stars(stars, cores=cores, progress=lambda done, step: progress(0.2 * done, step))
    found = vetted_found(
        stars, cores=cores, progress=lambda done, step: progress(0.2 + 0.4 * done, step)
    )
    progress(0.6, "fitting")
    probability = _probability(known, found, effort)
    lines: list[BenchmarkRow] = []
    for kind, of_found, of_called in (
        (PLANET, _FOUND, _CALLED),
        (Disposition.FALSE_POSITIVE, _FOUND_FALSE, _FALSE),
    ):
        strong = [
            signal
            for signal in known
            if signal.label is kind and signal.values["strength"] > STRONG
        ]
        stated = [probability.get((signal.host, signal.name)) for signal in strong]
        lines.append(
            _share(
                of_found,
                [
                    _Judged(host=signal.host, hit=chance is not None)
                    for signal, chance in zip(strong, stated, strict=True)
                ],
            )
        )
        lines.append(
            _share(
                of_called,
                [
                    _Judged(host=signal.host, hit=(chance >= _LIKELY) is (kind is PLANET))
                    for signal, chance in zip(strong, stated, strict=True)
                    if chance is not None
                ],
            )
        )
    return tuple(lines)


def _probability(
    known: Sequence[MeasuredSignal], found: Sequence[MeasuredSignal], effort: Effort
) -> dict[tuple[str, str], float]:
    """Return the probability of being a planet of what was found of the catalogue, by name.

    Of several signals at one period the strongest counts, which was found first. The mean over the
    seeds.
    """
    # What was found twice is learnt from once.
    parts = [signal for signal in (*known, *found) if signal.label in VETTING.classes]
    rows = as_rows(parts)
    others = [signal for signal in found if signal.label not in VETTING.classes]
    unlabelled = as_rows(others) if others else None
    both = rows if unlabelled is None else LabelledRows.joined([rows, unlabelled])
    planet = VETTING.classes.index(PLANET)
    scores = np.mean(
        [judged(both, seed, effort, of=len(both))[:, planet] for seed in effort.seeds],
        axis=0,
    )
    stated: dict[tuple[str, str], float] = {}
    for signal, score in zip([*parts, *others], scores, strict=True):
        if signal.found and signal.name:
            stated.setdefault((signal.host, signal.name), float(score))
    return stated


def _share(aim: Aim, judged: Sequence[_Judged]) -> BenchmarkRow:
    """Return a share with its interval, from resamples of the stars."""
    (bar,) = aim.bars
    hits = np.array([one.hit for one in judged], dtype=np.float64)
    value, interval = None, None
    if len(hits):
        value = float(hits.mean())
        interval = _interval(hits, np.array([one.host for one in judged]))
    return BenchmarkRow(
        name=aim.name,
        task=aim.task,
        features=aim.features,
        metric=bar.metric,
        value=value,
        interval=interval,
        bar=bar.value,
        at_most=bar.at_most,
        rows=len(hits),
        note=aim.note,
    )


def _interval(hits: NDArray[np.float64], hosts: NDArray[np.str_]) -> tuple[float, float]:
    _, star = np.unique(hosts, return_inverse=True)
    stars = int(star.max()) + 1
    total, count = np.bincount(star, hits), np.bincount(star)
    drawn = np.random.default_rng(0).integers(0, stars, (_RESAMPLES, stars))
    shares = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)
