"""What a request to train may choose beside the model, from the request to the job's order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mlcore.jobs.messages import TrainingJob
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.execution.job_arguments import job_of
from sessions_app.files import storage
from sessions_app.models import DatasetSnapshot, TrainingSession
from tests.archive_tables import as_csv, drawn
from tests.sessions_app.real_rows import HEADER, kepler_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TRAINING = "/api/v1/training-sessions"
TREE = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}


def asked(**changes: Any) -> Any:
    files = "training_file" in changes
    return APIClient().post(TRAINING, TREE | changes, format="multipart" if files else "json")


def accepted(**changes: Any) -> TrainingSession:
    answer = asked(**changes)
    assert answer.status_code == 202, answer.json()
    return TrainingSession.objects.get(pk=answer.json()["id"])


def refused(**changes: Any) -> tuple[str, str]:
    answer = asked(**changes)
    assert answer.status_code == 400
    assert not TrainingSession.objects.exists()
    return answer.json()["field"], answer.json()["detail"]


def order_of(session: TrainingSession, folder: Path) -> TrainingJob:
    name, argument = job_of(session, folder)
    assert name == "mlcore.jobs.run:train_job"
    return TrainingJob(**argument)


def files(folder: Path) -> dict[str, Any]:
    """Return two files of real rows, with a column that follows the label."""
    fields: dict[str, Any] = {"data_source": "user"}
    for draw, name in (("a", "training_file"), ("b", "testing_file")):
        rows = kepler_file(folder / draw, draw).read_text().splitlines()
        start = HEADER.count("\n")
        scored = [f"{line},{'koi_score' if i == 0 else 0.5}" for i, line in enumerate(rows[start:])]
        fields[name] = SimpleUploadedFile(f"{draw}.csv", "\n".join(scored).encode())
    return fields


def snapshot(folder: Path, dated: str, draw: str) -> DatasetSnapshot:
    """Load a Kepler table of another day."""
    file = kepler_file(folder / f"cumulative {draw}.csv", draw)
    file.write_text(file.read_text().replace("Fri Oct  3 23:12:15 2025", dated))
    return services.load_dataset("kepler", file=file, folder=None)[0]


def test_without_a_word_the_task_is_vetting_on_the_default_columns(
    kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    session = accepted()
    assert (session.task, session.feature_set) == ("vetting", "default")
    assert (session.label_derived, session.protocols) == ([], [])
    order = order_of(session, tmp_path)
    assert (order.task, order.feature_set, order.protocols) == ("vetting", "default", [])
    assert (order.older, order.others) == ([], {})


@pytest.mark.parametrize("feature_set", ["measured", "wide", "harmonised"])
def test_what_is_chosen_is_recorded_and_reaches_the_job(
    feature_set: str, kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    session = accepted(
        task="disposition",
        feature_set=feature_set,
        protocols=["leave_one_mission_out", "cross_validated", "leave_one_mission_out"],
    )
    assert (session.task, session.feature_set) == ("disposition", feature_set)
    assert session.protocols == ["leave_one_mission_out", "cross_validated"]
    order = order_of(session, tmp_path)
    assert (order.task, order.feature_set) == ("disposition", feature_set)
    assert order.protocols == session.protocols


def test_a_column_that_follows_the_label_reaches_the_job_with_a_file_of_ones_own_alone(
    kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    field, sentence = refused(label_derived_columns=["koi_score"])
    assert field == "label_derived_columns"
    assert sentence.endswith("Only for a file of your own can you choose it all the same.")
    session = accepted(label_derived_columns=["koi_score"], **files(tmp_path))
    assert session.label_derived == ["koi_score"]
    assert order_of(session, tmp_path).label_derived == ["koi_score"]


def test_ways_of_testing_bring_the_tables_that_they_need(
    archive_dir: Path, kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    snapshot(tmp_path, "Mon Jan  5 10:00:00 2015", "oldest")
    older = snapshot(tmp_path, "Sun Jan 20 10:00:00 2019", "older")
    newest = snapshot(tmp_path, "Sat Nov  1 10:00:00 2025", "newest")
    file = tmp_path / "toi.csv"
    file.write_bytes(as_csv(drawn(archive_dir, "tess")[0]))
    tess = services.load_dataset("tess", file=file, folder=None)[0]
    DatasetSnapshot.objects.filter(pk=kepler.pk).delete()

    session = accepted(protocols=["time_forward", "leave_one_mission_out"])
    assert session.snapshot == newest
    assert set(session.further_snapshots.all()) == {older, tess}
    order = order_of(session, tmp_path)
    assert order.snapshot_dated == "2025-11-01"
    assert order.older == [str(storage.media_path(older.file.name))]
    assert order.others == {"tess": str(storage.media_path(tess.file.name))}
    assert not accepted(protocols=["cross_validated"]).further_snapshots.exists()


@pytest.mark.long
def test_a_search_that_was_asked_for_ends_in_time_with_an_ensemble(
    kepler: DatasetSnapshot, jobs: None
) -> None:
    # Its trials end it, not its time: a slow machine has to try all three as well.
    few = {"time_budget": 600, "max_trials": 3}
    session = accepted(
        model_type="auto",
        hyperparameters=few,
        feature_set="measured",
        wait_for="evidence",
    )
    worker.execute(session.pk)
    result = json.loads(
        APIClient().get(f"{TRAINING}/{session.pk}/result?include=predictions").getvalue()
    )
    session.refresh_from_db()
    assert session.started_at is not None
    assert session.finished_at is not None
    assert (session.finished_at - session.started_at).total_seconds() <= few["time_budget"]
    model, report = result["model_info"], result["report"]
    assert (model["model_type"], model["hyperparameters"]) == ("auto", few)
    trials = report["search"]["trials"]
    assert [entry["rank"] for entry in trials] == [1, 2, 3]
    assert sum(entry["weight"] for entry in trials) == pytest.approx(1.0, abs=1e-3)
    assert result["metrics"]["rows"] == report["measurement"]["rows"] > 0
    for row in result["predictions"]:
        explained = row["explained"]
        assert sum(row["contributions"].values(), explained["base"]) == pytest.approx(
            explained["output"], abs=1e-6
        )
        assert sum(row["probabilities"].values()) == pytest.approx(1.0)
    assert [entry["protocol"] for entry in report["protocols"]] == ["cross_validated"]
    # There was time for everything: the ensemble itself was fitted once more, by row.
    probes = {entry["name"]: entry for entry in report["probes"]["probes"]}
    assert probes["row_split"]["measurement"]["rows"] == report["measurement"]["rows"]
    assert not [entry for entry in report["notes"] if "left no time" in entry]


def test_a_budget_that_predicting_alone_would_use_up_is_refused(kepler: DatasetSnapshot) -> None:
    DatasetSnapshot.objects.update(test_rows=40_000)
    field, sentence = refused(model_type="auto", hyperparameters={"time_budget": "30"})
    assert field == "hyperparameters"
    assert sentence.startswith("time_budget was 30, but to predict, explain and measure 40,")
    assert sentence.endswith(" rows in time it must be at least 138.")


def test_a_table_without_a_date_is_not_tested_forward_in_time(
    kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    DatasetSnapshot.objects.update(dated=None)
    assert refused(protocols=["time_forward"]) == (
        "protocols",
        (
            "protocols: time_forward trains on an older table of the mission and tests by a newer"
            " one, but Kepler objects of interest as loaded has no date to tell which tables are"
            " older; leave it out."
        ),
    )


def test_files_of_ones_own_are_not_tested_forward_in_time(
    kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    assert refused(protocols=["time_forward"], **files(tmp_path)) == (
        "protocols",
        (
            "protocols: time_forward trains on an older table of the mission and tests by the"
            " mission's own, so that it says nothing of files of your own; leave it out, or choose"
            " data_source nasa."
        ),
    )
