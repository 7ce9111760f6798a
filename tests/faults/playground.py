"""A whole project of its own, to do harm to: small tables, few workers, little patience."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg

from exoplanet.environment import BASE_DIR
from exoplanet.postgres.server import django_database
from mlcore.prediction.stored import prediction_rows
from tests.served import Served
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable

WORKERS = 2
QUEUE_PATIENCE_SECONDS = 8
SHORT = {"model_type": "decision_tree"}
FIT = {"model_type": "random_forest", "hyperparameters": '{"n_estimators": 80}'}
"""Long enough to be met while it fits."""
LONG_FIT = {"model_type": "random_forest", "hyperparameters": '{"n_estimators": 2000}'}
"""Longer than everything has to stop."""

_PATIENCE = 90.0


@dataclass(kw_only=True)
class Playground(Served):
    """A running project on a small table, and what is known of it from outside."""

    archive: Path = Path()
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        inherited = super().environment
        del inherited["EXOPLANET_ARCHIVE_DIR"]
        return inherited | {
            "EXOPLANET_WORKERS": str(WORKERS),
            # A disk is full when it is full, so that a session can be accepted and then fail.
            "EXOPLANET_FREE_DISK_MB": "0",
            "EXOPLANET_QUEUE_PATIENCE_SECONDS": str(QUEUE_PATIENCE_SECONDS),
            "EXOPLANET_UPLOAD_LIMIT_MB": "60",
            "EXOPLANET_LOG_JSON": "on",
            # Nobody is asked for the other missions' tables, with or without a network.
            "HTTPS_PROXY": "http://127.0.0.1:1",
            "https_proxy": "http://127.0.0.1:1",
            **self.extra,
        }

    def command(self, *arguments: str) -> str:
        """Run a management command and return what it said."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def load_small_table(self) -> None:
        """Load a few hundred rows before the first start, which would load all of them."""
        kepler_file(self.folder / "small.csv")
        self.command("migrate", "--verbosity=0")
        self.command("load_dataset", "kepler", f"--file={self.folder / 'small.csv'}")

    @property
    def is_up(self) -> bool:
        return self._supervisor is not None and self._supervisor.poll() is None

    def restart(self, **extra: str) -> None:
        """Start it, or start it again, with other variables."""
        self.stop()
        self.extra = extra
        self.start()

    # Its processes

    @property
    def supervisor(self) -> psutil.Popen:
        assert self._supervisor is not None
        return self._supervisor

    def part(self, word: str) -> psutil.Process:
        """Return the supervisor's child with a word on its command line."""
        return await_some(lambda: self._part(word))

    def _part(self, word: str) -> psutil.Process | None:
        for child in self.supervisor.children():
            with contextlib.suppress(psutil.Error):
                words = child.cmdline()
                # Who gathers evidence is a worker too, but not the one that answers.
                if word in words and "--evidence" not in words and runs(child):
                    return child
        return None

    def worker_of(self, session_id: str) -> psutil.Process:
        """Return the process of the queue that runs a session."""
        attempt = "SELECT worker FROM sessions_app_attempt WHERE session_id = %s AND ending = ''"
        return psutil.Process(int(self.rows(attempt, session_id)[0][0].split()[-1]))

    def job_of(self, session_id: str) -> psutil.Process:
        """Return the process in which a session is computed."""
        (server,) = self.worker_of(session_id).children()
        (job,) = server.children()
        return job

    def idle_workers(self) -> list[psutil.Process]:
        """Return the processes of the queue that wait for a task."""
        # Each has started the process that its jobs are forked from, which has no child now.
        servers = [
            process
            for process in self.part("work").children(recursive=True)
            if "sessions_app.isolation.server" in process.cmdline()
        ]
        parents = {server.pid: server.parent() for server in servers}
        return [
            parents[server.pid]
            for server in servers
            if parents[server.pid].pid not in parents and not server.children()
        ]

    def health(self) -> int:
        """Return the status that health is answered with, 0 for no answer."""
        with contextlib.suppress(OSError):
            return self.get("/api/health").status
        return 0

    # Its sessions

    def train(self, fields: dict[str, str]) -> str:
        """Begin a training session."""
        form = {"data_source": "nasa", "dataset_name": "kepler", **fields}
        return self.begin("/api/custom/train", data=form)

    def train_on(self, training: Path, testing: Path, fields: dict[str, str]) -> str:
        """Begin a training session on files."""
        form = {"data_source": "user", "data_format": "kepler", **fields}
        with training.open("rb") as rows, testing.open("rb") as tested:
            return self.begin(
                "/api/custom/train",
                data=form,
                files={"training_file": rows, "testing_file": tested},
            )

    def await_fit(self, session_id: str) -> None:
        """Wait until a session is in the middle of its fits; a short first one tells no steps."""
        fits = "SELECT 1 FROM sessions_app_progressentry WHERE session_id = %s AND step ~ %s"
        await_some(lambda: self.rows(fits, session_id, "^(Fitting the model:|Calibrating)"))

    def await_end(self, session_id: str) -> str:
        """Wait until a session has ended and return its status."""
        ended = "SELECT status FROM sessions_app_session WHERE id = %s AND finished_at IS NOT NULL"
        return str(await_some(lambda: self.rows(ended, session_id), every=0.3)[0][0])

    def error(self, session_id: str) -> str:
        """Return what the user of a session is told."""
        return str(
            self.rows("SELECT error FROM sessions_app_session WHERE id = %s", session_id)[0][0]
        )

    def history(self, session_id: str) -> list[str]:
        """Return how the session's attempts ended."""
        attempts = "SELECT ending FROM sessions_app_attempt WHERE session_id = %s ORDER BY number"
        return [row[0] for row in self.rows(attempts, session_id)]

    def predictions(self, session_id: str) -> list[tuple[Any, ...]]:
        """Return all that a session's result says of each object."""
        path = self.folder / "media" / "results" / session_id / "predictions.parquet"
        return [
            (row["number"], row["name"], row["label"], row["probabilities"], row["contributions"])
            for row in (prediction_rows(path) if path.exists() else ())
        ]

    def postgres(self) -> list[psutil.Process]:
        """Return the processes of Postgres, the one that starts the others first."""
        server = self.part("--listen_addresses=")
        return [server, *server.children(recursive=True)]

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the project's database; nothing where it does not answer."""
        where = django_database(self.folder / "state")
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(
                host=where["HOST"], dbname=where["NAME"], user=where["USER"], autocommit=True
            ) as connection,
        ):
            ran = connection.execute(statement, values)
            return ran.fetchall() if ran.description else []
        return []

    def assert_all_is_accounted_for(self) -> None:
        """Nothing runs or waits for ever, nothing is half, nothing is there twice."""
        unfinished = (
            "SELECT id, status FROM sessions_app_session WHERE status IN ('queued', 'running')"
        )
        await_some(lambda: self.rows("SELECT 1") and not self.rows(unfinished))
        open_attempts = "SELECT session_id FROM sessions_app_attempt WHERE ending = ''"
        assert self.rows(open_attempts) == []
        assert self.rows("SELECT key FROM django_q_ormq") == []
        # The reaper clears up a moment later.
        incoming = self.media_folder / "incoming"
        await_some(lambda: not [*incoming.glob("session_*")])
        kept = {path.name for path in (self.media_folder / "artifacts").iterdir()}
        completed = (
            "SELECT id FROM sessions_app_session WHERE status = 'completed' AND kind <> 'analysis'"
        )
        assert kept == {str(row[0]) for row in self.rows(completed)}
        completions = (
            "SELECT session_id FROM sessions_app_attempt WHERE ending = 'completed'"
            " GROUP BY session_id HAVING count(*) > 1"
        )
        assert self.rows(completions) == []


def await_some(find: Callable[[], Any], *, seconds: float = _PATIENCE, every: float = 0.1) -> Any:
    """Return what is found as soon as it is something; it is looked for every so many seconds."""
    deadline = time.monotonic() + seconds
    while not (outcome := find()):
        assert time.monotonic() < deadline, "this took too long"
        time.sleep(every)
    return outcome


def runs(process: psutil.Process) -> bool:
    # What a killed process leaves until PID 1 takes note of it is no process any more.
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def assert_gone(processes: list[psutil.Process], *, seconds: float) -> None:
    """All of the processes end in time."""
    await_some(lambda: not any(runs(process) for process in processes), seconds=seconds)


def kill(process: psutil.Process) -> None:
    os.kill(process.pid, signal.SIGKILL)
