"""Twenty readers of results at once, in a process of their own, each over a line of 10 Mbit/s."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["reading"]

_READERS = 20
_BYTES_PER_SECOND = 1.25e6
_BUFFER = 1 << 16
"""What the reader's own system takes in before it is read [bytes]."""


@contextmanager
def reading(address: str, paths: Sequence[str], *, seconds: float) -> Iterator[None]:
    """Have results read over and over for so long; each reader has been answered when it begins.

    Raises
    ------
    RuntimeError
        When a reader is answered with anything but the result.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.readers", address, str(seconds), *paths],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        told, _ = process.communicate(timeout=60)
    if process.returncode or told.strip():
        raise RuntimeError(f"the results were not read: {told}")


def _read(address: str, path: str, began: threading.Barrier, seconds: float) -> None:
    parts = urllib.parse.urlsplit(address)
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept-Encoding: gzip\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    until = time.monotonic() + seconds
    is_first = True
    while time.monotonic() < until:
        with socket.socket() as wire:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            wire.connect((parts.hostname or "", parts.port or 80))
            wire.sendall(request)
            status = wire.recv(_BUFFER).partition(b"\r\n")[0]
            if b" 503" in status:
                # All places are taken at the moment.
                time.sleep(1.0)
                continue
            if b" 200" not in status:
                print(status.decode(), flush=True)  # noqa: T201
            if is_first:
                with suppress(threading.BrokenBarrierError):
                    began.wait(timeout=30)
                is_first, until = False, time.monotonic() + seconds
            _drain(wire)


def _drain(wire: socket.socket) -> None:
    began, received = time.monotonic(), 0
    while piece := wire.recv(_BUFFER):
        received += len(piece)
        time.sleep(max(0.0, received / _BYTES_PER_SECOND - (time.monotonic() - began)))


def _main(address: str, seconds: str, *paths: str) -> None:
    began = threading.Barrier(_READERS, action=lambda: print(flush=True))  # noqa: T201
    threads = [
        threading.Thread(
            target=_read, args=(address, paths[place % len(paths)], began, float(seconds))
        )
        for place in range(_READERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    _main(*sys.argv[1:])
