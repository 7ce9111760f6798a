from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from mlcore.prediction import stored
from mlcore.prediction.stored import FIELDS, StoredPredictions, prediction_rows

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Trained

    from mlcore.prediction.predict import Predictions


@pytest.fixture
def predictions(trained: Trained) -> Predictions:
    return trained("decision_tree").predictions


def test_the_file_has_the_declared_fields_in_their_types(
    predictions: Predictions, tmp_path: Path
) -> None:
    predictions.write(tmp_path / "file")
    schema = pq.read_schema(tmp_path / "file")
    assert schema.names == [field.name for field in FIELDS]
    assert schema.types == [field.type for field in FIELDS]
    row = next(prediction_rows(tmp_path / "file"))
    assert set(row) == {"number", *schema.names}


def test_rows_are_found_by_their_numbers_in_the_order_asked_for_across_groups(
    predictions: Predictions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "ROWS_IN_A_GROUP", 7)
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
    columns = StoredPredictions(tmp_path / "file").columns(["label", "follow_up_rank"])
    assert columns.column_names == ["label", "follow_up_rank"]
    assert columns["label"].to_pylist() == predictions.labels
    rows = list(prediction_rows(tmp_path / "file"))
    assert rows[0] == asdict(StoredPredictions(tmp_path / "file").take([1])[0])
