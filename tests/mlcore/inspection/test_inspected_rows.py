from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from mlcore.datasets.spec import CLASSES
from mlcore.errors import DataError
from mlcore.inspection.inspected_rows import InspectedRows, by_name, with_bounds
from tests.mlcore.hand_made import fitted, labelled, rows

if TYPE_CHECKING:
    from mlcore.models import Classifier

LABELS = [str(disposition) for disposition in CLASSES]


def inspected(
    labels: list[str | None], classifier: Classifier | None = None, *, stars: int = 300
) -> InspectedRows:
    features = rows(len(labels))
    return InspectedRows(
        classifier
        or fitted("decision_tree", features, [LABELS[i % 3] for i in range(len(labels))]),
        labelled(features, labels, [f"star {i % stars}" for i in range(len(labels))]),
        seed=0,
        refusal="No row has a label.",
    )


@pytest.mark.parametrize("classes", [[0, 1, 2], [1, 2]], ids=["three", "two"])
def test_the_figures_are_those_of_scikit_learn(classes: list[int]) -> None:
    random = np.random.default_rng(0)
    target = random.choice(classes, 300)
    probabilities = np.zeros((300, 3))
    # Coarse numbers, so that there are ties.
    probabilities[:, classes] = random.integers(1, 6, (300, len(classes)))
    probabilities[np.arange(300), target] += 2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    figures = by_name(inspected([LABELS[i] for i in target]).figures(probabilities).values)
    predicted = probabilities.argmax(axis=1)
    expected = (
        roc_auc_score(target == 2, probabilities[:, 2])
        if len(classes) == 2
        else roc_auc_score(target, probabilities, multi_class="ovr")
    )
    assert figures == {
        "accuracy": pytest.approx(accuracy_score(target, predicted)),
        "macro_f1": pytest.approx(f1_score(target, predicted, average="macro")),
        "roc_auc": pytest.approx(expected),
    }


def test_one_class_has_no_roc() -> None:
    figures = by_name(inspected([LABELS[0]] * 3).figures(np.eye(3)).values)
    assert np.isnan(figures["roc_auc"])
    assert figures["accuracy"] == pytest.approx(1 / 3)


def test_a_disposition_that_the_model_does_not_tell_apart_is_left_out() -> None:
    labels = ["confirmed", "candidate", None, float("nan"), "false_positive"]
    features = rows(5)
    model = fitted("decision_tree", features, ["confirmed", "false_positive"] * 2 + ["confirmed"])
    kept = inspected(labels, model)  # type: ignore[arg-type]
    assert kept.features.equals(features.iloc[[0, 4]].reset_index(drop=True))
    assert len(kept) == 2
    right = np.eye(3)[[CLASSES.index("confirmed"), CLASSES.index("false_positive")]]  # type: ignore[arg-type]
    assert by_name(kept.figures(right).values)["accuracy"] == 1.0


def test_a_change_is_a_difference_of_each_figure_on_the_same_stars() -> None:
    random = np.random.default_rng(1)
    kept = inspected([LABELS[i] for i in random.integers(3, size=120)], stars=60)
    one, other = (kept.figures(random.dirichlet(np.ones(3), 120)) for _ in range(2))
    change = one - other
    np.testing.assert_array_equal(change.values, one.values - other.values)
    np.testing.assert_array_equal(change.replicates, one.replicates - other.replicates)
    assert change.replicates.shape == (200, 3)
    values, low, high = with_bounds(change)
    assert all(low[name] < value < high[name] for name, value in values.items())


def test_without_a_label_it_says_what_it_was_told_to() -> None:
    with pytest.raises(DataError, match=r"^No row has a label"):
        inspected([None, "unknown"])
