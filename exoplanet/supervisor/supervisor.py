"""Everything that `make up` runs, as one: Postgres, the web server and the job queue."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, connection

from exoplanet.environment import BASE_DIR
from exoplanet.postgres.server import PostgresError, PostgresServer
from exoplanet.supervisor.address import WebAddress
from exoplanet.supervisor.log_relay import Relay
from exoplanet.supervisor.service import Service, how_it_ended
from exoplanet.supervisor.watch_database import DatabaseWatch
from exoplanet.supervisor.watch_queue import QueueWatch
from exoplanet.supervisor.watch_web import WebWatch
from sessions_app.queue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

MANAGE = str(BASE_DIR / "manage.py")
_WEB_PATIENCE = 60.0
"""How long the web server may leave a request unanswered before it is started again [s]."""
_EVIDENCE_PATIENCE = 4
_REAP_EVERY = 2
"""How often what was interrupted is taken up [s]."""
_CLEAN_UP_FIRST, _CLEAN_UP_EVERY = 600.0, 24 * 3600.0
"""When what is kept no longer is deleted: after the start, and then again [s]."""
_PATIENCE_TO_START = 120.0
_PATIENCE_TO_STOP = 10.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class SupervisorError(Exception):
    """The project cannot run; the text is one sentence for the operator."""


class _StopRequestedError(BaseException):
    """Somebody asked the supervisor to stop: no error, so nothing may swallow it as one."""


class Supervisor:
    """Starts the parts in their order, keeps them alive, and stops them in the reverse order.

    What it reports is a line for the operator.
    """

    def __init__(self, *, report: Callable[[str], None]) -> None:
        self._report = report
        self._relay = Relay() if settings.EXOPLANET_LOG_JSON else None
        self._address = WebAddress(host=settings.EXOPLANET_HOST, port=settings.EXOPLANET_PORT)
        self._postgres = (
            PostgresServer(
                settings.EXOPLANET_STATE_DIR, connections=settings.EXOPLANET_DATABASE_CONNECTIONS
            )
            if settings.EXOPLANET_EMBEDDED_POSTGRES
            else None
        )
        # Jobs run side by side: with more threads each they would only wait for one another.
        one_thread = dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
        )
        # With an arena of memory for each of its threads the web server would keep what the largest
        # answer of each needed, for ever; jobs and workers have one thread and do not care.
        self._env = {**os.environ, **one_thread, "MALLOC_ARENA_MAX": "2"}
        # In a process of its own: what it imports and fits must not stay in this one.
        self._preparation = self._service("The preparation", MANAGE, "prepare")
        self._web = self._service(
            "The web server",
            *("-m", "granian", "exoplanet.wsgi:application", "--interface=wsgi"),
            f"--workers={settings.EXOPLANET_WEB_WORKERS}",
            f"--blocking-threads={settings.EXOPLANET_WEB_THREADS}",
            *(f"--host={self._address.host}", f"--port={self._address.port}"),
            *("--log-level=warning", "--respawn-failed-workers", "--workers-kill-timeout=3"),
            # One request at a time on a connection, so that who sends slowly is seen.
            "--http=1",
        )
        self._queue = self._service("The job queue", MANAGE, "work")
        self._evidence = self._service("The evidence queue", MANAGE, "work", "--evidence")
        self._reaper = self._service(
            "The reaper", MANAGE, "reap_sessions", f"--every={_REAP_EVERY}"
        )
        # A process only while there is something to delete: it would need memory all day.
        self._cleanup = self._service("The cleanup", MANAGE, "cleanup_sessions")
        self._next_cleanup = time.monotonic() + _CLEAN_UP_FIRST
        self._cleanup_runs = False
        self._database_watch = DatabaseWatch()
        self._database_is_silent = False
        self._queue_watch = QueueWatch(
            patience=settings.EXOPLANET_QUEUE_PATIENCE_SECONDS, ask=self._database_watch.latest
        )
        self._evidence_watch = QueueWatch(
            # Started when everything else is, and at the lowest priority.
            patience=_EVIDENCE_PATIENCE * settings.EXOPLANET_QUEUE_PATIENCE_SECONDS,
            ask=self._database_watch.latest,
            lane=Lane.EVIDENCE,
        )
        self._web_watch = WebWatch(self._address, patience=_WEB_PATIENCE)
        self._stopping = False
        self._hurry = False

    def _service(self, name: str, *arguments: str) -> Service:
        return Service(
            name=name,
            command=[sys.executable, *arguments],
            env=self._env,
            cwd=BASE_DIR,
            output=None if self._relay is None else self._relay.pipe,
        )

    def run(self) -> None:
        """Run everything until SIGTERM, SIGINT or SIGHUP comes, then stop everything.

        Where a part cannot run, an AddressError, PostgresError or SupervisorError says so, and
        nothing that was started is left behind.
        """
        before = {number: signal.signal(number, self._on_signal) for number in _STOP_SIGNALS}
        try:
            self._start()
            self._watch()
        except _StopRequestedError:
            self._report("Stopping.")
        finally:
            self._stopping = True
            self._stop()
            for number, action in before.items():
                signal.signal(number, action)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            self._hurry = True
            return
        self._stopping = True
        raise _StopRequestedError

    def _start(self) -> None:
        # First what costs nothing and fails most.
        self._address.check_free()
        if self._postgres is not None:
            self._postgres.start()
            self._follow(self._postgres)
        else:
            _check_database()
        self._preparation.start()
        if (status := self._preparation.wait()) != 0:
            raise SupervisorError(f"The preparation {how_it_ended(status)}; it says why above.")
        # Again, for the preparation takes its time: two servers that came at once would share the
        # port without a word, and each get half of the other's requests.
        self._address.check_free()
        self._web.start()
        self._queue.start()
        self._await_health()
        # `prepare` has taken up what there was; the start need not wait for these.
        self._reaper.start()
        self._evidence.start()
        self._report(_welcome(self._address.url))

    def _follow(self, postgres: PostgresServer) -> None:
        process = postgres.process
        if self._relay is not None and process is not None:
            self._relay.follow("Postgres", postgres.log, ended=lambda: process.poll() is not None)

    def _await_health(self) -> None:
        deadline = time.monotonic() + _PATIENCE_TO_START
        status = None
        while time.monotonic() < deadline:
            for service in (self._web, self._queue):
                if service.ended is not None:
                    raise SupervisorError(
                        f"{service.name} {how_it_ended(service.ended)} while it started; "
                        "it says why above."
                    )
            status = self._address.status("/api/health", as_host=_allowed_host())
            if status == 200:
                return
            time.sleep(0.05)
        if status is None:
            raise SupervisorError(
                f"The web server did not answer within {_PATIENCE_TO_START:.0f} seconds."
            )
        self._report(f"The web server answers, but reports that it is not well ({status}).")

    def _watch(self) -> None:
        self._database_watch.start()
        while True:
            if self._postgres is not None and self._postgres.ended:
                self._report(self._postgres.death())
                self._restart_postgres(self._postgres)
            self._restart_postgres_that_does_not_answer()
            self._reaper.watch(self._report)
            for service, watch in (
                (self._web, self._web_watch),
                (self._queue, self._queue_watch),
                (self._evidence, self._evidence_watch),
            ):
                if not service.watch(self._report):
                    watch.reset()
                elif complaint := watch.complaint():
                    self._report(f"{service.name} {complaint} and is started again.")
                    service.restart()
            self._clean_up_daily()
            time.sleep(0.2)

    def _clean_up_daily(self) -> None:
        if time.monotonic() >= self._next_cleanup:
            self._next_cleanup = time.monotonic() + _CLEAN_UP_EVERY
            self._cleanup.start()
            self._cleanup_runs = True
        # Asked, too, so that it does not stay in the process table once it has ended.
        status = self._cleanup.ended
        if self._cleanup_runs and status is not None:
            self._cleanup_runs = False
            if status != 0:
                self._report(
                    f"{self._cleanup.name} {how_it_ended(status)}, so that more is kept than should"
                    " be; it runs again tomorrow, or by `manage.py cleanup_sessions`."
                )

    def _restart_postgres_that_does_not_answer(self) -> None:
        silence = self._database_watch.silence()
        if silence < settings.EXOPLANET_QUEUE_PATIENCE_SECONDS:
            self._database_is_silent = False
        elif self._postgres is not None:
            self._report("Postgres does not answer and is started again.")
            # Nothing that it was asked for would be done.
            self._postgres.kill()
            self._restart_postgres(self._postgres)
        elif not self._database_is_silent:
            self._database_is_silent = True
            self._report("The database that DATABASE_URL names does not answer.")

    def _restart_postgres(self, postgres: PostgresServer) -> None:
        # What its dead processes still hold is free a moment later, or, on a machine that is
        # very busy, half a minute.
        for pause in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0):
            time.sleep(pause)
            try:
                postgres.restart()
            except PostgresError as error:
                last = error
            else:
                self._follow(postgres)
                self._report("Postgres is started again.")
                return
        raise last

    def _stop(self) -> None:
        self._web_watch.reset()
        self._stop_services(
            [self._preparation, self._web, self._queue, self._evidence, self._cleanup]
        )
        # Last, because it queues again what the end of the others interrupted.
        self._stop_services([self._reaper])
        connection.close()
        if self._postgres is not None:
            self._postgres.stop()
        if self._relay is not None:
            self._relay.finish()

    def _stop_services(self, services: list[Service]) -> None:
        families = [service.family() for service in services]
        for service in services:
            service.ask_to_stop()
        deadline = time.monotonic() + _PATIENCE_TO_STOP
        for service, family in zip(services, families, strict=True):
            service.wait_and_kill(deadline=deadline, family=family, hurry=lambda: self._hurry)


def _check_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise SupervisorError(
            f"The database that DATABASE_URL names cannot be used: {reason}."
        ) from error
    finally:
        connection.close()


def _allowed_host() -> str:
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return names[0] if names else "localhost"


def _welcome(url: str) -> str:
    return f"""
Exoplanet Playground is running.

  page    {url}/
  API     {url}/api/v1/docs
  admin   {url}/admin/   (for an operator made by `.venv/bin/python manage.py createsuperuser`)
  try     curl -F model_type=random_forest -F data_source=nasa -F dataset_name=kepler \
{url}/api/custom/train

Ctrl-C stops everything."""
