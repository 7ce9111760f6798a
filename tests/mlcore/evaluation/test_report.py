from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import classification_report, confusion_matrix

from mlcore.datasets import CLASSES
from mlcore.evaluation.feature_importance import measure_importance
from mlcore.evaluation.report import Report, measure_rows, summary
from mlcore.features.feature_sets import Inputs
from mlcore.metrics import measure
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.run import RunContext
from mlcore.tasks import DISPOSITION, VETTING
from tests.mlcore.evaluation.told_figures import told_figures, untold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.metrics import Measurement
    from mlcore.tasks import Task
    from tests.mlcore.conftest import Trained

C, F, P = (str(disposition) for disposition in CLASSES)
ACTUAL = [C, C, C, F, F, F, F, P, P, P]
FOUND = [C, P, C, F, F, C, P, P, P, F]
WORDS = "these rows"


def measured(
    actual: Sequence[str | None], predicted: Sequence[str], task: Task = DISPOSITION
) -> Measurement:
    """Measure certain answers, each row on a star of its own."""
    certain = np.array([[name == str(kind) for kind in CLASSES] for name in predicted], dtype=float)
    return measure(
        actual,
        task.probabilities(certain.reshape(len(predicted), 3)),
        [f"star {i}" for i in range(len(predicted))],
        task=task,
        split=WORDS,
        resamples=0,
    )


def summarised(
    actual: Sequence[str | None], predicted: Sequence[str], task: Task = DISPOSITION
) -> dict[str, Any]:
    metrics = summary(measured(actual, predicted, task))
    assert metrics is not None
    return metrics


def test_the_classes_stand_in_their_canonical_order() -> None:
    assert (C, F, P) == ("candidate", "false_positive", "confirmed")


def test_the_confusion_matrix_has_true_classes_as_rows_and_predicted_ones_as_columns() -> None:
    metrics = summarised(ACTUAL, FOUND)
    assert metrics["confusion_matrix"] == [[2, 0, 1], [1, 2, 1], [0, 1, 2]]
    assert metrics["classes"] == [C, F, P]


def test_the_figures_are_those_that_are_counted_by_hand() -> None:
    metrics = summarised(ACTUAL, FOUND)
    assert (metrics["rows"], metrics["stars"], metrics["split"]) == (10, 10, WORDS)
    assert (metrics["task"], metrics["average"]) == ("disposition", "macro")
    assert metrics["accuracy"] == 0.6
    expected = {
        C: (2 / 3, 2 / 3, 2 / 3, 3),
        F: (2 / 3, 1 / 2, 4 / 7, 4),
        P: (1 / 2, 2 / 3, 4 / 7, 3),
    }
    assert list(metrics["per_class"]) == list(expected)
    for label, figures in metrics["per_class"].items():
        assert list(figures) == ["precision", "recall", "f1", "rows"]
        assert list(figures.values()) == pytest.approx(expected[label])
    assert metrics["precision"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 2) / 3)
    assert metrics["recall"] == pytest.approx((2 / 3 + 1 / 2 + 2 / 3) / 3)
    assert metrics["f1"] == pytest.approx((2 / 3 + 4 / 7 + 4 / 7) / 3)


@pytest.mark.parametrize("seed", range(5))
def test_the_figures_are_scikit_learns(seed: int) -> None:
    random = np.random.default_rng(seed)
    actual = [str(label) for label in random.choice([C, F, P], size=200, p=[0.2, 0.5, 0.3])]
    noisy = [label if random.random() < 0.7 else str(random.choice([C, F, P])) for label in actual]
    ours = summarised(actual, noisy)
    theirs = classification_report(actual, noisy, output_dict=True)
    assert ours["accuracy"] == pytest.approx(theirs["accuracy"])
    for figure, name in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
        assert ours[figure] == pytest.approx(theirs["macro avg"][name])
        for label in (C, F, P):
            assert ours["per_class"][label][figure] == pytest.approx(theirs[label][name])
    assert ours["confusion_matrix"] == confusion_matrix(actual, noisy, labels=[C, F, P]).tolist()


def test_only_rows_with_a_true_label_count() -> None:
    partly = [*ACTUAL, None, None, None]
    metrics, alone = summarised(partly, [*FOUND, C, F, P]), summarised(ACTUAL, FOUND)
    assert metrics == alone


def test_the_mean_is_over_the_classes_that_occur_as_true_labels() -> None:
    metrics = summarised([F, F, P, P], [F, C, P, P])
    assert set(metrics["per_class"]) == {F, P}
    assert metrics["recall"] == (0.5 + 1.0) / 2
    assert metrics["precision"] == 1.0
    assert metrics["accuracy"] == 0.75
    # A predicted class that is nobody's true one still has its column.
    assert metrics["confusion_matrix"] == [[0, 0, 0], [1, 1, 0], [0, 0, 2]]


