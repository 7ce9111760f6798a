"""The three classes are the functions, and the jobs use them."""

from __future__ import annotations

import ast
import inspect
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.analyses.subject import Subject
from mlcore.errors import DataError
from mlcore.jobs import analyse, prediction_report, run
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from mlcore.datasets import Table
    from mlcore.evaluation.model_result import ModelResult

RUN = mlcore.RunContext(seed=3)


@pytest.fixture(scope="module")
def result(kepler_tables: tuple[Table, Table]) -> ModelResult:
    training, testing = kepler_tables
    setup = mlcore.TrainingSetup(
        model_type="decision_tree",
        tables=[training],
        task=mlcore.TASKS["vetting"],
        inputs=MEASURED,
    )
    return mlcore.TrainingAPI(run=RUN).train(setup, mlcore.EvaluationSetup(tables=[testing]))


@pytest.mark.long
def test_the_class_trains_what_the_function_trains(
    result: ModelResult, kepler_tables: tuple[Table, Table]
) -> None:
    same = mlcore.train("decision_tree", *kepler_tables, task="vetting", inputs=MEASURED, seed=3)
    assert result.report.as_json() == same.report.as_json()
    np.testing.assert_array_equal(result.predictions.probabilities, same.predictions.probabilities)
    assert str(result) == str(same)


def test_the_data_are_divided_by_star() -> None:
    training, testing = mlcore.TrainingAPI().data("kepler")
    assert not set(training.hosts) & set(testing.hosts)
    assert len(training) > 3 * len(testing)


def test_a_result_reads_like_a_report(result: ModelResult) -> None:
    report = result.report
    assert report.measurement is not None
    assert result.metrics["roc_auc"] == report.measurement.figure("roc_auc")
    planets = report.task.classes[-1]
    assert result.metrics.figure("f1", planets) == report.measurement.figure("f1", planets)
    beside = result.metrics.summary()
    assert beside is not None
    assert beside["accuracy"] == result.metrics["accuracy"].value
    assert result.metrics.curves is report.tested.curves
    assert result.metrics.slices is report.tested.slices
    assert result.metrics.protocols is report.protocols
    assert result.metrics.calibration is result.model.classifier.calibration
    assert result.inspection.importance is report.feature_importance
    assert result.inspection.contributions is result.predictions.explanation
    assert result.inspection.columns is report.columns
    assert result.probes is report.probes
    with pytest.raises(KeyError, match="magic"):
        result.metrics["magic"]


def test_what_was_saved_is_loaded_and_says_the_same(
    result: ModelResult, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    artifact, rows = tmp_path / "artifact", tmp_path / "rows.parquet"
    mlcore.TrainingAPI().save(result, artifact, rows)
    assert rows.is_file()
    api = mlcore.PredictionAPI(run=RUN)
    model = api.load(artifact)
    testing = kepler_tables[1]
    whole = kepler_tables[0].with_rows_of(testing)
    predictions = api.predict(model, testing, reference=whole)
    np.testing.assert_array_equal(predictions.probabilities, result.predictions.probabilities)


def test_where_no_row_has_a_label_nothing_was_measured(
    result: ModelResult, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    unlabelled = replace(testing, frame=testing.frame.drop(columns="koi_disposition"))
    setup = mlcore.TrainingSetup(model_type="decision_tree", tables=[training], inputs=MEASURED)
    other = mlcore.TrainingAPI(run=RUN).train(setup, mlcore.EvaluationSetup(tables=[unlabelled]))
    assert other.metrics.summary() is None
    assert other.probes is None
    with pytest.raises(DataError, match="no tested row has a true label"):
        other.metrics["accuracy"]
    assert other.inspection.importance is not None
    assert result.inspection.importance is not None


def test_the_explanations_are_those_of_the_functions(
    result: ModelResult, kepler_tables: tuple[Table, Table]
) -> None:
    training, testing = kepler_tables
    api = mlcore.ExplanationAPI(run=RUN)
    importance = api.importance(
        result.model, testing, result.predictions, split=result.report.split
    )
    assert importance == result.inspection.importance
    planet = api.contributions(result.model, testing, "confirmed")
    np.testing.assert_allclose(
        planet.base + planet.contributions.sum(axis=1), planet.output, atol=1e-9
    )
    whole = training.with_rows_of(testing)
    subject = Subject(
        model=result.model,
        table=testing,
        reference=whole,
        tested_on="the given rows",
        trained_on=tuple,
        seed=3,
    )
    question = mlcore.Question(analysis=mlcore.Analysis.NEEDED_COLUMNS)
    assert api.analyse(question, subject) == mlcore.analyse(
        question, result.model, testing, reference=whole, seed=3
    )


@pytest.mark.parametrize("module", [run, prediction_report, analyse])
def test_the_jobs_go_through_the_classes(module: ModuleType) -> None:
    imported = {
        name.name
        for statement in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(statement, ast.ImportFrom)
        for name in statement.names
    }
    assert imported & {"TrainingAPI", "PredictionAPI", "ExplanationAPI"}
    behind = {
        *("train", "train_and_test", "predict_rows", "fine_tune", "answer"),
        *("load_artifact", "save_artifact", "measure_importance"),
    }
    assert not imported & behind
