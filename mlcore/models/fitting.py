"""Fits that report how far they have come, tree by tree or round by round.

Each function fits an estimator in place and is deterministic on one machine: the number of reports
never changes the result. The step sizes below are part of the result's definition only where they
are said to be.
"""

from __future__ import annotations

import itertools
import warnings
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xgboost
from sklearn import config_context
from sklearn._loss.loss import HalfBinomialLoss, HalfMultinomialLoss
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state, shuffle

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from mlcore.progress import ProgressCallback

__all__ = [
    "EstimatorFit",
    "RoundReport",
    "fit_at_once",
    "fit_booster",
    "fit_boosting",
    "fit_epochs",
    "fit_grouped",
    "fit_in_parts",
]

_PARTS = 25


class EstimatorFit(Protocol):
    """Fits an estimator on rows that are ready for it."""

    def __call__(
        self,
        estimator: Any,
        X: NDArray[np.float64],
        y: NDArray[np.int64],
        groups: NDArray[Any],
        report: ProgressCallback,
        /,
    ) -> Any:
        """Return the fitted estimator."""


def fit_at_once(
    estimator: Any, X: ArrayLike, y: ArrayLike, _groups: ArrayLike, _report: ProgressCallback
) -> Any:
    """Fit an estimator that reports nothing while it works."""
    return estimator.fit(X, y)


def fit_grouped(
    estimator: Any, X: ArrayLike, y: ArrayLike, groups: ArrayLike, _report: ProgressCallback
) -> Any:
    """Fit an estimator that divides its rows itself and must not divide a star."""
    return estimator.fit(X, y, groups=groups)


def fit_in_parts(size: str, noun: str) -> EstimatorFit:
    """Return a fit that grows an ensemble by `warm_start`.

    scikit-learn's ensembles draw the same random numbers for a part as in one go, so the result
    is the one of a single fit.

    Parameters
    ----------
    size
        The parameter that holds the number of members, such as ``n_estimators``.
    noun
        What a member is called in the progress line.
    """

    def fit(
        estimator: Any, X: ArrayLike, y: ArrayLike, _groups: ArrayLike, report: ProgressCallback
    ) -> Any:
        total = getattr(estimator, size)
        estimator.set_params(warm_start=True)
        for count in np.unique(np.linspace(0, total, min(_PARTS, total) + 1).astype(int))[1:]:
            estimator.set_params(**{size: int(count)}).fit(X, y)
            report(count / total, f"{count} of {total} {noun}")
        return estimator.set_params(warm_start=False)

    return fit


class RoundReport(xgboost.callback.TrainingCallback):
    """Reports each boosting round out of a known number."""

    def __init__(self, rounds: int, report: ProgressCallback) -> None:
        self.rounds = rounds
        self.report = report
        self.done = 0

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:  # noqa: ARG002
        """Report the round; False means that boosting goes on."""
        self.done += 1
        self.report(self.done / self.rounds, f"{self.done} of {self.rounds} rounds")
        return False


def fit_booster(
    estimator: Any, X: ArrayLike, y: ArrayLike, _groups: ArrayLike, report: ProgressCallback
) -> Any:
    """Fit an xgboost classifier."""
    estimator.set_params(callbacks=[RoundReport(estimator.n_estimators, report)])
    estimator.fit(X, y)
    return estimator.set_params(callbacks=None)


def fit_boosting(
    estimator: Any, X: ArrayLike, y: ArrayLike, _groups: ArrayLike, report: ProgressCallback
) -> Any:
    """Fit scikit-learn's histogram boosting, whose loss is asked once a round.

    A `warm_start` for each report would bin the rows again each time, and score them with all trees
    so far.
    """
    rounds, classes = estimator.max_iter, len(np.unique(y))
    loss = HalfMultinomialLoss(n_classes=classes) if classes > 2 else HalfBinomialLoss()
    slope, done = loss.gradient_hessian, itertools.count()

    def counted(**arguments: Any) -> Any:
        # It is asked at the beginning of a round, when the one before it is done.
        if (before := next(done)) > 0:
            report(before / rounds, f"{before} of {rounds} rounds")
        return slope(**arguments)

    usual = estimator.loss
    loss.gradient_hessian = counted
    try:
        estimator.set_params(loss=loss).fit(X, y)
    finally:
        # The loss is kept with the fitted trees, as scikit-learn's own one.
        del loss.gradient_hessian
        estimator.set_params(loss=usual)
    report(1.0, f"{rounds} of {rounds} rounds")
    return estimator


def fit_epochs(
    estimator: Any, X: ArrayLike, y: ArrayLike, _groups: ArrayLike, report: ProgressCallback
) -> Any:
    """Fit a neural network epoch by epoch, until its loss no longer falls by its tolerance."""
    seed, epochs, shuffles = estimator.random_state, estimator.max_iter, estimator.shuffle
    # With a whole number every call would start the same shuffle again.
    random = check_random_state(seed)
    estimator.set_params(random_state=random)
    rows, target = np.asarray(X), np.asarray(y)
    classes, places = np.unique(target), np.arange(len(target))
    best, best_epoch = np.inf, 0
    for epoch in range(1, epochs + 1):
        if epoch == 1:
            # This one checks its rows, and draws the first weights before it shuffles.
            estimator.partial_fit(rows, target, classes=classes).set_params(shuffle=False)
        else:
            # Shuffled as it would itself, but at once: it gathers each batch's rows through checks
            # that take a fifth of the whole fit.
            order = shuffle(places, random_state=random) if shuffles else places
            with config_context(assume_finite=True, skip_parameter_validation=True):
                estimator.partial_fit(rows[order], target[order])
        report(epoch / epochs, f"epoch {epoch} of at most {epochs}")
        if estimator.loss_ < best - estimator.tol:
            best, best_epoch = estimator.loss_, epoch
        elif epoch - best_epoch > estimator.n_iter_no_change:
            break
    else:
        warnings.warn("the loss was still falling", ConvergenceWarning, stacklevel=2)
    return estimator.set_params(random_state=seed, shuffle=shuffles)
