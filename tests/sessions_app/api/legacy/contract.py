"""The old contract's shapes, from `contract.json`, and what must hold within a result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from tests.mlcore.inspection.sentences import flaws

_CONTRACT = json.loads(Path(__file__).with_name("contract.json").read_text())

_REASON = re.compile(_CONTRACT["$defs"]["reason"]["pattern"])

_NOUNS = {
    "Candidate": "a candidate",
    "False Positive": "a false positive",
    "Exoplanet": "a planet",
}
LABELS = ["Candidate", "False Positive", "Exoplanet"]
"""The order of the confusion matrix's rows and columns."""


def check_shape(name: str, body: Any) -> None:
    """Compare a whole answer, every key and type in it, with the shape of this name."""
    Draft202012Validator({**_CONTRACT, "$ref": f"#/$defs/{name}"}).validate(body)


def check_result(body: dict[str, Any], *, kind: str, names: frozenset[str]) -> None:
    """Check a result against its shape and against itself.

    Parameters
    ----------
    body
        The answer.
    kind
        ``training_result`` or ``prediction_result``.
    names
        The names that an object may have.
    """
    rows, info = body["predictions"], body["model_info"]
    # Thousands of rows have few kinds among them: one row of each is compared in full.
    check_shape(kind, body | {"predictions": list({_kind(row): row for row in rows}.values())})
    assert [row["id"] for row in rows] == list(range(1, len(rows) + 1))
    assert info["test_size"] == len(rows)
    assert info["feature_count"] == len(info["features"])
    assert {row["name"] for row in rows} <= names
    for row in rows:
        _check_row(row, info["features"])
    _check_explanations(rows)
    _check_metrics(body["metrics"], rows)


def _kind(value: Any) -> Any:
    """Return the keys and types of a value, nested, with nothing of what it says."""
    if isinstance(value, dict):
        if value and all(isinstance(member, float | int | None) for member in value.values()):
            return frozenset(map(type, value.values()))
        return tuple((key, _kind(member)) for key, member in value.items())
    return (type(value), len(value)) if isinstance(value, list) else type(value)


def _check_row(row: dict[str, Any], columns: list[str]) -> None:
    probabilities = row["probabilities"]
    assert all(0 <= entry <= 1 for entry in probabilities.values())
    assert abs(sum(probabilities.values()) - 1) < 1e-9
    assert all(_REASON.fullmatch(entry) for entry in row["reasons"])
    assert [fault for entry in row["reasons"] for fault in flaws(entry)] == []
    assert len(set(row["reasons"])) == len(row["reasons"])
    assert max(probabilities, key=probabilities.__getitem__) == row["prediction"]
    assert row["confidence"] == probabilities[row["prediction"]]
    assert list(row["features"]) == columns
    importance = list(row["feature_importance"].items())
    assert set(row["feature_importance"]) <= set(columns)
    assert importance == sorted(importance, key=lambda pair: -abs(pair[1]))
    # A sentence speaks of the class that was predicted, or of two classes of the other.
    nouns = {_NOUNS[row["prediction"]], *(["a planet"] if min(probabilities.values()) == 0 else [])}
    for entry in row["reasons"]:
        spoken = re.search(r"speaks (?:for|against) (a \w+(?: positive)?)", entry)
        assert spoken is None or spoken[1] in nouns


def _check_explanations(rows: list[dict[str, Any]]) -> None:
    sentences = {tuple(row["reasons"]) for row in rows}
    contributions = {tuple(row["feature_importance"].items()) for row in rows}
    assert len(sentences) > 0.5 * len(rows)
    # A single tree has few paths, and rows on equal ones share their contributions.
    assert len(contributions) > 0.3 * len(rows)
    signed = [value for row in rows for value in row["feature_importance"].values()]
    assert min(signed) < 0 < max(signed)


def _check_metrics(metrics: dict[str, Any] | None, rows: list[dict[str, Any]]) -> None:
    known = [row for row in rows if "actual" in row]
    assert metrics is not None
    if not known:
        # The frontend shows all rows where there is no accuracy, and fails where there is null.
        assert metrics["rows"] == len(rows)
        return
    actual = [row["actual"] for row in known]
    verdicts = [row["prediction"] for row in known]
    present = [label for label in LABELS if label in actual]
    precision, recall, f1, support = precision_recall_fscore_support(
        actual, verdicts, labels=present, zero_division=0.0
    )
    assert metrics["rows"] == len(known)
    assert metrics["accuracy"] == accuracy_score(actual, verdicts)
    (accuracy,) = (
        entry for entry in metrics["figures"] if entry["name"] == "accuracy" and entry["of"] is None
    )
    assert (accuracy["value"], accuracy["rows"]) == (metrics["accuracy"], metrics["rows"])
    assert accuracy["split"] == metrics["split"]
    assert metrics["confusion_matrix"] == confusion_matrix(actual, verdicts, labels=LABELS).tolist()
    assert sum(map(sum, metrics["confusion_matrix"])) == len(known)
    assert metrics["precision"] == precision.mean()
    assert metrics["recall"] == recall.mean()
    assert metrics["f1_score"] == f1.mean()
    assert metrics["per_class"] == {
        label: {"precision": p, "recall": r, "f1": f, "rows": n}
        for label, p, r, f, n in zip(present, precision, recall, f1, support, strict=True)
    }
