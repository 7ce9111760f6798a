"""A Postgres of the project's own, in its state folder, reached by a Unix socket alone.

One process at a time owns the server: `make up`, or a management command for as long as it runs.
Every other command on the same state folder uses the server of that owner.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import psycopg

from exoplanet import child_process
from exoplanet.postgres.data_folder import (
    ROLE,
    SERVER_ENVIRONMENT,
    check_database_folder,
    damaged,
    database_home,
    end_leftover_server,
    kill_family,
    last_complaint,
    make_database_folder,
    make_socket_folder,
    server_identity,
    socket_folder,
)
from exoplanet.postgres.programs import PostgresError, find_programs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exoplanet.postgres.programs import Programs

FEWEST_CONNECTIONS = 100
"""How many connections a server takes that nobody told how many it needs, Postgres' own default."""
_DATABASE = "exoplanet"
_FIND_DATABASE = "SELECT 1 FROM pg_database WHERE datname = %s"
_PATIENCE = 30.0
"""How long a start or a stop may take before it has failed [s]."""


class PostgresInUseError(PostgresError):
    """Another process owns the server on this state folder."""


def django_database(state_dir: Path) -> dict[str, Any]:
    """Return how Django reaches the server on a state folder, whether it runs or not."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(socket_folder(state_dir)),
        "NAME": _DATABASE,
        "USER": ROLE,
    }


@contextlib.contextmanager
def embedded_postgres(
    state_dir: Path, *, connections: int = FEWEST_CONNECTIONS, durable: bool = True
) -> Iterator[None]:
    """Make sure that Postgres runs on a state folder for as long as the context lasts.

    A server that runs already is used and left running. One that is started here is stopped at
    the end, once no other command uses it any more. See `PostgresServer`.
    """
    server = PostgresServer(state_dir, connections=connections, durable=durable)
    with _opened(server.state_dir / "postgres.users") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                server.start()
                break
            except PostgresInUseError:
                if server.answers():
                    break
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        try:
            yield
        finally:
            if server.process is not None:
                _wait_for_other_users(users)
                server.stop()


def _wait_for_other_users(users: IO[str]) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("Waiting for another command that uses the same Postgres.\n")
        with contextlib.suppress(KeyboardInterrupt):
            fcntl.flock(users, fcntl.LOCK_EX)


class PostgresServer:
    """The server on one state folder, owned by this process from `start` to `stop`.

    The state folder is made where it is missing. Where nothing has to survive a power cut, as in
    tests, the server need not be durable.
    """

    def __init__(
        self, state_dir: Path, *, connections: int = FEWEST_CONNECTIONS, durable: bool = True
    ) -> None:
        self.state_dir = state_dir.resolve()
        self.connections = connections
        self.durable = durable
        self.log = self.state_dir / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._identity = server_identity(self.state_dir)
        self._socket_folder = socket_folder(self.state_dir)
        self._lock: IO[str] | None = None

    def start(self) -> None:
        """Start the server, on a new database folder if there is none; an error says why not."""
        self._lock = self._locked()
        try:
            self._start_server()
        except BaseException:
            self.stop()
            raise

    def restart(self) -> None:
        """Start again a server that was started here, which no other process can own meanwhile.

        After a PostgresError, which says why it does not start, it may be tried again.
        """
        self._stop_server()
        try:
            self._start_server()
        except BaseException:
            self._stop_server()
            raise

    def stop(self) -> None:
        """Stop the server and wait until it is gone; nothing happens where none was started."""
        self._stop_server()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """End the server at once; what was committed is there after the next start."""
        if self.process is not None:
            kill_family(self.process.pid)
            self.process.wait(_PATIENCE)

    @property
    def ended(self) -> bool:
        """Whether the server that was started here has ended without being stopped."""
        return self.process is not None and self.process.poll() is not None

    def death(self) -> str:
        """Return one sentence about a server that has ended without being stopped."""
        reason = last_complaint(self.log)
        why = f" ({reason})" if reason else ""
        return (
            f"Postgres on the state folder {self.state_dir} has ended{why}; its log is {self.log}."
        )

    def answers(self) -> bool:
        """Tell whether a server with the project's database answers, whoever owns it."""
        with contextlib.suppress(psycopg.OperationalError):
            self._connection(_DATABASE).close()
            return True
        return False

    def _start_server(self) -> None:
        try:
            home = database_home(self.state_dir, self._identity)
            programs = find_programs(copies=home, identity=self._identity)
            data = home / "data"
            if not data.exists():
                make_database_folder(
                    data, programs, identity=self._identity, log=self.log, durable=self.durable
                )
            check_database_folder(data, programs)
            end_leftover_server(data)
            make_socket_folder(self._socket_folder, self._identity)
            self.process = self._launched(programs, data)
            self._await_answer(self.process, data)
        except OSError as error:
            raise PostgresError(
                f"Postgres cannot be started on the state folder {self.state_dir}: "
                f"{error.strerror} ({error.filename})."
            ) from error

    def _stop_server(self) -> None:
        if self.process is None:
            return
        # In this order: end the clients' work, drop everything, and what nothing survives.
        for how in (signal.SIGINT, signal.SIGQUIT):
            self.process.send_signal(how)
            try:
                self.process.wait(_PATIENCE / 3)
                break
            except subprocess.TimeoutExpired:
                continue
        else:
            self.kill()
        self.process = None
        with contextlib.suppress(OSError):
            self._socket_folder.rmdir()

    def _connection(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self._socket_folder),
            dbname=database,
            user=ROLE,
            connect_timeout=5,
            autocommit=True,
        )

    def _locked(self) -> IO[str]:
        lock = _opened(self.state_dir / "postgres.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            owner = lock.read().strip()
            lock.close()
            raise PostgresInUseError(
                f"The state folder {self.state_dir} is in use by "
                f"{f'process {owner}' if owner else 'another process'}: "
                "stop that first, or set EXOPLANET_STATE_DIR to another folder."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        return lock

    def _launched(self, programs: Programs, data: Path) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._socket_folder}"',
            "unix_socket_permissions": "0700",
            "max_connections": str(self.connections),
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        if self.log.exists():
            self.log.replace(self.log.with_name("postgres.log.1"))
        with self.log.open("wb") as log:
            return child_process.start(
                [
                    *(programs.folder / "postgres", "-D", data),
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                death_signal=signal.SIGINT,
                env=SERVER_ENVIRONMENT,
                cwd=Path("/"),
                output=log,
                identity=self._identity,
            )

    def _await_answer(self, process: subprocess.Popen[bytes], data: Path) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            if process.poll() is not None:
                reason = last_complaint(self.log) or f"it ended with {process.returncode}"
                if "could not" in reason or "checkpoint" in reason:
                    raise damaged(data, reason)
                raise PostgresError(
                    f"Postgres does not start on the database folder {data}: {reason}."
                )
            try:
                with self._connection("postgres") as connection:
                    if connection.execute(_FIND_DATABASE, [_DATABASE]).fetchone() is None:
                        connection.execute(f"CREATE DATABASE {_DATABASE}")
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise PostgresError(
                        f"Postgres on the database folder {data} did not answer "
                        f"within {_PATIENCE:.0f} seconds; its log is {self.log}."
                    ) from error
                time.sleep(0.01)
            else:
                return


def _opened(path: Path) -> IO[str]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="ascii")
    except OSError as error:
        raise PostgresError(
            f"The state folder {path.parent} cannot be written: {error.strerror}."
        ) from error