def test_a_class_that_is_never_predicted_has_no_precision_and_warns_of_nothing() -> None:
    metrics = summarised([C, F], [F, F])
    assert metrics["per_class"][C] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "rows": 1}


def test_the_matrix_of_two_classes_stands_in_the_places_of_all_three() -> None:
    metrics = summarised([F, F, F, P, P, C], [F, F, P, P, P, P], VETTING)
    assert metrics["task"] == "vetting"
    assert metrics["rows"] == 5
    assert metrics["confusion_matrix"] == [[0, 0, 0], [0, 2, 1], [0, 0, 2]]
    assert list(metrics["per_class"]) == [F, P]
    assert metrics["recall"] == pytest.approx((2 / 3 + 1) / 2)


def test_the_area_under_the_curve_stands_with_its_rows_and_interval() -> None:
    metrics = summarised(ACTUAL, FOUND)
    area = metrics["roc_auc"]
    assert area["rows"] == 10
    assert area["split"] == WORDS
    assert {"value", "low", "high", "stars", "note"} <= area.keys()
    only = summarised([F, F], [F, P], VETTING)["roc_auc"]
    assert only["value"] is None
    assert only["note"] == "Not defined: every row's true label is false positive."


def test_the_summary_is_strict_json() -> None:
    metrics = summarised(ACTUAL, FOUND)
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


def test_without_a_measurement_there_is_no_summary() -> None:
    assert summary(None) is None


MISSIONS = ("kepler", "k2", "tess")


@pytest.mark.sampled("k2")
@pytest.mark.parametrize("mission", MISSIONS)
def test_a_report_is_strict_json(mission: str, trained: Trained) -> None:
    report = trained("linear_regression", mission).report.as_json()
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert set(report) == {
        *("task", "question", "protocol", "split", "mark", "measurement", "curves", "slices"),
        *("probes", "fewer_columns", "second_opinion"),
        *("protocols", "calibration", "importance", "columns", "before_fine_tuning", "old_domain"),
        *("search", "notes", "subsets"),
    }


@pytest.mark.parametrize("mission", MISSIONS)
def test_every_number_of_a_report_says_which_rows_it_is_of_and_how_sure_it_is(
    mission: str, trained: Trained
) -> None:
    report = trained("linear_regression", mission).report
    payload = {"metrics": summary(report.measurement), "report": report.as_json()}
    assert untold(payload) == []
    assert len(list(told_figures(payload))) > 1000
    without = [place.path[:2] for place in told_figures(payload)]
    assert {place[1] for place in without if place[0] == "report"} == {
        *("measurement", "curves", "slices", "probes", "protocols", "calibration", "importance")
    }


def test_the_walk_finds_a_number_that_lacks_its_interval_its_rows_or_its_split() -> None:
    whole = {"value": 0.5, "low": 0.4, "high": 0.6, "rows": 3, "stars": 2, "split": WORDS}
    assert untold({"a": whole}) == []
    assert untold({"a": whole | {"split": ""}}) == [
        "a.value does not say its rows, stars and split"
    ]
    assert untold({"a": {"value": 0.5}}) == ["a.value does not say its rows, stars and split"]
    unsure = whole | {"low": None, "high": None}
    assert untold({"a": unsure}) == ["a.value has neither an interval nor a reason"]
    assert untold({"a": unsure | {"note": "One star."}}) == []
    assert untold({"a": whole | {"low": 0.55}}) == ["a.value is outside its own interval"]
    assert untold({"a": whole | {"another": 0.5, "another_low": 0.4}}) != []
    listed = {key: whole[key] for key in ("rows", "stars", "split")}
    assert untold({"a": listed | {"y": [0.5], "low": [0.4], "high": [0.6]}}) == []
    assert untold({"a": listed | {"y": [0.5], "low": [0.6], "high": [0.7]}}) != []


def test_the_bare_numbers_of_a_summary_are_those_told_with_their_intervals(
    trained: Trained,
) -> None:
    metrics = summary(trained("linear_regression").report.measurement)
    assert metrics is not None
    figures = {(entry["name"], entry["of"]): entry["value"] for entry in metrics["figures"]}
    for name in ("accuracy", "precision", "recall", "f1"):
        assert metrics[name] == figures[name, None]
        for of, entry in metrics["per_class"].items():
            if name in entry:
                assert entry[name] == figures[name, of]


