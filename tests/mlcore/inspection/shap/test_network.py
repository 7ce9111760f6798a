from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from mlcore.inspection.shap.network import NetworkWalk
from mlcore.inspection.shap.sampling import AskedWalk, Walk, explain_by_sampling

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVERY_ACTIVATION = pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
EVERY_COUNT = pytest.mark.parametrize("classes", [2, 3])
EVERY_DEPTH = pytest.mark.parametrize("layers", [(9,), (8, 6), (7, 5, 6)])


def fitted(
    activation: str, classes: int, layers: tuple[int, ...] = (9,)
) -> tuple[MLPClassifier, NDArray[np.float64]]:
    random = np.random.default_rng(classes)
    X = random.normal(size=(150, 5))
    y = np.digitize(X[:, 0] * X[:, 1] - X[:, 2], np.linspace(-1, 1, classes - 1))
    network = MLPClassifier(
        layers, activation=activation, max_iter=60, learning_rate_init=0.02, random_state=1
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return network.fit(X, y), X


def explained(walk: Walk, X: NDArray[np.float64]) -> NDArray[np.float64]:
    return explain_by_sampling(walk, X.shape, seed=3, progress=lambda _fraction: None)


@EVERY_ACTIVATION
@EVERY_COUNT
@EVERY_DEPTH
def test_a_networks_walk_says_what_the_network_says_of_each_hybrid_row(
    activation: str, classes: int, layers: tuple[int, ...]
) -> None:
    network, X = fitted(activation, classes, layers)
    baseline = np.median(X, axis=0)
    for position in range(classes):

        def output(rows: NDArray[np.float64], position: int = position) -> NDArray[np.float64]:
            stated: NDArray[np.float64] = network.predict_proba(rows)[:, position]
            return stated

        walk, asked = NetworkWalk(network, position, X, baseline), AskedWalk(output, X, baseline)
        np.testing.assert_allclose(walk.begin(), asked.begin(), atol=1e-14)
        for column in (3, 0, 4, 1, 2):
            np.testing.assert_allclose(walk.take(column), asked.take(column), atol=1e-14)
        # A second walk starts anew.
        credited = explained(walk, X)
        np.testing.assert_allclose(credited, explained(asked, X), atol=1e-14)
        assert np.ptp(credited, axis=0).min() > 1e-5


@EVERY_COUNT
def test_a_column_at_its_baseline_contributes_exactly_nothing(classes: int) -> None:
    network, X = fitted("relu", classes)
    baseline = np.median(X, axis=0)
    rows = X.copy()
    rows[:, 2] = baseline[2]
    contributions = explained(NetworkWalk(network, 0, rows, baseline), rows)
    assert (contributions[:, 2] == 0.0).all()
    assert (contributions[:, 0] != 0.0).any()


def test_a_network_is_not_asked_again_for_each_column(monkeypatch: pytest.MonkeyPatch) -> None:
    network, X = fitted("relu", 3)

    def refuse(_self: MLPClassifier, _rows: NDArray[np.float64]) -> None:
        raise AssertionError

    monkeypatch.setattr(MLPClassifier, "predict_proba", refuse)
    assert explained(NetworkWalk(network, 1, X, X[0]), X).shape == X.shape
