"""The small, quick model of the probes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from xgboost import XGBClassifier

from mlcore.datasets.spec import CLASSES, Disposition
from mlcore.models.catalogue import MODELS
from mlcore.models.classifier import Classifier

if TYPE_CHECKING:
    from mlcore.model_selection.labelled_rows import LabelledRows

__all__ = ["fit_small_booster"]


def fit_small_booster(rows: LabelledRows, seed: int) -> Classifier:
    """Fit a hundred shallow boosted trees: enough to find a shortcut, in a fraction of a second.

    Parameters
    ----------
    rows
        Of at least two dispositions, none missing; values may be missing.
    seed
        The same seed and rows give the same model.
    """
    classes = tuple(kind for kind in CLASSES if (rows.labels == kind).any())
    booster = XGBClassifier(
        n_estimators=100,
        max_depth=4,
        learning_rate=0.1,
        min_child_weight=2,
        tree_method="hist",
        n_jobs=1,
        random_state=seed,
    )
    target = np.array([classes.index(Disposition(label)) for label in rows.labels])
    booster.fit(rows.features.to_numpy(dtype=np.float64), target)
    return Classifier(
        model_type=MODELS["xgboost"],
        hyperparameters=booster.get_params(),
        columns=tuple(rows.features),
        classes=classes,
        preparation=None,
        estimator=booster,
        baseline=np.empty(0),
        seed=seed,
    )
