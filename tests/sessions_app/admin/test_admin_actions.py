from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from sessions_app import lifecycle
from sessions_app.models import Session, TrainingSession
from sessions_app.queue.turns import enqueue, next_in_turn

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

LIST = "admin:sessions_app_trainingsession_changelist"


def session() -> TrainingSession:
    made = TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    enqueue(made.pk)
    return made


def act(client: Client, name: str, *sessions: TrainingSession) -> HttpResponse:
    chosen = {"action": name, "_selected_action": [str(each.pk) for each in sessions]}
    return client.post(reverse(LIST), chosen, follow=True)


def said(answer: HttpResponse) -> list[str]:
    return sorted(str(message) for message in answer.context["messages"])


def statuses() -> set[str]:
    return set(Session.objects.values_list("status", flat=True))


def test_an_operator_cancels_sessions_and_runs_them_again(admin_client: Client) -> None:
    first, second = session(), session()
    answer = act(admin_client, "cancel", first, second)
    assert said(answer) == sorted(f"{each} is cancelled." for each in (first, second))
    assert statuses() == {"cancelled"}
    assert next_in_turn() is None
    answer = act(admin_client, "run_again", first, second)
    assert said(answer) == sorted(f"{each} is queued again." for each in (first, second))
    assert statuses() == {"queued"}
    assert next_in_turn() == first.pk


def test_what_cannot_be_done_with_one_session_is_done_with_the_others(admin_client: Client) -> None:
    waits, done = session(), session()
    Session.objects.filter(pk=done.pk).update(status="completed")
    answer = act(admin_client, "cancel", waits, done)
    refusal = "The session has ended and cannot be cancelled: it is completed."
    assert said(answer) == sorted([f"{waits} is cancelled.", f"{done}: {refusal}"])
    assert statuses() == {"cancelled", "completed"}


def test_an_operator_publishes_a_model_and_withdraws_it(admin_client: Client) -> None:
    done, waits = session(), session()
    marked = session()
    Session.objects.filter(pk__in=[done.pk, marked.pk]).update(status="completed")
    TrainingSession.objects.filter(pk=marked.pk).update(label_derived=["koi_score"])
    assert said(act(admin_client, "publish", done, waits, marked)) == sorted(
        [
            f"{done} is published.",
            f"{waits}: Only the model of a completed session can be published.",
            (
                f"{marked}: Its model uses label-derived columns, which no table but its owner's"
                " has, so that it cannot be published."
            ),
        ]
    )
    assert list(TrainingSession.objects.filter(published=True)) == [done]
    assert said(act(admin_client, "withdraw", done, waits)) == sorted(
        [f"{done} is offered no longer.", f"{waits}: Its model is not published."]
    )
    assert not TrainingSession.objects.filter(published=True).exists()


def test_a_session_shows_its_attempts(admin_client: Client) -> None:
    made = session()
    lifecycle.claim(Session.objects.all(), made.pk, worker="ada, process 7")
    lifecycle.interrupt(Session.objects.all(), made.pk, traceback="SIGKILL, line 1")
    page = reverse("admin:sessions_app_trainingsession_change", args=[made.pk])
    shown = admin_client.get(page).content.decode()
    assert "ada, process 7" in shown
    assert "interrupted" in shown
    assert "SIGKILL, line 1" in shown


@pytest.mark.parametrize(("permission", "may"), [("view", False), ("change", True)])
def test_whoever_may_only_look_may_not_cancel(client: Client, permission: str, may: bool) -> None:
    made = session()
    user = User.objects.create_user("ada", is_staff=True)
    codenames = {"view_trainingsession", f"{permission}_trainingsession"}
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    done = session()
    Session.objects.filter(pk=done.pk).update(status="completed")
    act(client, "publish", done)
    assert TrainingSession.objects.filter(published=True).exists() is may
    act(client, "cancel", made)
    assert statuses() == {"cancelled" if may else "queued", "completed"}
