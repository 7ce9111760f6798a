"""A request with an Idempotency-Key that is sent again starts nothing and is answered the same."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from sessions_app.models import IdempotencyKey, Session
from sessions_app.services import idempotency
from tests.sessions_app.api.at_once import at_once
from tests.sessions_app.real_rows import drawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.contrib.auth.models import User

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db

LIST, PREDICTIONS = "/api/v1/training-sessions", "/api/v1/prediction-sessions"
TRAIN = "/api/custom/train"
TREE = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}
OLD_TREE = {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "kepler"}
KEY = {"HTTP_IDEMPOTENCY_KEY": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
EACH = pytest.mark.parametrize(
    ("address", "fields"), [(LIST, TREE), (TRAIN, OLD_TREE)], ids=["modern", "old"]
)


def table(draw: str) -> BytesIO:
    file = BytesIO(drawn(draw).to_csv(index=False).encode())
    file.name = "table.csv"
    return file


@EACH
def test_a_repeated_request_gets_the_first_ones_answer(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, address: Any, fields: Any
) -> None:
    client = anonymous()
    first, second = (client.post(address, fields, **KEY) for _ in range(2))
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == first.json()
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert first.get("Location") == second.get("Location")
    assert Session.objects.count() == 1


@EACH
def test_it_does_so_for_a_caller_whose_cookie_was_lost_with_the_answer(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, address: Any, fields: Any
) -> None:
    first, second = (anonymous().post(address, fields, **KEY) for _ in range(2))
    assert second.json() == first.json()
    assert Session.objects.count() == 1


@pytest.mark.parametrize(("act", "status"), [("cancel", "queued"), ("retry", "failed")])
def test_a_repeated_cancellation_or_retry_gets_the_first_ones_answer(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, act: str, status: str
) -> None:
    here = f"{LIST}/{anonymous().post(LIST, TREE).json()['id']}/{act}"
    Session.objects.update(status=status)
    first, second = (anonymous().post(here, **KEY) for _ in range(2))
    assert first.status_code == (200 if act == "cancel" else 202)
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert second["Idempotency-Replayed"] == "true"
    assert Session.objects.filter(status="queued").count() == (act == "retry")
    # Under no key, or another one, it is a request of its own.
    assert anonymous().post(here).status_code == 409
    assert anonymous().post(here, HTTP_IDEMPOTENCY_KEY="another").status_code == 409


def test_a_repeated_request_does_not_hand_out_the_cookie_again(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    first, second = (anonymous().post(LIST, TREE, **KEY) for _ in range(2))
    assert len(first.cookies) == 1
    assert len(second.cookies) == 0


@EACH
def test_the_answer_stays_the_first_ones_when_the_session_has_gone_on(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, address: Any, fields: Any
) -> None:
    first = anonymous().post(address, fields, **KEY).json()
    Session.objects.update(status="running")
    assert anonymous().post(address, fields, **KEY).json() == first


@EACH
@pytest.mark.parametrize("change", [{"model_type": "svm"}, {"hyperparameters": {"max_depth": 2}}])
def test_another_body_under_the_same_key_is_refused(
    anonymous: Callable[[], APIClient],
    kepler: DatasetSnapshot,
    address: Any,
    fields: Any,
    change: dict[str, Any],
) -> None:
    anonymous().post(address, fields, **KEY)
    answer = anonymous().post(address, fields | change, **KEY)
    body = answer.json()
    assert answer.status_code == 422
    assert (body.get("detail") or body["error"]) == (
        "This Idempotency-Key came with another request before; send a new one with a new request."
    )
    assert Session.objects.count() == 1


def test_another_address_under_the_same_key_is_refused(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    anonymous().post(TRAIN, OLD_TREE, **KEY)
    answer = anonymous().post("/api/pretrained/predict", OLD_TREE, **KEY)
    assert answer.status_code == 422


def test_files_are_compared_by_their_content(
    anonymous: Callable[[], APIClient], media: Path
) -> None:
    fields = {"model_type": "decision_tree", "data_source": "user", "mission": "kepler"}

    def send(training: str, testing: str) -> Any:
        files = {"training_file": table(training), "testing_file": table(testing)}
        return anonymous().post(LIST, fields | files, format="multipart", **KEY)

    first = send("a", "b")
    assert first.status_code == 202, first.content
    # The boundary between the parts of a form is another each time.
    again = send("a", "b")
    assert (again.status_code, again.json()) == (202, first.json())
    assert send("a", "c").status_code == 422
    assert Session.objects.count() == 1


def test_a_key_is_its_senders_own(
    as_user: Callable[[User], APIClient],
    anonymous: Callable[[], APIClient],
    ada: User,
    bob: User,
    kepler: DatasetSnapshot,
) -> None:
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    ids = {
        as_user(ada).post(LIST, TREE, **KEY).json()["id"],
        as_user(bob).post(LIST, TREE, **KEY).json()["id"],
        anonymous().post(LIST, TREE, **KEY).json()["id"],
        anonymous().post(LIST, TREE, **KEY, **elsewhere).json()["id"],
    }
    assert len(ids) == 4


def test_a_refused_request_can_be_corrected_under_its_key(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    assert anonymous().post(LIST, TREE | {"model_type": "x"}, **KEY).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert anonymous().post(LIST, TREE, **KEY).status_code == 202


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot, key: str
) -> None:
    for address, fields in ((LIST, TREE), (TRAIN, OLD_TREE)):
        answer = anonymous().post(address, fields, HTTP_IDEMPOTENCY_KEY=key)
        body = answer.json()
        assert answer.status_code == 400
        assert (body.get("detail") or body["error"]) == (
            "Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a"
            " UUID."
        )


def test_without_a_key_each_request_starts_a_session(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    ids = {anonymous().post(LIST, TREE).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_key_is_forgotten_after_a_day(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    first = anonymous().post(LIST, TREE, **KEY).json()["id"]
    long_ago = timezone.now() - idempotency.KEPT - timedelta(minutes=1)
    IdempotencyKey.objects.update(created_at=long_ago)
    second = anonymous().post(LIST, TREE, **KEY).json()["id"]
    assert first != second
    IdempotencyKey.objects.update(created_at=long_ago)
    assert idempotency.expired_keys().delete()[0] == 1
    assert not IdempotencyKey.objects.exists()


def test_a_key_that_is_young_is_kept(
    anonymous: Callable[[], APIClient], kepler: DatasetSnapshot
) -> None:
    anonymous().post(LIST, TREE, **KEY)
    assert idempotency.expired_keys().count() == 0


@pytest.mark.django_db(transaction=True)
@EACH
def test_of_equal_requests_at_the_same_time_one_starts(
    media: Path, kepler: DatasetSnapshot, address: Any, fields: Any
) -> None:
    def ask() -> Any:
        answer = APIClient(raise_request_exception=False).post(address, fields, **KEY)
        return answer.status_code, answer.json().get("id") or answer.json().get("session_id")

    answers = at_once(6, ask)
    assert {status for status, _ in answers} <= {202, 409}
    assert len({session for status, session in answers if status == 202}) == 1
    assert Session.objects.count() == 1
    # Whoever was told to ask again gets the answer.
    assert Counter(ask() for _ in range(2)) == {max(answers, key=lambda pair: pair[1] or ""): 2}


@pytest.mark.django_db(transaction=True)
def test_a_request_whose_first_one_is_still_answered_is_told_so(
    kepler: DatasetSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = APIClient(raise_request_exception=False)
    seen = []
    real = idempotency.IdempotencyKey.objects.create

    def create(**fields: Any) -> Any:
        def second() -> Any:
            return client.post(LIST, TREE, **KEY)

        seen.extend(at_once(1, second))
        return real(**fields)

    monkeypatch.setattr(idempotency.IdempotencyKey.objects, "create", create)
    assert client.post(LIST, TREE, **KEY).status_code == 202
    [answer] = seen
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert answer.json()["detail"] == (
        "The first request with this Idempotency-Key is still being answered; ask again in a"
        " moment."
    )