def test_a_report_tells_of_the_task_the_probes_and_the_folds(trained: Trained) -> None:
    result = trained("linear_regression")
    report, shown = result.report, result.report.as_json()
    assert shown["task"] == "disposition"
    assert shown["question"] == DISPOSITION.question
    assert shown["mark"] is None
    assert shown["probes"] is not None
    (folds,) = shown["protocols"]
    assert folds["protocol"] == "cross_validated"
    assert folds["rows"] == result.model.train_rows
    assert shown["measurement"]["rows"] == len(result.predictions)
    assert report.calibration is not None
    assert shown["calibration"] == report.calibration.as_figures(None)
    assert shown["protocol"] == "own_rows"
    assert shown["before_fine_tuning"] is shown["old_domain"] is None
    assert report.measurement is report.tested.measurement


def test_what_a_model_rests_on_is_told_in_two_ways_of_the_same_quantities(
    trained: Trained,
) -> None:
    importance = trained("linear_regression").report.as_json()["importance"]
    assert importance["split"]
    losses = importance["permutation"]["losses"]
    shares = importance["mean_absolute_contributions"]["quantities"]
    assert {entry["quantity"] for entry in losses} == {entry["quantity"] for entry in shares}
    assert sum(entry["share"] for entry in shares) == pytest.approx(1.0)
    assert importance["permutation"]["rows"] == importance["mean_absolute_contributions"]["rows"]


def test_a_number_that_is_not_defined_is_null(trained: Trained) -> None:
    report = trained("linear_regression").report
    odd = replace(report, search={"score": float("nan"), "seconds": (1.0, float("inf"))})
    assert odd.as_json()["search"] == {"score": None, "seconds": [1.0, None]}
    json.dumps(odd.as_json(), allow_nan=False)


def scored(trained: Trained, tables: Sequence[Table]) -> tuple[LabelledRows, NDArray[np.float64]]:
    predictions = trained("linear_regression").predictions
    return LabelledRows.of(tables, predictions.features), predictions.probabilities


def test_scored_rows_are_those_of_the_predictions(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    rows, _ = scored(trained, [testing])
    assert list(rows.labels) == list(testing.labels if testing.labels is not None else [])
    assert list(rows.hosts) == list(testing.hosts)
    pd.testing.assert_frame_equal(
        rows.features, testing.features[list(rows.features)], check_exact=True
    )
    assert len(rows) == len(testing)
    assert rows.tables == (testing,)


def test_rows_without_a_true_label_have_no_figures(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    rows, probabilities = scored(trained, [kepler_tables[1]])
    unknown = replace(rows, labels=pd.Series([None] * len(rows.labels), dtype="str"))
    tested = measure_rows(unknown, probabilities, task=DISPOSITION, split=WORDS, run=RunContext())
    assert (tested.measurement, tested.curves) == (None, None)
    assert tested.slices == ()


def test_slices_of_rows_are_measured_with_their_own_probabilities(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1]
    rows, probabilities = scored(trained, [testing])
    whole = measure_rows(rows, probabilities, task=DISPOSITION, split=WORDS, run=RunContext())
    half = len(testing) // 2
    parts = [testing.take(range(half)), testing.take(range(half, len(testing)))]
    divided = measure_rows(
        replace(rows, tables=tuple(parts)),
        probabilities,
        task=DISPOSITION,
        split=WORDS,
        run=RunContext(),
    )
    assert divided.measurement == whole.measurement
    assert len(divided.slices) == 2 * len(whole.slices)
    second = rows.take(np.arange(len(rows)) >= half)
    alone = measure_rows(
        second, probabilities[half:], task=DISPOSITION, split=WORDS, run=RunContext()
    )
    assert divided.slices[len(whole.slices) :] == alone.slices


def test_importance_without_a_true_label_is_of_contributions_alone(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    result = trained("linear_regression")
    rows, _ = scored(trained, [kepler_tables[1]])
    unknown = replace(rows, labels=pd.Series([None] * len(rows.labels), dtype="str"))
    ranking = measure_importance(result.model, unknown, result.predictions.explanation, split=WORDS)
    assert ranking.permutation is None
    assert ranking.explained_rows == len(result.predictions)
    assert ranking.as_json()["permutation"] is None


def test_the_mark_of_a_report_is_that_of_its_inputs(trained: Trained) -> None:
    inputs = Inputs(label_derived=("koi_score", "koi_fpflag_nt"))
    assert inputs.mark == "uses label-derived columns: koi_score, koi_fpflag_nt"
    assert inputs.marked(WORDS) == f"{WORDS}; {inputs.mark}"
    assert Inputs().mark is None
    assert Inputs().marked(WORDS) == WORDS
    report: Report = replace(trained("linear_regression").report, mark=inputs.mark)
    assert report.as_json()["mark"] == inputs.mark
