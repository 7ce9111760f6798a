"""What may be learnt of the rows to score before a single one of their labels is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from mlcore.calibration.prior_shift import prior_corrected

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["estimated_frequencies", "likeness_weights"]

_SURE = 0.01
"""Probabilities of the domain are kept this far from 0 and 1, and weights thereby finite."""
_MOST_STEPS = 1000


def likeness_weights(
    source: pd.DataFrame, target: pd.DataFrame, *, power: float = 0.5, seed: int = 0
) -> NDArray[np.float64]:
    """Weigh rows to train on by how much they look like the rows to score.

    The weights are the ratio of the densities of both sets of rows, estimated by a classifier
    that tells the sets apart (Bickel, Brückner & Scheffer 2009, JMLR 10, 2137), to a power that
    trades bias for variance (Shimodaira 2000, J. Stat. Plan. Inference 90, 227). No label is used.

    Parameters
    ----------
    source, target
        The same columns of both, shapes ``(n, p)`` and ``(m, p)``, NaN where missing.
    power
        From 0, which weighs all the same, to 1.
    seed
        Of the classifier and its folds.

    Returns
    -------
    ndarray, shape ``(n,)``
        With mean 1.
    """
    X = np.vstack([source.to_numpy(), target.to_numpy()])
    domain = np.repeat([0, 1], [len(source), len(target)])
    classifier = HistGradientBoostingClassifier(
        max_iter=150, max_leaf_nodes=8, early_stopping=False, random_state=seed
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    of_target = cross_val_predict(classifier, X, domain, cv=folds, method="predict_proba")[:, 1]
    alike = np.clip(of_target[: len(source)], _SURE, 1 - _SURE)
    weights = (alike / (1 - alike)) ** power
    return np.asarray(weights / weights.mean())


def estimated_frequencies(
    probabilities: NDArray[np.float64], trained: Sequence[float]
) -> tuple[float, ...]:
    """Estimate how frequent each class is among rows without labels.

    Expectation maximisation of Saerens, Latinne & Decaestecker 2002, Neural Computation 14, 21:
    the frequencies under which the corrected probabilities have themselves as their mean.

    Parameters
    ----------
    probabilities
        Of the rows, calibrated, shape ``(n, k)``.
    trained
        Share of each class among the training rows.

    Returns
    -------
    tuple of float
        Share of each class, summing to 1.
    """
    frequencies = np.asarray(trained, dtype=np.float64)
    for _ in range(_MOST_STEPS):
        corrected = prior_corrected(
            probabilities, trained=trained, expected=tuple(frequencies)
        ).mean(axis=0)
        settled = np.abs(corrected - frequencies).max() < 1e-6
        frequencies = corrected
        if settled:
            break
    return tuple(frequencies.tolist())
