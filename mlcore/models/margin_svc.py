"""A support vector classifier with smooth class scores and probabilities that follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.svm import SVC

from mlcore.model_selection.folds import StarFolds
from mlcore.models.kernel_sums import pair_margins

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["MarginSVC"]

_CALIBRATION_FOLDS = 4
"""One fold of this many is held out to learn the temperature."""

_TEMPERATURE_RANGE = (-3.0, 3.0)
"""Bounds of the logarithm of the factor between a margin and a log-odds."""


class MarginSVC(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A support vector machine whose class score is the mean of its pairwise margins.

    scikit-learn's one-against-rest scores count votes and so jump; the mean of the signed
    margins of a class against each other one is a plain sum over support vectors, so it has a
    gradient and can be explained exactly. Probabilities are a softmax of the scores times one
    factor, which is learnt on stars that were held out of the fit (temperature scaling: Guo et
    al. 2017, "On Calibration of Modern Neural Networks"); the most probable class is therefore
    always the one with the highest score.

    Parameters
    ----------
    C, kernel, gamma, max_iter
        As in `sklearn.svm.SVC`.
    random_state
        Seed of the held-out division.
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        kernel: str = "rbf",
        gamma: str = "scale",
        max_iter: int = 1_000_000,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.kernel = kernel
        self.gamma = gamma
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> Self:
        """Fit on rows `X`, shape ``(n, p)``, with targets `y` and host stars `groups`.

        Without `groups` every row counts as a star of its own.
        """
        rows, target = np.asarray(X, dtype=np.float64), np.asarray(y)
        stars = np.arange(len(target)) if groups is None else np.asarray(groups)
        self.classes_ = np.unique(target)
        fitting, out_of_fold = next(
            StarFolds(_CALIBRATION_FOLDS, shuffle=True, random_state=self.random_state).split(
                rows, target, stars
            )
        )
        self.svc_ = SVC(
            C=self.C,
            kernel=self.kernel,
            gamma=self.gamma,
            max_iter=self.max_iter,
            decision_function_shape="ovo",
            cache_size=500,
        )
        # A class with very few stars may be absent from one side; then margins stay as they are.
        self.sharpness_ = 1.0
        if len(np.unique(target[fitting])) == len(self.classes_) and len(out_of_fold):
            self.svc_.fit(rows[fitting], target[fitting])
            self.sharpness_ = _sharpness(
                self.decision_function(rows[out_of_fold]),
                np.searchsorted(self.classes_, target[out_of_fold]),
            )
        self.svc_.fit(rows, target)
        self.n_features_in_ = rows.shape[1]
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the mean pairwise margin of each class, shape ``(n, k)``."""
        return pair_margins(self.svc_, np.asarray(X, dtype=np.float64)) @ self.pair_signs()

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each class, shape ``(n, k)``."""
        return np.asarray(softmax(self.sharpness_ * self.decision_function(X), axis=1))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the class with the highest score for each row, shape ``(n,)``."""
        return np.asarray(self.classes_[self.decision_function(X).argmax(axis=1)])

    def pair_signs(self) -> NDArray[np.float64]:
        """Return the weight of each pair's margin in each class's score, shape ``(pairs, k)``."""
        count = len(self.classes_)
        if count == 2:
            # With two classes scikit-learn turns the sign round: positive means the second.
            return np.array([[-1.0, 1.0]])
        first, second = np.triu_indices(count, k=1)
        return (np.eye(count)[first] - np.eye(count)[second]) / (count - 1)


def _sharpness(scores: NDArray[np.float64], target: NDArray[np.int64]) -> float:
    rows = np.arange(len(target))

    def loss(log_factor: float) -> float:
        return -float(log_softmax(np.exp(log_factor) * scores, axis=1)[rows, target].mean())

    return float(np.exp(minimize_scalar(loss, bounds=_TEMPERATURE_RANGE, method="bounded").x))
