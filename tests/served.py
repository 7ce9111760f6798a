"""The whole project as `manage.py up` serves it, and how the tests speak with it."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn

import psutil
import requests

from exoplanet.environment import BASE_DIR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

WORKERS = 2
"""How many sessions run at the same time."""
UPLOAD_LIMIT_MB = 6
"""Small, and larger than any of the archive's tables that the tests send."""
OPERATOR = ("ada", "a passphrase for the tests")

_USUAL_PORT = 5000
_PATIENCE = 300.0
_POLL = 0.05


def strict_json(text: str) -> Any:
    """Read JSON as a browser does, which knows neither NaN nor Infinity."""

    def refuse(token: str) -> NoReturn:
        raise AssertionError(f"{token} is no JSON")

    return json.loads(text, parse_constant=refuse)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server answered."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(kw_only=True)
class Served:
    """A running project in folders of its own."""

    folder: Path
    archive: Path
    port: int
    roles: tuple[str, ...] = ()
    """What `up` is told to run; nothing for everything."""
    within: tuple[str, ...] = ()
    """The command in which it runs, such as one that enters another network."""
    _supervisor: psutil.Popen | None = field(default=None, init=False)
    _wire: requests.Session = field(default_factory=requests.Session, init=False)
    _operator_made: bool = field(default=False, init=False)
    _kept: dict[Any, dict[str, Any]] = field(default_factory=dict, init=False)
    _begun: list[str] = field(default_factory=list, init=False)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def media_folder(self) -> Path:
        return self.folder / "media"

    @property
    def environment(self) -> dict[str, str]:
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("EXOPLANET_", "DJANGO_")) and name != "DATABASE_URL"
        }
        return clean | {
            "EXOPLANET_ARCHIVE_DIR": str(self.archive),
            "EXOPLANET_STATE_DIR": str(self.folder / "state"),
            "EXOPLANET_MEDIA_ROOT": str(self.media_folder),
            "EXOPLANET_PORT": str(self.port),
            "EXOPLANET_WORKERS": str(WORKERS),
            "EXOPLANET_UPLOAD_LIMIT_MB": str(UPLOAD_LIMIT_MB),
            # One address starts all that the tests look at, and signs in for all of them.
            "EXOPLANET_LOGINS_PER_MINUTE": "1000",
            "EXOPLANET_ACTIVE_SESSIONS": "500",
        }

    # Its life

    def start(self) -> None:
        """Run `manage.py up` until it says that it is ready."""
        log = self.folder / "log"
        with log.open("w") as file:
            self._supervisor = psutil.Popen(
                [
                    *(*self.within, sys.executable, "manage.py", "up"),
                    *(f"--role={role}" for role in self.roles),
                ],
                env=self.environment,
                cwd=BASE_DIR,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _PATIENCE
        while "Ctrl-C stops everything." not in log.read_text():
            assert self._supervisor.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(_POLL)

    def stop(self) -> None:
        """Stop it as an operator does."""
        self._wire.close()
        if self._supervisor is not None and self._supervisor.poll() is None:
            self._supervisor.terminate()
            self._supervisor.wait(60)

    def make_operator(self) -> None:
        """Make the operator who may look into the admin, if there is none yet."""
        if self._operator_made:
            return
        self._operator_made = True
        name, password = OPERATOR
        subprocess.run(
            [
                *(sys.executable, "manage.py", "createsuperuser", "--noinput"),
                *(f"--username={name}", "--email=ada@example.org"),
            ],
            env=self.environment | {"DJANGO_SUPERUSER_PASSWORD": password},
            cwd=BASE_DIR,
            check=True,
            capture_output=True,
        )

    def running_jobs(self) -> list[psutil.Process]:
        """Return the processes in which sessions run that somebody waits for."""
        assert self._supervisor is not None
        servers = {}
        # The web server's own jobs are asked questions, and stay.
        workers = [one for one in self._supervisor.children() if "work" in one.cmdline()]
        below = [process for worker in workers for process in worker.children(recursive=True)]
        for process in below:
            # One may end while it is looked at.
            with contextlib.suppress(psutil.NoSuchProcess):
                # Evidence is gathered at the lowest priority.
                if "sessions_app.isolation.server" in process.cmdline() and process.nice() == 0:
                    servers[process.pid] = (process, process.ppid())
        return [process for process, parent in servers.values() if parent in servers]

    # Speaking with it

    def ask(self, method: str, path: str, **keywords: Any) -> Answer:
        """Send a request and read the JSON of the answer."""
        keywords.setdefault("timeout", 60)
        answer = self._wire.request(method, self.url + path, allow_redirects=False, **keywords)
        body = strict_json(answer.text) if answer.content else None
        if answer.status_code == HTTPStatus.ACCEPTED:
            self._begun.append(str(body.get("session_id") or body.get("id")))
        return Answer(status=answer.status_code, body=body, headers=answer.headers)

    def get(self, path: str, **keywords: Any) -> Answer:
        return self.ask("GET", path, **keywords)

    def post(self, path: str, **keywords: Any) -> Answer:
        return self.ask("POST", path, **keywords)

    def begin(self, path: str, **keywords: Any) -> str:
        """Start a session by a request that is accepted and return its id."""
        answer = self.post(path, **keywords)
        assert answer.status == 202, answer.body
        return str(answer.body["session_id"])

    def follow(
        self, session_id: str, *, pair: str = "custom", seconds: float = 0.2
    ) -> list[dict[str, Any]]:
        """Poll every so many seconds until the session has ended and return every answer."""
        seen = []
        deadline = time.monotonic() + _PATIENCE
        while not seen or seen[-1]["status"] not in {"completed", "error"}:
            assert time.monotonic() < deadline, seen[-1]
            answer = self.get(f"/api/{pair}/progress/{session_id}")
            assert answer.status == 200, answer.body
            seen.append(answer.body)
            time.sleep(seconds)
        return seen

    def result(self, session_id: str, *, pair: str = "custom") -> dict[str, Any]:
        """Wait for a session and return its result."""
        last = self.follow(session_id, pair=pair)[-1]
        assert last["status"] == "completed", last
        answer = self.get(f"/api/{pair}/result/{session_id}")
        assert answer.status == 200, (answer.body, (self.folder / "log").read_text()[-4000:])
        return dict(answer.body)

    def forget(self) -> None:
        """Delete the sessions that were started, with the evidence that waits to be gathered."""
        for session_id in dict.fromkeys(self._begun):
            for kind in ("training", "prediction"):
                address = f"/api/v1/{kind}-sessions/{session_id}"
                if self.ask("DELETE", address).status == HTTPStatus.CONFLICT:
                    self.post(f"{address}/cancel")
                    self.ask("DELETE", address)
        self._begun.clear()

    def once(self, key: Any, run: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return what `run` gave the first time that this key was asked for."""
        if key not in self._kept:
            self._kept[key] = run()
        return self._kept[key]


def free_port() -> int:
    """Return the port that the frontend expects if it is free, else any free one."""
    return _USUAL_PORT if _is_free(_USUAL_PORT) else any_port()


def _is_free(port: int) -> bool:
    # The supervisor wants both loopback addresses: a browser's localhost may be either.
    for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return False
    return True


def any_port() -> int:
    """Return a free port that nobody prefers, so that it is still free after a restart."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
