"""What the recipe says of signals whose stars it was not fitted on, calibrated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.benchmark.protocol import blend
from mlcore.calibration.calibrate import calibrate, cross_calibrated
from mlcore.model_selection.folds import scores_of_folds, star_folds
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlcore.benchmark.protocol import Effort
    from mlcore.model_selection.labelled_rows import LabelledRows

__all__ = ["judged"]


def judged(rows: LabelledRows, seed: int, effort: Effort, *, of: int) -> NDArray[np.float64]:
    """Return probabilities of the task's classes, shape ``(of, k)``.

    Parameters
    ----------
    rows
        All signals that are learnt from; the folds divide their stars.
    seed
        Of the folds, the fits and the calibration.
    effort
        What is fitted.
    of
        How many of them, from the first on, are calibrated by one another and returned.
    """
    fold = star_folds(rows.labels, rows.hosts, task=VETTING, seed=seed)
    fit = blend(effort.recipe, VETTING)
    scores = scores_of_folds(fit, rows, fold, task=VETTING, seed=seed)[:of]
    labels, hosts, fold = rows.labels[:of], rows.hosts[:of], fold[:of]
    method = calibrate(scores, labels, hosts, task=VETTING, fold=fold, seed=seed).method
    return cross_calibrated(scores, labels, fold, task=VETTING, method=method)
