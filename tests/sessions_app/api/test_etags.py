"""Whatever is asked again and again has an ETag, and who has the answer is not sent it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from sessions_app.models import TrainingSession
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db

HERE = "/api/v1/training-sessions/{id}"
POLLED = [
    *(HERE, f"{HERE}/progress", f"{HERE}/progress?wait_for=evidence", f"{HERE}/result"),
    *(f"{HERE}/result?include=predictions", f"{HERE}/predictions", f"{HERE}/objects/1"),
    *("/api/v1/training-sessions", "/api/v1/models", "/api/v1/features", "/api/v1/"),
    *("/api/custom/progress/{id}", "/api/custom/result/{id}", "/api/datasets"),
]


@pytest.fixture
def session(make_session: Callable[..., TrainingSession]) -> TrainingSession:
    model: dict[str, Any] = {"columns": [], "model_type": "decision_tree", "seed": 0}
    model |= {"hyperparameters": {}, "test_rows": 1, "versions": {}, "train_rows": 1}
    made = make_session("anonymous:x", model=model)
    keep_objects(made, [an_object(1)])
    return made


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("address", POLLED)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_who_has_an_answer_gets_it_again_only_when_it_has_changed(
    session: TrainingSession, address: str, encoding: str
) -> None:
    client, path = APIClient(), address.format(id=session.pk)
    headers = {"Accept-Encoding": encoding}
    first = client.get(path, headers=headers)
    assert first.status_code == 200
    content = first.getvalue()
    assert content
    again = client.get(path, headers=headers | {"If-None-Match": first["ETag"]})
    assert (again.status_code, again.getvalue()) == (304, b"")
    assert again["ETag"].removeprefix("W/") == first["ETag"].removeprefix("W/")
    other = client.get(path, headers=headers | {"If-None-Match": '"another"'})
    assert (other.status_code, len(other.getvalue()) > 0) == (200, True)


@pytest.mark.parametrize("address", [HERE, f"{HERE}/progress", "/api/custom/progress/{id}"])
def test_what_has_changed_has_another_etag(session: TrainingSession, address: str) -> None:
    client, path = APIClient(), address.format(id=session.pk)
    before = client.get(path)["ETag"]
    TrainingSession.objects.filter(pk=session.pk).update(status="failed", error="It broke.")
    answer = client.get(path, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer["ETag"] != before


def test_an_etag_opens_nothing_to_who_may_not_look(
    session: TrainingSession, ada: User, bob: User, as_user: Callable[[User], APIClient]
) -> None:
    TrainingSession.objects.filter(pk=session.pk).update(owner_key=f"user:{ada.pk}", owner=ada)
    path = HERE.format(id=session.pk)
    etag = as_user(ada).get(path)["ETag"]
    for known in (etag, "*"):
        answer = as_user(bob).get(path, headers={"If-None-Match": known})
        assert answer.status_code == 404


def test_a_refusal_is_never_known(session: TrainingSession) -> None:
    path = HERE.format(id=session.pk)
    answer = APIClient().get(f"{path}/objects/2", headers={"If-None-Match": "*"})
    assert answer.status_code == 404
    assert answer.json()["status"] == 404
