"""An S3-like store as a program of its own, which may be told to refuse everybody for a while.

What is in it stays for as long as the program runs.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from exoplanet import child_process
from exoplanet.environment import BASE_DIR
from tests.buckets import KEYS, Bucket
from tests.faults.playground import await_some

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

_CLOSE, _OPEN = signal.SIGUSR1, signal.SIGUSR2
_PORT = 9000


@dataclass(kw_only=True)
class StoreProgram:
    """The program and one bucket in it."""

    folder: Path
    """Where its log goes."""
    address: str
    within: tuple[str, ...] = ()
    """The command in which it runs, such as one that enters another network."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"http://{self.address}:{_PORT}"

    @property
    def bucket(self) -> Bucket:
        return Bucket(server=self, name="soak")

    def start(self) -> None:
        with (self.folder / "store.log").open("wb") as log:
            self._process = child_process.start(
                [*self.within, sys.executable, "-m", __name__, self.address],
                death_signal=signal.SIGKILL,
                env=os.environ | KEYS,
                cwd=BASE_DIR,
                output=log,
            )
        await_some(self._has_bucket)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def close(self) -> None:
        """Refuse every connection from now on."""
        self._tell(_CLOSE)

    def open(self) -> None:
        self._tell(_OPEN)

    def _tell(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _has_bucket(self) -> bool:
        from botocore.exceptions import BotoCoreError

        try:
            self.bucket.make()
        except BotoCoreError:
            assert self._process is not None
            assert self._process.poll() is None, (self.folder / "store.log").read_text()
            return False
        return True


def main(address: str) -> None:
    """Serve, and close and open again as signals say."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # In every thread that is started from now on.
    signal.pthread_sigmask(signal.SIG_BLOCK, {_CLOSE, _OPEN})
    server = None
    told = _OPEN
    while True:
        if told is _OPEN and server is None:
            server = ThreadedMotoServer(ip_address=address, port=_PORT, verbose=False)
            server.start()
        elif told is _CLOSE and server is not None:
            server.stop()
            # Its socket is closed when nothing knows it any more.
            server = None
            gc.collect()
        told = signal.Signals(signal.sigwait({_CLOSE, _OPEN}))


if __name__ == "__main__":
    main(sys.argv[1])
