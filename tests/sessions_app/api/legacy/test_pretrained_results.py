"""Prediction with the published models: every mission in every way that the contract knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import ARCHIVED, drawn, object_names
from tests.sessions_app.api.legacy.contract import check_result, check_shape
from tests.sessions_app.api.legacy.forms import params_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from tests.served import Answer, Served
    from tests.sessions_app.api.legacy.conftest import Files

pytestmark = pytest.mark.cluster

WAYS = (
    *("nasa", "training", "training and testing", "testing", "testing without labels"),
    "training without labels",
)
TUNED = {"training", "training and testing"}
EVERY = [(mission, way) for mission in ("kepler", "k2", "tess") for way in WAYS]
SOME = {
    *(("kepler", "nasa"), ("k2", "nasa"), ("tess", "nasa")),
    *(("k2", "training"), ("tess", "training and testing")),
    *(("kepler", "testing"), ("k2", "testing without labels")),
    ("tess", "training without labels"),
}
"""Each mission and each way; the others are long."""


def cases(among: set[str] | None = None) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("result", "mission", "way"),
        [
            pytest.param(
                case,
                *case,
                marks=() if case in SOME else pytest.mark.long,
                id="-".join(case).replace(" ", "_"),
            )
            for case in EVERY
            if not among or case[1] in among
        ],
        indirect=["result"],
    )


@pytest.fixture(scope="module")
def started(
    served: Served, files: Callable[..., Files], request: pytest.FixtureRequest
) -> dict[Any, Answer]:
    """Start all sessions at once."""
    return {
        case: served.post("/api/pretrained/predict", **sent(files, *case))
        for case in EVERY
        if case in params_of(request, "result")
    }


def sent(files: Callable[..., Files], mission: str, way: str) -> dict[str, Any]:
    if way == "nasa":
        return {"data": {"data_source": "nasa", "dataset_name": mission}}
    label = ARCHIVED[mission].label

    def unlabelled(table: pd.DataFrame) -> pd.DataFrame:
        return table.drop(columns=label)

    made = files(mission)
    if way.endswith("without labels"):
        made = files(mission, **{way.split(maxsplit=1)[0]: unlabelled})
    named = {name: file for name, file in made.items() if name.split("_")[0] in way.split()}
    return {"data": {"data_source": "user", "data_format": mission}, "files": named}


@pytest.fixture
def result(
    served: Served, started: dict[Any, Answer], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Wait for the session of a mission and way."""

    def wait() -> dict[str, Any]:
        answer = started[request.param]
        assert answer.status == 202, answer.body
        check_shape("accepted", answer.body)
        assert answer.body["message"] == "Prediction started"
        return served.result(answer.body["session_id"], pair="pretrained")

    return served.once(request.param, wait)


@pytest.mark.sampled("kepler-nasa", "tess-training_and_testing", "kepler-testing")
@cases()
def test_a_result_has_the_contracts_shape_and_agrees_with_itself(
    result: dict[str, Any], mission: Any, way: Any, served_archive: Path
) -> None:
    check_result(result, kind="prediction_result", names=object_names(served_archive, mission))
    info = result["model_info"]
    assert info["model_type"] == "xgboost"
    assert (info["dataset"], info["data_source"]) == (mission, "nasa" if way == "nasa" else "user")


@cases()
def test_the_published_model_is_continued_exactly_when_there_is_a_training_file(
    result: dict[str, Any], mission: Any, way: Any, served_archive: Path
) -> None:
    info = result["model_info"]
    tuned = way in TUNED
    assert info["fine_tuned"] is tuned
    assert info["added_rounds"] == (100 if tuned else 0)
    assert (info["metrics_before_fine_tuning"] is not None) is tuned
    training, _ = drawn(served_archive, mission)
    if way == "training and testing":
        assert info["train_size"] == len(training)
    elif way == "training":
        assert info["train_size"] + info["test_size"] == len(training)
    else:
        assert info["train_size"] > 1000


