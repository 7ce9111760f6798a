from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit, softmax

from mlcore.errors import ArtifactError
from mlcore.inspection import OutputScale, explain_rows
from mlcore.models.outputs import class_outputs
from mlcore.models.stack_weights import StackWeights
from mlcore.models.stacked import load, refit, save, stacked_classifier
from tests.mlcore.hand_made import COLUMNS, deep_is_false, fitted, labelled, rows

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from mlcore.models import Classifier

SMALL = {
    "random_forest": {"n_estimators": 5, "max_depth": 4},
    "xgboost": {"n_estimators": 8},
    "gradient_boosting": {"max_iter": 8},
    "linear_regression": {"normalize": True},
    "svm": {},
    "neural_network": {"hidden_layer_sizes": [4], "max_iter": 30},
}
ADDITIVE = ("random_forest", "xgboost", "gradient_boosting", "linear_regression", "svm")


def three_kinds(features: pd.DataFrame) -> list[str]:
    depth = features["koi_depth"]
    return [
        "false_positive" if ppm > 2000 else "candidate" if ppm > 300 else "confirmed"
        for ppm in depth
    ]


def with_gaps(features: pd.DataFrame) -> pd.DataFrame:
    gaps = features.copy()
    gaps.loc[::5, "koi_steff"] = np.nan
    gaps.loc[3::7, "koi_depth_err1"] = np.nan
    return gaps


def ensemble(names: tuple[str, ...], features: pd.DataFrame, labels: list[str]) -> Classifier:
    members = [fitted(name, features, labels, **SMALL[name]) for name in names]
    count = len(members[0].classes)
    weights = np.linspace(0.4, 1.3, len(names))
    return stacked_classifier(
        members,
        StackWeights(
            weights=tuple(weights),
            intercepts=(0.3,) if count == 2 else (0.3, -0.1, -0.2),
            shares=tuple(weights / weights.sum()),
        ),
        features=features,
        hyperparameters={"time_budget": 30, "max_trials": None},
        seed=1,
    )


@pytest.fixture(scope="module")
def features() -> pd.DataFrame:
    return with_gaps(rows(150))


@pytest.fixture(scope="module")
def of_two(features: pd.DataFrame) -> Classifier:
    return ensemble(ADDITIVE, features, deep_is_false(features))


@pytest.fixture(scope="module")
def of_three(features: pd.DataFrame) -> Classifier:
    return ensemble(ADDITIVE, features, three_kinds(features))


def test_the_score_of_two_classes_is_the_weighted_sum_of_the_members_log_odds_and_votes(
    of_two: Classifier, features: pd.DataFrame
) -> None:
    stack = of_two.estimator
    expected = 0.3 + sum(
        weight * class_outputs(member, member.prepare(features))[:, 1]
        for weight, member in zip(stack.stack.weights, stack.members, strict=True)
    )
    outputs = class_outputs(of_two, of_two.prepare(features))
    assert outputs[:, 1] == pytest.approx(expected)
    assert (outputs[:, 0] == -outputs[:, 1]).all()
    assert of_two.predict_proba(features)[:, 2] == pytest.approx(expit(expected))
    assert (of_two.predict_proba(features)[:, 0] == 0).all()


def test_the_scores_of_three_classes_are_weighted_sums_and_their_softmax_the_probabilities(
    of_three: Classifier, features: pd.DataFrame
) -> None:
    stack = of_three.estimator
    expected = np.array([0.3, -0.1, -0.2]) + sum(
        weight * class_outputs(member, member.prepare(features))
        for weight, member in zip(stack.stack.weights, stack.members, strict=True)
    )
    assert class_outputs(of_three, of_three.prepare(features)) == pytest.approx(expected)
    assert of_three.predict_proba(features) == pytest.approx(softmax(expected, axis=1))


@pytest.mark.parametrize("kinds", [2, 3])
def test_explanations_of_an_ensemble_add_up_to_its_score(
    kinds: int, of_two: Classifier, of_three: Classifier, features: pd.DataFrame
) -> None:
    classifier = of_two if kinds == 2 else of_three
    unseen = with_gaps(rows(40, seed=5))
    explained = np.arange(40) % kinds
    said: list[float] = []
    explanation = explain_rows(
        classifier, unseen, explained, progress=lambda fraction, _: said.append(fraction)
    )
    outputs = class_outputs(classifier, classifier.prepare(unseen))
    assert explanation.scale is OutputScale.SCORE
    assert explanation.output == pytest.approx(outputs[np.arange(40), explained])
    assert explanation.base + explanation.contributions.sum(axis=1) == pytest.approx(
        explanation.output, rel=0, abs=1e-9
    )
    assert said == sorted(said)
    assert said[-1] == 1.0


