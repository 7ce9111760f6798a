"""What is learnt from training rows whose stars were held out in turn, and how well they fared.

The scores of each training row by a model that was trained on other stars serve three ends: the
probabilities are calibrated on them, conformal sets take them as the measure of what is strange,
and they are a cross-validated test of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore.calibration.calibrate import calibrate, cross_calibrated
from mlcore.calibration.conformal import calibrate_conformal
from mlcore.errors import DataError
from mlcore.evaluation.protocols import ProtocolResult
from mlcore.metrics import measure
from mlcore.model_selection.folds import fold_calls, joined_folds, star_folds, steps_of_folds
from mlcore.model_selection.protocol import FOLDS, Protocol
from mlcore.parallel import run_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mlcore.calibration.calibrator import Calibration
    from mlcore.calibration.conformal import ConformalPredictor
    from mlcore.features.feature_sets import Inputs
    from mlcore.model_selection.folds import Fit
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.progress import ProgressCallback
    from mlcore.run import RunContext
    from mlcore.tasks import Task

__all__ = [
    "FoldedFits",
    "OutOfFold",
    "folded_fits",
    "learnt_out_of_fold",
    "not_calibrated",
    "out_of_fold_scores",
    "score_out_of_fold",
]


def _nothing() -> None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfFold:
    """What held-out stars taught; each part is None where there were too few of them."""

    calibration: Calibration | None = None
    conformal: ConformalPredictor | None = None
    measure: Callable[[], ProtocolResult | None] = _nothing
    """Measures what the held-out rows were given: nobody waits for it who does not ask."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldedFits:
    """The fits of a model on the training rows without each fold's stars."""

    fold: NDArray[np.int64]
    """The fold of each row."""
    calls: Sequence[Callable[[ProgressCallback], NDArray[np.float64]]]
    steps: Sequence[str]


def folded_fits(
    fit: Fit, rows: LabelledRows, *, task: Task, folds: int = FOLDS, run: RunContext
) -> FoldedFits:
    """Divide the training rows into folds by star.

    Parameters
    ----------
    fit
        Fits a model; called once a fold.
    rows
        The training rows.
    task
        What is told apart; each of its classes occurs.
    folds
        How many.
    run
        Its seed is that of the division and of the fits.

    Raises
    ------
    DataError
        When a class has fewer stars than there are folds.
    """
    fold = star_folds(
        rows.labels, rows.hosts, task=task, folds=folds, seed=run.seed, computed=run.computed
    )
    return FoldedFits(
        fold=fold,
        calls=fold_calls(fit, rows, fold, task=task, seed=run.seed),
        steps=[f"Calibrating on held-out stars: {step}" for step in steps_of_folds(fold)],
    )


def not_calibrated(refusal: DataError) -> OutOfFold:
    """Return what held-out stars teach where there are too few of them."""
    return OutOfFold(
        notes=(f"The probabilities are not calibrated, and no set of answers: {refusal}",)
    )


def learnt_out_of_fold(
    scored: Sequence[NDArray[np.float64]],
    fold: NDArray[np.int64],
    rows: LabelledRows,
    *,
    task: Task,
    inputs: Inputs,
    seed: int = 0,
) -> OutOfFold:
    """Learn from how the stars of each fold were scored by models of the others.

    Parameters
    ----------
    scored
        What the calls of `folded_fits` returned.
    fold, rows, task
        As there.
    inputs
        Which columns the model sees: their mark stands beside the figures.
    seed
        Of the intervals.
    """
    scores, folds = joined_folds(scored, fold), len(scored)
    calibration = calibrate(
        scores, rows.labels, rows.hosts, task=task, fold=fold, folds=folds, seed=seed
    )
    calibrated = cross_calibrated(scores, rows.labels, fold, task=task, method=calibration.method)
    return OutOfFold(
        calibration=calibration,
        # The few numbers of the map are learnt from all rows, as they are for new objects.
        conformal=calibrate_conformal(calibration.apply(scores), rows.labels, task=task),
        measure=partial(
            out_of_fold_scores, rows, calibrated, fold, task=task, inputs=inputs, seed=seed
        ),
    )


def score_out_of_fold(
    fit: Fit,
    rows: LabelledRows,
    *,
    task: Task,
    inputs: Inputs,
    folds: int = FOLDS,
    run: RunContext,
) -> OutOfFold:
    """Hold out the stars of each fold in turn, and learn from how they are scored.

    Parameters
    ----------
    fit, rows, task, folds, run
        As in `folded_fits`.
    inputs
        As in `learnt_out_of_fold`.
    """
    try:
        fits = folded_fits(fit, rows, task=task, folds=folds, run=run)
    except DataError as refusal:
        return not_calibrated(refusal)
    scored = run_all(fits.calls, steps_of_folds(fits.fold), cores=run.cores, progress=run.progress)
    return learnt_out_of_fold(scored, fits.fold, rows, task=task, inputs=inputs, seed=run.seed)


def out_of_fold_scores(
    rows: LabelledRows,
    scores: NDArray[np.float64],
    fold: NDArray[np.int64],
    *,
    task: Task,
    inputs: Inputs,
    seed: int = 0,
) -> ProtocolResult:
    """Measure what held-out rows were given, shape ``(n, k)``, by the fold of each."""
    folds = int(fold.max()) + 1
    return ProtocolResult(
        protocol=Protocol.CROSS_VALIDATED,
        rows=np.arange(len(rows)),
        probabilities=scores,
        measurement=measure(
            rows.labels,
            scores,
            rows.hosts,
            task=task,
            split=inputs.marked(
                f"{folds}-fold cross-validation by host star of the training rows: each row is"
                " scored and calibrated by what other stars taught"
            ),
            seed=seed,
        ),
        trained_rows=len(rows) - int(np.bincount(fold).max()),
    )
