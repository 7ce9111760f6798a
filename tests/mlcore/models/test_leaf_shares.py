from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.tree import DecisionTreeClassifier

import mlcore
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.inspection import explain_rows
from mlcore.inspection.probability_shap import explain_probability
from mlcore.inspection.shap.path_dependent import explain_path_dependent
from mlcore.models.classifier import CLASSES
from mlcore.models.leaf_shares import PRIOR_ROWS, fit_smoothed, training_shares
from mlcore.progress import silent
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

X = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [11.0]])
Y = np.array([0, 0, 0, 1, 1, 1])


def grown(**values: int) -> DecisionTreeClassifier:
    tree = DecisionTreeClassifier(random_state=0, **values)
    fitted: DecisionTreeClassifier = fit_smoothed(tree, X, Y, np.arange(6), silent)
    return fitted


def test_a_leaf_is_drawn_to_the_branch_above_by_as_many_rows_as_are_declared() -> None:
    # Three rows of one class each, under a root of half and half.
    first = (3 * 1.0 + PRIOR_ROWS * 0.5) / (3 + PRIOR_ROWS)
    stated = grown().predict_proba(X)
    np.testing.assert_allclose(stated[:3], [[first, 1 - first]] * 3)
    np.testing.assert_allclose(stated[3:], [[1 - first, first]] * 3)


def test_each_node_is_drawn_to_the_one_above_it() -> None:
    labels = np.array([0, 1, 0, 1, 1, 1])
    tree = fit_smoothed(DecisionTreeClassifier(random_state=0), X, labels, np.arange(6), silent)
    nodes, drawn = tree.tree_, tree.tree_.value[:, 0, :]
    shares = training_shares(tree)
    for parent in range(nodes.node_count):
        for child in (nodes.children_left[parent], nodes.children_right[parent]):
            if child >= 0:
                rows = nodes.n_node_samples[child]
                np.testing.assert_allclose(
                    drawn[child],
                    (rows * shares[child] + PRIOR_ROWS * drawn[parent]) / (rows + PRIOR_ROWS),
                )


def test_what_the_training_rows_of_a_node_were_is_still_known() -> None:
    plain = DecisionTreeClassifier(random_state=0).fit(X, Y)
    np.testing.assert_allclose(training_shares(grown()), training_shares(plain), atol=1e-12)
    assert set(training_shares(grown())[1:].ravel()) == {0.0, 1.0}


def test_a_leaf_of_many_rows_hardly_moves() -> None:
    many = np.repeat(X, 500, axis=0), np.repeat(Y, 500)
    tree = fit_smoothed(DecisionTreeClassifier(random_state=0), *many, np.arange(3000), silent)
    assert tree.predict_proba(X).max() > 0.996


def test_a_tree_with_default_settings_tells_more_than_yes_and_no_and_more_truly(
    kepler_table: Table,
) -> None:
    decided = kepler_table.take(VETTING.decided(kepler_table.labels))
    training, testing = mlcore.split(decided)
    inputs = Inputs(feature_set=FeatureSet.MEASURED)
    train, test = (inputs.matrix(part).fillna(-1.0).to_numpy() for part in (training, testing))
    target, truth = (VETTING.targets(part.labels) for part in (training, testing))
    hosts = training.hosts.to_numpy()
    plain = DecisionTreeClassifier(random_state=0).fit(train, target).predict_proba(test)
    tree = fit_smoothed(DecisionTreeClassifier(random_state=0), train, target, hosts, silent)
    drawn = tree.predict_proba(test)
    assert len(np.unique(plain[:, 1])) == 2
    assert len(np.unique(drawn[:, 1].round(9))) > 50
    assert roc_auc_score(truth, drawn[:, 1]) > roc_auc_score(truth, plain[:, 1]) + 0.03
    assert log_loss(truth, drawn) < log_loss(truth, np.clip(plain, 1e-3, 1 - 1e-3)) / 2
    accuracy = [np.mean(stated.argmax(axis=1) == truth) for stated in (plain, drawn)]
    assert accuracy[1] >= accuracy[0]


def test_explanations_of_the_drawn_shares_are_exact(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained("decision_tree").model.classifier
    features = kepler_tables[1].features
    planet = model.classes.index(PLANET)
    explanation = explain_rows(model, features, np.full(len(features), planet))
    stated = model.uncalibrated(features)[:, CLASSES.index(PLANET)]
    np.testing.assert_allclose(explanation.output, stated, atol=1e-12)
    np.testing.assert_allclose(
        explanation.base + explanation.contributions.sum(axis=1), stated, atol=1e-12
    )
    one = features.iloc[[3]]
    along = explain_path_dependent(model, one, PLANET)
    assert along.base[0] + along.contributions.sum() == pytest.approx(stated[3], abs=1e-9)
    calibrated = explain_probability(model, one, PLANET)
    assert calibrated.base + calibrated.contributions.sum() == pytest.approx(
        calibrated.probability[0], abs=1e-9
    )


def test_a_saved_tree_says_the_same_and_still_knows_its_training_rows(
    trained: Trained, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    model = trained("decision_tree").model
    mlcore.save_artifact(model, tmp_path / "model")
    again = mlcore.load_artifact(tmp_path / "model")
    features = kepler_tables[1].features
    np.testing.assert_array_equal(
        again.classifier.predict_proba(features), model.classifier.predict_proba(features)
    )
    np.testing.assert_array_equal(
        training_shares(again.classifier.estimator), training_shares(model.classifier.estimator)
    )
