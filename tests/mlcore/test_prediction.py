from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.errors import DataError
from mlcore.explanation import reasons
from mlcore.models.classifier import CLASSES
from mlcore.prediction import actual_labels, predict_rows, prediction_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Trained

    from mlcore.datasets import Column, Table
    from mlcore.models import Classifier

EVERY_MODEL = pytest.mark.parametrize("model_type", mlcore.MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", mlcore.DATASETS)


def columns_of(classifier: Classifier, table: Table) -> tuple[Column, ...]:
    return tuple(table.dataset.column(name) for name in classifier.columns)


def without(table: Table, *columns: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(columns)))


@EVERY_MODEL
@EVERY_MISSION
def test_the_label_is_always_the_most_probable_class(
    model_type: str, mission: str, trained: Trained
) -> None:
    predictions = trained(model_type, mission).predictions
    best = predictions.probabilities.argmax(axis=1)
    assert predictions.labels == [str(CLASSES[each]) for each in best]


@EVERY_MISSION
def test_every_row_of_the_table_is_predicted_under_its_own_name(
    mission: str, trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    predictions, testing = trained("xgboost", mission).predictions, small_tables(mission)[1]
    assert len(predictions) == len(testing)
    assert predictions.names == list(testing.names)
    assert predictions.hosts == list(testing.hosts)
    assert predictions.actual == list(testing.labels if testing.labels is not None else [])
    np.testing.assert_array_equal(predictions.temperatures, testing.temperatures)
    np.testing.assert_array_equal(
        predictions.values, testing.features.loc[:, list(predictions.explanation.columns)]
    )


@EVERY_MISSION
def test_what_is_written_is_what_is_read_missing_values_included(
    mission: str, trained: Trained, tmp_path: Path
) -> None:
    predictions = trained("xgboost", mission).predictions
    assert np.isnan(predictions.values).any()
    path = tmp_path / "predictions.parquet"
    predictions.write(path)
    rows = list(prediction_rows(path))
    assert len(rows) == len(predictions)
    for i, row in enumerate(rows):
        assert row == dict(  # noqa: C408 - one field a line
            number=i + 1,
            name=predictions.names[i],
            host=predictions.hosts[i],
            label=predictions.labels[i],
            actual=predictions.actual[i],
            probabilities=predictions.probabilities[i].tolist(),
            temperature=_known(predictions.temperatures[i]),
            values=[_known(value) for value in predictions.values[i]],
            contributions=predictions.explanation.contributions[i].tolist(),
            base=float(predictions.explanation.base[i]),
            output=float(predictions.explanation.output[i]),
            reasons=list(predictions.reasons[i]),
        )
    assert any(value is None for row in rows for value in row["values"])
    json.dumps(rows, allow_nan=False)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def test_a_star_without_a_temperature_has_none_in_the_file(
    trained: Trained, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    testing = without(kepler_tables[1].take(range(3)), "koi_steff")
    classifier = trained("xgboost").classifier
    predict_rows(classifier, testing, columns_of(classifier, testing)).write(tmp_path / "file")
    assert [row["temperature"] for row in prediction_rows(tmp_path / "file")] == [None] * 3


def test_numbers_begin_at_one(trained: Trained, tmp_path: Path) -> None:
    trained("pca").predictions.write(tmp_path / "file")
    numbers = [row["number"] for row in prediction_rows(tmp_path / "file")]
    assert numbers == list(range(1, len(trained("pca").predictions) + 1))


def test_a_frame_has_a_row_for_each_object(trained: Trained) -> None:
    predictions = trained("random_forest").predictions
    frame = predictions.to_frame()
    assert list(frame.columns) == [
        *("name", "host", "prediction", "actual"),
        *("p_candidate", "p_false_positive", "p_confirmed", "reasons"),
    ]
    assert list(frame["name"]) == predictions.names
    assert list(frame["prediction"]) == predictions.labels
    assert list(frame["actual"]) == predictions.actual
    np.testing.assert_array_equal(frame.filter(like="p_"), predictions.probabilities)
    assert frame["reasons"][0] == "; ".join(predictions.reasons[0])


def test_a_frame_of_unlabelled_objects_has_no_column_for_what_they_are(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    unlabelled = without(kepler_tables[1], "koi_disposition")
    classifier = trained("pca").classifier
    predictions = predict_rows(classifier, unlabelled, columns_of(classifier, unlabelled))
    assert predictions.actual == [None] * len(unlabelled)
    assert "actual" not in predictions.to_frame()
    assert predictions.labels == trained("pca").predictions.labels


def test_unlabelled_objects_survive_the_file(
    trained: Trained, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    unlabelled = without(kepler_tables[1].take(range(4)), "koi_disposition")
    classifier = trained("pca").classifier
    predict_rows(classifier, unlabelled, columns_of(classifier, unlabelled)).write(tmp_path / "f")
    assert [row["actual"] for row in prediction_rows(tmp_path / "f")] == [None] * 4


def test_the_actual_label_of_a_row_without_one_is_not_known(
    kepler_tables: tuple[Table, Table],
) -> None:
    testing = kepler_tables[1].take(range(3))
    frame = testing.frame.copy()
    frame.loc[1, "koi_disposition"] = None
    found = actual_labels(replace(testing, frame=frame))
    assert testing.labels is not None
    assert found == [testing.labels[0], None, testing.labels[2]]


@EVERY_MODEL
def test_columns_that_a_table_lacks_count_as_missing_values(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing = without(kepler_tables[1].take(range(20)), "koi_depth", "koi_period")
    classifier = trained(model_type).classifier
    predictions = predict_rows(classifier, testing, columns_of(classifier, testing))
    depth = classifier.columns.index("koi_depth")
    assert np.isnan(predictions.values[:, depth]).all()
    assert np.isfinite(predictions.probabilities).all()


def test_reasons_are_those_of_the_rows_own_contributions(trained: Trained) -> None:
    result = trained("extra_trees")
    predictions, dataset = result.predictions, mlcore.DATASETS["kepler"]
    columns = tuple(dataset.column(name) for name in result.classifier.columns)
    for i in (0, 5, len(predictions) - 1):
        assert predictions.reasons[i] == reasons(
            columns,
            predictions.values[i],
            predictions.explanation.contributions[i],
            CLASSES[predictions.probabilities[i].argmax()],
        )


@EVERY_MODEL
def test_a_table_without_rows_is_refused(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing, classifier = kepler_tables[1], trained(model_type).classifier
    empty = testing.take(np.zeros(len(testing), dtype=bool))
    with pytest.raises(DataError, match=r"^The table has no row to predict\.$"):
        predict_rows(classifier, empty, columns_of(classifier, empty))
