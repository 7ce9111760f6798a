"""What a search returns when its time was over before a single trial had finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.models.catalogue import MODELS
from mlcore.models.classifier import fit_classifier
from mlcore.models.outputs import class_outputs

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.automl.exchange import Order
    from mlcore.models.classifier import Classifier

__all__ = ["fall_back"]

_ROWS_OF_A_CLASS = 700
_SETTINGS = {"max_depth": 4, "min_samples_leaf": 5}


def fall_back(order: Order, features: pd.DataFrame) -> tuple[Classifier, NDArray[np.float64]]:
    """Fit a small decision tree on some of the rows, which takes no time worth speaking of.

    Returns
    -------
    classifier : Classifier
    outputs : ndarray, shape ``(n, k)``
        Its explained outputs for every row, by trees that had not seen the row's star.
    """
    labels = np.asarray(order.labels, dtype=object)
    random = np.random.default_rng(order.seed)
    drawn = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        # A fold that is held out must leave rows of each class.
        for place in np.unique(order.fold):
            here = rows[order.fold[rows] == place]
            drawn[here[: _ROWS_OF_A_CLASS // 5]] = True

    kind = MODELS["decision_tree"]
    values, _ = kind.read_hyperparameters(_SETTINGS)

    def fit(kept: NDArray[np.bool_]) -> Classifier:
        rows = order.rows(features[kept], kept)
        return fit_classifier(kind, values, rows, seed=order.seed, task=order.task)

    outputs = np.zeros((len(labels), len(np.unique(labels))))
    for place in np.unique(order.fold):
        here = order.fold == place
        tree = fit(drawn & ~here)
        outputs[here] = class_outputs(tree, tree.prepare(features[here]))
    return fit(drawn), outputs
