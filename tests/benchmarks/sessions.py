"""A session from its POST to its end, against the same work in one bare Python process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from mlcore._one_thread import ONE_THREAD
from tests.benchmarks.measured import Measured

__all__ = ["measure_session"]

_BARE = """
import sys, time
began = time.perf_counter()
from pathlib import Path
import mlcore
from mlcore.datasets.snapshot import read_snapshot
imported = time.perf_counter()
training, testing = read_snapshot(Path(sys.argv[1]), mlcore.DATASETS["kepler"])
result = mlcore.train("random_forest", training, testing, evidence=False)
print(result.report.measurement.figure("accuracy").value, time.perf_counter() - imported)
"""

_POLL_SECONDS = 0.05


def measure_session(address: str, media: Path, *, runs: int) -> Measured:
    """Time a random forest on Kepler, a session and a bare process in turn.

    Parameters
    ----------
    address
        Of a running server.
    media
        Its media folder, for the snapshot that both read.
    runs
        How many pairs to time.
    """
    (snapshot,) = (media / "datasets").glob("kepler-*.parquet")
    pairs = []
    for _ in range(runs):
        whole, computing, accuracy = _bare_process(snapshot)
        session, session_accuracy = _session(address)
        if session_accuracy != accuracy:
            raise RuntimeError("the session and the bare process did not do the same work")
        pairs.append((session, whole, computing))
    middle = sorted(pairs)[len(pairs) // 2]
    return Measured(
        name="Kepler random forest, POST to completed, against a bare Python process",
        ratios=tuple(session / whole for session, whole, _ in pairs),
        bar=1.3,
        at_most=True,
        detail=(
            f"session {middle[0]:.2f} s, bare process {middle[1]:.2f} s"
            f" ({middle[2]:.2f} s of it after its imports)"
        ),
    )


def _bare_process(snapshot: Path) -> tuple[float, float, float]:
    began = time.perf_counter()
    printed = subprocess.run(
        [sys.executable, "-c", _BARE, str(snapshot)],
        env=os.environ | ONE_THREAD,
        cwd=Path(__file__).resolve().parents[2],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    whole = time.perf_counter() - began
    accuracy, computing = (float(word) for word in printed.split())
    return whole, computing, accuracy


def _session(address: str) -> tuple[float, float]:
    form = {"model_type": "random_forest", "data_source": "nasa", "dataset_name": "kepler"}
    began = time.perf_counter()
    accepted = _json(f"{address}/api/custom/train", urllib.parse.urlencode(form).encode())
    name = accepted["session_id"]
    while True:
        standing = _json(f"{address}/api/custom/progress/{name}")
        if standing["status"] == "completed":
            break
        if standing["status"] == "error":
            raise RuntimeError(standing["current_step"])
        time.sleep(_POLL_SECONDS)
    elapsed = time.perf_counter() - began
    result = _json(f"{address}/api/custom/result/{name}")
    return elapsed, float(result["metrics"]["accuracy"])


def _json(url: str, body: bytes | None = None) -> Any:
    with urllib.request.urlopen(url, data=body, timeout=60) as answer:
        return json.load(answer)