def test_a_network_in_an_ensemble_keeps_the_sum(features: pd.DataFrame) -> None:
    classifier = ensemble(
        ("neural_network", "linear_regression"), features, deep_is_false(features)
    )
    explained = explain_rows(classifier, features.head(10), np.zeros(10, dtype=int))
    assert explained.base + explained.contributions.sum(axis=1) == pytest.approx(explained.output)


def test_an_ensemble_starts_from_the_median_of_the_raw_columns(
    of_two: Classifier, features: pd.DataFrame
) -> None:
    assert of_two.preparation is None
    assert of_two.baseline == pytest.approx(features.median().to_numpy())
    assert of_two.columns == tuple(column.name for column in COLUMNS)


def test_members_without_weight_are_dropped_and_one_is_always_left(
    features: pd.DataFrame,
) -> None:
    labels = deep_is_false(features)
    members = [
        fitted("linear_regression", features, labels),
        fitted("decision_tree", features, labels),
    ]
    build = partial(stacked_classifier, features=features, hyperparameters={}, seed=1)
    kept = build(
        [None, members[1]], StackWeights(weights=(0.0, 2.0), intercepts=(0.5,), shares=(0.0, 1.0))
    )
    assert [model.model_type.name for model in kept.estimator.members] == ["decision_tree"]
    assert kept.estimator.stack == StackWeights(weights=(2.0,), intercepts=(0.5,), shares=(1.0,))
    constant = build(
        members, StackWeights(weights=(0.0, 0.0), intercepts=(0.5,), shares=(0.5, 0.5))
    )
    assert [model.model_type.name for model in constant.estimator.members] == ["linear_regression"]
    assert constant.predict_proba(features)[:, 2] == pytest.approx(expit(0.5))


def test_what_a_member_was_not_happy_with_is_said_with_its_name(features: pd.DataFrame) -> None:
    member = fitted("decision_tree", features, deep_is_false(features))
    stacked = stacked_classifier(
        [replace(member, warnings=("It was cold.",))],
        StackWeights(weights=(1.0,), intercepts=(0.0,), shares=(1.0,)),
        features=features,
        hyperparameters={},
        seed=1,
    )
    assert stacked.warnings == ("Decision tree: It was cold.",)


def test_an_ensemble_fitted_anew_on_the_same_rows_is_the_same(
    of_three: Classifier, features: pd.DataFrame
) -> None:
    said: list[float] = []
    again = refit(
        of_three,
        labelled(features, three_kinds(features)),
        seed=1,
        progress=lambda fraction, _: said.append(fraction),
    )
    assert (again.predict_proba(features) == of_three.predict_proba(features)).all()
    assert said == sorted(said)


def test_an_ensemble_is_fitted_anew_on_fewer_columns(
    of_two: Classifier, features: pd.DataFrame
) -> None:
    fewer = labelled(features.iloc[:, :2], deep_is_false(features), columns=COLUMNS[:2])
    refitted = refit(of_two, fewer, seed=1)
    assert refitted.columns == ("koi_period", "koi_depth")
    assert refitted.estimator.stack == of_two.estimator.stack
    assert refitted.baseline.shape == (2,)


def test_a_saved_ensemble_predicts_the_same(
    of_three: Classifier, features: pd.DataFrame, tmp_path: Path
) -> None:
    kept: dict[Path, Classifier] = {}
    save(of_three.estimator, tmp_path, lambda member, folder: kept.update({folder: member}))
    assert [path.name for path in kept] == [f"member-{place}" for place in range(len(ADDITIVE))]
    loaded = load(tmp_path, lambda folder: kept[folder])
    assert loaded.stack == of_three.estimator.stack
    again = replace(of_three, estimator=loaded)
    assert (again.predict_proba(features) == of_three.predict_proba(features)).all()


@pytest.mark.parametrize(
    "change",
    [
        {"members": 0, "weights": [], "shares": []},
        {"weights": [1.0]},
        {"weights": [-1.0, 1.0]},
        {"shares": "ab"},
        {"intercepts": [0.1, 0.2]},
        {"intercepts": None},
        {"weights": [float("inf"), 1.0]},
    ],
)
def test_a_damaged_ensemble_is_refused(
    change: dict[str, object], features: pd.DataFrame, tmp_path: Path
) -> None:
    classifier = ensemble(("linear_regression", "random_forest"), features, deep_is_false(features))
    save(classifier.estimator, tmp_path, lambda _member, _folder: None)
    saved = json.loads((tmp_path / "stack.json").read_text(encoding="utf-8"))
    (tmp_path / "stack.json").write_text(json.dumps(saved | change), encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"^The saved ensemble is damaged\.$"):
        load(tmp_path, lambda path: classifier.estimator.members[int(path.name[-1])])


def test_a_lost_ensemble_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"^The saved ensemble is damaged\.$"):
        load(tmp_path, lambda _folder: pytest.fail("nothing was to be read"))
