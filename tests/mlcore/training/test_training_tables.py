"""What a training and a testing table may lack, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mlcore
from mlcore.datasets import Disposition, of_candidates
from mlcore.errors import DataError
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import shared_stars
from mlcore.model_selection.training_rows import labelled_rows, training_rows
from mlcore.models.margin_svc import MarginSVC
from mlcore.tasks import VETTING
from tests.mlcore.evaluation.told_figures import splits_of
from tests.mlcore.hand_made import MEASURED
from tests.mlcore.training.tables import without

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

# Of all of these the first answer is enough.
train = partial(mlcore.train, evidence=False)


def with_cells(table: Table, column: str, rows: int, value: Any) -> Table:
    """Return the table with another value in the first rows of a column."""
    frame = table.frame.copy()
    frame.loc[: rows - 1, column] = value
    return replace(table, frame=frame)


def test_a_table_without_labels_cannot_be_trained_on(kepler_tables: tuple[Table, Table]) -> None:
    unlabelled = without(kepler_tables[0], "koi_disposition")
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        train("pca", unlabelled, kepler_tables[1])
    with pytest.raises(DataError, match=r"no column koi_disposition"):
        labelled_rows(unlabelled)


def test_too_few_rows_cannot_be_trained_on(kepler_tables: tuple[Table, Table]) -> None:
    with pytest.raises(DataError, match=r"training needs at least 20"):
        train("pca", kepler_tables[0].take(range(19)), kepler_tables[1])


def test_a_testing_table_without_labels_is_predicted_and_not_measured(
    kepler_tables: tuple[Table, Table], trained: Trained
) -> None:
    training, testing = kepler_tables
    unlabelled = without(testing, "koi_disposition")
    result = train("pca", training, unlabelled, inputs=MEASURED, seed=3)
    report = result.report
    assert report.measurement is None
    assert (report.tested.curves, report.probes) == (None, None)
    assert report.tested.slices == ()
    assert report.feature_importance is not None
    assert report.feature_importance.permutation is None
    assert sum(entry.share for entry in report.feature_importance.contributions) == pytest.approx(1)
    # What the training rows teach is known all the same.
    assert [str(entry.protocol) for entry in report.protocols] == ["cross_validated"]
    assert set(result.predictions.actual) == {None}
    assert result.predictions.labels == trained("pca").predictions.labels


@pytest.mark.long
def test_a_testing_table_with_some_labels_is_measured_on_those(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    partly = with_cells(testing, "koi_disposition", 60, None)
    result = train("pca", training, partly, inputs=MEASURED)
    assert len(result.predictions) == len(testing)
    assert result.report.measurement is not None
    assert result.report.measurement.rows == len(testing) - 60


def test_training_rows_without_a_label_are_left_out(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = kepler_tables
    partly = with_cells(training, "koi_disposition", 100, None)
    assert len(training_rows(partly)) == len(training) - 100
    result = train("pca", partly, testing, inputs=MEASURED)
    assert result.model.train_rows == len(training) - 100
    rest = training.take(np.arange(100, len(training)))
    alone = train("pca", rest, testing, inputs=MEASURED)
    np.testing.assert_array_equal(result.predictions.probabilities, alone.predictions.probabilities)


@pytest.mark.long
@pytest.mark.parametrize(
    "model_type", ["linear_regression", pytest.param("random_forest", marks=pytest.mark.long)]
)
def test_a_column_that_the_training_table_lacks_is_not_used(
    model_type: str, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    empty = with_cells(without(training, "koi_depth"), "koi_impact", len(training), np.nan)
    few = {"n_estimators": 3} if "forest" in model_type else {}
    result = train(model_type, empty, testing, hyperparameters=few, inputs=MEASURED)
    expected = tuple(
        column.name
        for column in training.dataset.feature_columns()
        if column.name not in {"koi_depth", "koi_impact"}
    )
    assert result.model.classifier.columns == result.predictions.explanation.columns == expected
    assert result.report.measurement is not None
    assert (result.report.measurement.figure("accuracy").value or 0.0) > 0.5
    assert not any(
        "Transit depth of" in text for sentences in result.predictions.reasons for text in sentences
    )


def test_a_table_without_any_feature_value_is_refused(kepler_tables: tuple[Table, Table]) -> None:
    training = kepler_tables[0]
    features = [column.name for column in training.dataset.feature_columns()]
    with pytest.raises(DataError, match=r"no value in any feature column; expected are koi_period"):
        train("pca", without(training, *features), kepler_tables[1], inputs=MEASURED)


def test_no_column_that_states_the_label_is_learned_from(trained: Trained) -> None:
    for mission in of_candidates():
        dataset = mlcore.DATASETS[mission]
        columns = set(trained("linear_regression", mission).model.classifier.columns)
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
    assert train("pca", both, testing, inputs=MEASURED).warnings == (warning,)


def test_rows_without_a_star_are_never_taken_for_the_same_star(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = (
        without(
            replace(with_cells(table, "kepid", 50, None), row_numbers=np.arange(len(table)) + 1),
            "kepoi_name",
        )
        for table in kepler_tables
    )
    assert set(training.hosts[:50]) == set(testing.hosts[:50])
    assert shared_stars(training.take(range(50)), testing.take(range(50))) == ()
    assert shared_stars(without(training, "kepid"), without(testing, "kepid")) == ()
    assert shared_stars(training, without(testing, "kepid")) == ()


def test_a_fit_that_divides_its_rows_does_not_divide_a_star(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier, training = trained("svm").model.classifier, kepler_tables[0]
    assert training.labels is not None
    X = classifier.prepare(training.features)
    y = np.array([classifier.classes.index(Disposition(label)) for label in training.labels])
    by_star, by_row = (
        MarginSVC(random_state=classifier.seed).fit(X, y, groups=groups).sharpness_
        for groups in (training.hosts, None)
    )
    assert classifier.estimator.sharpness_ == by_star != by_row


@pytest.mark.long
def test_tables_are_left_as_they_were(kepler_tables: tuple[Table, Table]) -> None:
    before = [table.frame.copy() for table in kepler_tables]
    train("decision_tree", *kepler_tables)
    for table, frame in zip(kepler_tables, before, strict=True):
        assert table.frame.equals(frame)


def test_what_is_derived_is_learned_from_unless_one_says_otherwise(trained: Trained) -> None:
    kepler = mlcore.DATASETS["kepler"]
    inputs = Inputs()
    assert inputs.feature_set is FeatureSet.DEFAULT
    model = trained("linear_regression", "kepler", FeatureSet.DEFAULT).model
    assert set(model.classifier.columns) <= {column.name for column in inputs.columns(kepler)}
    assert "objects_of_star" in model.classifier.columns
    assert "objects_of_star" not in trained("linear_regression").model.classifier.columns


@pytest.mark.long
def test_a_model_on_shared_columns_is_trained_on_several_missions_at_once(
    small_tables: Callable[[str], tuple[Table, Table]],
) -> None:
    tables = [small_tables(mission) for mission in ("kepler", "tess")]
    result = mlcore.train(
        "linear_regression",
        [training for training, _ in tables],
        [testing for _, testing in tables],
        task=VETTING,
        inputs=Inputs(feature_set=FeatureSet.HARMONISED),
        seed=3,
    )
    assert result.model.missions == ("kepler", "tess")
    testing = [testing for _, testing in tables]
    assert result.predictions.names == [name for table in testing for name in table.names]
    ranks = [rank for rank in result.predictions.ranks if rank]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    candidates = sum(table.label_counts[Disposition.CANDIDATE] for table in testing)
    assert len(ranks) == candidates
    measurement = result.report.measurement
    assert measurement is not None
    assert measurement.rows == len(result.predictions) - candidates
    # A slice is of one mission, so each mission has slices of its own.
    assert len(result.report.tested.slices) > 1
    hosts = set(tables[0][0].hosts) | set(tables[1][0].hosts)
    assert {
        analogue.host
        for assessment in result.predictions.assessments
        for analogue in assessment.nearest_neighbours
    }
    assert all(
        analogue.host in hosts
        for assessment in result.predictions.assessments
        for analogue in assessment.nearest_neighbours
    )


def test_a_class_that_no_training_row_has_is_never_predicted_and_still_asked_for(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    assert training.labels is not None
    two = training.take((training.labels != "candidate").to_numpy())
    result = train("linear_regression", two, testing, inputs=MEASURED, seed=3)
    assert set(result.predictions.labels) == {"false_positive", "confirmed"}
    assert [str(label) for label in result.model.task.classes] == ["false_positive", "confirmed"]
    assert len(result.model.frequencies) == 2
    measurement = result.report.measurement
    assert measurement is not None
    assert measurement.rows == len(testing)
    assert measurement.figure("recall", Disposition.CANDIDATE).value == 0.0


def test_vetting_learns_from_no_candidate(kepler_tables: tuple[Table, Table]) -> None:
    training, testing = kepler_tables
    result = train("decision_tree", training, testing, task=VETTING, inputs=MEASURED)
    counts = training.label_counts
    decided = len(training) - counts[Disposition.CANDIDATE]
    assert result.model.train_rows == decided
    assert result.model.classifier.calibration is not None
    assert result.model.classifier.calibration.rows == decided
    measurement = result.report.measurement
    assert measurement is not None
    assert measurement.rows == len(testing) - testing.label_counts[Disposition.CANDIDATE]
    assert len(result.predictions) == len(testing)


def test_a_table_of_candidates_and_planets_alone_cannot_be_vetted(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    assert training.labels is not None
    some = training.take((training.labels != "false_positive").to_numpy())
    with pytest.raises(DataError) as refusal:
        train("pca", some, testing, task=VETTING, inputs=MEASURED)
    assert str(refusal.value) == (
        "Every row that is false positive or confirmed in column koi_disposition is confirmed;"
        " training needs at least two different dispositions."
    )


def test_the_fewest_rows_that_may_be_trained_on_are_calibrated_too(
    kepler_tables: tuple[Table, Table],
) -> None:
    training, testing = kepler_tables
    single = training.take((~training.hosts.duplicated(keep=False)).to_numpy())
    assert single.labels is not None
    counts = {Disposition.CANDIDATE: 5, Disposition.FALSE_POSITIVE: 10, Disposition.CONFIRMED: 5}
    fewest = single.take(
        np.concatenate([np.flatnonzero(single.labels == kind)[:n] for kind, n in counts.items()])
    )
    folded = mlcore.EvaluationSetup(tables=[testing], protocols=[Protocol.CROSS_VALIDATED])
    result = train("linear_regression", fewest, folded, inputs=MEASURED)
    assert result.report.calibration is not None
    assert result.report.calibration.rows == 20
    assert result.report.notes == ()
    (folds,) = result.report.protocols
    assert folds.measurement.split.startswith("5-fold cross-validation by host star")


def test_folds_that_nobody_asked_for_are_as_few_as_calibration_needs(trained: Trained) -> None:
    (folds,) = trained("linear_regression").report.protocols
    assert folds.protocol is Protocol.CROSS_VALIDATED
    assert folds.measurement.split.startswith("3-fold cross-validation by host star")


def test_a_label_derived_column_marks_every_figure_and_warns(archive_dir: Path) -> None:
    (path,) = archive_dir.glob("koi_cumulative_2025*_default49.csv")
    whole = mlcore.read_table(
        path, mlcore.DATASETS["kepler"], require_labels=True, label_derived=("koi_score",)
    ).take(range(700))
    inputs = Inputs(feature_set=FeatureSet.MEASURED, label_derived=("koi_score",))
    result = train("decision_tree", *mlcore.split(whole), task=VETTING, inputs=inputs)
    mark = "uses label-derived columns: koi_score"
    assert result.report.mark == mark
    assert f"This session {mark}: its figures flatter it." in result.warnings
    assert "koi_score" in result.model.classifier.columns
    report = result.report.as_json()
    assert report["mark"] == mark
    splits = list(splits_of(report))
    assert len(splits) > 20
    assert [split for split in splits if mark not in split] == []
