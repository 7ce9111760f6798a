from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import Disposition
from mlcore.errors import DataError, HyperparameterError
from mlcore.models.margin_svc import MarginSVC
from mlcore.training import (
    FIXED_SPLIT,
    UPLOADED_TEST,
    labelled_rows,
    shared_stars,
    training_rows,
    usable_columns,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Trained

    from mlcore.datasets import Table

EVERY_MODEL = pytest.mark.parametrize("model_type", mlcore.MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", mlcore.DATASETS)


def without(table: Table, *columns: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(columns)))


def with_cells(table: Table, column: str, rows: int, value: object) -> Table:
    """Return the table with another value in the first rows of a column."""
    frame = table.frame.copy()
    frame.loc[: rows - 1, column] = value
    return replace(table, frame=frame)


@EVERY_MISSION
def test_a_result_tells_how_many_rows_were_learned_from_and_tested_on(
    mission: str, trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    training, testing = small_tables(mission)
    result = trained("linear_regression", mission)
    assert result.train_rows == len(training)
    assert result.evaluation is not None
    assert result.evaluation.rows == len(result.predictions) == len(testing)
    assert result.warnings == ()


def test_figures_are_of_exactly_the_predicted_rows(trained: Trained) -> None:
    result = trained("random_forest")
    pairs = zip(result.predictions.actual, result.predictions.labels, strict=True)
    right = sum(actual == found for actual, found in pairs)
    assert result.evaluation is not None
    assert result.evaluation.accuracy == right / len(result.predictions)
    assert np.sum(result.evaluation.confusion) == len(result.predictions)


def test_figures_say_which_rows_they_are_of(kepler_tables: tuple[Table, Table]) -> None:
    fixed = mlcore.train("pca", *kepler_tables, tested_on=FIXED_SPLIT).evaluation
    uploaded = mlcore.train("pca", *kepler_tables).evaluation
    assert fixed is not None
    assert uploaded is not None
    assert [fixed.split, uploaded.split] == [FIXED_SPLIT, UPLOADED_TEST]


def test_a_model_may_be_asked_for_by_its_alias_with_hyperparameters_as_text(
    kepler_tables: tuple[Table, Table],
) -> None:
    result = mlcore.train(
        "rf", *kepler_tables, hyperparameters={"n_estimators": "3", "kernel": "rbf"}
    )
    assert result.classifier.model_type is mlcore.MODELS["random_forest"]
    assert len(result.classifier.estimator.estimators_) == 3
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


def test_a_table_without_labels_cannot_be_trained_on(kepler_tables: tuple[Table, Table]) -> None:
    unlabelled = without(kepler_tables[0], "koi_disposition")
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        mlcore.train("pca", unlabelled, kepler_tables[1])
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        labelled_rows(unlabelled)


def test_too_few_rows_cannot_be_trained_on(kepler_tables: tuple[Table, Table]) -> None:
    with pytest.raises(DataError, match=r"training needs at least 20"):
        mlcore.train("pca", kepler_tables[0].take(range(19)), kepler_tables[1])


def test_a_testing_table_without_labels_is_predicted_and_not_measured(
    kepler_tables: tuple[Table, Table], trained: Trained
) -> None:
    training, testing = kepler_tables
    result = mlcore.train("pca", training, without(testing, "koi_disposition"), seed=3)
    assert result.evaluation is None
    assert set(result.predictions.actual) == {None}
    assert result.predictions.labels == trained("pca").predictions.labels


def test_a_testing_table_with_some_labels_is_measured_on_those(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    partly = with_cells(testing, "koi_disposition", 60, None)
    result = mlcore.train("pca", training, partly)
    assert len(result.predictions) == len(testing)
    assert result.evaluation is not None
    assert result.evaluation.rows == len(testing) - 60


def test_training_rows_without_a_label_are_left_out(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = kepler_tables
    partly = with_cells(training, "koi_disposition", 100, None)
    assert len(training_rows(partly)) == len(training) - 100
    result = mlcore.train("pca", partly, testing)
    assert result.train_rows == len(training) - 100
    alone = mlcore.train("pca", training.take(np.arange(100, len(training))), testing)
    np.testing.assert_array_equal(result.predictions.probabilities, alone.predictions.probabilities)


@EVERY_MODEL
def test_a_column_that_the_training_table_lacks_is_not_used(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    empty = with_cells(without(training, "koi_depth"), "koi_impact", len(training), np.nan)
    few = {"n_estimators": 3} if "forest" in model_type or model_type == "xgboost" else {}
    result = mlcore.train(model_type, empty, testing, hyperparameters=few)
    expected = tuple(
        column.name
        for column in training.dataset.feature_columns()
        if column.name not in {"koi_depth", "koi_impact"}
    )
    assert result.classifier.columns == result.predictions.explanation.columns == expected
    assert result.evaluation is not None
    assert result.evaluation.accuracy > 0.5
    assert not any(
        "Transit depth of" in text for each in result.predictions.reasons for text in each
    )


def test_a_table_without_any_feature_value_is_refused(kepler_tables: tuple[Table, Table]) -> None:
    training = kepler_tables[0]
    features = [column.name for column in training.dataset.feature_columns()]
    with pytest.raises(DataError, match=r"no value in any feature column; expected are koi_period"):
        usable_columns(without(training, *features))


def test_no_column_that_states_the_label_is_learned_from(trained: Trained) -> None:
    for mission in mlcore.DATASETS:
        dataset = mlcore.DATASETS[mission]
        columns = set(trained("linear_regression", mission).classifier.columns)
        assert columns <= {column.name for column in dataset.feature_columns()}
        assert columns.isdisjoint(column.name for column in dataset.leaky_columns)


def test_stars_on_both_sides_are_warned_of_with_the_rows_that_they_flatter(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    assert shared_stars(training, testing) == ()
    stars = list(dict.fromkeys(testing.hosts))[:3]
    shared = testing.hosts.isin(stars).to_numpy()
    both = replace(training, frame=training.frame.copy())
    both.frame.loc[:2, "kepid"] = stars
    warning = (
        "3 host stars are in both the training and the testing table; the figures may flatter the"
        f" model on the {shared.sum()} testing rows of these stars."
    )
    assert shared_stars(both, testing) == (warning,)
    assert mlcore.train("pca", both, testing).warnings == (warning,)


def test_rows_without_a_star_are_never_taken_for_the_same_star(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = (
        replace(with_cells(table, "kepid", 50, None), row_numbers=np.arange(len(table)) + 1)
        for table in kepler_tables
    )
    assert set(training.hosts[:50]) == set(testing.hosts[:50])
    assert shared_stars(training.take(range(50)), testing.take(range(50))) == ()
    assert shared_stars(without(training, "kepid"), without(testing, "kepid")) == ()
    assert shared_stars(training, without(testing, "kepid")) == ()


def test_a_fit_that_divides_its_rows_does_not_divide_a_star(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier, training = trained("svm").classifier, kepler_tables[0]
    assert training.labels is not None
    X = classifier.prepare(training.features)
    y = np.array([classifier.classes.index(Disposition(label)) for label in training.labels])
    by_star, by_row = (
        MarginSVC(random_state=classifier.seed).fit(X, y, groups=groups).sharpness_
        for groups in (training.hosts, None)
    )
    assert classifier.estimator.sharpness_ == by_star != by_row


@EVERY_MODEL
def test_progress_moves_during_the_work_never_goes_back_and_ends_at_one(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    seen: list[tuple[float, str]] = []
    few = {"n_estimators": 10} if "forest" in model_type or model_type == "xgboost" else {}
    mlcore.train(
        model_type,
        *kepler_tables,
        hyperparameters=few,
        progress=lambda fraction, step: seen.append((fraction, step)),
    )
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    stages = list(dict.fromkeys(step.split(":")[0] for _, step in seen))
    assert stages == ["Preparing the table", "Fitting the model", "Explaining each object"]


@pytest.mark.parametrize(
    ("model_type", "sent", "counted"),
    [
        ("random_forest", {"n_estimators": 50}, "trees"),
        ("extra_trees", {"n_estimators": 50}, "trees"),
        ("xgboost", {"n_estimators": 50}, "rounds"),
        ("gradient_boosting", {"max_iter": 25}, "rounds"),
        ("neural_network", {"max_iter": 25}, "epoch"),
    ],
)
def test_progress_counts_the_trees_rounds_or_epochs_of_a_fit(
    model_type: str, sent: dict[str, int], counted: str, kepler_tables: tuple[Table, Table]
) -> None:
    seen: list[tuple[float, str]] = []
    mlcore.train(
        model_type,
        *kepler_tables,
        hyperparameters=sent,
        progress=lambda fraction, step: seen.append((fraction, step)),
    )
    during = [
        (fraction, step)
        for fraction, step in seen
        if re.match(rf"Fitting the model: .*{counted}", step)
    ]
    assert len(during) >= 25
    assert len({fraction for fraction, _ in during}) == len(during)
    assert str(next(iter(sent.values()))) in during[-1][1]


def test_the_same_seed_gives_the_same_result_explanations_included(
    kepler_tables: tuple[Table, Table],
) -> None:
    first, again = (
        mlcore.train("neural_network", *kepler_tables, hyperparameters={"max_iter": 5}, seed=9)
        for _ in range(2)
    )
    assert first.evaluation == again.evaluation
    assert first.predictions.reasons == again.predictions.reasons
    np.testing.assert_array_equal(
        first.predictions.explanation.contributions, again.predictions.explanation.contributions
    )


def test_tables_are_left_as_they_were(kepler_tables: tuple[Table, Table]) -> None:
    before = [table.frame.copy() for table in kepler_tables]
    mlcore.train("svm", *kepler_tables)
    for table, frame in zip(kepler_tables, before, strict=True):
        assert table.frame.equals(frame)
