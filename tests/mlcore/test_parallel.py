"""Independent work: side by side on free cores, the same to the bit however many there are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest

from mlcore.errors import DataError
from mlcore.parallel import Cores, beside, run_all
from mlcore.progress import silent

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.progress import ProgressCallback

HERE = os.getpid()


@pytest.fixture
def two_cores(tmp_path: Path) -> Cores:
    return Cores(folder=tmp_path, count=2)


def _number(number: int, report: ProgressCallback) -> tuple[int, int]:
    report(0.5, "half way")
    # So long that no process does all of it.
    time.sleep(0.05)
    return number, os.getpid()


def _draws(seed: int, _report: ProgressCallback) -> bytes:
    return np.random.default_rng(seed).normal(size=1000).tobytes()


def _refuses(_report: ProgressCallback) -> None:
    raise DataError("there is no row.")


def _is_killed_elsewhere(number: int, _report: ProgressCallback) -> int:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_the_order_of_the_calls_from_processes_beside_this_one(
    two_cores: Cores,
) -> None:
    calls = [partial(_number, number) for number in range(6)]
    with two_cores.held():
        results = run_all(calls, ["number"] * 6, cores=two_cores)
    assert [number for number, _ in results] == list(range(6))
    assert len({process for _, process in results} - {HERE}) == 2


def test_a_job_that_has_no_free_core_does_everything_itself(two_cores: Cores) -> None:
    with two_cores.held(), two_cores.held():
        results = run_all([partial(_number, 1), partial(_number, 2)], ["a", "b"], cores=two_cores)
    assert results == [(1, HERE), (2, HERE)]


def test_the_result_is_the_same_to_the_bit_however_many_processes_there_are(
    tmp_path: Path,
) -> None:
    calls = [partial(_draws, seed) for seed in range(5)]
    alone = run_all(calls, ["draws"] * 5)
    for count in (2, 4):
        folder = tmp_path / str(count)
        folder.mkdir()
        assert run_all(calls, ["draws"] * 5, cores=Cores(folder=folder, count=count)) == alone


def test_cores_are_given_back_when_the_work_is_done(two_cores: Cores) -> None:
    for _ in range(3):
        with two_cores.taken(5) as more:
            assert more == 2
    with two_cores.taken(1) as more, two_cores.taken(5) as others:
        assert (more, others) == (1, 1)


def test_the_cores_of_a_job_that_was_killed_are_free_at_once(
    two_cores: Cores, tmp_path: Path
) -> None:
    holds = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from mlcore.parallel import Cores
        with Cores(folder=Path({str(tmp_path)!r}), count=2).taken(2) as more:
            print(more, flush=True)
            time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", holds], stdout=subprocess.PIPE) as job:
        assert job.stdout is not None
        assert job.stdout.readline() == b"2\n"
        with two_cores.taken(2) as more:
            assert more == 0
        job.kill()
        job.wait()
    with two_cores.taken(2) as more:
        assert more == 2


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_what_a_job_that_was_killed_has_started_ends_with_it(tmp_path: Path) -> None:
    runs = textwrap.dedent(f"""
        import os, time
        from pathlib import Path
        from mlcore.parallel import Cores, run_all
        def call(report):
            # In one piece, whatever the other one writes at the same moment.
            os.write(1, f"{{os.getpid()}}\\n".encode())
            time.sleep(60)
        run_all([call, call], ["a", "b"], cores=Cores(folder=Path({str(tmp_path)!r}), count=2))
    """)
    with subprocess.Popen([sys.executable, "-c", runs], stdout=subprocess.PIPE) as job:
        assert job.stdout is not None
        pids = {int(job.stdout.readline()) for _ in range(2)}
        helpers = [psutil.Process(pid) for pid in pids - {job.pid}]
        assert helpers
        job.kill()
        job.wait()
        # Whoever is process 1 has yet to take note of it.
        dead = {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
        until = time.monotonic() + 5
        while left := [each for each in helpers if each.is_running() and each.status() not in dead]:
            assert time.monotonic() < until, left


def test_a_process_that_is_killed_costs_time_and_nothing_else(two_cores: Cores) -> None:
    calls = [partial(_is_killed_elsewhere, number) for number in range(3)]
    assert run_all(calls, ["number"] * 3, cores=two_cores) == [0, 1, 2]


def test_what_a_call_refuses_is_raised_where_it_was_asked_for(two_cores: Cores) -> None:
    with pytest.raises(DataError, match=r"there is no row\."):
        run_all([_refuses, partial(_number, 2)], ["a", "b"], cores=two_cores)
    with two_cores.taken(2) as more:
        assert more == 2


def test_a_job_near_its_limit_of_memory_starts_no_process(tmp_path: Path) -> None:
    with Cores(folder=tmp_path, count=2, memory_bytes=10**6).taken(2) as more:
        assert more == 0
    with Cores(folder=tmp_path, count=2, memory_bytes=10**12).taken(2) as more:
        assert more == 2


@pytest.mark.parametrize("cores", [1, 3])
def test_progress_counts_the_calls_and_names_the_first_that_is_not_done(
    tmp_path: Path, cores: int
) -> None:
    seen: list[tuple[float, str]] = []
    run_all(
        [partial(_number, number) for number in range(2)],
        ["first", "second"],
        cores=Cores(folder=tmp_path, count=cores if cores > 1 else 0),
        progress=lambda done, step: seen.append((done, step)),
    )
    begun, half, ended = (0.0, "first"), (0.5, "second"), (1.0, "second")
    if cores == 1:
        detailed = [(0.25, "first: half way"), half, (0.75, "second: half way")]
        assert seen == [begun, *detailed, ended]
    else:
        fractions = [fraction for fraction, _ in seen]
        assert fractions == sorted(fractions)
        assert (seen[0], seen[-1]) == (begun, ended)
        # What another process tells while it works is told here.
        assert "first: half way" in [step for _, step in seen]


def _where() -> int:
    return os.getpid()


def test_a_call_is_made_beside_what_else_is_done_where_a_core_is_free(two_cores: Cores) -> None:
    with two_cores.held(), beside(_where, cores=two_cores) as where:
        with two_cores.taken(1) as more:
            assert more == 0
        assert where() != HERE
    with two_cores.held(), two_cores.held(), beside(_where, cores=two_cores) as where:
        assert where() == HERE


def test_calls_that_are_made_beside_the_same_share_a_core(two_cores: Cores) -> None:
    with two_cores.held():
        with beside(_where, cores=two_cores) as first, beside(_where, cores=two_cores) as second:
            assert len({HERE, first(), second()}) == 3
        with two_cores.held(), beside(_where, cores=two_cores) as where:
            assert where() == HERE


def test_a_call_beside_that_is_killed_is_made_here(two_cores: Cores) -> None:
    with beside(lambda: _is_killed_elsewhere(3, silent), cores=two_cores) as result:
        assert result() == 3


def test_what_a_call_is_told_of_need_not_travel(two_cores: Cores) -> None:
    unpicklable = (lambda: 7).__call__
    calls = [lambda _report: unpicklable()] * 2
    assert run_all(calls, ["a", "b"], cores=two_cores) == [7, 7]


@pytest.mark.parametrize("library", ["xgboost", "scikit-learn"])
def test_what_is_forked_waits_for_no_thread_that_the_first_process_had(library: str) -> None:
    begins = textwrap.dedent("""
        import sys
        from pathlib import Path
        import numpy as np
        import xgboost
        from sklearn.ensemble import HistGradientBoostingClassifier
        from mlcore.parallel import run_in_processes

        X = np.random.default_rng(0).normal(size=(2000, 8))
        boosting = HistGradientBoostingClassifier(max_iter=2).fit(X, X[:, 0] > 0)

        def computes(report=None):
            if sys.argv[1] == "xgboost":
                return xgboost.DMatrix(X).num_row()
            return len(boosting.predict(X))

        computes()
        assert len(list(Path("/proc/self/task").iterdir())) > 1
        print(run_in_processes([computes] * 2, ["one", "two"], processes=2))
    """)
    several = {"OMP_NUM_THREADS": "3", "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(
        [sys.executable, "-c", begins, library],
        env=os.environ | several,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout == "[2000, 2000]\n", done.stderr
