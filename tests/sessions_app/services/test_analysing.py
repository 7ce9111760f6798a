"""Analyses are sessions of their own: asked for, queued, run in a process of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from mlcore.analyses.names import Analysis
from mlcore.datasets import Disposition
from sessions_app import lifecycle, services
from sessions_app.access.ownership import Owner
from sessions_app.exceptions import RefusedError
from sessions_app.execution import worker
from sessions_app.execution.job_arguments import job_of
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import (
    AnalysisSession,
    Session,
    TrainingSession,
)
from sessions_app.queue.turns import next_in_turn
from sessions_app.services import ArchiveData, TrainingChoices, UploadedData
from tests.sessions_app.results import an_object, keep_objects, objects
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

ran = pytest.mark.django_db(transaction=True)


def asked(session: Session, analysis: str, **choices: Any) -> AnalysisSession:
    """Start an analysis and run it to its end."""
    started = services.start_analysis(session.pk, analysis, **choices)
    worker.execute(started.pk)
    started.refresh_from_db()
    return started


def trained(model_type: str = "decision_tree", task: str = "vetting") -> TrainingSession:
    session = services.start_training(
        model_type=model_type,
        hyperparameters={},
        data=ArchiveData(mission="kepler"),
        choices=TrainingChoices(task=task),
    )
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == Status.COMPLETED, session.error
    return session


@pytest.fixture
def recorded(kepler: DatasetSnapshot) -> TrainingSession:
    """A completed session of which there are only the records that a request looks at."""
    session = TrainingSession.objects.create(
        kind="training",
        status="completed",
        mission="kepler",
        task="vetting",
        data_source="nasa",
        snapshot=kepler,
        reference=kepler,
        model_type="decision_tree",
        seed=7,
        metrics={"accuracy": 0.9},
        model={"model_type": "decision_tree", "classes": ["false_positive", "confirmed"]},
    )
    storage.artifact_folder(session.pk).mkdir(parents=True)
    keep_objects(
        session,
        [an_object(number, probabilities=[0.0, 0.1, 0.9]) for number in (1, 2)],
    )
    return session


def refusal(session: Any, analysis: str = "decision_path", **choices: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        services.start_analysis(getattr(session, "pk", session), analysis, **choices)
    assert not AnalysisSession.objects.exists()
    return refused.value


# What is run


@pytest.mark.long
@ran
@pytest.mark.usefixtures("jobs")
def test_every_analysis_of_a_trained_model_is_answered(
    kepler: DatasetSnapshot, kept: Callable[[], list[str]]
) -> None:
    session = trained()
    before = kept()
    rows = {row.number: row for row in objects(session)}
    for analysis in Analysis:
        number = len(rows) if analysis.of_one_object else None
        finished = asked(session, analysis, object_number=number)
        assert finished.status == Status.COMPLETED, (analysis, finished.error)
        assert finished.answer["analysis"] == analysis
        assert finished.answer["sentences"]
        json.dumps(finished.answer, allow_nan=False)
        assert finished.progress.order_by("-id")[0].percent == 100
        assert finished.peak_memory_bytes
        if number is not None:
            assert finished.answer["object"]["name"] == rows[number].name
            said = finished.answer["object"]["probabilities"]
            # How many rows are scored at once may decide the last bits.
            assert [said[disposition.value] for disposition in Disposition] == pytest.approx(
                rows[number].probabilities, rel=0, abs=1e-12
            )
        # An analysis is an answer and nothing else.
        assert (finished.metrics, finished.model) == (None, None)
        assert not storage.results_folder(finished.pk).exists()
    assert kept() == before
    assert session.analyses.filter(in_background=False).count() == len(Analysis)

    # They go with the session that they are of.
    services.delete_session(session)
    assert not Session.objects.exists()


@ran
@pytest.mark.long
def test_the_held_out_rows_of_a_fine_tuned_session_are_analysed(
    published: TrainingSession, tmp_path: Path
) -> None:
    data = UploadedData(mission="kepler", training=upload(tmp_path, "b"))
    session: Session = services.start_prediction(data=data)
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == Status.COMPLETED, session.error
    row = objects(session)[-1]
    other = next(label for label in session.model["classes"] if label != row.label)
    analysis = asked(session, "counterfactual", object_number=row.number, wanted=other)
    assert analysis.status == Status.COMPLETED, analysis.error
    assert analysis.wanted == analysis.answer["wanted"] == other
    assert analysis.answer["object"]["name"] == row.name
    assert asked(session, "average_replacement").answer["rows"] == session.metrics["rows"]
    with pytest.raises(RefusedError, match="average_replacement asks it as it is"):
        services.start_analysis(session.pk, "drop_columns")


@pytest.mark.long
@ran
@pytest.mark.usefixtures("jobs")
def test_an_analysis_that_cannot_be_done_fails_with_a_sentence(
    recorded: TrainingSession, kept: Callable[[], list[str]]
) -> None:
    # The model's folder is there, and empty.
    analysis = asked(recorded, "needed_columns")
    assert analysis.status == Status.FAILED
    assert analysis.error == "The saved model is missing or its manifest is damaged."
    assert analysis.answer is None
    assert not [name for name in kept() if name.startswith("incoming")]


@ran
def test_an_analysis_is_cancelled_and_run_again_as_any_session_is(
    recorded: TrainingSession,
) -> None:
    started = services.start_analysis(recorded.pk, "needed_columns")
    services.cancel_session(started.pk)
    assert next_in_turn() is None
    services.retry_session(started.pk)
    started.refresh_from_db()
    assert started.status == Status.QUEUED
    assert next_in_turn() == started.pk
    assert lifecycle.claim(Session.objects.all(), started.pk) == 1


# What a job is told


@pytest.mark.django_db
def test_the_job_is_told_what_the_sessions_own_job_was_told(
    recorded: TrainingSession, tmp_path: Path
) -> None:
    started = services.start_analysis(
        recorded.pk, "counterfactual", object_number=2, wanted="false_positive"
    )
    assert (started.mission, started.task, started.seed) == ("kepler", "vetting", 7)
    target, argument = job_of(started, tmp_path)
    assert target == "mlcore.jobs.analyse:analyse_job"
    assert argument["training"] == job_of(recorded, tmp_path)[1]
    assert argument["prediction"] is None
    assert argument["artifact"] == str(storage.artifact_folder(recorded.pk))
    assert (argument["object_number"], argument["object_name"]) == (2, "K00002.01")
    assert (argument["analysis"], argument["wanted"], argument["seed"]) == (
        *("counterfactual", "false_positive"),
        7,
    )
    assert json.loads(json.dumps(argument)) == argument


@pytest.mark.django_db
def test_the_job_is_told_which_of_a_forests_trees_to_follow(
    recorded: TrainingSession, tmp_path: Path
) -> None:
    forest = {"model_type": "random_forest", "hyperparameters": {"n_estimators": 30}}
    TrainingSession.objects.filter(pk=recorded.pk).update(model={**recorded.model, **forest})
    usual, last = (
        services.start_analysis(recorded.pk, "decision_path", object_number=1, tree=tree)
        for tree in (None, 30)
    )
    assert [job_of(analysis, tmp_path)[1]["tree"] for analysis in (usual, last)] == [1, 30]


# What is refused


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["queued", "running", "failed", "cancelled"])
def test_only_a_completed_session_is_analysed(recorded: TrainingSession, status: str) -> None:
    TrainingSession.objects.filter(pk=recorded.pk).update(status=status)
    refused = refusal(recorded, object_number=1)
    assert (refused.status, refused.field) == (409, "session")
    assert refused.sentence == (
        f"session: it is {status} and only a completed one has a model to look at."
    )


@pytest.mark.django_db
def test_a_session_without_its_model_or_its_rows_is_not_analysed(
    recorded: TrainingSession,
) -> None:
    TrainingSession.objects.filter(pk=recorded.pk).update(snapshot=None)
    refused = refusal(recorded, object_number=1)
    assert refused.status == 409
    assert refused.sentence == "session: the rows that it was about are not on this server."
    storage.artifact_folder(recorded.pk).rmdir()
    refused = refusal(recorded, object_number=1)
    assert refused.status == 409
    assert refused.sentence == "session: its model is no longer on this server; run it again."


@pytest.mark.django_db
def test_a_session_that_is_not_there_or_somebody_elses_is_not_found(
    recorded: TrainingSession,
) -> None:
    unknown = uuid4()
    refused = refusal(unknown)
    assert (refused.status, refused.field) == (404, "session")
    TrainingSession.objects.filter(pk=recorded.pk).update(owner_key="user:1")
    stranger = Owner(key="user:2", user_id=None, counted_as="user:2")
    hidden = refusal(recorded, object_number=1, owner=stranger)
    assert hidden.status == 404
    assert hidden.sentence.replace(str(recorded.pk), "") == refused.sentence.replace(
        str(unknown), ""
    )


@pytest.mark.django_db
def test_an_analysis_is_not_analysed(recorded: TrainingSession) -> None:
    started = services.start_analysis(recorded.pk, "needed_columns")
    with pytest.raises(RefusedError, match="not of another analysis"):
        services.start_analysis(started.pk, "needed_columns")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("analysis", "choices", "field", "sentence"),
    [
        (
            "magic",
            {},
            "analysis",
            (
                "analysis was 'magic', but it must be one of drop_columns, average_replacement,"
                " counterfactual, decision_path, probability, path_dependent, needed_columns."
            ),
        ),
        (
            "decision_path",
            {},
            "object_number",
            (
                "object_number is missing: decision_path is about one of the session's objects,"
                " which are numbered from 1 to 2."
            ),
        ),
        (
            "probability",
            {"object_number": 3},
            "object_number",
            (
                "object_number was 3: probability is about one of the session's objects, which are"
                " numbered from 1 to 2."
            ),
        ),
        (
            "needed_columns",
            {"object_number": 1},
            "object_number",
            "object_number was 1, but needed_columns is about the whole model; leave it out.",
        ),
        (
            "decision_path",
            {"object_number": 1, "wanted": "confirmed"},
            "wanted",
            (
                "wanted was 'confirmed', but decision_path is about no disposition in particular;"
                " leave it out."
            ),
        ),
        (
            "counterfactual",
            {"object_number": 1, "wanted": "confirmed"},
            "wanted",
            (
                "wanted was the model's answer already; for this object it must be one of"
                " false_positive."
            ),
        ),
        (
            "probability",
            {"object_number": 1, "wanted": "candidate"},
            "wanted",
            "wanted was 'candidate'; for this object it must be one of false_positive, confirmed.",
        ),
        (
            "probability",
            {"object_number": 1, "tree": 1},
            "tree",
            "tree was 1, but probability is about no tree in particular; leave it out.",
        ),
        (
            "decision_path",
            {"object_number": 1, "tree": 2},
            "tree",
            "tree was 2, but it must be a whole number from 1 to 1: so many trees has the model.",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    recorded: TrainingSession, analysis: str, choices: dict[str, Any], field: str, sentence: str
) -> None:
    refused = refusal(recorded, analysis, **choices)
    assert (refused.status, refused.field, refused.sentence) == (400, field, sentence)


@pytest.mark.django_db
def test_an_analysis_that_does_not_fit_the_model_is_refused_at_once(
    recorded: TrainingSession,
) -> None:
    model = {**recorded.model, "model_type": "svm"}
    TrainingSession.objects.filter(pk=recorded.pk).update(model=model)
    assert refusal(recorded, "path_dependent", object_number=1).sentence == (
        "analysis was path_dependent, which needs a model whose trees vote (decision_tree,"
        " random_forest, extra_trees); this session's is svm."
    )
    TrainingSession.objects.filter(pk=recorded.pk).update(metrics=None)
    for analysis in ("drop_columns", "average_replacement"):
        assert refusal(recorded, analysis).sentence == (
            f"analysis was {analysis}, which compares figures, but none of the session's rows has"
            " a disposition that its model tells apart."
        )


@pytest.mark.django_db
def test_analyses_count_among_the_active_sessions_of_their_owner(
    recorded: TrainingSession, settings: Any
) -> None:
    settings.EXOPLANET_ACTIVE_SESSIONS = 1
    owner = Owner(key="anonymous:a", counted_as="anonymous:a")
    services.start_analysis(recorded.pk, "needed_columns", owner=owner)
    with pytest.raises(RefusedError) as refused:
        services.start_analysis(recorded.pk, "needed_columns", owner=owner)
    assert refused.value.status == 429
