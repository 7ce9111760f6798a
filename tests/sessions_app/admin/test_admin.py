from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sessions_app.models import (
    AnalysisSession,
    Attempt,
    DatasetSnapshot,
    Host,
    IdempotencyKey,
    Installation,
    ObjectName,
    ObjectReview,
    ObjectVerdict,
    PredictionSession,
    ProgressEntry,
    RequestCount,
    Session,
    SnapshotLoad,
    TrainingSession,
    UploadedFile,
)

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

FIGURE = {
    "name": "accuracy",
    "of": None,
    "value": 0.875,
    "low": 0.7,
    "high": 0.95,
    "rows": 8,
    "stars": 7,
    "split": "these rows",
    "note": None,
}
pytestmark = pytest.mark.django_db

REGISTERED = [
    AnalysisSession,
    DatasetSnapshot,
    ObjectReview,
    ObjectVerdict,
    PredictionSession,
    ProgressEntry,
    TrainingSession,
    UploadedFile,
]
SESSIONS = [TrainingSession, PredictionSession]
each_model = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)


def page(model: type[Model], kind: str = "changelist", *arguments: object) -> str:
    return reverse(f"admin:sessions_app_{model._meta.model_name}_{kind}", args=arguments)


def add_runs(count: int) -> None:
    """Add one snapshot and, of everything else, as many rows as asked for."""
    snapshot = DatasetSnapshot.objects.create(
        mission="kepler",
        source="carried",
        source_description="the carried table",
        sha256=f"{DatasetSnapshot.objects.count():064x}",
        file_sha256="a" * 64,
        file="datasets/one.parquet",
        rows=10,
        test_rows=2,
        columns=["koi_depth"],
        label_counts={"confirmed": 10},
    )
    for _ in range(count):
        training = TrainingSession.objects.create(
            kind="training",
            status="completed",
            mission="kepler",
            data_source="nasa",
            snapshot=snapshot,
            model_type="svm",
            hyperparameters={"C": 1.0},
            finished_at=timezone.now(),
            metrics={"rows": 8, "split": "these rows", "figures": [FIGURE]},
            model={"label_derived": ["koi_score"]},
            published=True,
        )
        prediction = PredictionSession.objects.create(
            kind="prediction",
            status="failed",
            mission="kepler",
            data_source="user",
            published_model=training,
            error="It <broke>.",
            traceback="Traceback: line 1",
        )
        AnalysisSession.objects.create(
            kind="analysis",
            status="completed",
            mission="kepler",
            data_source="nasa",
            of=training,
            analysis="needed_columns",
            answer={"sentences": ["The model needs 40 columns"]},
        )
        for session in (training, prediction):
            for percent in (10, 60):
                ProgressEntry.objects.create(session=session, percent=percent, step="Fitting")
        ObjectVerdict.objects.create(
            session=training,
            mission="kepler",
            number=1,
            name="K00755.01",
            host="10811496",
            object_key="K00755.01",
            star_key="KIC 10811496",
            disposition="confirmed",
            probabilities=[0.1, 0.9],
            possible=["confirmed"],
            fold=1,
        )
        ObjectReview.objects.create(
            mission="kepler",
            name="K00755.01",
            host="10811496",
            object_key="K00755.01",
            session_id=training.pk,
            object_number=1,
            model_label="confirmed",
            verdict="false_positive",
            reason="It is a binary.",
            columns={"koi_period": 2.5},
            reviewer_name="ada",
        )
        UploadedFile.objects.create(
            session=prediction,
            purpose="training_file",
            name="行星.csv",
            file="uploads/one",
            size=1_234_567,
            sha256="b" * 64,
            rows=3,
        )


@pytest.fixture
def runs() -> None:
    add_runs(2)


@pytest.fixture
def operator(admin_client: Client) -> Client:
    return admin_client


