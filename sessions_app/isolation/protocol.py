"""What host, server and job say to each other: strict JSON, and file descriptors for a job.

Everything is JSON lines, but for the byte that asks for the end of a job; with a job come the two
pipes on which it will speak (events, standard error), and for a job that stays the one on which it
is asked. A job has pipes of its own, so one that is killed in the middle of a line cannot garble
what the server or the next job says.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

JSON: TypeAlias = (
    "Mapping[str, JSON] | list[JSON] | tuple[JSON, ...] | str | int | float | bool | None"
)

Emit: TypeAlias = Callable[[Mapping[str, Any]], None]
"""How a job's target reports an event; it gets one as its second argument."""

OnEvent: TypeAlias = Callable[[Mapping[str, Any]], None]
"""What a host does with an event."""

CHUNK = 1 << 16
STOP = b"\x01"
"""What the host sends to have the running job killed; without a job it means nothing."""


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as a line of strict JSON.

    A number that is NaN or infinite is a ValueError, and what JSON does not have (a numpy integer,
    for instance) a TypeError.
    """
    return json.dumps(message, allow_nan=False).encode() + b"\n"


class Lines:
    """Cuts a stream of bytes into messages, however the bytes come in."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[dict[str, Any]]:
        """Return the messages that `chunk` completes, in order."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [json.loads(line) for line in lines]


def send_job(
    connection: socket.socket, job: bytes, *, events: int, stderr: int, requests: int | None = None
) -> None:
    """Hand a job and the ends of its pipes to the server; an OSError says that it is gone."""
    pipes = [events, stderr] if requests is None else [events, stderr, requests]
    # Descriptors need a byte to come with.
    socket.send_fds(connection, [b"\0"], pipes)
    connection.sendall(job)


def receive_job(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Wait for a job, with its pipes for events, stderr and requests; None when the host is gone.

    Without requests there are two.
    """
    try:
        first = STOP
        while first == STOP:
            first, descriptors, _, _ = socket.recv_fds(connection, 1, 3)
        # Nothing comes after a job until the host has heard of its end.
        with connection.makefile("rb") as stream:
            job = stream.readline()
    except ConnectionError:
        return None
    if not job.endswith(b"\n"):
        return None
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    return json.loads(job), descriptors
