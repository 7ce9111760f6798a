"""A server that lives and says nothing, over real connections."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from exoplanet.supervisor.address import WebAddress
from exoplanet.supervisor.watch_web import WebWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0


class Server:
    """It takes every connection, and answers those that it likes to."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.answers = True
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        # Which wakes the thread that waits for a connection, as closing does not.
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for sock in (self.listening, *self._taken):
            sock.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            if self.answers:
                connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
            self._taken.append(connection)


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def watched(server: Server) -> Iterator[Watched]:
    made = Watched(server)
    yield made
    made.watch.reset()


class Watched:
    def __init__(self, server: Server) -> None:
        self.now = 0.0
        host, port = server.listening.getsockname()
        address = WebAddress(host=host, port=port)
        self.watch = WebWatch(address, patience=PATIENCE, clock=lambda: self.now)

    def after(self, seconds: int) -> list[tuple[float, str]]:
        """Return the complaints while so much time passes."""
        complaints = []
        for _ in range(seconds * 2):
            self.now += 0.5
            threading.Event().wait(0.005)
            if complaint := self.watch.complaint():
                complaints.append((self.now, complaint))
        return complaints


def test_a_server_that_answers_anything_is_left_alone(watched: Watched) -> None:
    assert watched.after(60) == []


def test_a_server_that_takes_connections_and_says_nothing_is_complained_of(
    server: Server, watched: Watched
) -> None:
    server.answers = False
    complaints = watched.after(30)
    assert complaints[0] == (12.0, "has not answered for 10 s")
    server.answers = True
    assert watched.after(30)[1:] == []


def test_a_server_that_is_started_anew_has_its_whole_patience_again(
    server: Server, watched: Watched
) -> None:
    server.answers = False
    assert watched.after(11) == []
    watched.watch.reset()
    assert watched.after(11) == []


def test_where_nobody_listens_nothing_is_said(server: Server, watched: Watched) -> None:
    server.close()
    assert watched.after(30) == []
