"""A process that stays: what it remembers, and what its end costs whoever asks."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from sessions_app.exceptions import RefusedError
from sessions_app.isolation.on_request import Allowance
from sessions_app.isolation.resident import Resident, Stay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOM = 10**9
TELL = {"do": "tell"}


@pytest.fixture(scope="module")
def resident() -> Iterator[Resident]:
    """Ask one that may take whatever a test takes: each leaves it as good as it was."""
    yield (shared := made_with())
    shared.close()


@pytest.fixture
def make() -> Iterator[Callable[..., Resident]]:
    """Return what makes a process that stays, which imports nothing ahead."""
    made: list[Resident] = []

    def make_one(**stay: Any) -> Resident:
        made.append(made_with(**stay))
        return made[-1]

    yield make_one
    for resident in made:
        resident.close()


def made_with(**stay: Any) -> Resident:
    given = {"memory_bytes": ROOM, "enough_memory_bytes": ROOM} | stay
    return Resident(
        "tests.sessions_app.isolation.answers:Answers",
        (),
        Allowance(
            at_once=1,
            of_one_caller=1,
            busy="Others.",
            own_busy="Yours.",
            waiting=6,
            waiting_of_one_caller=2,
        ),
        lambda: Stay(**given),
    )


def ask(resident: Resident, seconds: float = 30.0, **question: Any) -> Any:
    return resident.ask(question, seconds=seconds)


def refused(resident: Resident, seconds: float = 30.0, **question: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        ask(resident, seconds, **question)
    return caught.value


def test_it_answers_one_question_after_the_other_and_remembers(
    resident: Resident,
) -> None:
    answers = [ask(resident, **TELL) for _ in range(3)]
    first = answers[0]["asked"]
    assert [answer["asked"] for answer in answers] == [first, first + 1, first + 2]
    assert len({answer["pid"] for answer in answers}) == 1
    # A question, and an answer, longer than a pipe holds.
    long = ask(resident, do="nothing", characters=300_000, filler="y" * 300_000)
    assert len(long["long"]) == 300_000


def test_a_refusal_comes_in_its_own_words_and_costs_nothing(resident: Resident) -> None:
    before = ask(resident, **TELL)
    refusal = refused(resident, do="refuse")
    assert (refusal.sentence, refusal.field, refusal.allowed) == (
        "x was 1, but it must be 2.",
        "x",
        ("2",),
    )
    assert refusal.status == 400
    assert ask(resident, **TELL) == before | {"asked": before["asked"] + 2}


def test_a_defect_is_told_to_operators_alone(
    resident: Resident, caplog: pytest.LogCaptureFixture
) -> None:
    before = ask(resident, **TELL)
    refusal = refused(resident, do="raise")
    assert (refusal.status, refusal.retry_after) == (503, 5)
    assert "secret" not in refusal.sentence
    assert "secret detail" in caplog.text
    assert ask(resident, **TELL) == before | {"asked": before["asked"] + 2}


def test_a_crash_costs_its_own_question_alone(
    resident: Resident, caplog: pytest.LogCaptureFixture
) -> None:
    before = ask(resident, **TELL)["pid"]
    refusal = refused(resident, do="abort")
    assert (refusal.status, refusal.retry_after) == (503, 5)
    after = ask(resident, **TELL)
    assert after["asked"] == 1
    assert after["pid"] != before
    assert "SIGABRT" in caplog.text


@pytest.mark.long
def test_what_takes_too_long_is_killed_in_the_middle(resident: Resident) -> None:
    pid = ask(resident, **TELL)["pid"]
    server = psutil.Process(pid).ppid()
    began = time.monotonic()
    assert refused(resident, 0.5, do="loop").status == 503
    assert time.monotonic() - began < 5
    after = ask(resident, **TELL)
    assert after["asked"] == 1
    assert not psutil.pid_exists(pid)
    # The next one is forked from the same process, whose libraries are there.
    assert psutil.Process(after["pid"]).ppid() == server


def test_memory_hunger_is_killed(make: Callable[..., Resident]) -> None:
    resident = make(memory_bytes=300 * 10**6)
    assert ask(resident, **TELL)["asked"] == 1
    assert refused(resident, do="hold", megabytes=1_000).status == 503
    assert ask(resident, **TELL)["asked"] == 1


@pytest.mark.long
def test_it_lets_go_of_what_it_kept_where_that_is_too_much(make: Callable[..., Resident]) -> None:
    resident = make(enough_memory_bytes=250 * 10**6)
    ask(resident, do="hold", megabytes=300)
    told = ask(resident, **TELL)
    assert (told["asked"], told["let_go_of"]) == (2, 1)


def test_one_that_ended_because_nobody_asked_is_replaced(make: Callable[..., Resident]) -> None:
    resident = make(idle_seconds=0.1)
    first = ask(resident, **TELL)
    life = resident._life
    assert life is not None
    while not life.is_over:
        time.sleep(0.05)
    # What it said to somebody else is not said again.
    assert life.ask(TELL, 1.0) is None
    second = ask(resident, **TELL)
    assert second["asked"] == 1
    assert first["pid"] != second["pid"]


def test_ten_at_once_are_answered_or_refused_and_one_caller_has_not_all_turns(
    resident: Resident,
) -> None:
    ask(resident, **TELL)
    outcomes: list[tuple[str, int]] = []

    def one(who: str) -> None:
        try:
            resident.ask({"do": "sleep", "seconds": 0.3}, seconds=10, who=who)
            outcomes.append((who, 200))
        except RefusedError as refusal:
            outcomes.append((who, refusal.status if refusal.retry_after else 0))

    threads = []
    for who in ("greedy",) * 7 + ("b", "c", "d"):
        threads.append(threading.Thread(target=one, args=(who,)))
        threads[-1].start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    # One runs, two wait, and the others are too many of one caller.
    assert sorted(outcomes) == sorted(
        [("greedy", 200)] * 3 + [("greedy", 429)] * 4 + [(who, 200) for who in "bcd"]
    )


@pytest.mark.long
def test_closing_ends_the_process_and_a_question_starts_another(
    make: Callable[..., Resident],
) -> None:
    resident = make()
    pid = ask(resident, **TELL)["pid"]
    server = psutil.Process(pid).ppid()
    resident.close()
    for gone in (pid, server):
        assert not psutil.pid_exists(gone) or psutil.Process(gone).status() == "zombie"
    assert ask(resident, **TELL)["pid"] != pid


def test_it_can_be_started_ahead(
    make: Callable[..., Resident], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    resident = make()
    resident.warm()
    resident.warm()
    assert ask(resident, **TELL)["asked"] == 1
    assert caplog.text == ""
