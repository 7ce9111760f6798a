"""The modern API: sessions are made, listed, followed and read."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import as_csv, drawn

if TYPE_CHECKING:
    from pathlib import Path

    from tests.served import Served

pytestmark = pytest.mark.cluster

TRAINING, PREDICTION = "/api/v1/training-sessions", "/api/v1/prediction-sessions"
SESSION = {
    "id",
    "name",
    "status",
    "mission",
    "task",
    "data_source",
    "snapshot",
    "reference",
    "seed",
    "attempts",
    "created_at",
    "started_at",
    "finished_at",
    "error",
    "warnings",
    "reading",
}
ROW = {
    "number",
    "name",
    "host",
    "prediction",
    "disposition",
    "probabilities",
    "temperature",
    "values",
    "contributions",
    "explained",
    "reasons",
    "mark",
    "follow_up_rank",
    "conformal",
    "novelty",
    "checks",
    "score_interval",
    "score_interval_sentence",
    "nearest_neighbours",
    "verdict",
    "vetting",
    "catalogue_row",
    "stretches",
    "at_planet_rate",
}
FOREST = {
    "model_type": "rf",
    "data_source": "nasa",
    "mission": "k2",
    "hyperparameters": {"n_estimators": "10", "max_depth": "", "criterion": "entropy"},
    "seed": 3,
}


@pytest.fixture(scope="module")
def uploads(served_archive: Path) -> dict[str, tuple[str, bytes]]:
    training, testing = drawn(served_archive, "kepler")
    return {
        "training_file": ("行星.csv", as_csv(training)),
        "testing_file": ("testing", as_csv(testing)),
    }


def finished(served: Served, address: str, answer: Any) -> dict[str, Any]:
    """Wait for a session that was accepted, and its evidence, and return its result."""
    assert answer.status == 202, answer.body
    here = f"{address}/{answer.body['id']}"
    served.follow(answer.body["id"])
    assert served.get(here).body["status"] == "completed"
    step = "The first answer is there"
    while step.startswith("The first answer is there"):
        standing = served.get(f"{here}/progress?wait_for=evidence").body
        assert standing["status"] in {"running", "completed"}
        step = standing["step"]
        early = served.get(f"{here}/result?wait_for=evidence").status
        assert early in ({200, 409} if standing["status"] == "running" else {200})
        time.sleep(0.1)
    result = served.get(f"{here}/result?include=predictions")
    assert result.status == 200
    assert result.body["evidence"]["complete"]
    assert {part["status"] for part in result.body["evidence"]["parts"]} == {"there"}
    assert set(result.body) == {
        "id",
        "task",
        "mark",
        "metrics",
        "metrics_before",
        "report",
        "model_info",
        "warnings",
        "evidence",
        "reading",
        "predictions",
    }
    return dict(result.body)


@pytest.fixture(scope="module")
def trained(served: Served) -> dict[str, Any]:
    """Train a forest and return the session and its result."""
    # Evidence that is gathered afterwards waits for that of the sessions of other tests.
    answer = served.post(TRAINING, json=FOREST | {"wait_for": "evidence"})
    return {"session": answer.body, "result": finished(served, TRAINING, answer)}


def test_a_session_that_is_accepted_is_shown_whole(trained: dict[str, Any]) -> None:
    session = trained["session"]
    assert set(session) == SESSION | {
        *("model_type", "hyperparameters", "feature_set", "label_derived_columns", "protocols"),
        "published",
    }
    assert session["status"] == "queued"
    assert session["model_type"] == "random_forest"
    assert session["hyperparameters"] == {
        "n_estimators": 10,
        "max_depth": None,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
    }
    assert session["seed"] == 3
    assert session["snapshot"]["dated"] == "2025-10-04"
    assert session["warnings"] == [
        "criterion is no hyperparameter of random_forest and was ignored."
    ]


def test_a_session_is_retrieved_by_its_id(served: Served, trained: dict[str, Any]) -> None:
    session = served.get(f"{TRAINING}/{trained['session']['id']}").body
    assert (session["status"], session["attempts"], session["error"]) == ("completed", 1, "")
    assert session["created_at"] <= session["started_at"] <= session["finished_at"]


@pytest.mark.long
def test_the_list_has_the_newest_first_and_pages(served: Served, trained: dict[str, Any]) -> None:
    second = served.post(TRAINING, json=FOREST | {"model_type": "pca", "hyperparameters": {}})
    finished(served, TRAINING, second)
    page = served.get(f"{TRAINING}?page_size=1").body
    assert page["count"] >= 2
    assert [session["id"] for session in page["results"]] == [second.body["id"]]
    following = served.get(page["next"].removeprefix(served.url)).body
    assert [session["id"] for session in following["results"]] == [trained["session"]["id"]]


def test_progress_is_a_status_a_percentage_and_a_step(
    served: Served, trained: dict[str, Any]
) -> None:
    answer = served.get(f"{TRAINING}/{trained['session']['id']}/progress")
    assert (answer.status, answer.body) == (
        200,
        {"status": "completed", "percent": 100.0, "step": "Completed"},
    )


def test_contributions_add_up_to_the_explained_output_of_every_row(trained: dict[str, Any]) -> None:
    result = trained["result"]
    columns = result["model_info"]["columns"]
    for row in result["predictions"]:
        assert set(row) == ROW
        assert list(row["values"]) == list(row["contributions"]) == columns
        explained = row["explained"]
        assert sum(row["contributions"].values(), explained["base"]) == pytest.approx(
            explained["output"], abs=1e-9
        )
        assert explained["meaning"] == result["model_info"]["explained_output_meaning"]
    # A forest's votes are no stated probability: these are calibrated, and the name says so.
    assert result["model_info"]["explained_output"] == "uncalibrated probability"
    assert "before it is calibrated" in result["model_info"]["explained_output_meaning"]
    stated = [row["probabilities"][row["prediction"]] for row in result["predictions"]]
    assert stated != pytest.approx(
        [row["explained"]["output"] for row in result["predictions"]], abs=1e-3
    )


def test_both_apis_tell_the_same_of_a_session(served: Served, trained: dict[str, Any]) -> None:
    old = served.get(f"/api/custom/result/{trained['session']['id']}").body
    new = trained["result"]
    assert [row["name"] for row in old["predictions"]] == [
        row["name"] for row in new["predictions"]
    ]
    assert old["metrics"]["accuracy"] == new["metrics"]["accuracy"]
    assert old["metrics"]["confusion_matrix"] == new["metrics"]["confusion_matrix"]


@pytest.mark.long
def test_the_same_request_gives_the_same_result_and_another_seed_another(
    served: Served, trained: dict[str, Any]
) -> None:
    def run(seed: int) -> Any:
        answer = served.post(TRAINING, json=FOREST | {"seed": seed})
        return finished(served, TRAINING, answer)["predictions"]

    assert run(3) == trained["result"]["predictions"]
    assert run(4) != trained["result"]["predictions"]


@pytest.mark.long
def test_a_form_with_files_trains_on_them(
    served: Served, uploads: dict[str, tuple[str, bytes]]
) -> None:
    fields = {
        "model_type": "decision_tree",
        "data_source": "user",
        "mission": "kepler",
        "hyperparameters": json.dumps({"max_depth": "3"}),
    }
    answer = served.post(TRAINING, data=fields, files=uploads)
    result = finished(served, TRAINING, answer)
    assert answer.body["snapshot"] is None
    assert answer.body["hyperparameters"]["max_depth"] == 3
    assert len(result["predictions"]) == 80


def test_a_prediction_is_made_with_the_published_model(served: Served) -> None:
    answer = served.post(PREDICTION, json={"data_source": "nasa", "mission": "k2"})
    # Its evidence is gathered when nobody waits for an answer, which takes long among tests.
    served.follow(answer.body["id"])
    result = served.get(f"{PREDICTION}/{answer.body['id']}/result").body
    assert set(answer.body) == SESSION | {"model"}
    published = served.get(f"{TRAINING}/{answer.body['model']}").body
    assert (published["published"], published["mission"]) == (True, "k2")
    assert result["metrics_before"] is None


@pytest.mark.long
def test_fine_tuning_reports_the_figures_before_it(
    served: Served, uploads: dict[str, tuple[str, bytes]]
) -> None:
    answer = served.post(
        PREDICTION, data={"data_source": "user", "mission": "kepler"}, files=uploads
    )
    result = finished(served, PREDICTION, answer)
    assert len(result["predictions"]) == 80
    # Vetting is measured on what is decided; candidates are ranked.
    decided = [row for row in result["predictions"] if row["disposition"] != "candidate"]
    assert result["metrics_before"]["rows"] == result["metrics"]["rows"] == len(decided) > 0
    assert [row["follow_up_rank"] is None for row in result["predictions"]] == [
        row["disposition"] != "candidate" for row in result["predictions"]
    ]
    assert result["model_info"]["fine_tuned"] is True


def test_a_result_before_its_time_is_409(served: Served) -> None:
    answer = served.post(
        TRAINING,
        json=FOREST | {"mission": "kepler", "hyperparameters": {"n_estimators": 100}},
    )
    early = served.get(f"{TRAINING}/{answer.body['id']}/result")
    assert early.status == 409
    assert early.body["detail"].startswith("The session has no result yet: it is ")
    served.follow(answer.body["id"])
    assert served.get(f"{TRAINING}/{answer.body['id']}/result").status == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model_type": "oracle"}, "model_type"),
        ({"hyperparameters": {"n_estimators": 0}}, "hyperparameters"),
        ({"hyperparameters": {"treeees": 1}}, "hyperparameters"),
        ({"data_source": "user"}, "training_file"),
    ],
)
def test_a_refusal_is_a_sentence_and_its_field(
    served: Served, change: dict[str, Any], field: str
) -> None:
    answer = served.post(TRAINING, json=FOREST | change)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.body["field"] == field
    assert answer.body["detail"].endswith(".")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mission": "plato"}, "mission"),
        ({"data_source": "esa"}, "data_source"),
        ({"seed": -1}, "seed"),
        ({"model_type": None}, "model_type"),
        ({"hyperparameters": [1]}, "hyperparameters"),
        ({"training_file": "no file"}, "training_file"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(
    served: Served, change: dict[str, Any], field: str
) -> None:
    answer = served.post(TRAINING, json=FOREST | change)
    assert (answer.status, answer.body["field"]) == (400, field)
    assert answer.body["detail"].startswith(f"{field} ")


def test_hyperparameters_in_a_form_must_be_json(served: Served) -> None:
    fields = {key: value for key, value in FOREST.items() if key != "hyperparameters"}
    answer = served.post(TRAINING, data=fields | {"hyperparameters": "{n: 1}"})
    assert (answer.status, answer.body["detail"]) == (
        400,
        (
            "hyperparameters was '{n: 1}', but it must be a JSON object, such as"
            ' {"n_estimators": 200}.'
        ),
    )


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b'{"x": "' + b"x" * 2_000_000 + b'"}', 413)]
)
def test_a_body_that_cannot_be_read_is_refused_without_a_librarys_words(
    served: Served, body: Any, status: int
) -> None:
    answer = served.post(TRAINING, data=body, headers={"Content-Type": "application/json"})
    assert answer.status == status
    assert answer.body["detail"] in {
        "The request's body could not be read: it is no valid JSON or form.",
        "The request's fields are too large.",
    }


@pytest.mark.parametrize("address", [TRAINING, PREDICTION])
def test_a_session_of_the_other_kind_or_of_none_is_404(
    served: Served, trained: dict[str, Any], address: Any
) -> None:
    unknown = "00000000-0000-4000-8000-000000000000"
    wrong = trained["session"]["id"] if address == PREDICTION else unknown
    for route in ("", "/progress", "/result"):
        answer = served.get(f"{address}/{wrong}{route}")
        assert (answer.status, answer.body["detail"]) == (404, "There is nothing at this address.")
    assert served.get(f"{address}/42").status == 404


def test_a_session_is_not_replaced(served: Served, trained: dict[str, Any]) -> None:
    answer = served.ask("PUT", f"{TRAINING}/{trained['session']['id']}")
    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]


def test_a_result_comes_in_pages_too(served: Served, trained: dict[str, Any]) -> None:
    here = f"{TRAINING}/{trained['session']['id']}/predictions"
    page = served.get(f"{here}?page_size=100").body
    whole = trained["result"]["predictions"]
    assert page["count"] == len(whole)
    assert page["results"] == whole[:100]


def test_two_processes_of_the_server_answer_a_repeated_request_once(served: Served) -> None:
    key = {"Idempotency-Key": "2f1c7f0e-7c54-4d40-9d56-6f3e4e3c1a55"}
    answers = [served.post(TRAINING, json=FOREST | {"seed": 9}, headers=key) for _ in range(6)]
    assert {answer.status for answer in answers} == {202}
    assert len({answer.body["id"] for answer in answers}) == 1
    served.follow(answers[0].body["id"])


def test_a_session_is_deleted_with_its_files(
    served: Served, uploads: dict[str, tuple[str, bytes]]
) -> None:
    fields = {"model_type": "decision_tree", "data_source": "user", "mission": "kepler"}
    session = served.post(TRAINING, data=fields, files=uploads).body["id"]
    served.follow(session)

    def left() -> list[str]:
        media = served.folder / "media"
        return [path.name for path in media.rglob("*") if session in str(path)]

    assert left()
    assert served.ask("DELETE", f"{TRAINING}/{session}").status == 204
    assert left() == []
    assert served.get(f"{TRAINING}/{session}").status == 404
    assert served.get(f"/api/custom/progress/{session}").status == 404