@cases(TUNED)
def test_the_figures_before_are_about_the_same_rows_as_those_after(
    result: dict[str, Any], mission: Any, way: Any
) -> None:
    before = result["model_info"]["metrics_before_fine_tuning"]
    after = result["metrics"]
    assert before["rows"] == after["rows"]
    assert before["split"] == after["split"]
    assert list(map(sum, before["confusion_matrix"])) == list(map(sum, after["confusion_matrix"]))


@cases()
def test_the_rows_are_those_that_were_asked_for(
    result: dict[str, Any], mission: Any, way: Any, served_archive: Path
) -> None:
    names = [row["name"] for row in result["predictions"]]
    training, testing = drawn(served_archive, mission)
    facts = ARCHIVED[mission]
    if "testing" in way:
        assert names == list(facts.prefix + testing[facts.name])
    elif way == "training without labels":
        assert names == list(facts.prefix + training[facts.name])
    elif way == "training":
        held_out = (facts.prefix + training[facts.name]).isin(names)
        stars = training[facts.host]
        assert not set(stars[held_out]) & set(stars[~held_out])
        assert len(names) == held_out.sum()
        assert 0.15 < held_out.mean() < 0.25
    else:
        assert len(names) == result["metrics"]["rows"]


@cases()
def test_without_labels_the_metrics_have_no_accuracy_and_no_row_has_an_actual(
    result: dict[str, Any], mission: Any, way: Any
) -> None:
    labelled = [row for row in result["predictions"] if "actual" in row]
    if way.endswith("without labels"):
        assert result["metrics"] == {
            "rows": len(result["predictions"]),
            "note": "No row has a true label, so that nothing can be measured.",
        }
        assert labelled == []
    else:
        assert len(labelled) == len(result["predictions"]) == result["metrics"]["rows"]


@cases({"training without labels"})
def test_that_rows_are_predicted_and_not_learnt_from_is_said(
    result: dict[str, Any], mission: Any, way: Any
) -> None:
    assert result["warnings"][0] == (
        "The training_file has no dispositions, so that its rows are predicted and nothing is"
        " fine-tuned."
    )


@pytest.mark.long
def test_a_table_that_lacks_columns_is_answered_by_a_model_of_those_at_hand_and_told_so(
    served: Served, files: Callable[..., Files]
) -> None:
    few = ["kepid", "kepoi_name", "koi_disposition", "koi_period", "koi_depth", "koi_duration"]
    session_id = served.begin(
        "/api/pretrained/predict",
        data={"data_source": "user"},
        files={"training_file": files(training=lambda table: table[few])["training_file"]},
    )
    result = served.result(session_id, pair="pretrained")
    assert "koi_prad" in result["model_info"]["fitted_without"]
    assert {"koi_period", "koi_depth"} <= set(result["model_info"]["features"])
    assert "koi_prad" not in result["model_info"]["features"]
    told = "so that the answers are those of a model of exactly the columns at hand"
    assert any(told in warning for warning in result["warnings"])
    # The first frontend shows its user this text alone.
    step = served.get(f"/api/pretrained/progress/{session_id}").body["current_step"]
    assert step.startswith("Completed. ")
    assert told in step


def test_a_result_is_compressed_and_not_sent_twice(
    served: Served, files: Callable[..., Files]
) -> None:
    session_id = served.begin(
        "/api/pretrained/predict",
        data={"data_source": "user"},
        files={"testing_file": files()["testing_file"]},
    )
    served.result(session_id, pair="pretrained")
    address = f"/api/pretrained/result/{session_id}"
    plain = served.get(address, headers={"Accept-Encoding": "identity"})
    packed = served.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.body == plain.body
    known = {"If-None-Match": packed.headers["ETag"]}
    assert served.get(address, headers=known).status == 304


@pytest.mark.long
def test_a_form_without_a_format_means_kepler(served: Served, files: Callable[..., Files]) -> None:
    session_id = served.begin(
        "/api/pretrained/predict",
        data={"data_source": "user"},
        files={"testing_file": files()["testing_file"]},
    )
    assert served.result(session_id)["model_info"]["dataset"] == "kepler"
