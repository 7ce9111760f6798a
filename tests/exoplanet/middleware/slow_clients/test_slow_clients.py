"""Half-sent requests and unread answers, over real connections to the real web server."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from exoplanet.environment import BASE_DIR
from exoplanet.middleware.slow_clients.middleware import SlowClientsMiddleware
from tests.served import any_port
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANY = settings.EXOPLANET_WEB_THREADS + 8
"""More than the server has threads."""
PATIENCE_SECONDS = 4


class Site:
    """The server, and connections to it that are closed at the end."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open = ExitStack()

    def connection(self, who: str) -> socket.socket:
        address = ("127.0.0.1", self.port)
        made = socket.create_connection(address, timeout=30, source_address=(who, 0))
        return self.open.enter_context(made)

    def half_sent(self, path: str = "/api/receive", *, who: str = "127.0.0.1") -> socket.socket:
        """Announce a body of a thousand bytes and send five."""
        made = self.connection(who)
        made.sendall(head("POST", path, length=1000) + b"first")
        return made

    def unread(self, *, who: str = "127.0.0.1") -> socket.socket:
        """Ask for forty megabytes and read none."""
        made = self.connection(who)
        made.sendall(head("GET", "/send"))
        return made

    def ask(self, path: str = "/", *, who: str = "127.0.0.1", body: bytes = b"") -> Answer:
        made = self.connection(who)
        made.sendall(head("POST" if body else "GET", path, length=len(body)) + body)
        with made:
            return Answer(made)


class Answer:
    """An answer; of a large one the beginning."""

    def __init__(self, connection: socket.socket) -> None:
        answer = http.client.HTTPResponse(connection)
        with closing(answer):
            answer.begin()
            self.status = answer.status
            self.headers = {name.lower(): value for name, value in answer.getheaders()}
            self.body = answer.read(10_000)


def head(method: str, path: str, *, length: int = 0) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"Content-Length: {length}"] if length else []
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder: Path = tmp_path_factory.mktemp("slow")
    port = any_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "exoplanet.settings",
        "EXOPLANET_STATE_DIR": str(folder / "state"),
        "EXOPLANET_MEDIA_ROOT": str(folder / "media"),
        "EXOPLANET_BODY_PATIENCE_SECONDS": str(PATIENCE_SECONDS),
    }
    command = [
        *(
            sys.executable,
            "-m",
            "granian",
            "tests.exoplanet.middleware.slow_clients.slow_site:application",
        ),
        *(
            "--interface=wsgi",
            "--workers=1",
            f"--blocking-threads={settings.EXOPLANET_WEB_THREADS}",
        ),
        *("--http=1", f"--port={port}", "--log-level=error", "--workers-kill-timeout=1"),
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=BASE_DIR, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 120
            while True:
                with suppress(OSError):
                    Site(port).ask()
                    break
                assert server.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait(30)


@pytest.fixture
def site(port: int) -> Iterator[Site]:
    made = Site(port)
    with made.open:
        yield made
    # The next test finds nobody slow.
    wait_until(lambda: made.ask("/api/receive", body=b"x").status == 200)
    wait_until(lambda: made.ask("/send").status == 200)


@pytest.mark.long
def test_half_sent_bodies_leave_threads_to_all_others_and_end_in_a_sentence(site: Site) -> None:
    held = [site.half_sent() for _ in range(MANY)]
    assert [site.ask().status for _ in range(5)] == [200] * 5
    answers = [Answer(client) for client in held]
    assert {client.status for client in answers} <= {408, 429, 503}
    (sentence,) = {client.body for client in answers if client.status == 408}
    assert json.loads(sentence) == {
        "success": False,
        "error": "The request's body comes too slowly; send it again over a faster connection.",
    }
    refused = [client for client in answers if client.status != 408]
    assert len(refused) > MANY // 2
    assert all(int(client.headers["retry-after"]) > 0 for client in refused)


@pytest.mark.long
def test_an_address_with_slow_bodies_gets_no_more_and_others_do(site: Site) -> None:
    for _ in range(3):
        site.half_sent()
    wait_until(lambda: site.ask("/api/v1/receive", body=b"x").status == 429)
    refused = site.ask("/api/v1/receive", body=b"x")
    assert refused.headers["content-type"] == "application/problem+json"
    assert json.loads(refused.body)["detail"] == (
        "Too many of your requests are slow; end one, or wait until one has ended."
    )
    assert site.ask("/api/v1/receive", who="127.0.0.2", body=b"x").status == 200


def test_a_body_that_trickles_is_slow_although_it_never_stands_still(site: Site) -> None:
    made = site.half_sent()
    made.settimeout(0.2)
    for _ in range(200):
        with suppress(TimeoutError):
            assert Answer(made).status == 408
            return
        made.sendall(b"x")
    pytest.fail("it was waited for")


def test_a_body_with_pauses_arrives_whole(site: Site) -> None:
    made = site.half_sent()
    for _ in range(5):
        time.sleep(0.1)
        made.sendall(b"x" * 199)
    answer = Answer(made)
    assert (answer.status, json.loads(answer.body)["received"][-1]) == (200, 1000)


def test_a_body_that_has_come_holds_no_place_however_long_it_is_worked_with(site: Site) -> None:
    at_once = json.loads(site.ask("/api/ponder").body)
    with ThreadPoolExecutor(at_once) as pool:
        answers = list(pool.map(lambda _: site.ask("/api/ponder", body=b"x"), range(at_once)))
    assert [answer.status for answer in answers] == [200] * at_once


def test_who_is_refused_before_their_body_was_read_hears_it_and_keeps_the_connection(
    site: Site,
) -> None:
    made = site.connection("127.0.0.1")
    for _ in range(5):
        made.sendall(head("POST", "/api/refuse", length=3_000_000) + b"x" * 3_000_000)
        assert Answer(made).status == 400


def test_a_body_whose_sender_goes_is_not_taken_for_a_whole_one(site: Site) -> None:
    before = json.loads(site.ask("/api/receive").body)
    made = site.half_sent()
    time.sleep(0.3)
    made.close()
    time.sleep(0.3)
    assert json.loads(site.ask("/api/receive").body) == before


@pytest.mark.long
def test_answers_that_nobody_reads_leave_threads_to_all_others(site: Site) -> None:
    for _ in range(MANY):
        site.unread()
    assert [site.ask().status for _ in range(5)] == [200] * 5
    wait_until(lambda: site.ask("/send").status == 429)
    assert site.ask("/api/receive", body=b"x").status == 200
    # In the end their connections go, although nobody closes them.
    wait_until(lambda: site.ask("/send").status == 200)


def test_an_answer_that_was_taken_whole_holds_no_place_although_nobody_closes_it() -> None:
    answer = SlowClientsMiddleware(lambda _request: StreamingHttpResponse(iter([b"all of it"])))
    for _ in range(20):
        response = answer(RequestFactory().get("/"))
        assert isinstance(response, StreamingHttpResponse), response.content
        assert response.getvalue() == b"all of it"


def test_one_thread_looks_after_all_slow_clients_of_a_process() -> None:
    for _ in range(20):
        answer = SlowClientsMiddleware(lambda request: HttpResponse(request.body))
        response = answer(RequestFactory().post("/", b"body", content_type="text/plain"))
        assert response.content == b"body"
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("silent clients") == 1
