"""Every prediction in the admin: listed by session, searched, and looked at one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from sessions_app.models import TrainingSession
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from pathlib import Path

    from django.contrib.auth.models import User
    from django.test import Client


pytestmark = pytest.mark.django_db


def completed() -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training",
        status="completed",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
    )


@pytest.fixture
def session(media: Path) -> TrainingSession:
    """A session with 250 objects, every fifth of which is a false positive."""
    session = completed()
    keep_objects(
        session,
        [
            an_object(
                number,
                label="confirmed" if number % 5 else "false_positive",
                probabilities=[0.0, 1 - number / 1000, number / 1000],
                reasons=[f"Depth of {number} ppm speaks for a planet"],
            )
            for number in range(1, 251)
        ],
    )
    return session


def address(session: TrainingSession, *number: int) -> str:
    name = "prediction" if number else "predictions"
    return reverse(f"admin:sessions_app_trainingsession_{name}", args=[session.pk, *number])


def listed(client: Client, session: TrainingSession, **query: str) -> list[int]:
    answer = client.get(address(session), query)
    assert answer.status_code == 200
    return [int(number) for number in re.findall(r"predictions/(\d+)/", answer.content.decode())]


def test_every_prediction_is_listed_in_pages(
    admin_client: Client, session: TrainingSession
) -> None:
    pages = [listed(admin_client, session, page=str(page)) for page in (1, 2, 3)]
    assert [number for page in pages for number in page] == list(range(1, 251))
    change = reverse("admin:sessions_app_trainingsession_change", args=[session.pk])
    assert address(session) in admin_client.get(change).content.decode()


def test_predictions_are_found_by_name_star_and_label_and_put_in_order(
    admin_client: Client, session: TrainingSession
) -> None:
    assert listed(admin_client, session, q="k00123") == [123]
    assert listed(admin_client, session, q="77") == [77, 177]
    assert listed(admin_client, session, label="false_positive", q="24") == [240, 245]
    assert listed(admin_client, session, sort="planet")[:3] == [250, 249, 248]
    assert listed(admin_client, session, q="nothing") == []


def test_one_prediction_shows_all_that_is_kept_of_it(
    admin_client: Client, session: TrainingSession
) -> None:
    shown = admin_client.get(address(session, 7)).content.decode()
    assert "K00007.01" in shown
    assert "Depth of 7 ppm speaks for a planet" in shown
    assert admin_client.get(address(session, 251)).status_code == 404


def test_what_is_not_there_is_not_found(admin_client: Client, session: TrainingSession) -> None:
    unknown = address(session).replace(str(session.pk), str(uuid4()))
    assert admin_client.get(unknown).status_code == 404
    # A session without a result's file.
    assert admin_client.get(address(completed())).status_code == 404


def test_who_may_not_see_sessions_sees_no_predictions(
    client: Client, django_user_model: type[User], session: TrainingSession
) -> None:
    client.force_login(django_user_model.objects.create_user("clerk", is_staff=True))
    assert client.get(address(session)).status_code == 403
    assert client.get(address(session, 1)).status_code == 403
