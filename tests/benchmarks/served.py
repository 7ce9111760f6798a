"""A server of its own to measure: started as an operator starts it, in folders of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["free_port", "served", "wait_for"]

_PATIENCE_SECONDS = 180
_ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port of this machine that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process of ours answers at an address.

    Raises
    ------
    RuntimeError
        When the process ends or the patience does.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {url}")


@contextmanager
def served() -> Iterator[tuple[str, Path, int]]:
    """Run ``manage.py up`` in temporary folders; yield its address, media folder and process."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="exoplanet-benchmark-") as name:
        folder = Path(name)
        # Postgres' user has to enter it when root runs the benchmark.
        folder.chmod(0o755)
        environment = os.environ | {
            "EXOPLANET_STATE_DIR": str(folder / "state"),
            "EXOPLANET_MEDIA_ROOT": str(folder / "media"),
            "EXOPLANET_PORT": str(port),
            # All who ask have one address here.
            "EXOPLANET_READS_PER_MINUTE": str(10**6),
        }
        environment.pop("DATABASE_URL", None)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, str(_ROOT / "manage.py"), "up"],
                cwd=_ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
            try:
                wait_for(f"http://127.0.0.1:{port}/api/health", process)
                yield f"http://127.0.0.1:{port}", folder / "media", process.pid
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)
