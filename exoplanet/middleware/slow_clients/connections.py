"""The connections of this process, to end those whose client keeps a thread waiting.

The web server waits for a client without an end and offers no way to break that off. On Linux the
kernel tells what has come over a connection, and shutting it down wakes whoever waits. Elsewhere
nothing is done.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_RECEIVED_AT = 128
"""Where `tcpi_bytes_received` is in the kernel's `tcp_info`."""


def end_slow(peers: Collection[str], *, bytes_per_second: int, seconds: float = 1.0) -> None:
    """Look at the connections from some addresses, and end those on which too little comes.

    It is not known which of an address's connections is the one that is waited for: one on which
    nothing has to come goes, too.
    """
    before = {number: received for number, received, _ in _received(peers)}
    time.sleep(seconds)
    for number, received, connection in _received(peers):
        if number in before and received - before[number] < bytes_per_second * seconds:
            with suppress(OSError):
                # The other direction stays, for the answer.
                connection.shutdown(socket.SHUT_RD)


def let_unread_end(*, seconds: float) -> None:
    """Have the kernel end later connections whose client takes nothing of an answer for so long."""
    for listening in _sockets():
        with suppress(OSError):
            if listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                # What is accepted inherits it.
                listening.setsockopt(
                    socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000)
                )


def _received(peers: Collection[str]) -> Iterator[tuple[int, int, socket.socket]]:
    """Yield a number for each connection, how many bytes have come over it, and itself."""
    for connection in _sockets():
        with suppress(OSError, struct.error):
            if connection.getpeername()[0].removeprefix("::ffff:") in peers:
                facts = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RECEIVED_AT + 8)
                (received,) = struct.unpack_from("=Q", facts, _RECEIVED_AT)
                yield os.fstat(connection.fileno()).st_ino, received, connection


def _sockets() -> Iterator[socket.socket]:
    for path in Path("/proc/self/fd").iterdir() if sys.platform == "linux" else ():
        with suppress(OSError):
            if path.is_socket():
                # A descriptor of our own: closing it leaves the connection to its owner.
                with socket.socket(fileno=os.dup(int(path.name))) as opened:
                    if opened.family in {socket.AF_INET, socket.AF_INET6}:
                        yield opened
