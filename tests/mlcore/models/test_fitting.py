from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from xgboost import XGBClassifier

from mlcore.models.fitting import fit_booster, fit_boosting, fit_epochs, fit_in_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(120, 6))
Y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(np.int64) + (X[:, 3] > 1)
STARS = np.arange(len(Y))
ENSEMBLES: dict[str, tuple[str, Callable[[int], Any]]] = {
    "random forest": (
        "n_estimators",
        lambda size: RandomForestClassifier(n_estimators=size, random_state=4),
    ),
    "extra trees": (
        "n_estimators",
        lambda size: ExtraTreesClassifier(n_estimators=size, random_state=4),
    ),
    "histogram boosting": (
        "max_iter",
        lambda size: HistGradientBoostingClassifier(
            max_iter=size, early_stopping=False, random_state=4
        ),
    ),
}


class Reports(list[tuple[float, str]]):
    def __call__(self, fraction: float, detail: str) -> None:
        self.append((fraction, detail))

    @property
    def fractions(self) -> list[float]:
        return [fraction for fraction, _ in self]


def network(**changed: Any) -> MLPClassifier:
    return MLPClassifier(hidden_layer_sizes=(8,), random_state=4, **changed)


def quiet_epochs(estimator: MLPClassifier, reports: Reports) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return fit_epochs(estimator, X, Y, STARS, reports)


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("ensemble", ENSEMBLES)
@pytest.mark.parametrize("size", [1, 7, 25, 61])
def test_an_ensemble_grown_in_parts_is_the_one_of_a_single_fit(ensemble: str, size: int) -> None:
    name, build = ENSEMBLES[ensemble]
    reports = Reports()
    grown = fit_in_parts(name, "trees")(build(size), X, Y, STARS, reports)
    at_once = build(size).fit(X, Y)
    np.testing.assert_array_equal(grown.predict_proba(X), at_once.predict_proba(X))
    assert grown.get_params() == at_once.get_params()
    assert len(reports) == min(size, 25)
    assert reports.fractions == sorted(set(reports.fractions))
    assert reports[-1] == (1.0, f"{size} of {size} trees")


def test_a_booster_reports_each_round_and_is_the_one_of_a_plain_fit() -> None:
    reports = Reports()
    booster: NDArray[np.float32] = fit_booster(
        XGBClassifier(n_estimators=12, random_state=4), X, Y, STARS, reports
    ).predict_proba(X)
    plain = XGBClassifier(n_estimators=12, random_state=4).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(booster, plain)
    assert reports == [(n / 12, f"{n} of 12 rounds") for n in range(1, 13)]


@pytest.mark.parametrize("target", [Y, np.minimum(Y, 1)], ids=["three classes", "two classes"])
def test_histogram_boosting_reports_each_round_and_is_the_one_of_a_plain_fit(
    target: NDArray[np.int64],
) -> None:
    def build() -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(max_iter=7, early_stopping=False, random_state=4)

    reports = Reports()
    boosted = fit_boosting(build(), X, target, STARS, reports)
    plain = build().fit(X, target)
    np.testing.assert_array_equal(boosted.predict_proba(X), plain.predict_proba(X))
    assert reports == [(n / 7, f"{n} of 7 rounds") for n in range(1, 8)]
    # Nothing of the reports is left: it is saved like scikit-learn's own.
    assert boosted.get_params() == plain.get_params()
    assert vars(boosted).keys() == vars(plain).keys()
    assert type(boosted._loss) is type(plain._loss)
    assert vars(boosted._loss).keys() == vars(plain._loss).keys()


def test_histogram_boosting_that_is_stopped_by_its_report_keeps_nothing_of_it() -> None:
    def stop(_fraction: float, _detail: str) -> None:
        raise KeyError

    boosting = HistGradientBoostingClassifier(max_iter=7, early_stopping=False)
    with pytest.raises(KeyError):
        fit_boosting(boosting, X, Y, STARS, stop)
    assert boosting.loss == "log_loss"


def test_a_network_stops_when_its_loss_no_longer_falls_by_the_tolerance() -> None:
    reports = Reports()
    stopped = fit_epochs(network(max_iter=200, tol=10.0, n_iter_no_change=5), X, Y, STARS, reports)
    # The first epoch is the best one; five more may fail to beat it, the next one ends the fit.
    assert len(reports) == 7
    assert len(stopped.loss_curve_) == 7
    assert reports[-1] == (7 / 200, "epoch 7 of at most 200")


def test_a_network_goes_on_while_its_loss_falls() -> None:
    reports = Reports()
    fitted = quiet_epochs(network(max_iter=40, tol=0.0), reports)
    assert reports.fractions == [epoch / 40 for epoch in range(1, 41)]
    assert fitted.loss_curve_[-1] < fitted.loss_curve_[0]


def test_a_network_that_reaches_its_last_epoch_unsettled_warns() -> None:
    with pytest.warns(ConvergenceWarning):
        fit_epochs(network(max_iter=3), X, Y, STARS, Reports())


def test_a_network_learns_epoch_by_epoch_about_as_in_one_fit() -> None:
    in_epochs = quiet_epochs(network(max_iter=60, learning_rate_init=0.02), Reports())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        at_once = network(max_iter=60, learning_rate_init=0.02).fit(X, Y)
    assert in_epochs.loss_ == pytest.approx(at_once.loss_, rel=0.3)
    assert in_epochs.score(X, Y) > 0.6


def test_a_network_shuffles_each_epoch_anew() -> None:
    first, again = (quiet_epochs(network(max_iter=10), Reports()) for _ in range(2))
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert first.get_params() == network(max_iter=10).get_params()

    same_shuffle = network(max_iter=10)
    for _ in range(10):
        same_shuffle.partial_fit(X, Y, classes=np.unique(Y))
    assert (first.predict_proba(X) != same_shuffle.predict_proba(X)).any()