def test_every_model_of_the_app_is_registered() -> None:
    registered = {
        model for model in admin.site._registry if model._meta.app_label == "sessions_app"
    }
    assert registered == set(REGISTERED)
    # A session is shown as what it is: a training, a prediction, an analysis.
    # What requests are counted and answered again by is of no use to anybody.
    # An attempt is shown with its session, a load on a page of its own. Of the hosts the dashboard,
    # health and metrics tell; other names of objects with the rows of their table.
    hidden = {
        *(Session, Attempt, Host, IdempotencyKey, Installation, RequestCount),
        *(SnapshotLoad, ObjectName),
    }
    assert set(apps.get_app_config("sessions_app").get_models()) - registered == hidden


@each_model
def test_the_list_and_each_record_can_be_looked_at(
    model: type[Model], operator: Client, runs: None
) -> None:
    assert operator.get(page(model)).status_code == 200
    for record in model.objects.all():
        answer = operator.get(page(model, "change", record.pk))
        assert answer.status_code == 200
        assert b'name="_save"' not in answer.content


@each_model
def test_nothing_can_be_added_changed_or_deleted_by_hand(
    model: type[Model], operator: Client, runs: None
) -> None:
    record, before = model.objects.first(), list(model.objects.order_by("pk").values())
    assert operator.get(page(model, "add")).status_code == 403
    assert operator.post(page(model, "add"), {}).status_code == 403
    assert operator.post(page(model, "change", record.pk), {"name": "x"}).status_code == 403
    assert operator.post(page(model, "delete", record.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    assert operator.post(page(model), chosen).status_code in {200, 302, 403}
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("model", "words", "count"),
    [
        (TrainingSession, "kepler", 2),
        (TrainingSession, "svm", 2),
        (TrainingSession, "xgboost", 0),
        (PredictionSession, "<broke>", 2),
        (PredictionSession, "行星", 2),
        (ProgressEntry, "fitting", 0),
        (UploadedFile, "行星.csv", 2),
        (UploadedFile, "bbbb", 2),
        (DatasetSnapshot, "carried", 1),
        (DatasetSnapshot, "no such table", 0),
    ],
)
def test_a_search_finds_by_what_the_operator_knows(
    model: type[Model], words: str, count: int, operator: Client, runs: None
) -> None:
    answer = operator.get(page(model), {"q": words})
    assert answer.status_code == 200
    assert answer.context["cl"].result_count == count


@pytest.mark.parametrize("model", [*SESSIONS, ProgressEntry, UploadedFile])
def test_a_search_finds_by_a_sessions_id(model: type[Model], operator: Client, runs: None) -> None:
    record = model.objects.first()
    session_id = record.pk if model in SESSIONS else record.session_id
    rows = operator.get(page(model), {"q": str(session_id)}).context["cl"].queryset
    assert {row.pk if model in SESSIONS else row.session_id for row in rows} == {session_id}


@pytest.mark.sampled("TrainingSession", "UploadedFile")
@each_model
def test_every_choice_of_every_filter_can_be_taken(
    model: type[Model], operator: Client, runs: None
) -> None:
    listed = operator.get(page(model)).context["cl"]
    taken = 0
    for one in listed.filter_specs:
        for choice in one.choices(listed):
            answer = operator.get(page(model) + choice["query_string"])
            assert answer.status_code == 200, choice
            taken += 1
    assert taken > 0


@pytest.mark.parametrize(
    ("model", "query", "count"),
    [
        (TrainingSession, {"status__exact": "completed"}, 2),
        (TrainingSession, {"status__exact": "failed"}, 0),
        (TrainingSession, {"published__exact": "1"}, 2),
        (TrainingSession, {"model_type__exact": "xgboost"}, 0),
        (PredictionSession, {"data_source__exact": "user"}, 2),
        (ProgressEntry, {"session__status__exact": "failed"}, 4),
        (DatasetSnapshot, {"source__exact": "carried"}, 1),
    ],
)
def test_a_filter_keeps_what_it_says(
    model: type[Model], query: dict[str, str], count: int, operator: Client, runs: None
) -> None:
    assert operator.get(page(model), query).context["cl"].result_count == count


@pytest.mark.parametrize("model", SESSIONS)
def test_the_dates_lead_down_to_a_day(model: type[Model], operator: Client, runs: None) -> None:
    old = model.objects.first()
    model.objects.filter(pk=old.pk).update(created_at=datetime(2025, 2, 3, 4, tzinfo=UTC))
    for query, count in (
        ({"created_at__year": 2025}, 1),
        ({"created_at__year": 2025, "created_at__month": 2}, 1),
        ({"created_at__year": 2025, "created_at__month": 2, "created_at__day": 4}, 0),
    ):
        assert operator.get(page(model), query).context["cl"].result_count == count


@pytest.mark.sampled("TrainingSession", "UploadedFile")
@each_model
def test_every_column_of_a_list_can_be_sorted_by(
    model: type[Model], operator: Client, runs: None
) -> None:
    shown = len(operator.get(page(model)).context["cl"].list_display)
    for number in range(shown):
        for sign in ("", "-"):
            assert operator.get(page(model), {"o": f"{sign}{number}"}).status_code == 200


def test_a_list_of_sessions_shows_how_far_each_is_and_how_good(
    operator: Client, runs: None
) -> None:
    shown = operator.get(page(TrainingSession)).content.decode()
    assert shown.count("60 % (Fitting)") == 2
    # Each row has the accuracy with its interval and rows, and the session's mark.
    assert shown.replace("\xa0", " ").count("0.88 [0.70, 0.95], 8 rows") == 2
    assert shown.count("uses label-derived columns: koi_score") == 2
    ProgressEntry.objects.all().delete()
    assert operator.get(page(TrainingSession)).content.decode().count("not begun") == 2


def test_a_failed_session_shows_its_sentence_its_traceback_and_its_files(
    operator: Client, runs: None
) -> None:
    record = PredictionSession.objects.first()
    shown = operator.get(page(PredictionSession, "change", record.pk)).content.decode()
    assert "It &lt;broke&gt;." in shown
    assert "Traceback: line 1" in shown
    assert "行星.csv" in shown


def test_a_session_leads_to_its_own_rows(operator: Client, runs: None) -> None:
    record = TrainingSession.objects.first()
    link = f"{page(ProgressEntry)}?session__id__exact={record.pk}"
    assert link in operator.get(page(TrainingSession, "change", record.pk)).content.decode()
    rows = operator.get(link).context["cl"].queryset
    assert {row.session_id for row in rows} == {record.pk}


@pytest.mark.sampled("TrainingSession", "UploadedFile")
@each_model
def test_a_longer_list_takes_no_more_queries(
    model: type[Model], operator: Client, runs: None
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert operator.get(page(model)).status_code == 200
        return len(captured)

    queries()
    few = queries()
    add_runs(10)
    assert queries() == few


@each_model
def test_somebody_without_permissions_sees_nothing(
    model: type[Model], client: Client, runs: None
) -> None:
    client.force_login(User.objects.create_user("ada", is_staff=True))
    assert client.get(page(model)).status_code == 403
    assert client.get(page(model, "change", model.objects.first().pk)).status_code == 403
    shown = client.get(reverse("admin:index")).content.decode()
    assert "/admin/sessions_app" not in shown
    assert "Queue" not in shown


@each_model
def test_somebody_who_may_view_views_and_no_more(
    model: type[Model], client: Client, runs: None
) -> None:
    user = User.objects.create_user("ada", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=f"view_{model._meta.model_name}"))
    client.force_login(user)
    assert client.get(page(model)).status_code == 200
    assert client.get(page(model, "add")).status_code == 403


@each_model
def test_a_stranger_is_sent_to_the_login(model: type[Model], client: Client) -> None:
    answer = client.get(page(model))
    assert answer.status_code == 302
    assert answer.url == f"{reverse('admin:login')}?next={page(model)}"


@pytest.mark.parametrize(
    ("model", "name"), [(UploadedFile, "uploads/one"), (DatasetSnapshot, "datasets/one.parquet")]
)
def test_a_stored_file_is_named_and_no_link_leads_nowhere(
    model: type[Model], name: str, operator: Client, runs: None
) -> None:
    shown = operator.get(page(model, "change", model.objects.first().pk)).content.decode()
    assert name in shown
    assert f'{name}"' not in shown
