from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore.datasets.spec import CLASSES
from mlcore.prediction import writing
from mlcore.prediction.file_layout import PROBABILITIES
from mlcore.prediction.stored import FIELDS, StoredPredictions, prediction_rows
from mlcore.prediction.writing import ScoredRows, write_scored

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Trained

    from mlcore.prediction.predict import Predictions


@pytest.fixture
def predictions(trained: Trained) -> Predictions:
    return trained("decision_tree").predictions


def scored_alone(predictions: Predictions, path: Path) -> StoredPredictions:
    """Write what is said of every row of a table however large it is."""
    rows = ScoredRows(
        names=predictions.names,
        hosts=predictions.hosts,
        actual=predictions.actual,
        temperatures=predictions.temperatures,
        scored=predictions.scored,
        ranks=np.array([rank or 0 for rank in predictions.ranks]),
    )
    write_scored(rows, predictions.about, path)
    return StoredPredictions(path)


def test_the_dispositions_are_the_missions_in_their_order() -> None:
    assert tuple(f"probability_{kind}" for kind in CLASSES) == PROBABILITIES


def test_every_field_of_explained_rows_is_read_as_it_was_written(
    predictions: Predictions, tmp_path: Path
) -> None:
    predictions.write(tmp_path / "file")
    found = StoredPredictions(tmp_path / "file")
    assert found.explained
    row = next(prediction_rows(tmp_path / "file"))
    assert set(row) == {"number", *(field.name for field in FIELDS)}
    assert row["probabilities"] == predictions.probabilities[0].tolist()
    assert row["contributions"] == predictions.explanation.contributions[0].tolist()
    assert row["judgement"] == json.loads(json.dumps(predictions.assessments[0].as_json()))
    assert row["verdict"] == row["judgement"]["verdict"]


def test_rows_are_found_by_their_numbers_in_the_order_asked_for_across_groups(
    predictions: Predictions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "ROWS_IN_A_GROUP", 7)
    predictions.write(tmp_path / "file")
    found = StoredPredictions(tmp_path / "file")
    assert len(found) == len(predictions) > 21
    whole = [row for batch in found.batches(10) for row in batch]
    assert [row.number for row in whole] == list(range(1, len(predictions) + 1))
    asked = [len(predictions), 1, 7, 8, 15]
    assert found.take(asked) == [whole[number - 1] for number in asked]
    assert found.take([]) == []


def test_a_number_that_no_row_has_is_a_fault(predictions: Predictions, tmp_path: Path) -> None:
    predictions.write(tmp_path / "file")
    for number in (0, len(predictions) + 1):
        with pytest.raises(IndexError, match=f"no row has the number {number}"):
            StoredPredictions(tmp_path / "file").take([number])


def test_whole_columns_are_read_alone(predictions: Predictions, tmp_path: Path) -> None:
    predictions.write(tmp_path / "file")
    names = ["number", "label", "follow_up_rank", *PROBABILITIES, "outside", "answer"]
    columns = StoredPredictions(tmp_path / "file").columns(names)
    assert columns.column_names == names
    assert columns["number"].to_pylist() == list(range(1, len(predictions) + 1))
    assert columns["label"].to_pylist() == predictions.labels
    planets = columns["probability_confirmed"].to_pylist()
    assert planets == predictions.probabilities[:, 2].tolist()
    said = predictions.assessments
    assert columns["outside"].to_pylist() == [one.novelty.outside for one in said]
    assert columns["answer"].to_pylist() == [one.conformal and one.conformal.answer for one in said]
    rows = list(prediction_rows(tmp_path / "file"))
    assert rows[0] == asdict(StoredPredictions(tmp_path / "file").take([1])[0])


def test_a_column_that_is_not_there_is_a_fault(predictions: Predictions, tmp_path: Path) -> None:
    predictions.write(tmp_path / "file")
    with pytest.raises(KeyError, match="no column nonsense"):
        StoredPredictions(tmp_path / "file").columns(["nonsense"])


def test_what_is_said_of_every_row_is_put_together_from_flat_columns(
    predictions: Predictions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Parts that begin in the middle of the lists of columns that lie outside.
    monkeypatch.setattr(writing, "_ROWS_A_CALL", 11)
    found = scored_alone(predictions, tmp_path / "file")
    predictions.write(tmp_path / "explained")
    assert not found.explained
    assert found.about == predictions.about
    differing = {"values", "contributions", "base", "output", "reasons", "judgement"}
    for row, whole in zip(
        prediction_rows(tmp_path / "file"), prediction_rows(tmp_path / "explained"), strict=True
    ):
        assert all(row[name] == whole[name] for name in row if name not in differing)
        assert all(row[name] is None for name in differing - {"judgement"})
        said, all_said = row["judgement"], whole["judgement"]
        for name in ("verdict", "conformal", "passed_checks", "unchecked"):
            assert said[name] == all_said[name]
        assert said["domain"] == {name: all_said["domain"][name] for name in said["domain"]}
        assert [one["check"] for one in said["failed_checks"]] == [
            one["check"] for one in all_said["failed_checks"]
        ]


def test_a_model_without_sets_has_none_in_its_file(trained: Trained, tmp_path: Path) -> None:
    result = trained("decision_tree")
    scored = replace(result.predictions.scored, p_values=None, sets=None)
    about = result.predictions.about | {"coverage": None}
    found = scored_alone(replace(result.predictions, scored=scored, about=about), tmp_path / "file")
    assert found.take([1])[0].judgement["conformal"] is None
    assert found.columns(["answer"])["answer"].null_count == len(found)


def test_a_file_of_the_first_layout_is_read_as_ever(
    predictions: Predictions, tmp_path: Path
) -> None:
    predictions.write(tmp_path / "file")
    rows = list(prediction_rows(tmp_path / "file"))
    kinds = {field.name: field.type for field in FIELDS}
    columns = {
        name: pa.array(
            [json.dumps(row[name]) if name == "judgement" else row[name] for row in rows], kind
        )
        for name, kind in kinds.items()
    }
    pq.write_table(pa.table(columns), tmp_path / "old", row_group_size=9)
    old = StoredPredictions(tmp_path / "old")
    assert list(prediction_rows(tmp_path / "old")) == rows
    assert old.take([8, 11]) == StoredPredictions(tmp_path / "file").take([8, 11])
    names = ["number", "verdict", *PROBABILITIES]
    assert old.columns(names).to_pylist() == (
        StoredPredictions(tmp_path / "file").columns(names).to_pylist()
    )
    assert old.columns(["outside"])["outside"].null_count == len(rows)
    assert old.explained
    assert old.about == {}
