"""The account of a soak notices what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.soak.account import GIVEN_UP, as_markdown, what_is_wrong
from tests.soak.facts import Facts, Footprint, Noted, Row
from tests.soak.harms import Harm, Interruption, What

IDLE = Footprint(
    memory={"web server": 2e8, "queue": 8e8},
    files={"web server": 40, "queue": 60},
    processes={"web server": 5, "queue": 20},
)
HARMS = tuple(
    Harm(what=What.JOB, host="x", worker="x, process 7", began=moment, ended=moment)
    for moment in (11.0, 12.0, 13.0, 14.0)
)
GOOD = Facts(
    accepted=(
        Noted(id="a", errand="tree", client=0, at=1.0),
        Noted(id="b", errand="tree", client=1, at=2.0),
        Noted(id="c", errand="forest", client=1, at=3.0, cancelled=True),
        Noted(id="d", errand="forest", client=0, at=4.0, deleted=True),
        Noted(id="e", errand="forest", client=0, at=5.0),
    ),
    rows=(
        Row(id="a", kind="training", status="completed", attempts=("completed",), digest="1"),
        Row(
            id="b",
            kind="training",
            status="completed",
            attempts=("interrupted", "completed"),
            digest="1",
        ),
        Row(id="c", kind="training", status="cancelled", attempts=("cancelled",)),
        Row(
            id="e",
            kind="training",
            status="failed",
            error=GIVEN_UP,
            attempts=("cancelled", *["interrupted"] * 3),
        ),
    ),
    before=IDLE,
    after=IDLE,
    refused={"a bad one": 3},
    harms=HARMS,
)


def with_row(number: int, **changes: Any) -> Facts:
    """Return the good facts with one row that is different."""
    rows = list(GOOD.rows)
    rows[number] = replace(rows[number], **changes)
    return replace(GOOD, rows=tuple(rows))


def with_noted(number: int, **changes: Any) -> Facts:
    """Return the good facts with one session that its client knows otherwise."""
    accepted = list(GOOD.accepted)
    accepted[number] = replace(accepted[number], **changes)
    return replace(GOOD, accepted=tuple(accepted))


def grown(**changes: Any) -> Facts:
    return replace(GOOD, after=replace(IDLE, **changes))


def test_a_good_soak_has_nothing_wrong() -> None:
    assert what_is_wrong(GOOD) == []


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (replace(GOOD, rows=GOOD.rows[1:]), "Session a (tree) was accepted and is lost."),
        (replace(GOOD, rows=(*GOOD.rows, GOOD.rows[0])), "5 are there"),
        (replace(GOOD, accepted=GOOD.accepted[1:]), "Session a is there and nobody's."),
        (with_noted(1, id="a"), "Session a was given to two requests."),
        (with_noted(0, deleted=True), "Session a was deleted and is there."),
        (with_noted(3, deleted=False), "Session d (forest) was accepted and is lost."),
        (with_row(0, status="running"), "Session a has not ended: it is running."),
        (with_row(0, attempts=("", "completed")), "Session a has an attempt that is open."),
        (with_row(0, attempts=("completed",) * 2), "Session a was completed twice."),
        (with_row(0, attempts=()), "Session a is completed without an attempt that was"),
        (with_row(0, digest=""), "or without a result."),
        (with_row(1, digest="2"), "2 same requests (tree) gave 2 different results."),
        (
            with_row(3, error="A defect."),
            'Session e failed by no fault of the saboteur: "A defect."',
        ),
        (
            with_row(3, attempts=("interrupted",) * 2),
            f'Session e failed by no fault of the saboteur: "{GIVEN_UP}"',
        ),
        (with_noted(2, cancelled=False), "Session c is cancelled; nobody asked."),
        (with_noted(0, cancelled=True), "Session a was cancelled and is not."),
        (replace(GOOD, trouble=("Client 3 met a 500.",)), "Client 3 met a 500."),
        (replace(GOOD, queue=("exoplanet:a",)), "Task exoplanet:a is left in the queue."),
        (replace(GOOD, strays=("7 (python)",)), "Process 7 (python) runs, and is no host's."),
        (
            replace(GOOD, unnamed=("uploads/x",)),
            "uploads/x lies there and no row names it.",
        ),
        (
            replace(GOOD, orphans=("uploads/x",)),
            "The cleanup finds uploads/x, which nothing names.",
        ),
        (
            replace(GOOD, missing=("artifacts/a",)),
            "artifacts/a is missing, and a row names it.",
        ),
        (
            grown(memory={"web server": 4e8, "queue": 8e8}),
            "The web server's memory grew from 200000000 to 400000000.",
        ),
        (
            grown(files={"web server": 40, "queue": 80}),
            "The queue's number of open files grew from 60 to 80.",
        ),
        (
            grown(processes={"web server": 8, "queue": 20}),
            "The web server's number of processes grew from 5 to 8.",
        ),
    ],
)
def test_the_account_notices(facts: Facts, sentence: str) -> None:
    assert any(sentence in fault for fault in what_is_wrong(facts))


BEFORE, WITHIN, AFTER = 90.0, 110.0, 300.0


def interrupted(*harms: Harm, is_evidence: bool = False) -> list[str]:
    """Return what is wrong with an interruption on host b, from 100 s to 200 s, and these harms."""
    attempt = Interruption(
        session="b", worker="b, process 7", began=100.0, ended=200.0, is_evidence=is_evidence
    )
    return what_is_wrong(replace(GOOD, interruptions=(attempt,), harms=harms))


def harm(what: What, began: float, seconds: float = 0.0, **fields: str) -> Harm:
    return Harm(what=what, began=began, ended=began + seconds, **fields)


@pytest.mark.parametrize(
    "done",
    [
        harm(What.JOB, WITHIN, host="b", worker="b, process 7"),
        harm(What.CLUSTER, WITHIN, host="b"),
        harm(What.IDLE_WORKER, BEFORE, host="b"),
        harm(What.CUT, WITHIN, 40, host="b"),
        harm(What.POWER_LOSS, WITHIN, 30, host="b"),
        harm(What.OUTAGE, BEFORE, 60),
    ],
)
def test_what_was_done_to_a_host_explains_that_its_sessions_were_interrupted(done: Harm) -> None:
    assert interrupted(done) == []


@pytest.mark.parametrize(
    "done",
    [
        harm(What.JOB, WITHIN, host="b", worker="b, process 8"),
        harm(What.JOB, BEFORE, host="b", worker="b, process 7"),
        harm(What.CLUSTER, WITHIN, host="c"),
        harm(What.POWER_LOSS, WITHIN, 30, host="c"),
        harm(What.CUT, WITHIN, 40, host="c"),
        harm(What.CUT, WITHIN, 10, host="b"),
        harm(What.WEB, WITHIN, host="b"),
        harm(What.REAPER, WITHIN, host="b"),
        harm(What.OUTAGE, AFTER, 60),
    ],
)
def test_a_healthy_job_that_was_interrupted_is_noticed(done: Harm) -> None:
    assert interrupted(done) == [
        "Session b was interrupted on b, process 7, to which nothing was done."
    ]


def test_a_kill_among_the_workers_that_answer_is_no_reason_to_interrupt_evidence() -> None:
    done = harm(What.CLUSTER, WITHIN, host="b")
    assert interrupted(done) == []
    assert len(interrupted(done, is_evidence=True)) == 1


def test_a_web_server_that_was_just_started_may_grow() -> None:
    facts = grown(memory={"web server": 4e8, "queue": 8e8})
    assert len(what_is_wrong(facts)) == 1
    young = replace(IDLE, young=frozenset({"web server"}))
    assert what_is_wrong(replace(facts, before=young)) == []


def test_a_process_that_is_needed_seldom_may_bring_its_own_memory() -> None:
    larger = {"web server": 2.8e8, "queue": 8e8}
    assert len(what_is_wrong(grown(memory=larger))) == 1
    assert what_is_wrong(grown(memory=larger, processes={"web server": 7, "queue": 20})) == []


def test_a_little_growth_is_none() -> None:
    assert what_is_wrong(grown(memory={"web server": 2.4e8, "queue": 9.3e8})) == []
    assert what_is_wrong(grown(files={"web server": 50, "queue": 75})) == []
    assert what_is_wrong(grown(processes={"web server": 7, "queue": 25})) == []


def test_the_account_counts_each_session_once() -> None:
    lines = as_markdown(GOOD).splitlines()
    assert "| completed | 2 (2 training) |" in lines
    assert "| cancelled | 1 (1 training) |" in lines
    assert "| failed | 1 (1 training) |" in lines
    assert "| deleted by their owners | 1 |" in lines
    assert "| lost, or without an end | 0 |" in lines
    assert "| kill -9 | 4 (4 jobs) |" in lines
    assert "| interrupted by nothing that was done to them | 0 |" in lines
    assert (
        "| same requests with the same result, bit for bit"
        " | 1 of 1 groups (2 sessions, 1 interrupted) |" in lines
    )
