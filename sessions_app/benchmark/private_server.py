"""A server of the benchmark's own: started as an operator starts it, in folders of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import requests
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["PrivateServer", "ServerError", "direct", "private_folder", "private_server"]

_PATIENCE = 300.0
"""How long a start may take: it asks the archive for tables that no folder has [s]."""
_PATIENCE_TO_STOP = 60.0
_NO_LIMIT = str(10**6)
_SUM = """
import json
from sessions_app.selectors.processor_time import processor_seconds
print(json.dumps(processor_seconds({ids!r})))
"""


class ServerError(Exception):
    """The server does not run or did not do what it was asked; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateServer:
    """A server that nobody else speaks with, in a folder of its own."""

    url: str
    media: Path
    _environment: Mapping[str, str]
    _log: Path

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Run it until the context ends; a ServerError says why it does not start."""
        with self._log.open("wb") as output:
            process = subprocess.Popen(
                _manage("up"),
                cwd=settings.BASE_DIR,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # The terminal's Ctrl-C is not for it: it is told to stop below, once.
                start_new_session=True,
            )
        try:
            _await_health(self, process, self._log)
            yield
        finally:
            _stop(process)

    def processor_seconds(self, session_ids: Sequence[str]) -> dict[str, float]:
        """Return what each session took of the processor with all that was computed of it [s].

        No answer of the API tells it, so that the database is asked, by a command as an operator
        would run it.
        """
        return dict(json.loads(self.ran(_SUM.format(ids=list(session_ids)))))

    def ran(self, code: str, *, watched: bool = False) -> str:
        """Run code beside the database, whether the server runs or not; return what it prints.

        What it tells meanwhile, as errors, whoever watches sees at once.
        """
        ran = subprocess.run(
            [*_manage("shell"), "--no-imports", "--command", code],
            env=self._environment,
            cwd=settings.BASE_DIR,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=None if watched else subprocess.PIPE,
            text=True,
        )
        if ran.returncode != 0:
            raise ServerError(f"The database cannot be asked: {(ran.stderr or '').strip()}")
        return ran.stdout


def direct() -> requests.Session:
    """Return a connection that asks no proxy, which would not find a server on this machine."""
    wire = requests.Session()
    wire.trust_env = False
    return wire


@contextlib.contextmanager
def private_server(archive: Path | None) -> Iterator[PrivateServer]:
    """Run a server until the context ends, however it ends; see `private_folder`."""
    with private_folder(archive) as server, server.running():
        yield server


@contextlib.contextmanager
def private_folder(archive: Path | None) -> Iterator[PrivateServer]:
    """Provide a server that does not run yet, and remove everything of it in the end.

    Parameters
    ----------
    archive
        A folder with the archive's tables; None: the server asks the archive, and takes the table
        that the project carries where there is no answer.
    """
    with (
        tempfile.TemporaryDirectory(prefix="exoplanet-benchmark-") as name,
        _ended_in_order(),
    ):
        folder = Path(name)
        # Postgres' user has to enter it when root runs the benchmark.
        folder.chmod(0o755)
        port = _free_port()
        yield PrivateServer(
            url=f"http://127.0.0.1:{port}",
            media=folder / "media",
            _environment=_environment(folder, port, archive),
            _log=folder / "log",
        )


def _manage(command: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), command]


def _environment(folder: Path, port: int, archive: Path | None) -> dict[str, str]:
    """Return the surroundings of a server that limits nobody, whatever the operator's own does."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EXOPLANET_", "DJANGO_")) and name != "DATABASE_URL"
    }
    return clean | {
        **({} if archive is None else {"EXOPLANET_ARCHIVE_DIR": str(archive)}),
        "EXOPLANET_STATE_DIR": str(folder / "state"),
        "EXOPLANET_MEDIA_ROOT": str(folder / "media"),
        "EXOPLANET_HOST": "127.0.0.1",
        "EXOPLANET_PORT": str(port),
        "EXOPLANET_ACTIVE_SESSIONS": _NO_LIMIT,
        "EXOPLANET_READS_PER_MINUTE": _NO_LIMIT,
        "EXOPLANET_STARTS_PER_MINUTE": _NO_LIMIT,
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _await_health(server: PrivateServer, process: subprocess.Popen[bytes], log: Path) -> None:
    # It answers once its tables are loaded, and is well once its workers are there.
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException), direct() as wire:
            if wire.get(f"{server.url}/api/health", timeout=5).ok:
                return
        time.sleep(0.1)
    told = log.read_text(encoding="utf-8", errors="replace").strip()
    raise ServerError(f"The benchmark's own server does not start. It says:\n{told}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_PATIENCE_TO_STOP)
    except subprocess.TimeoutExpired:
        # What it started dies with it.
        process.kill()
        process.wait()


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Have the signals that would end this process at once end it by way of the `finally`s."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _leave(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
