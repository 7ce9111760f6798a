"""What host, server and job say to each other: strict JSON, and file descriptors for a job.

Host to server: a length, the job as JSON, and with the length the two pipes on which the job will
speak (events, standard error). Everything else is JSON lines. A job has pipes of its own, so one
that is killed in the middle of a line cannot garble what the server or the next job says.
"""

from __future__ import annotations

import json
import os
import socket
import struct
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

_LENGTH = struct.Struct("!Q")
_DESCRIPTORS_WITH_A_JOB = 2


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as a line of strict JSON.

    Raises
    ------
    ValueError
        When a number is NaN or infinite.
    TypeError
        When a value is of a type that JSON does not have (a numpy integer, for instance).
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


def send_job(connection: socket.socket, job: bytes, *, events: int, stderr: int) -> None:
    """Hand a job and the ends of its pipes to the server.

    Raises
    ------
    OSError
        When the server is gone.
    """
    socket.send_fds(connection, [_LENGTH.pack(len(job))], [events, stderr])
    connection.sendall(job)


def receive_job(connection: socket.socket) -> tuple[dict[str, Any], int, int] | None:
    """Wait for a job, with its pipes for events and stderr; None when the host is gone."""
    try:
        header, descriptors, _, _ = socket.recv_fds(
            connection, _LENGTH.size, _DESCRIPTORS_WITH_A_JOB
        )
        if not header:
            return None
        header += _receive_exactly(connection, _LENGTH.size - len(header))
        body = _receive_exactly(connection, *_LENGTH.unpack(header))
    except (ConnectionError, EOFError):
        return None
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - positional only
    events, stderr = descriptors
    return json.loads(body), events, stderr


def _receive_exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        chunk = connection.recv(min(CHUNK, size - len(received)))
        if not chunk:
            raise EOFError
        received += chunk
    return bytes(received)
