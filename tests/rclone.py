"""A folder served as an S3-like store by rclone, which shares no code with moto."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.buckets import KEYS, BucketServer
from tests.served import any_port
from tests.waiting import wait_until

__all__ = ["RcloneServer"]


class RcloneServer(BucketServer):
    """rclone in a process of its own; what is in its buckets outlives a stop."""

    def __init__(self) -> None:
        here = Path(sys.executable).parent / "rclone"
        self._program = str(here) if here.exists() else shutil.which("rclone")
        if self._program is None:
            pytest.skip("rclone is not installed")
        self._folder = tempfile.TemporaryDirectory(prefix="exoplanet buckets ")
        self._running = None
        self._port = any_port()
        self.start()

    def start(self) -> None:
        """Serve the folder, at the same address each time."""
        if self._running is not None:
            return
        keys = f"{KEYS['AWS_ACCESS_KEY_ID']},{KEYS['AWS_SECRET_ACCESS_KEY']}"
        command = (str(self._program), "serve", "s3", self._folder.name)
        address = f"127.0.0.1:{self._port}"
        self._running = subprocess.Popen(
            [*command, "--addr", address, "--auth-key", keys],
            env={"PATH": os.environ["PATH"], "RCLONE_CONFIG": os.devnull},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers)

    def stop(self) -> None:
        """Answer nobody until it is started again."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0
