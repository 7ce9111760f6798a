"""What a worker of the queue holds of memory, after a large table was predicted."""

from __future__ import annotations

import io
import json
import time
import urllib.request
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import psutil

from mlcore.datasets import carried
from tests.benchmarks.measured import Measured

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["measure_workers"]

_ROWS = 30_000
_MEGABYTES = 300


def measure_workers(address: str, supervisor: int) -> Measured:
    """Predict a table; return the most that any process of the queue ever had, of its bar."""
    session = _predict(address, _table())
    peaks = list(_peaks(supervisor))
    return Measured(
        name=f"memory of a worker that had a table of {_ROWS:,} rows predicted, of {_MEGABYTES} MB",
        ratios=(max(peaks) / _MEGABYTES,),
        bar=1.0,
        at_most=True,
        detail=f"{max(peaks):.0f} MB, session {session}",
    )


def _table() -> bytes:
    """Return the carried table over and over, of other stars each time, as Parquet."""
    own = pd.read_parquet(next(Path(carried.__file__).parent.glob("*.parquet")))
    times = -(-_ROWS // len(own))
    table = pd.concat([own] * times, ignore_index=True).head(_ROWS)
    table["kepid"] = table.index + 10**8
    table["kepoi_name"] = [f"K{number:06d}.01" for number in table.index]
    packed = io.BytesIO()
    table.to_parquet(packed, index=False)
    return packed.getvalue()


def _predict(address: str, table: bytes) -> str:
    edge = uuid.uuid4().hex
    fields = {"data_source": "user", "mission": "kepler"}
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    file = 'name="testing_file"; filename="table.parquet"'
    parts += [f"--{edge}\r\nContent-Disposition: form-data; {file}\r\n\r\n".encode(), table]
    request = urllib.request.Request(
        f"{address}/api/v1/prediction-sessions",
        data=b"".join([*parts, f"\r\n--{edge}--\r\n".encode()]),
        headers={"Content-Type": f"multipart/form-data; boundary={edge}"},
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        session = str(json.load(answer)["id"])
    while True:
        url = f"{address}/api/v1/prediction-sessions/{session}/progress"
        with urllib.request.urlopen(url, timeout=60) as answer:
            standing = json.load(answer)
        if standing["status"] == "completed":
            return session
        if standing["status"] not in {"queued", "running"}:
            raise RuntimeError(f"the table was not predicted: {standing['step']}")
        time.sleep(0.2)


def _peaks(supervisor: int) -> Iterator[float]:
    """Yield the most that each process of the queue ever had [MB]; jobs have their own limit."""
    for process in psutil.Process(supervisor).children(recursive=True):
        if "work" in process.cmdline()[-2:]:
            status = Path(f"/proc/{process.pid}/status").read_text("ascii")
            peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            yield int(peak.split()[1]) * 1024 / 1e6
