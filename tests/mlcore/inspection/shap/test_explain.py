from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import log_softmax

import mlcore
from mlcore.inspection import Explanation, OutputScale, explain_rows
from mlcore.inspection.shap.trees import tree_ensembles
from mlcore.models import MODELS, Explainer
from mlcore.models.classifier import CLASSES
from mlcore.models.outputs import class_outputs
from tests.mlcore.hand_made import FITTED_MODELS, fitted_on
from tests.mlcore.pairs import EVERY_PAIR, pairs_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.models import Classifier
    from tests.mlcore.conftest import Trained

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)
SCALES = {
    "linear_regression": OutputScale.SCORE,
    "svm": OutputScale.SCORE,
    "decision_tree": OutputScale.PROBABILITY,
    "random_forest": OutputScale.PROBABILITY,
    "extra_trees": OutputScale.PROBABILITY,
    "xgboost": OutputScale.SCORE,
    "gradient_boosting": OutputScale.SCORE,
    "pca": OutputScale.SCORE,
    "neural_network": OutputScale.PROBABILITY,
}
IMPUTED = [name for name, kind in MODELS.items() if not kind.sees_missing]
OF_TREES = [name for name, kind in MODELS.items() if kind.explainer is Explainer.TREES]


TOLERANCE = 1e-12


def single_precision(model_type: str) -> float:
    """Return how far a model's own output is from the exact one: xgboost adds up in 32 bits."""
    return 5e-6 if model_type == "xgboost" else 1e-12


def missed(explanation: Explanation) -> float:
    summed = explanation.base + explanation.contributions.sum(axis=1)
    return float(abs(summed - explanation.output).max())


def explained(model_type: str, training: Table, testing: Table, **sent: Any) -> Explanation:
    """Fit a small model and explain what it finds likeliest, without what training does beside."""
    classifier = fitted_on(model_type, training, **sent)
    best = classifier.predict_proba(testing.features)[
        :, [CLASSES.index(disposition) for disposition in classifier.classes]
    ].argmax(axis=1)
    return explain_rows(classifier, testing.features, best)


def best_class(classifier: Classifier, table: Table) -> NDArray[np.int64]:
    return classifier.predict_proba(table.features).argmax(axis=1)


@pytest.mark.sampled(
    "decision_tree-kepler",
    "xgboost-kepler",
    "svm-kepler",
    "linear_regression-kepler",
    "neural_network-kepler",
)
@EVERY_PAIR
def test_the_contributions_and_the_base_add_up_to_the_models_output(
    model_type: str, mission: str, trained: Trained
) -> None:
    explanation = trained(model_type, mission).predictions.explanation
    assert missed(explanation) <= TOLERANCE
    assert abs(explanation.contributions).max() > 0.01


@pytest.mark.sampled(every=2)
@EVERY_MODEL
@pytest.mark.parametrize("change", ["a thousandth more", "another sign", "another column left out"])
def test_an_explanation_that_is_a_little_wrong_does_not_add_up(
    model_type: str, change: str, trained: Trained
) -> None:
    explanation = trained(model_type).predictions.explanation
    wrong = explanation.contributions.copy()
    row, column = np.unravel_index(abs(wrong).argmax(), wrong.shape)
    wrong[row, column] *= {"a thousandth more": 1.001, "another sign": -1.0}.get(change, 0.0)
    assert missed(replace(explanation, contributions=wrong)) > 1e-6


