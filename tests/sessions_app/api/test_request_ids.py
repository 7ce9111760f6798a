"""Each request has a name, in its answer and in the log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.log_context import request_id

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

NOWHERE = "/api/v1/nowhere"


@pytest.mark.parametrize("sent", ["a", "0af7651916cd43dd8448eb211c80319c", "A-b_c.d", "x" * 64])
def test_the_callers_own_name_is_kept(client: Client, sent: str) -> None:
    answer = client.get(NOWHERE, HTTP_X_REQUEST_ID=sent)
    assert answer["X-Request-ID"] == answer.json()["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\r\nSet-Cookie: b", "<b>", "é", "a/b"])
def test_a_name_that_could_be_something_else_is_replaced(client: Client, sent: str) -> None:
    answer = client.get(NOWHERE, HTTP_X_REQUEST_ID=sent)
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])
    assert answer.json()["request_id"] == answer["X-Request-ID"]


@pytest.mark.parametrize("address", ["/api/models", "/", "/api/v1/training-sessions", NOWHERE])
def test_every_answer_has_one_of_its_own(client: Client, address: Any) -> None:
    names = {client.get(address)["X-Request-ID"] for _ in range(3)}
    assert len(names) == 3


def test_a_line_of_the_log_carries_it(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    seen = []

    def note(_record: Any) -> Any:
        seen.append(request_id.get())
        return True

    caplog.handler.addFilter(note)
    client.get(NOWHERE, HTTP_X_REQUEST_ID="mine")
    assert seen == ["mine"]
