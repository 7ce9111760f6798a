"""Everything that `manage.py up` runs on a host, as one: Postgres, the web server, the workers."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, OperationalError, connection

from exoplanet.postgres.server import PostgresError, PostgresServer
from exoplanet.supervisor.address import WebAddress
from exoplanet.supervisor.daily_cleanup import DailyCleanup
from exoplanet.supervisor.errors import SupervisorError
from exoplanet.supervisor.joining import Joining
from exoplanet.supervisor.log_relay import Relay
from exoplanet.supervisor.parts import Parts
from exoplanet.supervisor.roles import ALL, Role
from exoplanet.supervisor.service import how_it_ended
from exoplanet.supervisor.watch_database import DatabaseWatch
from exoplanet.supervisor.welcome import welcome
from sessions_app.exceptions import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from types import FrameType

    from exoplanet.supervisor.service import Service

_PATIENCE_TO_START = 120.0
_PATIENCE_TO_STOP = 10.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class _StopRequestedError(BaseException):
    """Somebody asked the supervisor to stop: no error, so nothing may swallow it as one."""


class Supervisor:
    """Starts the parts in their order, keeps them alive, and stops them in the reverse order.

    What it reports is a line for the operator.
    """

    def __init__(self, *, report: Callable[[str], None], roles: Collection[Role] = ALL) -> None:
        self._report = report
        self._roles = frozenset(roles)
        self._relay = Relay() if settings.EXOPLANET_LOG_JSON else None
        self._address = WebAddress(host=settings.EXOPLANET_HOST, port=settings.EXOPLANET_PORT)
        # A part of a host has no Postgres of its own: who starts it has to be one.
        owns_database = settings.EXOPLANET_EMBEDDED_POSTGRES and self._roles == ALL
        self._postgres = (
            PostgresServer(
                settings.EXOPLANET_STATE_DIR, connections=settings.EXOPLANET_DATABASE_CONNECTIONS
            )
            if owns_database
            else None
        )
        self._joining = Joining(roles=self._roles, owns_database=owns_database, report=report)
        self._database_watch = DatabaseWatch()
        self._database_is_silent = False
        self._parts = Parts(
            self._roles,
            address=self._address,
            relay=self._relay,
            facts=self._database_watch.latest,
        )
        self._cleanup = DailyCleanup(self._parts.cleanup, report=report)
        self._stopping = False
        self._hurry = False

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
        self._check_address()
        if self._postgres is not None:
            self._postgres.start()
            self._follow(self._postgres)
        else:
            _check_database()
        self._join()
        # Again, for the preparation takes its time: two servers that came at once would share the
        # port without a word, and each get half of the other's requests.
        self._check_address()
        for part in self._parts.first:
            part.service.start()
        self._await_first()
        # `prepare` has taken up what there was; the start need not wait for these.
        for part in self._parts.later:
            part.service.start()
        self._report(welcome(self._roles, self._address.url))

    def _check_address(self) -> None:
        if Role.WEB in self._roles:
            self._address.check_free()

    def _join(self) -> None:
        try:
            self._joining.enter()
            if Role.WEB in self._roles:
                self._prepare()
            else:
                self._joining.await_preparation()
            self._joining.sign()
        except Error as error:
            raise SupervisorError(f"The database cannot be asked: {_reason(error)}.") from error
        except StoreError as error:
            raise SupervisorError("The store of files does not answer.") from error
        finally:
            connection.close()

    def _prepare(self) -> None:
        self._parts.preparation.start()
        if (status := self._parts.preparation.wait()) != 0:
            raise SupervisorError(f"The preparation {how_it_ended(status)}; it says why above.")

    def _follow(self, postgres: PostgresServer) -> None:
        process = postgres.process
        if self._relay is not None and process is not None:
            self._relay.follow("Postgres", postgres.log, ended=lambda: process.poll() is not None)

    def _await_first(self) -> None:
        """Wait until the web server answers and, on a host with workers, until they are there."""
        deadline = time.monotonic() + _PATIENCE_TO_START
        while not self._works():
            for part in self._parts.first:
                if part.service.ended is not None:
                    raise SupervisorError(
                        f"{part.service.name} {how_it_ended(part.service.ended)} while it started; "
                        "it says why above."
                    )
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return
        if Role.WEB not in self._roles:
            raise SupervisorError(f"No worker was there within {_PATIENCE_TO_START:.0f} seconds.")
        status = self._health()
        if status is None:
            raise SupervisorError(
                f"The web server did not answer within {_PATIENCE_TO_START:.0f} seconds."
            )
        self._report(f"The web server answers, but reports that it is not well ({status}).")

    def _works(self) -> bool:
        if Role.WEB not in self._roles:
            if Role.WORKERS not in self._roles:
                return True
            self._database_watch.ask_once()
            return self._database_watch.has_own_worker()
        status = self._health()
        if status is not None and status != 200 and Role.WORKERS not in self._roles:
            # Workers are another host's, and may come later.
            self._report(
                f"The web server answers, but reports that it is not well ({status}):"
                f" {self._address.url}/api/health says why."
            )
            return True
        return status == 200

    def _health(self) -> int | None:
        return self._address.status("/api/health", as_host=_allowed_host())

    def _watch(self) -> None:
        self._database_watch.start()
        while True:
            if self._postgres is not None and self._postgres.ended:
                self._report(self._postgres.death())
                self._restart_postgres(self._postgres)
            self._restart_postgres_that_does_not_answer()
            for part in (*self._parts.later, *self._parts.first):
                part.look(self._report)
            if Role.REAPER in self._roles:
                self._cleanup.look()
            time.sleep(0.2)

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
            self._report(f"{_the_database()} does not answer.")

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
        parts = self._parts
        parts.web_watch.reset()
        watched = [parts.web, parts.queue, parts.evidence]
        self._stop_services([parts.preparation, *(part.service for part in watched), parts.cleanup])
        # Last, because it queues again what the end of the others interrupted.
        self._stop_services([parts.reaper.service])
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


def _the_database() -> str:
    if settings.EXOPLANET_EMBEDDED_POSTGRES:
        return f"The Postgres on the state folder {settings.EXOPLANET_STATE_DIR}"
    return "The database that DATABASE_URL names"


def _check_database() -> None:
    try:
        connection.ensure_connection()
    except Error as error:
        if settings.EXOPLANET_EMBEDDED_POSTGRES and isinstance(error, OperationalError):
            raise SupervisorError(
                f"No Postgres runs on the state folder {settings.EXOPLANET_STATE_DIR}, and a part"
                " of the project starts none: run `manage.py up` with all roles there, or set"
                " DATABASE_URL to the database that the hosts share."
            ) from error
        raise SupervisorError(f"{_the_database()} cannot be used: {_reason(error)}.") from error
    finally:
        connection.close()


def _reason(error: Error) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _allowed_host() -> str:
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return names[0] if names else "localhost"
