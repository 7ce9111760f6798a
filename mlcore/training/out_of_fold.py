"""What is learnt from training rows whose stars were held out in turn, and how well they fared.

The scores of each training row by a model that was trained on other stars serve three ends: the
probabilities are calibrated on them, conformal sets take them as the measure of what is strange,
and they are a cross-validated test of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore.calibration.calibrate import calibrate, cross_calibrated
from mlcore.calibration.conformal import calibrate_conformal
from mlcore.errors import DataError
from mlcore.evaluation.protocols import ProtocolResult
from mlcore.metrics import measure
from mlcore.model_selection.folds import scores_of_folds, star_folds
from mlcore.model_selection.protocol import FOLDS, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.calibration.calibrator import Calibration
    from mlcore.calibration.conformal import ConformalPredictor
    from mlcore.features.feature_sets import Inputs
    from mlcore.model_selection.folds import Fit
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.run import RunContext
    from mlcore.tasks import Task

__all__ = ["OutOfFold", "out_of_fold_scores", "score_out_of_fold"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OutOfFold:
    """What held-out stars taught; each part is None where there were too few of them."""

    calibration: Calibration | None = None
    conformal: ConformalPredictor | None = None
    result: ProtocolResult | None = None
    notes: tuple[str, ...] = ()


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
    fit
        Fits a model; called once a fold.
    rows
        The training rows.
    task
        What is told apart; each of its classes occurs.
    inputs
        Which columns the model sees: their mark stands beside the figures.
    folds
        How many.
    run
        Its seed is that of division, fits and intervals.
    """
    try:
        fold = star_folds(rows.labels, rows.hosts, task=task, folds=folds, seed=run.seed)
    except DataError as refusal:
        return OutOfFold(
            notes=(f"The probabilities are not calibrated, and no set of answers: {refusal}",)
        )
    scores = scores_of_folds(fit, rows, fold, task=task, seed=run.seed, progress=run.progress)
    calibration = calibrate(
        scores, rows.labels, rows.hosts, task=task, fold=fold, folds=folds, seed=run.seed
    )
    calibrated = cross_calibrated(scores, rows.labels, fold, task=task, method=calibration.method)
    return OutOfFold(
        calibration=calibration,
        # The few numbers of the map are learnt from all rows, as they are for new objects.
        conformal=calibrate_conformal(calibration.apply(scores), rows.labels, task=task),
        result=out_of_fold_scores(rows, calibrated, fold, task=task, inputs=inputs, seed=run.seed),
    )


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
