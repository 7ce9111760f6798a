from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from mlcore.inspection.scoring import Figures, decided_rows, figures_of


@pytest.mark.parametrize("classes", [[0, 1, 2], [1, 2]], ids=["three", "two"])
def test_the_figures_are_those_of_scikit_learn(classes: list[int]) -> None:
    random = np.random.default_rng(0)
    target = random.choice(classes, 300)
    probabilities = np.zeros((300, 3))
    # Coarse numbers, so that there are ties.
    probabilities[:, classes] = random.integers(1, 6, (300, len(classes)))
    probabilities[np.arange(300), target] += 2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    found = figures_of(probabilities, target)
    predicted = probabilities.argmax(axis=1)
    assert found.accuracy == pytest.approx(accuracy_score(target, predicted))
    assert found.macro_f1 == pytest.approx(f1_score(target, predicted, average="macro"))
    expected = (
        roc_auc_score(target == 2, probabilities[:, 2])
        if len(classes) == 2
        else roc_auc_score(target, probabilities, multi_class="ovr")
    )
    assert found.roc_auc == pytest.approx(expected)


def test_one_class_has_no_roc() -> None:
    assert np.isnan(figures_of(np.eye(3), np.zeros(3, dtype=np.int64)).roc_auc)


def test_a_disposition_that_the_model_does_not_tell_apart_is_left_out() -> None:
    labels = ["confirmed", "candidate", None, float("nan"), "false_positive"]
    rows, target = decided_rows(labels, ["false_positive", "confirmed"])  # type: ignore[arg-type]
    assert rows.tolist() == [0, 4]
    assert target.tolist() == [2, 1]


def test_a_change_is_a_difference_of_each_figure() -> None:
    one = Figures(accuracy=0.5, macro_f1=0.75, roc_auc=1.0)
    other = Figures(accuracy=0.25, macro_f1=0.25, roc_auc=0.5)
    assert one.less(other) == Figures(accuracy=0.25, macro_f1=0.5, roc_auc=0.5)
    assert Figures.from_array(one.as_array()) == one
