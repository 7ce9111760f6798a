from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.prediction import stored
from mlcore.prediction.stored import FIELDS, StoredField, prediction_rows

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from conftest import Trained


def test_the_file_has_the_declared_fields_in_their_types(trained: Trained, tmp_path: Path) -> None:
    trained("decision_tree").predictions.write(tmp_path / "file")
    schema = pq.read_schema(tmp_path / "file")
    assert schema.names == [field.name for field in FIELDS]
    assert schema.types == [field.type for field in FIELDS]
    row = next(prediction_rows(tmp_path / "file"))
    assert set(row) == {"number", *schema.names}


def test_a_field_that_is_declared_once_is_written_and_read(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions = trained("decision_tree").predictions
    margin = StoredField(
        "margin",
        pa.float64(),
        lambda of: of.probabilities.max(axis=1) - of.probabilities.min(axis=1),
        "how far the likeliest class is from the unlikeliest",
    )
    monkeypatch.setattr(stored, "FIELDS", (*FIELDS, margin))
    predictions.write(tmp_path / "file")
    margins = [row["margin"] for row in prediction_rows(tmp_path / "file")]
    assert margins == (predictions.probabilities.max(1) - predictions.probabilities.min(1)).tolist()
