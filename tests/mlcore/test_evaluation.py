from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import classification_report, confusion_matrix

from mlcore.datasets import Disposition
from mlcore.evaluation import evaluate
from mlcore.models.classifier import CLASSES

if TYPE_CHECKING:
    from mlcore.evaluation import Evaluation

C, F, P = (str(each) for each in CLASSES)
ACTUAL = [C, C, C, F, F, F, F, P, P, P]
FOUND_ = [C, P, C, F, F, C, P, P, P, F]


def evaluated(actual: list[str | None], found: list[str]) -> Evaluation:
    evaluation = evaluate(actual, found, split="these rows")
    assert evaluation is not None
    return evaluation


def test_the_classes_stand_in_their_canonical_order() -> None:
    assert (C, F, P) == ("candidate", "false_positive", "confirmed")


def test_the_confusion_matrix_has_true_classes_as_rows_and_predicted_ones_as_columns() -> None:
    assert evaluated(ACTUAL, FOUND_).confusion == [[2, 0, 1], [1, 2, 1], [0, 1, 2]]


def test_the_figures_are_those_that_are_counted_by_hand() -> None:
    evaluation = evaluated(ACTUAL, FOUND_)
    assert evaluation.rows == 10
    assert evaluation.split == "these rows"
    assert evaluation.accuracy == 0.6
    expected = {
        C: (2 / 3, 2 / 3, 2 / 3, 3),
        F: (2 / 3, 1 / 2, 4 / 7, 4),
        P: (1 / 2, 2 / 3, 4 / 7, 3),
    }
    assert list(evaluation.per_class) == list(expected)
    for each, figures in evaluation.per_class.items():
        assert list(figures) == ["precision", "recall", "f1", "rows"]
        assert list(figures.values()) == pytest.approx(expected[each])
    assert evaluation.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 2) / 3)
    assert evaluation.recall == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    assert evaluation.f1 == pytest.approx((2 / 3 + 4 / 7 + 4 / 7) / 3)


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    actual = list(random.choice([C, F, P], size=200, p=[0.2, 0.5, 0.3]))
    found = [each if random.random() < 0.7 else str(random.choice([C, F, P])) for each in actual]
    evaluation = evaluated(actual, found)
    report = classification_report(actual, found, output_dict=True)
    assert evaluation.accuracy == pytest.approx(report["accuracy"])
    for figure, name in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert getattr(evaluation, figure) == pytest.approx(report["macro avg"][name])
        for each in CLASSES:
            assert evaluation.per_class[each][figure] == pytest.approx(report[str(each)][name])
    assert evaluation.confusion == confusion_matrix(actual, found, labels=[C, F, P]).tolist()


@pytest.mark.parametrize("actual", [[], [None, None]])
def test_without_a_true_label_there_are_no_figures(actual: list[str | None]) -> None:
    assert evaluate(actual, [C] * len(actual), split="these rows") is None


def test_only_rows_with_a_true_label_count() -> None:
    partly = [*ACTUAL, None, None, None]
    assert evaluated(partly, [*FOUND_, C, F, P]) == evaluated(list(ACTUAL), FOUND_)


def test_the_mean_is_over_the_classes_that_occur_as_true_labels() -> None:
    evaluation = evaluated([F, F, P, P], [F, C, P, P])
    assert set(evaluation.per_class) == {Disposition.FALSE_POSITIVE, Disposition.CONFIRMED}
    assert evaluation.recall == (0.5 + 1.0) / 2
    assert evaluation.precision == 1.0
    assert evaluation.accuracy == 0.75
    # A predicted class that is nobody's true one still has its column.
    assert evaluation.confusion == [[0, 0, 0], [1, 1, 0], [0, 0, 2]]


def test_a_class_that_is_never_predicted_has_no_precision_and_warns_of_nothing() -> None:
    evaluation = evaluated([C, F], [F, F])
    assert evaluation.per_class[Disposition.CANDIDATE]["precision"] == 0.0
    assert evaluation.per_class[Disposition.CANDIDATE]["recall"] == 0.0


def test_as_many_predictions_as_rows_are_needed() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate([C, F], [C], split="these rows")


def test_the_figures_are_strict_json() -> None:
    found = evaluated(ACTUAL, FOUND_).as_json()
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["classes"] == [C, F, P]
    assert found["average"] == "macro"
    assert found["per_class"][F]["rows"] == 4
    assert found["confusion_matrix"] == [[2, 0, 1], [1, 2, 1], [0, 1, 2]]
