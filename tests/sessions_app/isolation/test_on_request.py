"""Who may have a job run for a request, and who waits or is refused."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack

import pytest

from sessions_app.exceptions import RefusedError
from sessions_app.isolation.on_request import Allowance, Turns

ALLOWANCE = Allowance(at_once=3, of_one_caller=2, busy="Others.", own_busy="Yours.")


def test_no_more_jobs_run_at_once_than_there_are_turns() -> None:
    turns = Turns(ALLOWANCE)
    with ExitStack() as held:
        for who in ("a", "a", "b"):
            held.enter_context(turns.turn(who))
        waiting = [threading.Thread(target=_take, args=(turns, "c")) for _ in range(5)]
        for thread in waiting:
            thread.start()
        while len(turns._waiting) < 5:
            time.sleep(0.01)
        for who, status in (("c", 503), ("a", 429)):
            with pytest.raises(RefusedError) as caught, turns.turn(who):
                pass
            assert caught.value.status == status
            assert caught.value.retry_after > 0
    # Those who waited have had theirs.
    for thread in waiting:
        thread.join()
    assert turns._running == []


def test_one_caller_has_not_all_turns() -> None:
    turns = Turns(ALLOWANCE)
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(turns.turn("a"))
        third = threading.Thread(target=_take, args=(turns, "a"))
        third.start()
        while not turns._waiting:
            time.sleep(0.01)
        with turns.turn("b"):
            assert third.is_alive()
    third.join()


def _take(turns: Turns, who: str) -> None:
    with turns.turn(who):
        pass
