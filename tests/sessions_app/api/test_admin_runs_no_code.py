"""Staff look into the queue; nobody makes the server run a function of their choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from django.utils import timezone
from django_q.models import Failure, OrmQ, Schedule, Success
from rest_framework.authtoken.models import Token, TokenProxy

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

pytestmark = pytest.mark.django_db

QUEUE = [OrmQ, Success, Failure]
SUPERUSERS = [Schedule, User, Group, TokenProxy]
named = {"ids": lambda model: model.__name__}
NOW = timezone.now


def page(model: type[Model], kind: str = "changelist", *arguments: Any) -> Any:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{kind}", args=arguments)


@pytest.fixture
def trusted(client: Client) -> Any:
    """Sign in an operator who was given every permission there is, and is no superuser."""
    user = User.objects.create_user("trusted", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    return client


def row(model: type[Model]) -> Any:
    if model is OrmQ:
        return OrmQ.objects.create(key="exoplanet", payload="x", lock=NOW())
    if model is Schedule:
        return Schedule.objects.create(func="os.system", args="'true'")
    if model is User:
        return User.objects.create_superuser("root", password="x")
    if model is Group:
        return Group.objects.create(name="g")
    if model is TokenProxy:
        return Token.objects.create(user=User.objects.create_superuser("root", password="x"))
    return model.objects.create(
        id=f"{id(model):032x}"[-32:],
        name="n",
        func="sessions_app.tasks.run_next",
        started=NOW(),
        stopped=NOW(),
        success=model is Success,
    )


def key(model: type[Model], record: Model) -> Any:
    return record.user_id if model is TokenProxy else record.pk


@pytest.mark.parametrize("model", QUEUE, **named)
def test_the_queue_is_looked_at_and_not_changed_even_by_superusers(
    admin_client: Client, model: Any
) -> None:
    record = row(model)
    assert admin_client.get(page(model)).status_code == 200
    here = page(model, "change", record.pk)
    assert admin_client.get(here).status_code == 200
    assert admin_client.post(here, {"func": "os.system"}).status_code == 403
    assert admin_client.get(page(model, "add")).status_code == 403
    assert admin_client.post(page(model, "delete", record.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=record.pk).exists()


@pytest.mark.parametrize("model", [Success, Failure], **named)
def test_a_task_of_the_past_is_not_run_again(admin_client: Client, model: Any) -> None:
    record = row(model)
    before = OrmQ.objects.count()
    admin_client.post(page(model), {"action": "resubmit_task", "_selected_action": record.pk})
    assert OrmQ.objects.count() == before
    assert b"resubmit" not in admin_client.get(page(model)).content


@pytest.mark.parametrize("model", SUPERUSERS, **named)
def test_nobody_but_a_superuser_changes_schedules_accounts_and_tokens(
    trusted: Any, model: Any
) -> None:
    record = row(model)
    here = key(model, record)
    assert trusted.get(page(model, "add")).status_code == 403
    assert trusted.post(page(model, "add"), {"func": "os.system"}).status_code == 403
    assert trusted.post(page(model, "change", here), {"func": "os.system"}).status_code == 403
    assert trusted.post(page(model, "delete", here), {"post": "yes"}).status_code == 403


def test_nobody_but_a_superuser_gives_a_superuser_a_new_password(trusted: Any) -> None:
    root = row(User)
    answer = trusted.post(
        reverse("admin:auth_user_password_change", args=[root.pk]),
        {"password1": "a new passphrase", "password2": "a new passphrase"},
    )
    assert answer.status_code == 403
    root.refresh_from_db()
    assert root.check_password("x")


def test_nobody_but_a_superuser_sees_tokens(trusted: Any, admin_client: Client) -> None:
    token = row(TokenProxy)
    answer = trusted.get(page(TokenProxy))
    assert answer.status_code == 403
    assert token.key.encode() not in answer.content


@pytest.mark.parametrize("model", SUPERUSERS, **named)
def test_a_superuser_may(admin_client: Client, model: Any) -> None:
    assert admin_client.get(page(model)).status_code == 200
    assert admin_client.get(page(model, "add")).status_code == 200


def test_a_superuser_adds_a_schedule(admin_client: Client) -> None:
    answer = admin_client.post(
        page(Schedule, "add"),
        {
            "name": "tidy",
            "func": "sessions_app.tasks.clean_up",
            "schedule_type": "D",
            "repeats": "-1",
            "next_run_0": "2030-01-01",
            "next_run_1": "03:00:00",
        },
    )
    assert answer.status_code == 302
    assert Schedule.objects.get().func == "sessions_app.tasks.clean_up"
