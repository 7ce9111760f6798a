"""A worker runs a session to its result, and runs nothing that is not queued."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from mlcore import load_artifact
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import ProgressEntry, Session, TrainingSession
from sessions_app.services import ArchiveData, UploadedData
from tests.sessions_app.execution.running import (
    LONG,
    Meanwhile,
    created,
    predicted,
    rows_of,
    trained,
)
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("jobs")]


# A result


def test_a_training_session_completes_with_rows_figures_and_a_model(
    kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    session = trained()
    assert (session.status, session.error, session.traceback) == ("completed", "", "")
    assert session.attempts == 1
    assert session.created_at < session.started_at < session.finished_at
    assert session.peak_memory_bytes > 10**7
    assert session.cpu_seconds > 0
    assert session.model["model_type"] == "decision_tree"
    assert session.model["test_rows"] == kepler.test_rows == session.metrics["rows"]
    assert session.model["train_rows"] == kepler.rows - kepler.test_rows
    folder = storage.artifact_folder(session.pk)
    assert list(load_artifact(folder).classifier.columns) == session.model["columns"]
    assert {name.split("/")[0] for name in kept()} == {"artifacts", "datasets", "results"}


@pytest.mark.long
def test_the_rows_and_the_figures_of_a_completed_session_agree(kepler: DatasetSnapshot) -> None:
    session = trained()
    rows = rows_of(session)
    columns, classes = session.model["columns"], session.metrics["classes"]
    assert [row["number"] for row in rows] == list(range(1, kepler.test_rows + 1))
    right = sum(row["label"] == row["actual"] for row in rows)
    assert session.metrics["accuracy"] == right / len(rows)
    confusion = [
        [sum((row["actual"], row["label"]) == (one, other) for row in rows) for other in classes]
        for one in classes
    ]
    assert session.metrics["confusion_matrix"] == confusion
    for row in rows:
        probable = row["probabilities"]
        assert classes[probable.index(max(probable))] == row["label"]
        assert sum(probable) == pytest.approx(1)
        assert len(row["values"]) == len(row["contributions"]) == len(columns)
        assert row["base"] + sum(row["contributions"]) == pytest.approx(row["output"])
        assert 3 <= len(row["reasons"]) <= 5


@pytest.mark.long
def test_the_values_of_a_row_are_those_of_its_object_missing_ones_included(
    media: Path, tmp_path: Path
) -> None:
    frame = drawn("a").copy()
    frame.loc[::2, "koi_depth"] = math.nan
    frame.to_csv(tmp_path / "gaps.csv", index=False)
    services.load_dataset("kepler", file=tmp_path / "gaps.csv", folder=None)
    session = trained()
    objects, missing = frame.set_index("kepoi_name"), 0
    # What is derived from the columns is no column of the file.
    measured = [name for name in session.model["columns"] if name in objects]
    places = [session.model["columns"].index(name) for name in measured]
    assert len(measured) >= 20
    for row in rows_of(session):
        cells = objects.loc[row["name"]]
        values = [None if math.isnan(value) else value for value in cells[measured]]
        assert (row["host"], [row["values"][place] for place in places]) == (cells["kepid"], values)
        missing += values.count(None)
    assert missing >= 20


@pytest.mark.long
def test_the_same_request_twice_gives_identical_predictions(kepler: DatasetSnapshot) -> None:
    forest = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 15}}
    one, same, other = trained(**forest), trained(**forest), trained(**forest, seed=1)
    assert rows_of(one) == rows_of(same)
    assert one.metrics == same.metrics
    assert rows_of(one) != rows_of(other)


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A session whose fit goes on for a while, as it was stored and as it was polled."""

    steps: list[tuple[float, str]]
    polled: list[float]
    seconds: float


@pytest.fixture(scope="module")
def fits() -> list[Fit]:
    """Keep the session that several tests look at: the same for all of them."""
    return []


@pytest.fixture
def fit(kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile], fits: list[Fit]) -> Fit:
    if fits:
        return fits[0]
    session = created(**LONG | {"hyperparameters": {"n_estimators": 400}})
    polled: list[float] = []

    def poll() -> None:
        newest = session.progress.order_by("-id").values_list("percent", flat=True)
        while not polled or polled[-1] < 100:
            polled.append(newest[0])
            time.sleep(0.05)

    polling = meanwhile(session, poll)
    worker.execute(session.pk)
    polling.thread.join(30)
    session.refresh_from_db()
    fits.append(
        Fit(
            steps=list(session.progress.order_by("id").values_list("percent", "step")),
            polled=polled,
            seconds=(session.finished_at - session.started_at).total_seconds(),
        )
    )
    return fits[0]


@pytest.mark.long
def test_progress_moves_during_the_fit_never_goes_back_and_ends_with_completed(fit: Fit) -> None:
    percents = [percent for percent, _ in fit.steps]
    assert all(earlier <= later for earlier, later in pairwise(percents))
    assert fit.steps[-1] == (100, "Completed")
    assert percents[-2] <= 99
    fitting = {percent: step for percent, step in fit.steps if step.startswith("Fitting the model")}
    assert len(fitting) >= 3
    assert any("400 trees" in step for step in fitting.values())


