"""A model is trained on real rows: what its result tells, the same each time, step by step."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import of_candidates
from mlcore.errors import HyperparameterError
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import FIXED_SPLIT, UPLOADED_TEST
from mlcore.run import RunContext
from mlcore.tasks import VETTING
from mlcore.training.setup import TrainingSetup
from mlcore.training.train import train_and_test
from tests.mlcore.hand_made import FITTED_MODELS, MEASURED
from tests.mlcore.training.tables import without

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table
    from mlcore.evaluation.model_result import ModelResult
    from tests.mlcore.conftest import Trained

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", of_candidates())


@EVERY_MISSION
def test_a_result_tells_how_many_rows_were_learned_from_and_tested_on(
    mission: str, trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    training, testing = small_tables(mission)
    result = trained("linear_regression", mission)
    assert result.model.train_rows == len(training)
    assert result.report.measurement is not None
    assert result.report.measurement.rows == len(result.predictions) == len(testing)
    assert result.model.missions == (mission,)
    assert result.model.stars == set(training.hosts)
    shares = [count / len(training) for count in training.label_counts.values()]
    assert result.model.frequencies == pytest.approx(shares)
    # Which values a K2 object lacks says nearly as much of it as what is known.
    assert [warning for warning in result.warnings if "Missing values alone" not in warning] == []


@pytest.mark.long
def test_a_search_whose_time_is_over_leaves_out_what_may_be_and_says_so(
    kepler_tables: tuple[Table, Table],
) -> None:
    setup = TrainingSetup(
        model_type="auto",
        tables=[kepler_tables[0]],
        task=VETTING,
        hyperparameters={"time_budget": 30},
        inputs=MEASURED,
    )
    testing = EvaluationSetup(
        tables=[kepler_tables[1].take(range(60))],
        older=kepler_tables[0],
        protocols=[Protocol.TIME_FORWARD],
    )
    result = train_and_test(setup, testing, RunContext(began=time.monotonic() - 3600))
    report = result.report
    # Every object is predicted, explained and judged, and what has a label is measured.
    assert len(result.predictions) == len(result.predictions.assessments) == 60
    assert report.measurement is not None
    assert report.probes is None
    assert report.feature_importance is not None
    assert report.feature_importance.permutation is None
    assert report.feature_importance.contributions
    assert [outcome.protocol for outcome in report.protocols] == [Protocol.CROSS_VALIDATED]
    assert {outcome.interval for outcome in result.predictions.assessments} == {None}
    assert {outcome.interval_sentence for outcome in result.predictions.assessments} == {
        "The time budget left no time for the interval of this score"
    }
    assert list(report.notes[-3:]) == [
        "The time budget left no time to permute the columns.",
        "The time budget left no time to probe for shortcuts.",
        ("Not tested by time forward: the time budget leaves no time to fit the model anew."),
    ]


def test_figures_are_of_exactly_the_predicted_rows(trained: Trained) -> None:
    result = trained("random_forest")
    pairs = zip(result.predictions.actual, result.predictions.labels, strict=True)
    right = sum(actual == predicted for actual, predicted in pairs)
    measurement = result.report.measurement
    assert measurement is not None
    assert measurement.figure("accuracy").value == pytest.approx(right / len(result.predictions))
    assert np.sum(measurement.confusion.counts) == len(result.predictions)


def test_figures_say_which_rows_they_are_of(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = kepler_tables
    words = mlcore.EvaluationSetup(tables=[testing], words=FIXED_SPLIT)
    fixed = mlcore.train("pca", training, words, inputs=MEASURED).report
    uploaded = mlcore.train("pca", *kepler_tables, inputs=MEASURED).report
    assert fixed.measurement is not None
    assert uploaded.measurement is not None
    assert fixed.split == fixed.measurement.split == FIXED_SPLIT
    assert uploaded.split == uploaded.measurement.split == UPLOADED_TEST


def test_a_model_may_be_asked_for_by_its_alias_with_hyperparameters_as_text(
    kepler_tables: tuple[Table, Table],
) -> None:
    result = mlcore.train(
        "rf",
        *kepler_tables,
        hyperparameters={"n_estimators": "3", "kernel": "rbf"},
        inputs=MEASURED,
    )
    assert result.model.classifier.model_type is mlcore.MODELS["random_forest"]
    assert len(result.model.classifier.estimator.estimators_) == 3
    assert result.warnings == ("kernel is no hyperparameter of random_forest and was ignored.",)


def test_a_wrong_hyperparameter_is_refused_before_the_table_is_looked_at(
    kepler_tables: tuple[Table, Table],
) -> None:
    unlabelled = without(kepler_tables[0], "koi_disposition")
    with pytest.raises(HyperparameterError, match=r"^max_depth was '-1'"):
        mlcore.train("tree", unlabelled, unlabelled, hyperparameters={"max_depth": "-1"})
    with pytest.raises(HyperparameterError, match=r"^model_type was 'cnn'"):
        mlcore.train("cnn", unlabelled, unlabelled)


def test_a_fit_that_would_take_hours_is_refused(kepler_table: Table) -> None:
    with pytest.raises(HyperparameterError, match=r"lower n_estimators\.$"):
        mlcore.train(
            "random_forest", kepler_table, kepler_table, hyperparameters={"n_estimators": 2000}
        )


STAGES = [
    "Preparing the table",
    "Fitting the model",
    "Calibrating on held-out stars",
    "Explaining each object",
    "Judging each object",
    "Measuring",
    "Probing for shortcuts",
    "Measuring by kind of object",
    "Asking what the model rests on",
    "Testing under a split by row",
    "Testing in other ways",
]


@EVERY_MODEL
def test_progress_moves_during_the_work_never_goes_back_and_ends_at_one(
    model_type: str, trained: Trained, reported: dict[str, list[tuple[float, str]]]
) -> None:
    trained(model_type)
    fractions = [fraction for fraction, _ in reported[model_type]]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    named = [step.split(":")[0] for _, step in reported[model_type]]
    assert [stage for stage in dict.fromkeys(named) if stage != "Predicting"] == STAGES


@pytest.mark.parametrize(
    ("model_type", "last"),
    [
        ("random_forest", "20 of 20 trees"),
        ("extra_trees", "20 of 20 trees"),
        ("xgboost", "20 of 20 rounds"),
        ("gradient_boosting", "20 of 20 rounds"),
        ("neural_network", "epoch 60 of at most 60"),
    ],
)
def test_progress_counts_the_trees_rounds_or_epochs_of_a_fit(
    model_type: str, last: str, trained: Trained, reported: dict[str, list[tuple[float, str]]]
) -> None:
    trained(model_type)
    during = [
        (fraction, step)
        for fraction, step in reported[model_type]
        if re.match(r"Fitting the model: .*(tree|round|epoch)", step)
    ]
    assert len(during) >= 20
    assert len({fraction for fraction, _ in during}) == len(during)
    assert during[-1][1] == f"Fitting the model: {last}"


@pytest.fixture(scope="module")
def twice(kepler_tables: tuple[Table, Table]) -> tuple[ModelResult, ModelResult]:
    """Return the same training run, done twice, with all that has a random step."""
    first, again = (
        mlcore.train(
            "random_forest",
            *kepler_tables,
            task=VETTING,
            hyperparameters={"n_estimators": 5},
            seed=9,
        )
        for _ in range(2)
    )
    return first, again


@pytest.mark.long
def test_the_same_seed_gives_the_same_predictions(
    twice: tuple[ModelResult, ModelResult],
) -> None:
    first, again = (result.predictions for result in twice)
    np.testing.assert_array_equal(first.probabilities, again.probabilities)
    np.testing.assert_array_equal(first.values, again.values)
    np.testing.assert_array_equal(first.explanation.contributions, again.explanation.contributions)
    assert first.labels == again.labels
    assert first.reasons == again.reasons
    assert first.ranks == again.ranks


def test_the_same_seed_gives_the_same_judgements(
    twice: tuple[ModelResult, ModelResult],
) -> None:
    first, again = (
        [json.dumps(row.as_json()) for row in result.predictions.assessments] for result in twice
    )
    assert first == again
    assert any(json.loads(row)["score_interval"] for row in first)
    assert all(json.loads(row)["analogues"] for row in first)


def test_the_same_seed_gives_the_same_report(twice: tuple[ModelResult, ModelResult]) -> None:
    first, again = (json.dumps(result.report.as_json(), allow_nan=False) for result in twice)
    assert first == again


@pytest.mark.long
def test_another_seed_gives_other_intervals_and_the_same_test_rows(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    first = trained("pca")
    other = mlcore.train("pca", *kepler_tables, inputs=MEASURED, seed=4)
    assert first.report.measurement is not None
    assert other.report.measurement is not None
    assert first.predictions.names == other.predictions.names
    one, two = (
        result.report.measurement.figure("accuracy").low
        for result in (first, other)
        if result.report.measurement is not None
    )
    assert one != two
