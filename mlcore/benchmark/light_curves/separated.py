"""Planets against false positives at the catalogue's ephemeris, by the curve alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.benchmark.light_curves.judged import judged
from mlcore.benchmark.light_curves.vetted import (
    BOOKKEEPING,
    as_rows,
    vetted_folds,
    vetted_stars,
)
from mlcore.benchmark.protocol import BY_STAR, blend, measured_by_seed, unmeasured
from mlcore.benchmark.rows import Aim, Bar
from mlcore.model_selection.folds import out_of_fold
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["STRONG", "separated"]

STRONG = 7.0
"""Strength in the curve itself, correlated noise considered, from which a signal counts as one."""
_AUC, _ECE = "roc_auc", "expected_calibration_error"
_FEATURES = "vetting tests of the curve"
_OTHER = (
    "Learnt from as well, on what can be compared: the shapes of the other collections' folds, of"
    " no star that is scored."
)
_FLATTENED = Aim(
    name="flattened",
    task="KOI by 127 days of flattened light, planet against false positive",
    features=_FEATURES,
    bars=(Bar(metric=_AUC, value=0.93), Bar(metric=_ECE, value=0.03, at_most=True)),
    needs="kepler_flattened.parquet",
    note=_OTHER,
)
_FLATTENED_STRONG = replace(
    _FLATTENED,
    name="flattened-strong",
    task=f"The same, strength in the curve above {STRONG:g}",
    bars=(Bar(metric=_AUC, value=0.965),),
)
_PROBE = (
    "It sees nothing of the transit: what is above it the curve shows.",
    (Bar(metric=_AUC),),
)
_FOLDED = {
    mission: Aim(
        name=f"folded-{mission}",
        task=f"First {objects} of a star by its fold, planet against false positive",
        features=_FEATURES,
        bars=(Bar(metric=_AUC, value=bar),),
        needs="folded.parquet",
        note=_OTHER,
    )
    for mission, objects, bar in (("kepler", "KOI", 0.90), ("tess", "TOI", 0.89))
}
_PERIOD_ALONE = ("period", "duration", "duty_cycle", "duration_index")


def separated(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure each collection, with the others' shapes to learn from, and the probes beside it."""
    folds = {
        mission: vetted_folds(collections.folded_of(mission), cores=cores) for mission in _FOLDED
    }
    flattened = vetted_stars(
        collections.flattened,
        cores=cores,
        progress=lambda done, step: progress(0.1 + 0.2 * done, step),
    )
    progress(0.3, "fitting")
    lines = _flattened(flattened, folds["kepler"], effort)
    for mission, aim in _FOLDED.items():
        progress(0.7, f"fitting the folds of {mission}")
        more = flattened if mission == "kepler" else folds["kepler"]
        lines += _measured(aim, folds[mission], more, effort)
        lines += _probe(aim, "period", "period and duration alone", folds[mission], effort)
    return lines


def _flattened(
    signals: Sequence[MeasuredSignal], folds: Sequence[MeasuredSignal], effort: Effort
) -> tuple[BenchmarkRow, ...]:
    lines = _all_and_strong(signals, folds, effort)
    lines += _probe(_FLATTENED, "period", "period and duration alone", signals, effort)
    return lines + _probe(
        _FLATTENED,
        "bookkeeping",
        "bookkeeping alone: points, span, cadence",
        signals,
        effort,
        names=BOOKKEEPING,
    )


def _all_and_strong(
    signals: Sequence[MeasuredSignal], folds: Sequence[MeasuredSignal], effort: Effort
) -> tuple[BenchmarkRow, ...]:
    decided = _decided(signals)
    if not decided:
        return unmeasured(_FLATTENED) + unmeasured(_FLATTENED_STRONG)
    rows = as_rows(decided)
    scores = {seed: _scores(rows, folds, seed, effort) for seed in effort.seeds}
    strong = rows.features["strength"].to_numpy() > STRONG
    everywhere = np.ones(len(rows), dtype=bool)
    lines: tuple[BenchmarkRow, ...] = ()
    for aim, chosen in ((_FLATTENED, everywhere), (_FLATTENED_STRONG, strong)):
        lines += measured_by_seed(
            aim,
            effort,
            {seed: scores[seed][chosen] for seed in effort.seeds}.__getitem__,
            rows.labels[chosen],
            rows.hosts[chosen],
            task=VETTING,
            split=BY_STAR,
        )
    return lines


def _measured(
    aim: Aim, signals: Sequence[MeasuredSignal], more: Sequence[MeasuredSignal], effort: Effort
) -> tuple[BenchmarkRow, ...]:
    decided = _decided(signals)
    if not decided:
        return unmeasured(aim)
    rows = as_rows(decided)
    return measured_by_seed(
        aim,
        effort,
        lambda seed: _scores(rows, more, seed, effort),
        rows.labels,
        rows.hosts,
        task=VETTING,
        split=BY_STAR,
    )


def _probe(
    aim: Aim,
    name: str,
    features: str,
    signals: Sequence[MeasuredSignal],
    effort: Effort,
    *,
    names: Sequence[str] = _PERIOD_ALONE,
) -> tuple[BenchmarkRow, ...]:
    """Measure what a model reaches that sees nothing of the transit."""
    note, bars = _PROBE
    probe = replace(aim, name=f"{aim.name}-{name}", features=features, bars=bars, note=note)
    decided = _decided(signals)
    if not decided:
        return unmeasured(probe)
    seen = pd.DataFrame([signal.values for signal in decided])[list(names)].astype("float64")
    rows = replace(as_rows(decided), features=seen)
    fit = blend(effort.recipe, VETTING)
    return measured_by_seed(
        probe,
        effort,
        lambda seed: out_of_fold(fit, rows, task=VETTING, seed=seed),
        rows.labels,
        rows.hosts,
        task=VETTING,
        split=BY_STAR,
    )


def _decided(signals: Sequence[MeasuredSignal]) -> list[MeasuredSignal]:
    return [signal for signal in signals if signal.label in VETTING.classes]


def _scores(
    rows: LabelledRows, more: Sequence[MeasuredSignal], seed: int, effort: Effort
) -> NDArray[np.float64]:
    """Return out-of-fold, calibrated probabilities of rows, shape ``(n, k)``.

    The folds divide the stars of all rows, so that none of `more` is of a star that is scored.
    """
    added = _decided(more)
    both = LabelledRows.joined([rows, as_rows(added, of_shape=True)]) if added else rows
    return judged(both, seed, effort, of=len(rows))
