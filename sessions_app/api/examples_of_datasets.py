"""Examples of what is told of the missions' tables (see `sessions_app.api.examples`)."""

from __future__ import annotations

from typing import Any

from mlcore.references import ACKNOWLEDGEMENT

__all__ = ["EXAMPLES_OF_DATASETS", "SNAPSHOT_EXAMPLE"]

SNAPSHOT_EXAMPLE: dict[str, Any] = {
    "id": 1,
    "mission": "kepler",
    "is_current": True,
    "source": "carried",
    "source_description": "the table of the package",
    "dated": "2025-10-04",
    "loaded_at": "2026-11-30T12:00:00.000000Z",
    "sha256": "1fca01e5ac7c0a636e7b17308b253a566a54941b60e5358ce43e4ff816fdc03d",
    "file_sha256": "2ce666942323cf0e2003d5b473311a237b626f49d39d41e9706c3f5acf5fa78a",
    "rows": 9564,
    "test_rows": 1929,
    "label_counts": {"candidate": 1979, "confirmed": 2746, "false_positive": 4839},
}
_COLUMN: dict[str, Any] = {
    "column": "koi_period",
    "title": "Orbital period",
    "unit": "d",
    "unit_in_words": "days",
    "is_text": False,
    "role": "feature",
    "by_default": True,
    "leak": None,
    "uncertainty_of": None,
    "filled": 9564,
    "filled_share": 1.0,
}
_DATASET: dict[str, Any] = {
    "mission": "kepler",
    "title": "Kepler objects of interest",
    "kind": "candidates",
    "archive_table": "cumulative",
    "doi": "10.26133/NEA4",
    "acknowledgement": ACKNOWLEDGEMENT,
    "snapshots": [SNAPSHOT_EXAMPLE],
}
_NAMED = {"name": "K00752.01", "host": "10797460"}

EXAMPLES_OF_DATASETS: dict[str, Any] = {
    "Dataset": _DATASET,
    "DatasetDetail": _DATASET | {"current": SNAPSHOT_EXAMPLE, "columns": [_COLUMN]},
    "DatasetRows": {
        "mission": "kepler",
        "snapshot": SNAPSHOT_EXAMPLE,
        "count": 7037,
        "next": "http://localhost:5000/api/v1/datasets/kepler/rows?page=2",
        "previous": None,
        "total": 9564,
        "model": "37dcc9c4-134e-5456-8ebc-f317ad304418",
        "model_title": "Kepler: planet or false positive",
        "columns": [_COLUMN],
        "results": [
            {
                "number": 1,
                **_NAMED,
                "other_names": ["Kepler-227 b"],
                "disposition": "confirmed",
                "in_test_split": False,
                "values": {"koi_period": 9.48803557},
                "verdict": "likely planet",
                "probabilities": {"false_positive": 0.004, "confirmed": 0.996},
                "possible": ["confirmed"],
            }
        ],
    },
    "DatasetSnapshot": SNAPSHOT_EXAMPLE,
    "SnapshotDifferences": {
        "older": SNAPSHOT_EXAMPLE | {"is_current": False, "dated": "2025-08-01"},
        "newer": SNAPSHOT_EXAMPLE | {"id": 5},
        "added": [],
        "removed": [],
        "changed": [{**_NAMED, "before": "candidate", "after": "confirmed"}],
        "unchanged": 9563,
        "moves": [{"before": "candidate", "after": "confirmed", "count": 1}],
    },
}