@EVERY_PAIR
def test_what_is_explained_is_the_models_own_output_for_the_predicted_class(
    model_type: str,
    mission: str,
    trained: Trained,
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    result, testing = trained(model_type, mission), small_tables(mission)[1]
    explanation, classifier = result.predictions.explanation, result.model.classifier
    assert explanation.scale is SCALES[model_type]
    assert explanation.columns == classifier.columns
    probabilities = classifier.uncalibrated(testing.features)
    rows, best = np.arange(len(testing)), probabilities.argmax(axis=1)
    if explanation.scale is OutputScale.PROBABILITY:
        np.testing.assert_allclose(explanation.output, probabilities[rows, best], atol=1e-12)
        return
    scores = class_outputs(classifier, classifier.prepare(testing.features))
    np.testing.assert_allclose(
        explanation.output, scores[rows, best], atol=single_precision(model_type)
    )
    sharpness = getattr(classifier.estimator, "sharpness_", 1.0)
    np.testing.assert_allclose(
        log_softmax(sharpness * scores, axis=1), np.log(probabilities), atol=1e-5
    )


@EVERY_MODEL
def test_the_base_is_the_models_output_for_the_training_median(
    model_type: str, trained: Trained
) -> None:
    result = trained(model_type)
    at_median = class_outputs(result.model.classifier, result.model.classifier.baseline[None, :])[0]
    explained = [CLASSES.index(label) for label in result.predictions.labels]
    np.testing.assert_array_equal(result.predictions.explanation.base, at_median[explained])


@EVERY_MODEL
def test_each_row_has_contributions_of_its_own(model_type: str, trained: Trained) -> None:
    contributions = trained(model_type).predictions.explanation.contributions
    # A tree says the same of all rows in a leaf.
    least = 0.5 if model_type == "decision_tree" else 0.75
    assert len(np.unique(contributions, axis=0)) > least * len(contributions)
    assert (contributions > 0).any(axis=1).mean() > 0.9
    assert (contributions < 0).any(axis=1).mean() > 0.5


@pairs_of(IMPUTED)
def test_a_missing_value_that_the_median_stands_in_for_contributes_exactly_nothing(
    model_type: str, mission: str, trained: Trained
) -> None:
    predictions = trained(model_type, mission).predictions
    missing = np.isnan(predictions.values)
    assert missing.any()
    assert (predictions.explanation.contributions[missing] == 0.0).all()
    assert (predictions.explanation.contributions[~missing] != 0.0).mean() > 0.1


@pytest.mark.parametrize("model_type", ["xgboost", "gradient_boosting"])
def test_a_missing_value_that_the_model_sees_may_contribute(
    model_type: str, trained: Trained
) -> None:
    predictions = trained(model_type, "k2").predictions
    missing = np.isnan(predictions.values)
    assert (predictions.explanation.contributions[missing] != 0.0).any()


@pytest.mark.parametrize("model_type", IMPUTED)
def test_a_row_of_which_nothing_is_known_is_at_the_base(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier = trained(model_type).model.classifier
    unknown = kepler_tables[1].features.iloc[:2] * np.nan
    explanation = explain_rows(classifier, unknown, np.array([0, 2]))
    np.testing.assert_allclose(explanation.contributions, 0.0, atol=1e-12)
    np.testing.assert_allclose(explanation.output, explanation.base, atol=1e-12)


@pytest.mark.parametrize("model_type", OF_TREES)
def test_a_column_that_no_tree_asks_for_contributes_exactly_nothing(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    few: dict[str, dict[str, int]] = {
        "decision_tree": {"max_depth": 3},
        "gradient_boosting": {"max_iter": 2, "max_leaf_nodes": 4},
    }
    sent = few.get(model_type, {"n_estimators": 2, "max_depth": 3})
    classifier, testing = fitted_on(model_type, kepler_tables[0], **sent), kepler_tables[1]
    contributions = explain_rows(
        classifier, testing.features, best_class(classifier, testing)
    ).contributions
    ensembles = tree_ensembles(classifier.estimator)
    used = {int(f) for ensemble in ensembles for f in ensemble.feature[ensemble.left >= 0]}
    silent = [i for i in range(contributions.shape[1]) if i not in used]
    assert len(silent) >= 5
    assert (contributions[:, silent] == 0.0).all()
    assert (contributions[:, sorted(used)] != 0.0).any(axis=0).mean() > 0.3


@pytest.mark.sampled(every=3)
@EVERY_MODEL
def test_a_column_that_is_the_same_everywhere_contributes_exactly_nothing(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = (
        replace(table, frame=table.frame.assign(koi_steff=5800.0)) for table in kepler_tables
    )
    explanation = explained(model_type, training, testing)
    column = explanation.columns.index("koi_steff")
    assert (explanation.contributions[:, column] == 0.0).all()


@pytest.mark.sampled(every=3)
@EVERY_MODEL
def test_any_class_can_be_explained_and_not_only_the_predicted_one(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier, testing = trained(model_type).model.classifier, kepler_tables[1].take(range(30))
    probabilities = classifier.uncalibrated(testing.features)
    total = np.zeros((30, len(classifier.columns)))
    for position in range(3):
        explanation = explain_rows(classifier, testing.features, np.full(30, position))
        assert missed(explanation) <= TOLERANCE
        if explanation.scale is OutputScale.PROBABILITY:
            np.testing.assert_allclose(explanation.output, probabilities[:, position], atol=1e-12)
        total += explanation.contributions
    if SCALES[model_type] is OutputScale.PROBABILITY:
        # Probabilities sum to one whatever a row says, so what lifts one class lowers others.
        np.testing.assert_allclose(total, 0.0, atol=1e-12)


@pytest.mark.sampled(every=3)
@EVERY_MODEL
def test_a_row_is_explained_alone_as_it_is_among_others(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier, testing = trained(model_type).model.classifier, kepler_tables[1].take(range(12))
    explained = best_class(classifier, testing)
    together = explain_rows(classifier, testing.features, explained)
    for i in (0, 7):
        alone = explain_rows(classifier, testing.features.iloc[[i]], explained[[i]])
        np.testing.assert_allclose(
            alone.contributions[0], together.contributions[i], atol=TOLERANCE
        )


@pytest.mark.sampled(every=3)
@EVERY_MODEL
def test_two_classes_are_explained_as_well_as_three(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = (
        table.take((table.labels != "candidate").to_numpy())
        for table in kepler_tables
        if table.labels is not None
    )
    explanation = explained(model_type, training, testing)
    assert missed(explanation) <= TOLERANCE
    if explanation.scale is OutputScale.SCORE:
        # The predicted class of two has the positive score.
        assert (explanation.output >= 0).all()
    else:
        assert (explanation.output >= 0.5).all()


def test_a_large_booster_adds_up_as_exactly_as_a_small_one(
    kepler_tables: tuple[Table, Table],
) -> None:
    explanation = explained("xgboost", *kepler_tables, n_estimators=400, learning_rate=0.3)
    assert missed(explanation) <= TOLERANCE


@EVERY_MODEL
def test_progress_of_the_explanations_never_goes_back_and_ends_at_one(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier, testing = trained(model_type).model.classifier, kepler_tables[1].take(range(40))
    seen: list[tuple[float, str]] = []
    explain_rows(
        classifier,
        testing.features,
        best_class(classifier, testing),
        progress=lambda fraction, step: seen.append((fraction, step)),
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    if model_type not in {"linear_regression", "pca"}:
        assert seen[-1] == (1.0, "40 of 40 objects")


def test_the_public_face_explains_with_the_same_function() -> None:
    assert mlcore.explain is explain_rows
