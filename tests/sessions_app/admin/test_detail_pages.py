"""What a record's page shows, and what can be done with it there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sessions_app import lifecycle
from sessions_app.admin import acting
from sessions_app.files import storage
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    ProgressEntry,
    Session,
    TrainingSession,
)
from sessions_app.queue.turns import enqueue
from tests.sessions_app.results import an_object, keep_objects
from tests.sessions_app.reviewers import KEPLER, on_the_table
from tests.sessions_app.services.ended_sessions import ended
from tests.sessions_app.snapshots import kept_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def address(session: Session, *act: str) -> str:
    name = f"admin:sessions_app_{session.kind}session_{'act' if act else 'change'}"
    return reverse(name, args=[session.pk, *act])


def shown(client: Client, session: Session) -> str:
    answer = client.get(address(session))
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, session: Session, name: str, **sent: str) -> HttpResponse:
    return client.post(address(session, name), sent, follow=True)


def said(answer: HttpResponse) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def waiting(**fields: Any) -> TrainingSession:
    session = TrainingSession.objects.create(
        **{"kind": "training", "mission": "kepler", "data_source": "nasa", "model_type": "svm"}
        | fields
    )
    enqueue(session.pk)
    return session


def test_a_page_tells_when_each_stage_began_and_how_long_it_took(admin_client: Client) -> None:
    session = waiting()
    lifecycle.claim(Session.objects.all(), session.pk, worker="ada, process 7")
    for percent, step in ((1, "Reading"), (5, "Fitting: 1 of 2"), (9, "Fitting: 2 of 2")):
        ProgressEntry.objects.create(session=session, percent=percent, step=step)
    lifecycle.fail(
        Session.objects.all(), session.pk, error="It <broke>.", traceback="line 1 <module>"
    )
    text = shown(admin_client, session)
    table = text[text.index("What happened when") : text.index("Settings")]
    rows = re.findall(r'<th scope="row">([^<]+)</th>', table)
    assert rows == ["Accepted", "Attempt 1 began", "Reading", "Fitting", "Ended: failed"]
    assert "It &lt;broke&gt;." in text
    assert "line 1 &lt;module&gt;" in text
    assert "ada, process 7" in text


def test_values_are_drawn_and_nothing_is_json(
    admin_client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed("marked")
    Session.objects.filter(pk=session.pk).update(
        mapping={"columns": {"P": "koi_period"}, "of_several": True},
        second_opinion={"column": "robovetter", "words": {"FP": "false_positive"}},
        warnings=["A column was <ignored>.", "Another one was as well, which is a long sentence."],
    )
    with CaptureQueriesContext(connection) as queries:
        text = shown(admin_client, session)
    assert len(queries) < 30
    # Neither JSON nor what Python makes of it: a quoted name before a colon, or a list of words.
    plain = re.sub(r"<[^>]+>", " ", text.split('id="content-main"')[1])
    assert not re.search(r"(&quot;|&#x27;|')\w+\1\s*:|\[(&quot;|&#x27;)", plain)
    assert "A column was &lt;ignored&gt;." in text
    assert "uses label-derived columns: koi_score" in text
    assert "ROC-AUC" in text
    assert "koi_period" in text
    # What is long waits until somebody asks for it.
    assert text.count("<details>") >= 3


def test_the_users_page_and_the_admins_lead_to_each_other(
    admin_client: Client, client: Client
) -> None:
    session = waiting()
    users = reverse("session", args=[session.pk])
    assert f'href="{users}"' in shown(admin_client, session)
    assert address(session) in admin_client.get(users).content.decode()
    client.logout()
    assert address(session) not in client.get(users).content.decode()


def test_an_analysis_shows_what_it_is_of_and_its_answer(admin_client: Client) -> None:
    session = ended()
    analysis = AnalysisSession.objects.create(
        kind="analysis",
        status="completed",
        mission="kepler",
        data_source="nasa",
        of=session,
        analysis="needed_columns",
        answer={"meaning": "Which columns it needs.", "sentences": ["It needs 4 columns."]},
    )
    text = shown(admin_client, analysis)
    assert address(session) in text
    assert "It needs 4 columns." in text
    assert address(analysis) in shown(admin_client, session)


def test_a_page_offers_what_fits_and_each_act_is_recorded(admin_client: Client) -> None:
    session = waiting()
    assert "/act/cancel/" in shown(admin_client, session)
    assert "/act/publish/" not in shown(admin_client, session)
    assert said(act(admin_client, session, "cancel")) == [f"{session} is cancelled."]
    assert said(act(admin_client, session, "run_again")) == [f"{session} is queued again."]
    entries = LogEntry.objects.order_by("pk")
    assert [entry.change_message for entry in entries] == [
        "Cancelled.",
        "Queued again.",
    ]
    assert {(entry.user.username, entry.object_id) for entry in entries} == {
        ("admin", str(session.pk))
    }


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("run_again", "Only a failed or cancelled session can be run again; this one is queued."),
        ("publish", "Only the model of a completed session can be published."),
        ("withdraw", "Its model is not published."),
        ("score_again", "It is queued, and only a completed session has a model to score with."),
        ("export", "The session's predictions are no longer on this server; run it again."),
    ],
)
def test_an_act_that_is_refused_says_why_and_is_no_deed(
    admin_client: Client, name: str, refusal: str
) -> None:
    session = waiting()
    assert said(act(admin_client, session, name)) == [f"{session}: {refusal}"]
    assert not LogEntry.objects.exists()


def test_a_session_expires_when_somebody_is_sure(admin_client: Client) -> None:
    session, kept = ended(), storage.artifact_folder
    asked = act(admin_client, session, "expire")
    assert "Are you sure?" in asked.content.decode()
    assert Session.objects.filter(pk=session.pk).exists()
    gone = act(admin_client, session, "expire", confirmed="yes")
    assert said(gone) == [f"{session} is gone, with its files."]
    assert gone.request["PATH_INFO"] == reverse("admin:sessions_app_trainingsession_changelist")
    assert not Session.objects.filter(pk=session.pk).exists()
    assert [entry.is_deletion() for entry in LogEntry.objects.all()] == [True]
    published = ended(published=True)
    refused = act(admin_client, published, "expire", confirmed="yes")
    assert said(refused) == [
        f"{published}: The session's model is published, so that it cannot be deleted."
    ]
    assert kept(published.pk).exists()


def test_a_model_scores_the_current_snapshot_from_its_page(admin_client: Client) -> None:
    session = on_the_table()
    newer = {**KEPLER, "koi_period": [9.0] * 12}
    table = kept_snapshot(newer, is_current=True)
    answer = act(admin_client, session, "score_again")
    started = PredictionSession.objects.get()
    assert said(answer) == [f"{session} scores the current snapshot as {started}."]
    assert (started.snapshot, started.owner) == (table, User.objects.get())


def test_predictions_and_lists_are_exported(admin_client: Client) -> None:
    session, other = waiting(), waiting()
    keep_objects(session, [an_object(1), an_object(2)])
    sent = admin_client.post(address(session, "export"))
    assert sent["Content-Disposition"].startswith("attachment; filename=")
    lines = b"".join(sent.streaming_content).decode().splitlines()
    assert [line.split(",")[1] for line in lines] == ["name", "K00001.01", "K00002.01"]
    several = {"action": "export_list", "_selected_action": [session.pk, other.pk]}
    table = admin_client.post(reverse("admin:sessions_app_trainingsession_changelist"), several)
    rows = b"".join(table.streaming_content).decode().splitlines()
    assert rows[0].startswith("id,kind,status,mission,task,data_source,created_at")
    assert {row.split(",")[0] for row in rows[1:]} == {str(session.pk), str(other.pk)}
    assert [entry.object_repr for entry in LogEntry.objects.order_by("pk")] == [
        str(session),
        "2 training sessions",
    ]


def test_nothing_is_done_by_looking_or_by_whoever_may_only_look(
    admin_client: Client, client: Client
) -> None:
    session = waiting()
    assert admin_client.get(address(session, "cancel")).status_code == 405
    assert admin_client.post(address(session, "delete_selected")).status_code == 403
    keep_objects(session, [an_object(1)])
    client.force_login(User.objects.create_user("eve", is_staff=True))
    for name in ("cancel", "export"):
        assert client.post(address(session, name)).status_code == 403
    session.refresh_from_db()
    assert session.status == "queued"


def test_no_more_are_acted_on_at_once_than_anybody_reads_of(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting, "MOST_AT_ONCE", 1)
    sessions = [ended(), ended()]
    for name in ("run_again", "expire"):
        sent = {"action": name, "_selected_action": [one.pk for one in sessions]}
        answer = admin_client.post(
            reverse("admin:sessions_app_trainingsession_changelist"), sent, follow=True
        )
        assert said(answer)[0] == "Nothing was done: at most 1 can be chosen at once."
    assert Session.objects.count() == 2


def test_a_session_leads_to_the_reviews_of_its_objects(admin_client: Client) -> None:
    session = on_the_table()
    reviews = reverse("admin:sessions_app_objectreview_changelist")
    link = f"{reviews}?session_id__exact={session.pk}"
    assert link in shown(admin_client, session)
    assert admin_client.get(link).status_code == 200


def test_whoever_may_change_sessions_and_not_delete_them_lets_none_expire(client: Client) -> None:
    session, user = ended(), User.objects.create_user("eve", is_staff=True)
    codenames = {"view_trainingsession", "change_trainingsession"}
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    assert "/act/expire/" not in shown(client, session)
    assert client.post(address(session, "expire"), {"confirmed": "yes"}).status_code == 403
    assert Session.objects.filter(pk=session.pk).exists()
