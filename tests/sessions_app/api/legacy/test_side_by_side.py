"""Sessions that run at the same time, and sessions that end before their time."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import as_csv, drawn
from tests.served import WORKERS

if TYPE_CHECKING:
    import psutil

    from tests.served import Served

pytestmark = pytest.mark.cluster

# Twins.
TOGETHER: list[tuple[str, str, dict[str, Any]]] = [
    ("random_forest", "k2", {"n_estimators": 30}),
    ("random_forest", "k2", {"n_estimators": 30}),
]


def begin(served: Served, model_type: str, mission: str, hyperparameters: dict[str, Any]) -> str:
    training, testing = (as_csv(table) for table in drawn(served.archive, mission))
    return served.begin(
        "/api/custom/train",
        data={
            "model_type": model_type,
            "data_source": "user",
            "data_format": mission,
            "hyperparameters": json.dumps(hyperparameters),
        },
        files={"training_file": ("a.csv", training), "testing_file": ("b.csv", testing)},
    )


@pytest.fixture(scope="module")
def together(served: Served) -> list[str]:
    assert served.running_jobs() == [], "another test left a session behind"
    ids = []
    # Whoever comes first waits for the last one, so that they run at the same time on any machine.
    held: dict[int, psutil.Process] = {}
    deadline = time.monotonic() + 60
    try:
        for wanted in TOGETHER:
            ids.append(begin(served, *wanted))
            while len(held) < len(ids):
                assert time.monotonic() < deadline
                for job in served.running_jobs():
                    if job.pid not in held:
                        job.suspend()
                        held[job.pid] = job
    finally:
        for job in held.values():
            job.resume()
    for session_id in ids:
        served.follow(session_id)
    return ids


@pytest.mark.long
def test_sessions_really_run_at_the_same_time(served: Served, together: list[str]) -> None:
    assert len(TOGETHER) == WORKERS
    records = [served.get(f"/api/v1/training-sessions/{session}").body for session in together]
    assert max(session["started_at"] for session in records) < min(
        session["finished_at"] for session in records
    )


@pytest.mark.long
@pytest.mark.parametrize("position", range(len(TOGETHER)))
def test_side_by_side_and_alone_give_the_same_bits(
    served: Served, together: list[str], position: Any
) -> None:
    alone = served.once(KEYS[position], lambda: _alone(served, position))
    beside = served.result(together[position])
    # JSON writes every bit of a number: equal texts are equal bits.
    assert beside["predictions"] == alone["predictions"]
    assert beside["metrics"] == alone["metrics"]


KEYS = [("alone", str(twin)) for twin in TOGETHER]


def _alone(served: Served, position: int) -> dict[str, Any]:
    return served.result(begin(served, *TOGETHER[position]))


def test_a_session_whose_process_is_killed_runs_again_to_its_end(served: Served) -> None:
    session_id = begin(served, "random_forest", "kepler", {"n_estimators": 60})
    deadline = time.monotonic() + 60
    while not (jobs := served.running_jobs()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    [job] = jobs
    job.kill()
    seen = served.follow(session_id)
    assert {poll["status"] for poll in seen} <= {"initialized", "running", "completed"}
    assert (seen[-1]["status"], seen[-1]["progress"]) == ("completed", 100)
    assert served.get("/api/health").status == 200


@pytest.mark.long
def test_a_restart_loses_no_result(served: Served, together: list[str]) -> None:
    def read() -> list[Any]:
        return [
            served.get(f"/api/custom/{route}/{session_id}").body
            for route in ("progress", "result")
            for session_id in together
        ]

    before = read()
    served.stop()
    served.start()
    assert read() == before
    assert served.result(begin(served, "decision_tree", "k2", {}))["success"] is True
