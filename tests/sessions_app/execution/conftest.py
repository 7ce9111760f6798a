"""What happens in the middle of a fit."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from tests.sessions_app.execution.running import Meanwhile, running_jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessions_app.models import Session


@pytest.fixture
def meanwhile() -> Iterator[Callable[..., Meanwhile]]:
    """Do something, from another connection, in the middle of a session's fit."""
    begun: list[Meanwhile] = []

    def begin(session: Session, act: Callable[[], object]) -> Meanwhile:
        def wait_and_act() -> None:
            try:
                until = time.monotonic() + 30
                fits = session.progress.filter(step__startswith="Fitting the model: ")
                while not fits.exists():
                    assert time.monotonic() < until
                    time.sleep(0.02)
                action.jobs.extend(running_jobs())
                act()
            finally:
                connection.close()

        action = Meanwhile(thread=threading.Thread(target=wait_and_act), jobs=[])
        begun.append(action)
        action.thread.start()
        return action

    yield begin
    for running in begun:
        running.thread.join(30)
