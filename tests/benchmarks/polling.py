"""Polls of a session's progress: against a minimal Flask development server, beside readers."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.benchmarks.measured import Measured
from tests.benchmarks.readers import reading
from tests.benchmarks.served import free_port, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measure_polling"]

_FLASK = """
import logging, sys
from flask import Flask, jsonify
logging.getLogger("werkzeug").disabled = True
app = Flask("reference")
sessions = {"one": {"progress": 40, "current_step": "Fitting", "status": "running"}}
@app.route("/api/custom/progress/<name>")
def progress(name):
    return jsonify({"success": True, **sessions[name]})
app.run(host="127.0.0.1", port=int(sys.argv[1]), threaded=True)
"""

_CONNECTIONS = 8
_SECONDS = 4.0


def measure_polling(address: str, *, runs: int) -> list[Measured]:
    """Count answers a second from eight connections, of this server and of Flask's in turn.

    Then those of this server alone and beside twenty readers of the result, in turn.
    """
    form = {"model_type": "tree", "data_source": "nasa", "dataset_name": "kepler"}
    with urllib.request.urlopen(
        f"{address}/api/custom/train", data=urllib.parse.urlencode(form).encode(), timeout=60
    ) as answer:
        session = json.load(answer)["session_id"]
    old = f"{address}/api/custom/progress/{session}"
    new = f"{address}/api/v1/training-sessions/{session}/progress"
    _wait_until_completed(old)
    with _flask() as theirs:
        triples = [(_rate(old), _rate(new), _rate(theirs)) for _ in range(runs)]
    against = "against Flask's development server with a dict"
    return [
        _compared(
            f"progress polls a second, {against}", [(ours, flask) for ours, _, flask in triples]
        ),
        _compared(f"the same of /api/v1, {against}", [(ours, flask) for _, ours, flask in triples]),
        _beside_readers(address, session, old, runs=runs),
    ]


def _compared(name: str, pairs: list[tuple[float, float]], *, bar: float = 2.0) -> Measured:
    middle = sorted(pairs)[len(pairs) // 2]
    return Measured(
        name=name,
        ratios=tuple(ours / theirs for ours, theirs in pairs),
        bar=bar,
        at_most=False,
        detail=f"{middle[0]:.0f} /s against {middle[1]:.0f} /s, {_CONNECTIONS} connections",
    )


def _beside_readers(address: str, session: str, url: str, *, runs: int) -> Measured:
    paths = [
        f"/api/custom/result/{session}",
        f"/api/v1/training-sessions/{session}/export",
    ]
    for path in paths:
        # Written once, for the first who asks.
        with urllib.request.urlopen(f"{address}{path}", timeout=60) as answer:
            answer.read()
    pairs = []
    for _ in range(runs):
        alone = _rate(url)
        with reading(address, paths, seconds=_SECONDS):
            pairs.append((_rate(url), alone))
    return _compared(
        "progress polls a second beside twenty readers of results, against the same alone",
        pairs,
        bar=0.5,
    )


def _wait_until_completed(url: str) -> None:
    while True:
        with urllib.request.urlopen(url, timeout=60) as answer:
            if json.load(answer)["status"] in {"completed", "error"}:
                return
        time.sleep(0.1)


@contextmanager
def _flask() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _FLASK, str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/api/custom/progress/one"
    try:
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _rate(url: str) -> float:
    parts = urllib.parse.urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    until = time.perf_counter() + _SECONDS
    counts = [0] * _CONNECTIONS

    def poll(position: int) -> None:
        connection: socket.socket | None = None
        while time.perf_counter() < until:
            if connection is None:
                connection = socket.create_connection((parts.hostname or "", parts.port or 80))
            connection.sendall(request)
            if not _answered(connection):
                connection.close()
                connection = None
            counts[position] += 1
        if connection is not None:
            connection.close()

    threads = [threading.Thread(target=poll, args=(position,)) for position in range(_CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def _answered(connection: socket.socket) -> bool:
    """Read one answer of status 200; tell whether the connection goes on."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(4096)
        if not part:
            raise RuntimeError("the server closed the connection in the middle of an answer")
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.lower().split(b"\r\n")
    if b" 200" not in status:
        raise RuntimeError(f"the server answered {status.decode()}")
    headers = dict(line.split(b": ", 1) for line in lines)
    length = int(headers[b"content-length"])
    while len(body) < length:
        body += connection.recv(4096)
    return b"http/1.1" in status and headers.get(b"connection") != b"close"
