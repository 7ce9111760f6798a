from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone

from mlcore.benchmark import BlendedTrees
from mlcore.benchmark.recipe import UNDECIDED


def some_rows(rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(rows, 5))
    y = (X[:, 0] + 0.5 * generator.normal(size=rows) > 0).astype(int)
    X[generator.random(X.shape) < 0.1] = np.nan
    return X, y


def light() -> BlendedTrees:
    return BlendedTrees(rounds=20, trees=20, random_state=3)


def test_it_learns_with_missing_values_and_its_probabilities_sum_to_one() -> None:
    X, y = some_rows()
    model = light().fit(X, y)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (300, 2)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (model.predict(X) == y).mean() > 0.8


def test_on_one_machine_the_same_seed_gives_the_same_probabilities_bit_for_bit() -> None:
    X, y = some_rows()
    first = light().fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), clone(first).fit(X, y).predict_proba(X))


def test_it_keeps_the_names_of_three_classes() -> None:
    X, _ = some_rows()
    y = np.repeat(["a", "b", "c"], 100)
    model = light().fit(X, y)
    assert list(model.classes_) == ["a", "b", "c"]
    assert set(model.predict(X)) <= {"a", "b", "c"}


def test_a_row_of_weight_zero_is_not_learnt_from() -> None:
    X, y = some_rows()
    wrong = np.where(np.arange(300) < 150, y, 1 - y)
    model = light().fit(X, wrong, sample_weight=(np.arange(300) < 150).astype(float))
    assert (model.predict(X[150:]) == y[150:]).mean() > 0.75


def test_a_column_without_any_value_does_no_harm() -> None:
    X, y = some_rows()
    model = light().fit(np.column_stack([X, np.full(300, np.nan)]), y)
    assert model.predict_proba(np.column_stack([X, np.ones(300)])).shape == (300, 2)


def test_the_undecided_are_learnt_from_and_are_no_class() -> None:
    X, y = some_rows()
    undecided = np.where(np.arange(300) % 3 == 0, UNDECIDED, y)
    model = light().fit(X, undecided)
    assert list(model.classes_) == [0, 1]
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (300, 2)
    assert probabilities.sum(axis=1) == pytest.approx(1.0)
    assert (model.predict(X) == y).mean() > 0.8
    alone = light().fit(X[undecided >= 0], y[undecided >= 0]).predict_proba(X)
    assert np.abs(alone - probabilities).max() > 0.01


def test_what_is_surely_undecided_is_as_likely_of_each_class() -> None:
    X, y = some_rows()
    far = X[:, 1] > 1
    model = light().fit(X, np.where(far, UNDECIDED, y))
    forest = model.of_all_[-1]
    assert forest.predict_proba(X[far])[:, 2].max() == 1.0
    assert np.isfinite(model.predict_proba(X)).all()


def test_the_weight_of_an_undecided_row_counts() -> None:
    X, y = some_rows()
    undecided = np.where(np.arange(300) % 3 == 0, UNDECIDED, y)
    known = undecided >= 0
    weighed = light().fit(X, undecided, sample_weight=known.astype(float)).predict_proba(X)
    counted = light().fit(X, undecided, sample_weight=np.ones(300)).predict_proba(X)
    assert np.abs(weighed - counted).max() > 0.01
