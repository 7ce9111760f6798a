"""The model behind the benchmark's figures: kinds of trees that err differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.validation import check_is_fitted, validate_data
from xgboost import XGBClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["UNDECIDED", "BlendedTrees", "geometric_mean"]

UNDECIDED = -1
"""Class of a row whose own is not known, as scikit-learn's semi-supervised estimators have it."""

_FLOOR = 1e-4
"""Lowest probability of a member: a forest's certain 0 would outvote all others."""


def geometric_mean(probabilities: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Average probabilities of the same rows in their logarithm.

    Parameters
    ----------
    probabilities
        Of each model, shape ``(n, k)`` each.

    Returns
    -------
    ndarray, shape ``(n, k)``
        Rows sum to 1.
    """
    logs = [np.log(np.clip(stated, _FLOOR, 1.0)) for stated in probabilities]
    blended = np.exp(np.mean(logs, axis=0))
    return np.asarray(blended / blended.sum(axis=1, keepdims=True))


class BlendedTrees(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Two boosters and a forest of extremely randomised trees, averaged in log-probability.

    One booster sees which values are missing. The other one and the forest see the training
    median in their place, which keeps a gap in the table from deciding alone. Shallow trees on
    many columns, deep trees on few and random ones err differently, so that the
    geometric mean of their probabilities is better than each.

    Rows of which nobody knows the class yet are learnt from too, where there are any: the boosters
    once more, and the forest, tell them apart as one class more and state the probability of each
    class given that it is one of the others. That is what the first boosters state too, which saw
    the decided rows alone; what makes an object hard to decide is learnt beside it.

    Parameters
    ----------
    rounds
        Boosting rounds of the deep booster; the shallow one has two fifths more.
    trees
        Trees of the forest.
    random_state
        Seed of every member.
    """

    def __init__(self, *, rounds: int = 500, trees: int = 200, random_state: int = 0) -> None:
        self.rounds = rounds
        self.trees = trees
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit every member.

        Parameters
        ----------
        X
            Shape ``(n, p)``, NaN where missing.
        y
            Class of each row; where they are whole numbers, `UNDECIDED` for one not known.
        sample_weight
            Weight of each row; all the same by default.
        """
        X, y = map(
            np.asarray,
            validate_data(self, X, y, ensure_all_finite="allow-nan", dtype=np.float64),
        )
        known = np.ones(len(y), dtype=bool)
        if np.issubdtype(y.dtype, np.integer):
            known = y != UNDECIDED
        self.classes_, of_known = np.unique(y[known], return_inverse=True)
        # The undecided come last, so that each other class keeps its place.
        target = np.full(len(y), len(self.classes_))
        target[known] = of_known
        weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        members = (*self._boosters(), self._forest())
        self.members_ = members if known.all() else self._boosters()
        self.of_all_ = () if known.all() else members
        for member in self.members_:
            _fit(member, X[known], of_known, None if weight is None else weight[known])
        for member in self.of_all_:
            _fit(member, X, target, weight)
        return self

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Return the probability of each of `classes_`, shape ``(n, k)``."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype=np.float64)
        stated = [member.predict_proba(X) for member in self.members_]
        of_all = [member.predict_proba(X)[:, : len(self.classes_)] for member in self.of_all_]
        return geometric_mean([*stated, *map(_given_decided, of_all)])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each row, shape ``(n,)``."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def _boosters(self) -> tuple[Pipeline, ...]:
        return (
            make_pipeline(self._booster(self.rounds * 7 // 5, max_depth=3, colsample_bytree=0.5)),
            make_pipeline(
                _medians(), self._booster(self.rounds, max_depth=6, colsample_bytree=0.2)
            ),
        )

    def _forest(self) -> Pipeline:
        forest = ExtraTreesClassifier(
            self.trees, max_features=0.4, n_jobs=1, random_state=self.random_state
        )
        return make_pipeline(_medians(), forest)

    def _booster(self, rounds: int, **shape: Any) -> XGBClassifier:
        return XGBClassifier(
            n_estimators=rounds,
            learning_rate=0.04,
            subsample=0.7,
            min_child_weight=2,
            reg_lambda=2,
            tree_method="hist",
            n_jobs=1,
            random_state=self.random_state,
            **shape,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _fit(
    member: Pipeline, X: ArrayLike, target: NDArray[np.int64], weight: NDArray[np.float64] | None
) -> None:
    member.fit(X, target, **{f"{member.steps[-1][0]}__sample_weight": weight})


def _given_decided(stated: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide what is left for the undecided among the classes; nothing is said of none."""
    total = stated.sum(axis=1, keepdims=True)
    equal = np.full_like(stated, 1 / stated.shape[1])
    return np.asarray(np.divide(stated, total, out=equal, where=total > 0))


def _medians() -> SimpleImputer:
    return SimpleImputer(strategy="median", keep_empty_features=True)