def test_a_poll_from_another_connection_sees_the_fit_move(fit: Fit) -> None:
    assert len(set(fit.polled)) >= 4
    assert fit.polled == sorted(fit.polled)


def test_a_fit_reports_no_oftener_than_anybody_looks(fit: Fit) -> None:
    # Five a second, and one more for each step that begins.
    assert len(fit.steps) <= 5 * fit.seconds + 12


@pytest.mark.long
def test_warnings_of_the_request_and_of_the_job_are_kept_once_each(
    media: Path, tmp_path: Path
) -> None:
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=upload(tmp_path, "b"))
    session = trained(model_type="decision_tree", hyperparameters={"n_estimators": 5}, data=data)
    assert (
        session.warnings[0] == "n_estimators is no hyperparameter of decision_tree and was ignored."
    )
    assert len(session.warnings) == len(set(session.warnings)) > 1


@pytest.mark.long
def test_a_model_trained_on_uploads_predicts_the_rows_of_the_testing_file(
    media: Path, tmp_path: Path
) -> None:
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=upload(tmp_path, "b"))
    session = trained(data=data)
    assert session.status == "completed"
    assert session.model["train_rows"] == len(drawn("a"))
    names = [row["name"] for row in rows_of(session)]
    assert names == list(drawn("b")["kepoi_name"])


@pytest.mark.long
def test_without_labels_there_are_predictions_and_no_figures(media: Path, tmp_path: Path) -> None:
    testing = upload(tmp_path, "b")
    drawn("b").drop(columns="koi_disposition").to_csv(testing.path, index=False)
    data = UploadedData(mission="kepler", training=upload(tmp_path), testing=testing)
    session = trained(data=data)
    assert (session.status, session.metrics) == ("completed", None)
    assert {row["actual"] for row in rows_of(session)} == {None}


def test_a_prediction_session_predicts_the_missions_test_split(
    kepler: DatasetSnapshot, published: TrainingSession
) -> None:
    session = predicted(ArchiveData(mission="kepler"))
    assert (session.status, session.error, session.attempts) == ("completed", "", 1)
    assert session.metrics == published.metrics
    assert session.metrics_before is None
    assert session.model["fine_tuned"] is False
    assert rows_of(session) == rows_of(published)
    assert storage.artifact_folder(session.pk).is_dir()


@pytest.mark.long
def test_a_fine_tuned_session_keeps_the_figures_from_before_and_after(
    published: TrainingSession, tmp_path: Path
) -> None:
    artifact = storage.artifact_folder(published.pk)
    before = {path.name: path.read_bytes() for path in artifact.iterdir()}
    session = predicted(
        UploadedData(
            mission="kepler", training=upload(tmp_path, "b"), testing=upload(tmp_path, "c")
        )
    )
    assert session.status == "completed"
    assert session.metrics["rows"] == session.metrics_before["rows"] == len(drawn("c"))
    assert session.metrics != session.metrics_before
    assert session.model["fine_tuned"] is True
    assert session.model["fine_tuning_rows"] == len(drawn("b"))
    # The published model itself stays as it is.
    assert {path.name: path.read_bytes() for path in artifact.iterdir()} == before


# Nothing to do


@pytest.mark.parametrize("status", [status for status in Status if status != Status.QUEUED])
def test_a_task_for_a_session_that_is_not_queued_does_nothing(
    status: Status, kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    session = created()
    Session.objects.filter(pk=session.pk).update(status=status)
    before, files = Session.objects.filter(pk=session.pk).values().get(), kept()
    worker.execute(session.pk)
    assert Session.objects.filter(pk=session.pk).values().get() == before
    assert not ProgressEntry.objects.exists()
    assert kept() == files


@pytest.mark.long
def test_a_task_that_is_delivered_again_after_the_end_changes_nothing(
    kepler: DatasetSnapshot,
) -> None:
    session = trained()
    before, rows = Session.objects.filter(pk=session.pk).values().get(), rows_of(session)
    worker.execute(session.pk)
    assert Session.objects.filter(pk=session.pk).values().get() == before
    assert rows_of(session) == rows


def test_a_task_for_an_unknown_session_does_nothing(media: Path) -> None:
    worker.execute(uuid4())
    assert not Session.objects.exists()
    assert [path.name for path in media.rglob("*")] == ["incoming"]


@pytest.mark.long
def test_a_task_that_is_delivered_while_the_session_runs_does_nothing(
    kepler: DatasetSnapshot, meanwhile: Callable[..., Meanwhile]
) -> None:
    session = created(**LONG | {"hyperparameters": {"n_estimators": 150}})
    meanwhile(session, lambda: worker.execute(session.pk))
    worker.execute(session.pk)
    session.refresh_from_db()
    assert (session.status, session.attempts) == ("completed", 1)
