"""Planets against false positives by the curve and the catalogue's row together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcore.benchmark.light_curves.judged import judged
from mlcore.benchmark.light_curves.row_chances import (
    kepler_chances,
    row_chances,
    together_by_star,
)
from mlcore.benchmark.light_curves.vetted import as_rows, vetted_folds, vetted_stars
from mlcore.benchmark.protocol import BY_STAR, measured_by_seed, unmeasured
from mlcore.benchmark.rows import Aim, Bar
from mlcore.benchmark.tables import BenchmarkTables, tables_in_folder
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.benchmark.light_curves.collections import Collections
    from mlcore.benchmark.light_curves.vetted import MeasuredSignal
    from mlcore.benchmark.protocol import Effort
    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.datasets.table import Table
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback

__all__ = ["combined", "curve_chances"]

_Told: TypeAlias = "dict[str, dict[int, NDArray[np.float64]]]"
"""What is said of the objects, by the name of a line and the seed."""

_AUC, _ECE = "roc_auc", "expected_calibration_error"
_TOLD = (Bar(metric=_AUC), Bar(metric=_ECE))
_TOGETHER = Aim(
    name="combined",
    task="KOI by 127 days of flattened light and its catalogue row, planet against false positive",
    features="vetting tests of the curve; wide columns of the row where DR25 treated it, else"
    " default ones",
    bars=(Bar(metric=_AUC, value=0.993), Bar(metric=_ECE, value=0.03, at_most=True)),
    needs="kepler_flattened.parquet and the Kepler tables",
    note="Logistic regression on what both models say, each of other stars.",
)
_ROW = replace(
    _TOGETHER,
    name="combined-row",
    task="The same objects by the row alone",
    features="wide columns of the row where DR25 treated it, else default ones",
    bars=_TOLD,
    note="What is above it the curve adds: these rows were measured in four years of the light of"
    " which the curve is the first 127 days.",
)
_CURVE = replace(
    _ROW,
    name="combined-curve",
    task="The same objects by the curve alone",
    features="vetting tests of the curve",
    note="",
)
_DEFAULT = replace(
    _TOGETHER,
    name="combined-default",
    task="The same, default columns of the row",
    features="vetting tests of the curve; default columns of the row",
    bars=_TOLD,
)
_DEFAULT_ROW = replace(
    _ROW,
    name="combined-default-row",
    task="The same objects by the row's default columns alone",
    features="default columns of the row",
    note="",
)


_TESS = Aim(
    name="combined-tess",
    task="First TOI of a star by its fold and its catalogue row, planet against false positive",
    features="vetting tests of the fold; 11 values of the row",
    bars=_TOLD,
    needs="folded.parquet and the TESS table toi",
    note=_TOGETHER.note,
)
_TESS_ROW = replace(
    _TESS,
    name="combined-tess-row",
    task="The same objects by the row alone",
    features="11 values of the row",
    note="What is above it the fold adds.",
)
_OF_KEPLER, _OF_TESS = (_TOGETHER, _ROW, _CURVE, _DEFAULT, _DEFAULT_ROW), (_TESS, _TESS_ROW)


def combined(
    collections: Collections, *, effort: Effort, cores: Cores, progress: ProgressCallback
) -> tuple[BenchmarkRow, ...]:
    """Measure the curve and the row together, and each of them on the same objects."""
    tables = BenchmarkTables()
    if collections.tables is not None:
        tables = tables_in_folder(collections.tables)
    kepler, tess = (
        _decided(vetted_folds(collections.folded_of(mission), cores=cores))
        for mission in ("kepler", "tess")
    )
    signals = _decided(
        vetted_stars(
            collections.flattened,
            cores=cores,
            progress=lambda done, step: progress(0.4 * done, step),
        )
    )
    lines: tuple[BenchmarkRow, ...] = ()
    progress(0.4, "fitting Kepler")
    if signals and tables.kepler is not None:
        lines += _of_kepler(signals, kepler, tables, effort)
    else:
        lines += tuple(line for aim in _OF_KEPLER for line in unmeasured(aim))
    progress(0.9, "fitting TESS")
    if tess and tables.tess is not None:
        return lines + _of_tess(tess, kepler, tables.tess, effort)
    return lines + tuple(line for aim in _OF_TESS for line in unmeasured(aim))


def _of_kepler(
    signals: Sequence[MeasuredSignal],
    folds: Sequence[MeasuredSignal],
    tables: BenchmarkTables,
    effort: Effort,
) -> tuple[BenchmarkRow, ...]:
    rows = as_rows(signals)
    told: _Told = {aim.name: {} for aim in _OF_KEPLER}
    for seed in effort.seeds:
        curve = curve_chances(rows, folds, seed, effort)
        told[_CURVE.name][seed] = _both_classes(curve)
        chances = kepler_chances(tables, seed, effort)
        for (both, alone), of_rows in zip(
            ((_DEFAULT, _DEFAULT_ROW), (_TOGETHER, _ROW)), chances, strict=True
        ):
            row = np.array([of_rows[signal.name] for signal in signals])
            told[alone.name][seed] = _both_classes(row)
            told[both.name][seed] = together_by_star(curve, row, rows.labels, rows.hosts, seed=seed)
    return _measured(_OF_KEPLER, told, rows, effort)


def _of_tess(
    signals: Sequence[MeasuredSignal],
    folds: Sequence[MeasuredSignal],
    table: Table,
    effort: Effort,
) -> tuple[BenchmarkRow, ...]:
    rows = as_rows(signals)
    told: _Told = {aim.name: {} for aim in _OF_TESS}
    for seed in effort.seeds:
        curve = curve_chances(rows, folds, seed, effort)
        of_rows = row_chances(table, seed, effort)
        row = np.array([of_rows[signal.name] for signal in signals])
        told[_TESS_ROW.name][seed] = _both_classes(row)
        told[_TESS.name][seed] = together_by_star(curve, row, rows.labels, rows.hosts, seed=seed)
    return _measured(_OF_TESS, told, rows, effort)


def _measured(
    aims: Sequence[Aim], told: _Told, rows: LabelledRows, effort: Effort
) -> tuple[BenchmarkRow, ...]:
    return tuple(
        line
        for aim in aims
        for line in measured_by_seed(
            aim,
            effort,
            told[aim.name].__getitem__,
            rows.labels,
            rows.hosts,
            task=VETTING,
            split=BY_STAR,
        )
    )


def curve_chances(
    rows: LabelledRows, folds: Sequence[MeasuredSignal], seed: int, effort: Effort
) -> NDArray[np.float64]:
    """Return the probability of a planet by the curve alone, shape ``(n,)``.

    Parameters
    ----------
    rows
        Signals of curves, decided.
    folds
        Of other stars, whose shapes are learnt from as well.
    seed, effort
        What is fitted.
    """
    added = [as_rows(folds, of_shape=True)] if folds else []
    scores = judged(LabelledRows.joined([rows, *added]), seed, effort, of=len(rows))
    return np.asarray(scores[:, VETTING.classes.index(PLANET)])


def _decided(signals: Sequence[MeasuredSignal]) -> list[MeasuredSignal]:
    return [signal for signal in signals if signal.label in VETTING.classes]


def _both_classes(planet: NDArray[np.float64]) -> NDArray[np.float64]:
    both = np.column_stack([1 - planet, planet])
    return both if VETTING.classes[1] is PLANET else both[:, ::-1]
