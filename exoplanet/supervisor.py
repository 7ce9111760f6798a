"""Everything that `make up` runs, as one: Postgres, the web server and the job queue."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, connection

from exoplanet.address import WebAddress
from exoplanet.environment import BASE_DIR
from exoplanet.postgres import PostgresError, PostgresServer
from exoplanet.service import Service, how_it_ended

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

MANAGE = str(BASE_DIR / "manage.py")
_WEB_WORKERS = 2
_WEB_THREADS = 4
"""In each worker: an upload that is being read must not keep everybody else waiting."""
_PATIENCE_TO_START = 120.0
_PATIENCE_TO_STOP = 10.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class SupervisorError(Exception):
    """The project cannot run; the text is one sentence for the operator."""


class _StopRequestedError(BaseException):
    """Somebody asked the supervisor to stop: no error, so nothing may swallow it as one."""


class Supervisor:
    """Starts the parts in their order, keeps them alive, and stops them in the reverse order.

    Parameters
    ----------
    report
        Takes each line for the operator.
    """

    def __init__(self, *, report: Callable[[str], None]) -> None:
        self._report = report
        self._address = WebAddress(host=settings.EXOPLANET_HOST, port=settings.EXOPLANET_PORT)
        self._postgres = (
            PostgresServer(settings.EXOPLANET_STATE_DIR)
            if settings.EXOPLANET_EMBEDDED_POSTGRES
            else None
        )
        # Jobs run side by side: with more threads each they would only wait for one another.
        one_thread = dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
        )
        self._env = {**os.environ, **one_thread}
        # In a process of its own: what it imports and fits must not stay in this one.
        self._preparation = self._service("The preparation", MANAGE, "prepare")
        self._web = self._service(
            "The web server",
            *("-m", "granian", "exoplanet.wsgi:application", "--interface=wsgi"),
            *(f"--workers={_WEB_WORKERS}", f"--blocking-threads={_WEB_THREADS}"),
            *(f"--host={self._address.host}", f"--port={self._address.port}"),
            *("--log-level=warning", "--respawn-failed-workers", "--workers-kill-timeout=3"),
        )
        self._queue = self._service("The job queue", MANAGE, "work")
        self._stopping = False
        self._hurry = False

    def _service(self, name: str, *arguments: str) -> Service:
        return Service(name=name, command=[sys.executable, *arguments], env=self._env, cwd=BASE_DIR)

    def run(self) -> None:
        """Run everything until SIGTERM, SIGINT or SIGHUP comes, then stop everything.

        Raises
        ------
        AddressError, PostgresError, SupervisorError
            If a part cannot run. Nothing that was started is left behind.
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
        else:
            _check_database()
        self._prepare()
        self._web.start()
        self._queue.start()
        self._await_health()
        self._report(_welcome(self._address.url))

    def _prepare(self) -> None:
        self._preparation.start()
        status = self._preparation.wait()
        if status != 0:
            raise SupervisorError(f"The preparation {how_it_ended(status)}; it says why above.")

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
        while True:
            if self._postgres is not None and self._postgres.ended:
                self._report(self._postgres.death())
                self._restart_postgres(self._postgres)
            self._web.watch(self._report)
            self._queue.watch(self._report)
            time.sleep(0.2)

    def _restart_postgres(self, postgres: PostgresServer) -> None:
        postgres.stop()
        # What its dead processes still hold is free a moment later.
        for pause in (0.5, 1.0, 2.0, 4.0):
            time.sleep(pause)
            try:
                postgres.start()
            except PostgresError as error:
                last = error
            else:
                self._report("Postgres is started again.")
                return
        raise last

    def _stop(self) -> None:
        services = [self._preparation, self._web, self._queue]
        families = [service.family() for service in services]
        for service in services:
            service.ask_to_stop()
        deadline = time.monotonic() + _PATIENCE_TO_STOP
        for service, family in zip(services, families, strict=True):
            service.wait_and_kill(deadline=deadline, family=family, hurry=lambda: self._hurry)
        if self._postgres is not None:
            self._postgres.stop()


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
