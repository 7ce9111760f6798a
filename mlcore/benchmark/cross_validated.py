"""Star-grouped five-fold figures on one mission."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.protocol import (
    BY_STAR,
    FULL,
    LEARNT_TOO,
    Effort,
    blend,
    columns_and_features,
    measured_by_seed,
    unmeasured,
)
from mlcore.benchmark.rows import Aim, Bar
from mlcore.calibration.calibrate import calibrated
from mlcore.calibration.prior_shift import prior_corrected
from mlcore.model_selection.folds import out_of_fold
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import DISPOSITION, VETTING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.datasets.table import Table
    from mlcore.model_selection.folds import Fit
    from mlcore.tasks import Task

__all__ = [
    "k2_vetting",
    "kepler_disposition",
    "kepler_vetting",
    "kepler_wide_vetting",
    "tess_vetting",
]

_AUC, _R99, _ECE = "roc_auc", "recall_at_99_precision", "expected_calibration_error"

_KEPLER = Aim(
    name="kepler",
    task="KOI, planet against false positive",
    features="default columns with the transit's errors, derived features",
    bars=(Bar(metric=_AUC, value=0.992), Bar(metric=_R99, value=0.73)),
    needs="the Kepler table cumulative",
    note=LEARNT_TOO,
)
_KEPLER_WIDE = Aim(
    name="kepler-wide",
    task="KOI treated by DR25, planet against false positive",
    features="wide columns with the transit's errors, derived features",
    bars=(Bar(metric=_AUC, value=0.998), Bar(metric=_R99, value=0.955)),
    needs="the wide Kepler table",
    note=LEARNT_TOO,
)
_KEPLER_DISPOSITION = Aim(
    name="kepler-disposition",
    task="KOI, three dispositions",
    features="default columns with the transit's errors, derived features",
    bars=(Bar(metric="f1", value=0.785), Bar(metric="accuracy")),
    needs="the Kepler table cumulative",
    note="Each class is weighed by the root of its rarity, for macro F1 counts classes alike.",
)
_TESS = Aim(
    name="tess",
    task="TOI, planet against false positive",
    features="11 values, derived features",
    bars=(Bar(metric=_AUC, value=0.952), Bar(metric=_ECE, value=0.02, at_most=True)),
    needs="the TESS table toi",
    note=f"Calibrated by star inside the training rows. {LEARNT_TOO}",
)
_K2 = Aim(
    name="k2",
    task="K2 on unseen hosts, planet against false positive",
    features="values, derived features",
    bars=(Bar(metric=_AUC),),
    needs="the K2 table k2pandc",
    note=LEARNT_TOO,
)
_K2_PROBE = replace(
    _K2,
    name="k2-missingness",
    features="missingness only: which values are absent",
    note="It sees no value at all: a score near it rests on what was published, not on physics.",
)


def kepler_vetting(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Tell planets from false positives on the newest Kepler table, default columns."""
    return _cross_validated(_KEPLER, tables.kepler, effort)


def kepler_wide_vetting(
    tables: BenchmarkTables, *, effort: Effort = FULL
) -> tuple[BenchmarkRow, ...]:
    """Tell planets from false positives by the wide columns, on rows that DR25 treated."""
    if tables.kepler_wide is None or tables.treated is None:
        return unmeasured(_KEPLER_WIDE)
    # The features of these rows come from the whole catalogue; only they are trained on and told.
    X = columns_and_features(tables.kepler_wide, wide=True)[tables.treated]
    X = X.loc[:, X.notna().any()].reset_index(drop=True)
    rows = tables.kepler_wide.take(tables.treated)
    return _cross_validated(_KEPLER_WIDE, rows, effort, features_of=lambda _rows: X)


def kepler_disposition(
    tables: BenchmarkTables, *, effort: Effort = FULL
) -> tuple[BenchmarkRow, ...]:
    """Tell all three dispositions apart on the newest Kepler table, default columns."""
    return _cross_validated(
        _KEPLER_DISPOSITION, tables.kepler, effort, task=DISPOSITION, evened=True
    )


def tess_vetting(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Tell planets from false positives on the TESS table, values only, calibrated by star."""
    fit = calibrated(blend(effort.recipe, VETTING), task=VETTING, folds=3, undecided=True)
    return _cross_validated(_TESS, tables.tess, effort, fit=fit)


def k2_vetting(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Tell planets from false positives on K2, and tell what the mere pattern of gaps reaches."""
    return _cross_validated(_K2, tables.k2, effort) + _cross_validated(
        _K2_PROBE,
        tables.k2,
        effort,
        features_of=lambda table: columns_and_features(table).isna().astype("float64"),
    )


def _cross_validated(
    aim: Aim,
    table: Table | None,
    effort: Effort,
    *,
    task: Task = VETTING,
    features_of: Callable[[Table], pd.DataFrame] = columns_and_features,
    fit: Fit | None = None,
    evened: bool = False,
) -> tuple[BenchmarkRow, ...]:
    """Measure each seed's out-of-fold probabilities of the decided rows.

    Those that the task does not tell apart are learnt from too, and not measured.
    """
    if table is None:
        return unmeasured(aim)
    rows = LabelledRows.of([table], features_of(table))
    decided = task.decided(rows.labels)
    labels, hosts = rows.labels[decided], rows.hosts[decided]
    fit = fit or blend(effort.recipe, task)

    def score(seed: int) -> NDArray[np.float64]:
        scores = out_of_fold(fit, rows, task=task, seed=seed, undecided=True)[decided]
        return _evened(scores, labels, task) if evened else scores

    return measured_by_seed(aim, effort, score, labels, hosts, task=task, split=BY_STAR)


def _evened(scores: NDArray[np.float64], labels: pd.Series[str], task: Task) -> NDArray[np.float64]:
    """Move the probabilities half way to those under equally frequent classes."""
    share = np.bincount(task.targets(labels), minlength=len(task.classes)) / len(labels)
    root = np.sqrt(share)
    return prior_corrected(scores, trained=tuple(share), expected=tuple(root / root.sum()))
