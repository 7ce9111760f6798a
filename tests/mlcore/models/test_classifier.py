from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.impute import SimpleImputer

import mlcore
from mlcore.models import MODELS, estimators, fit_classifier
from mlcore.models.classifier import CLASSES
from mlcore.models.margin_svc import MarginSVC
from tests.mlcore.hand_made import FITTED_MODELS, SMALL, default_rows, fitted_on
from tests.mlcore.pairs import EVERY_PAIR

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)
RANDOM: dict[str, dict[str, Any]] = {
    "svm": {},
    "random_forest": {"n_estimators": 5},
    "extra_trees": {"n_estimators": 5},
    "xgboost": {"n_estimators": 5, "subsample": 0.5},
    "neural_network": {"max_iter": 5},
}


@EVERY_PAIR
def test_every_model_learns_every_mission_with_its_missing_values(
    model_type: str,
    mission: str,
    trained: Trained,
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    training, testing = small_tables(mission)
    classifier = trained(model_type, mission).model.classifier
    assert training.features.isna().any().any()
    assert testing.features.isna().any().any()
    assert classifier.classes == CLASSES
    probabilities = classifier.predict_proba(testing.features)
    assert probabilities.shape == (len(testing), 3)
    assert np.isfinite(probabilities).all()
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)


@EVERY_MODEL
def test_every_model_beats_the_guess_of_the_commonest_class(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    commonest = max(testing.label_counts.values()) / len(testing)
    measurement = trained(model_type).report.measurement
    assert measurement is not None
    assert (measurement.figure("accuracy").value or 0.0) > commonest + 0.1


@EVERY_MODEL
def test_each_probability_stands_with_its_own_class(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    probabilities = trained(model_type).model.classifier.predict_proba(testing.features)
    assert testing.labels is not None
    for position, label in enumerate(CLASSES):
        truly = (testing.labels == label).to_numpy()
        mean_of_own = probabilities[truly].mean(axis=0)
        assert mean_of_own[position] > probabilities[~truly, position].mean() + 0.05


@pytest.mark.sampled(every=3)
@EVERY_MODEL
def test_on_one_machine_the_same_seed_gives_the_same_model_bit_for_bit(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    first, again = (
        fitted_on(model_type, training, seed=11).predict_proba(testing.features) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("model_type", RANDOM)
def test_another_seed_gives_another_model(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    first, other = (
        fitted_on(model_type, training, seed=seed, **RANDOM[model_type]).predict_proba(
            testing.features
        )
        for seed in (1, 2)
    )
    assert (first != other).any()


@pytest.mark.parametrize("model_type", ["linear_regression", "xgboost", "gradient_boosting"])
def test_a_model_without_a_random_step_is_the_same_for_every_seed(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    first, other = (
        fitted_on(model_type, training, seed=seed).predict_proba(testing.features)
        for seed in (1, 2)
    )
    np.testing.assert_array_equal(first, other)


@pytest.mark.sampled(every=3)
@EVERY_MODEL
@pytest.mark.parametrize("absent", CLASSES)
def test_a_class_without_training_rows_gets_no_probability(
    model_type: str, absent: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    assert training.labels is not None
    assert testing.labels is not None
    two = training.take((training.labels != absent).to_numpy())
    classifier = fitted_on(model_type, two)
    assert classifier.classes == tuple(kind for kind in CLASSES if kind != absent)
    probabilities = classifier.predict_proba(testing.features)
    assert (probabilities[:, CLASSES.index(absent)] == 0.0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-12)
    known = (testing.labels != absent).to_numpy()
    predicted = np.array(CLASSES)[probabilities.argmax(axis=1)]
    assert (predicted[known] == testing.labels[known]).mean() > 0.6


@EVERY_MODEL
def test_the_order_of_the_tables_columns_does_not_matter(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    features = kepler_tables[1].features
    classifier = trained(model_type).model.classifier
    np.testing.assert_array_equal(
        classifier.predict_proba(features[features.columns[::-1]]),
        classifier.predict_proba(features),
    )


@EVERY_MODEL
def test_a_row_of_which_nothing_is_known_is_predicted_too(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    unknown = kepler_tables[1].features.iloc[:1] * np.nan
    probabilities = trained(model_type).model.classifier.predict_proba(unknown)
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("model_type", ["xgboost", "gradient_boosting"])
def test_the_baseline_of_a_model_that_sees_missing_values_is_the_training_median(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier = trained(model_type).model.classifier
    medians = kepler_tables[0].features.loc[:, list(classifier.columns)].median()
    np.testing.assert_array_equal(classifier.baseline, medians)


@pytest.mark.parametrize("model_type", [n for n, kind in MODELS.items() if not kind.sees_missing])
def test_the_baseline_of_every_other_model_is_the_prepared_training_median(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier = trained(model_type).model.classifier
    prepared = classifier.prepare(kepler_tables[0].features)
    # The median row itself; the mean of the two middle values differs before and after a
    # logarithm where their number is even.
    np.testing.assert_allclose(np.median(prepared, axis=0), classifier.baseline, atol=0.02)


def test_columns_that_span_decades_enter_a_linear_model_as_logarithms(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier = trained("linear_regression").model.classifier
    testing = kepler_tables[1]
    prepared = classifier.prepare(testing.features)
    depth = classifier.columns.index("koi_depth")
    known = (testing.features["koi_depth"] > 0).to_numpy()
    np.testing.assert_allclose(
        prepared[known, depth], np.log10(testing.features["koi_depth"][known]), rtol=1e-12
    )
    impact = classifier.columns.index("koi_impact")
    np.testing.assert_array_equal(prepared[known, impact], testing.features["koi_impact"][known])


def test_normalize_standardises_the_columns_of_a_logistic_regression(
    kepler_tables: tuple[Table, Table],
) -> None:
    training = kepler_tables[0]
    prepared = fitted_on("linear_regression", training, normalize=True).prepare(training.features)
    np.testing.assert_allclose(prepared.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(prepared.std(axis=0), 1.0, atol=1e-9)
    plain = fitted_on("linear_regression", training).prepare(training.features)
    assert (abs(plain.std(axis=0) - 1.0) > 0.01).any()


@pytest.mark.parametrize("model_type", ["svm", "pca", "neural_network"])
def test_models_that_mind_scales_see_standardised_columns(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    prepared = trained(model_type).model.classifier.prepare(kepler_tables[0].features)
    np.testing.assert_allclose(prepared.mean(axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(prepared.std(axis=0), 1.0, atol=1e-9)


@EVERY_MODEL
def test_hyperparameters_reach_the_estimator(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    cases: dict[str, dict[str, Any]] = {
        "linear_regression": {"fit_intercept": False},
        "svm": {"C": 7.0, "kernel": "poly", "gamma": "auto"},
        "decision_tree": {"max_depth": 3, "min_samples_leaf": 4, "criterion": "entropy"},
        "random_forest": {"n_estimators": 4, "max_depth": 3, "min_samples_split": 9},
        "extra_trees": {"n_estimators": 4, "max_depth": 3, "min_samples_leaf": 9},
        "xgboost": {"n_estimators": 4, "max_depth": 3, "learning_rate": 0.5, "subsample": 0.7},
        "gradient_boosting": {"max_iter": 4, "learning_rate": 0.5, "max_leaf_nodes": 5},
        "pca": {"n_components": 3, "svd_solver": "randomized"},
        "neural_network": {"hidden_layer_sizes": (9, 4), "activation": "tanh", "max_iter": 5},
    }
    sent = cases[model_type]
    estimator = fitted_on(model_type, kepler_tables[0], **sent).estimator
    params = (estimator[0] if model_type == "pca" else estimator).get_params()
    assert {name: params[name] for name in sent} == sent


def test_a_network_starts_with_the_learning_rate_that_was_asked_for(
    kepler_tables: tuple[Table, Table],
) -> None:
    estimator = fitted_on("neural_network", kepler_tables[0], learning_rate=0.05).estimator
    assert estimator.learning_rate_init == 0.05


def test_automatic_components_explain_95_percent_of_the_variance(trained: Trained) -> None:
    components = trained("pca").model.classifier.estimator[0]
    shares = components.explained_variance_ratio_
    assert shares.sum() >= 0.95 > shares[:-1].sum()


def test_a_support_vector_machine_that_stops_early_says_so(
    kepler_tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    training = kepler_tables[0]
    hurried = replace(estimators.SVM, build=lambda values, _seed: MarginSVC(**values, max_iter=3))
    monkeypatch.setattr(estimators, "SVM", hurried)
    assert training.labels is not None
    classifier = fit_classifier(
        MODELS["svm"],
        MODELS["svm"].read_hyperparameters({})[0],
        default_rows(training),
        seed=0,
    )
    assert classifier.warnings == (
        "The fit stopped at its limit of iterations before it had settled.",
    )


def test_a_network_that_stops_early_says_so(kepler_tables: tuple[Table, Table]) -> None:
    assert fitted_on("neural_network", kepler_tables[0], max_iter=3).warnings == (
        "The fit stopped at its limit of iterations before it had settled.",
    )


@pytest.mark.parametrize("model_type", [name for name in FITTED_MODELS if name != "neural_network"])
def test_a_fit_that_settles_warns_of_nothing(model_type: str, trained: Trained) -> None:
    assert trained(model_type).model.classifier.warnings == ()


@EVERY_MODEL
def test_a_fitted_classifier_survives_the_way_to_another_process(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier = trained(model_type).model.classifier
    again = pickle.loads(pickle.dumps(classifier))
    features = kepler_tables[1].features
    assert again.model_type is MODELS[model_type]
    assert again.calibration == classifier.calibration is not None
    np.testing.assert_array_equal(again.predict_proba(features), classifier.predict_proba(features))


@pytest.mark.sampled("k2")
@pytest.mark.parametrize("mission", mlcore.DATASETS)
def test_missing_values_are_those_that_the_imputer_learns_from_every_row(
    mission: str, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    rows = default_rows(small_tables(mission)[0])
    nothing = rows.features.assign(**{rows.columns[0].name: np.nan})
    for features in (rows.features, nothing, nothing.iloc[:-1]):
        kept = rows.take(np.arange(len(rows)) < len(features))
        kind = MODELS["random_forest"]
        values = kind.read_hyperparameters(SMALL["random_forest"])[0]
        fitted = fit_classifier(kind, values, replace(kept, features=features), seed=0)
        assert fitted.preparation is not None
        plain = SimpleImputer(strategy="median", keep_empty_features=True).fit(features.to_numpy())
        np.testing.assert_array_equal(
            fitted.preparation["imputation"].statistics_, plain.statistics_
        )
