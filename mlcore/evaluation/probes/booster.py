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

__all__ = ["fit_small_booster"]


@dataclass(frozen=True, kw_only=True, slots=True)
class _SmallBooster:
    booster: XGBClassifier
    classes: tuple[Disposition, ...]

    def predict_proba(self, features: pd.DataFrame) -> NDArray[np.float64]:
        found = self.booster.predict_proba(features.to_numpy(dtype=np.float64)).astype(np.float64)
        every = np.zeros((len(found), len(CLASSES)))
        every[:, [CLASSES.index(each) for each in self.classes]] = found
        # Boosters compute in single precision.
        normalised: NDArray[np.float64] = every / every.sum(axis=1, keepdims=True)
        return normalised


def fit_small_booster(
    features: pd.DataFrame,
    labels: pd.Series[str],
    hosts: pd.Series[str],  # noqa: ARG001 - a Fit
    seed: int,
) -> FittedModel:
    """Fit a hundred shallow boosted trees: enough to find a shortcut, in a fraction of a second.

    Parameters
    ----------
    features
        Shape ``(n, p)``; values may be missing.
    labels
        Shape ``(n,)``, of at least two dispositions, none missing.
    hosts
        Not used.
    seed
        The same seed and rows give the same model.
    """
    classes = tuple(each for each in CLASSES if (labels == each).any())
    places = {str(each): place for place, each in enumerate(classes)}
    booster = XGBClassifier(
        n_estimators=100,
        max_depth=4,
        learning_rate=0.1,
        min_child_weight=2,
        tree_method="hist",
        n_jobs=1,
        random_state=seed,
    )
    booster.fit(features.to_numpy(dtype=np.float64), np.array([places[each] for each in labels]))
    return _SmallBooster(booster=booster, classes=classes)
