"""The small, quick model of the probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from xgboost import XGBClassifier

from mlcore.models.classifier import CLASSES

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.model_selection.folds import FittedModel
    from mlcore.model_selection.labelled_rows import LabelledRows

__all__ = ["fit_small_booster"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _SmallBooster:
    booster: XGBClassifier
    classes: tuple[Disposition, ...]

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        stated = self.booster.predict_proba(features.to_numpy(dtype=np.float64)).astype(np.float64)
        every = np.zeros((len(stated), len(CLASSES)))
        every[:, [CLASSES.index(kind) for kind in self.classes]] = stated
        # Boosters compute in single precision.
        normalised: NDArray[np.float64] = every / every.sum(axis=1, keepdims=True)
        return normalised


def fit_small_booster(rows: LabelledRows, seed: int) -> FittedModel:
    """Fit a hundred shallow boosted trees: enough to find a shortcut, in a fraction of a second.

    Parameters
    ----------
    rows
        Of at least two dispositions, none missing; values may be missing.
    seed
        The same seed and rows give the same model.
    """
    classes = tuple(kind for kind in CLASSES if (rows.labels == kind).any())
    places = {str(kind): place for place, kind in enumerate(classes)}
    booster = XGBClassifier(
        n_estimators=100,
        max_depth=4,
        learning_rate=0.1,
        min_child_weight=2,
        tree_method="hist",
        n_jobs=1,
        random_state=seed,
    )
    target = np.array([places[label] for label in rows.labels])
    booster.fit(rows.features.to_numpy(dtype=np.float64), target)
    return _SmallBooster(booster=booster, classes=classes)
