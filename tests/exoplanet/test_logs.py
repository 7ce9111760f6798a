from __future__ import annotations

import io
import json
import logging
import logging.config
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from exoplanet.logs import AboutFilter, logging_settings
from sessions_app.log_context import about_session, request_id, session_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

ID = "0b7c3f0e-8f4e-4d0c-9a52-0d5f0a3c1b2d"


@pytest.fixture(autouse=True)
def nothing_at_hand() -> Iterator[None]:
    """What an earlier test asked for is no longer answered."""
    tokens = [(about, about.set("")) for about in (request_id, session_id)]
    yield
    for about, token in tokens:
        about.reset(token)


@pytest.fixture
def said() -> Iterator[Callable[[bool], io.StringIO]]:
    """Configure the log and return where it goes."""

    def configure(as_json: bool) -> io.StringIO:
        stream = io.StringIO()
        given: dict[str, Any] = logging_settings(as_json=as_json)
        given["handlers"]["stderr"]["stream"] = stream
        given["root"]["handlers"] = ["stderr"]
        logging.config.dictConfig(given)
        return stream

    yield configure
    logging.config.dictConfig(settings.LOGGING)


def test_a_line_for_people_names_its_session_and_its_request(
    said: Callable[[bool], io.StringIO],
) -> None:
    stream = said(False)
    logging.getLogger("any").info("before")
    token = request_id.set("r-1")
    with about_session(ID):
        logging.getLogger("any.library").warning("in the middle of %s", "it")
    request_id.reset(token)
    logging.getLogger("any").info("after")
    before, middle, after = stream.getvalue().splitlines()
    assert before.endswith("INFO any: before")
    assert middle.endswith(f"WARNING any.library [session {ID}, request r-1]: in the middle of it")
    assert after.endswith("INFO any: after")


def test_a_line_for_machines_is_one_object_with_the_same_facts(
    said: Callable[[bool], io.StringIO],
) -> None:
    stream = said(True)
    with about_session(ID):
        try:
            int("two\nlines")
        except ValueError:
            logging.getLogger("any").exception("it broke", extra={"rows": 7})
    logging.getLogger("django-q").error("the queue's own")
    line, other = map(json.loads, stream.getvalue().splitlines())
    assert {name: line[name] for name in ("level", "logger", "message", "rows")} == {
        "level": "ERROR",
        "logger": "any",
        "message": "it broke",
        "rows": 7,
    }
    assert (line["session_id"], line["request_id"]) == (ID, "")
    assert "ValueError: invalid literal" in line["exc_info"]
    assert (other["message"], other["session_id"]) == ("the queue's own", "")
    assert "about" not in line


@pytest.mark.django_db
def test_what_is_logged_of_a_request_names_the_session_of_its_address(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(AboutFilter())
    assert client.get(f"/api/custom/progress/{ID}").status_code == 404
    assert client.get("/api/nowhere").status_code == 404
    ids = {record.args[-1] if record.args else "": record.session_id for record in caplog.records}
    assert ids[f"/api/custom/progress/{ID}"] == ID
    assert ids["/api/nowhere"] == ""
