"""Calls on a Dask cluster: as on this machine, whatever becomes of workers and scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from exoplanet.environment import BASE_DIR
from mlcore.errors import DataError
from mlcore.model_selection.folds import fold_calls, scores_of_folds, steps_of_folds
from mlcore.models import MODELS
from mlcore.models.refit import Recipe
from mlcore.parallel import Cores, run_all
from mlcore.run import RunContext
from mlcore.tasks import VETTING
from tests.mlcore.automl.searching import noisy_labels, searched
from tests.mlcore.dask_workers.conftest import cluster
from tests.mlcore.dask_workers.remote import (
    ends_elsewhere_late,
    fails,
    is_killed_elsewhere,
    number,
    refuses,
)
from tests.mlcore.hand_made import FITTED_MODELS, SMALL, labelled, rows
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("distributed", reason="the optional extra dask is not installed")

HERE = os.getpid()
LONG = pytest.mark.long


def test_results_come_in_order_with_their_progress(one_thread: Cores) -> None:
    seen: list[tuple[float, str]] = []
    calls = [partial(number, n) for n in range(4)]
    words = ["a", "b", "c", "d"]
    results = run_all(calls, words, cores=one_thread, progress=lambda *step: seen.append(step))
    assert [made for made, _ in results] == [0, 1, 2, 3]
    assert (seen[0], seen[-1]) == ((0.0, "a"), (1.0, "d"))
    assert "a: half way" in [step for _, step in seen]


def test_the_first_refusal_is_raised_as_it_is(one_thread: Cores) -> None:
    calls: list[Any] = [partial(number, 1), partial(refuses, "b."), partial(refuses, "c.")]
    with pytest.raises(DataError, match=r"^b\.$"):
        run_all(calls, ["a", "b", "c"], cores=one_thread)


def test_another_error_of_a_call_is_met_where_it_was_asked_for(one_thread: Cores) -> None:
    with pytest.raises(ZeroDivisionError, match="by a call"):
        run_all([fails, partial(number, 1)], ["a", "b"], cores=one_thread)


def test_without_the_cluster_the_work_is_done_here_and_it_is_looked_for_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mlcore.dask_workers.calls._CONNECTING", 0.3)
    nobody = Cores(dask="tcp://127.0.0.1:1")
    calls = [partial(number, n) for n in range(2)]
    for _ in range(2):
        assert run_all(calls, ["a", "b"], cores=nobody) == [(0, HERE), (1, HERE)]
    (warning,) = [record.getMessage() for record in caplog.records if record.name[:6] == "mlcore"]
    assert "tcp://127.0.0.1:1 failed, and 2 of 2 calls are made on this machine" in warning


def test_a_worker_of_another_version_is_not_used(
    one_thread: Cores, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for module, version in (("calls", "ours"), ("usable", "theirs")):
        monkeypatch.setattr(
            f"mlcore.dask_workers.{module}.described", partial(dict, **{"the code": version})
        )
    calls = [partial(number, n) for n in range(2)]
    assert run_all(calls, ["a", "b"], cores=one_thread) == [(0, HERE), (1, HERE)]
    assert "it is of another version (the code: theirs, here ours)" in caplog.text
    assert "2 of 2 calls are made on this machine: no worker could make them" in caplog.text


@LONG
@pytest.mark.parametrize("name", FITTED_MODELS)
def test_folds_on_workers_are_the_same_to_the_bit(name: str, two_workers: Cores) -> None:
    features = rows(400)
    sample = labelled(features, noisy_labels(features))
    values, _ = MODELS[name].read_hyperparameters(SMALL.get(name, {}))
    recipe = Recipe(MODELS[name], values, VETTING)
    fold = np.arange(400) % 4
    calls = fold_calls(recipe.fit, sample, fold, task=VETTING, seed=3)
    there = run_all(calls, steps_of_folds(fold), cores=two_workers)
    here = scores_of_folds(recipe.fit, sample, fold, task=VETTING, seed=3)
    for place, scores in enumerate(there):
        assert scores.tobytes() == here[fold == place].tobytes()


@LONG
def test_a_search_finds_the_same_by_workers(two_workers: Cores) -> None:
    _, here = searched(most_trials=5)
    _, there = searched(most_trials=5, run=RunContext(seed=5, cores=two_workers))
    assert [trial.loss for trial in there.leaderboard] == [t.loss for t in here.leaderboard]
    assert there.out_of_fold.tobytes() == here.out_of_fold.tobytes()


@LONG
def test_calls_are_made_by_both_workers(two_workers: Cores) -> None:
    made = run_all([partial(number, n) for n in range(8)], ["n"] * 8, cores=two_workers)
    assert len({process for _, process in made} - {HERE}) == 2


@LONG
def test_a_call_whose_worker_died_is_made_again_by_another(
    two_workers: Cores, tmp_path: Path
) -> None:
    tries = tmp_path / "tries"
    calls: list[Any] = [partial(is_killed_elsewhere, HERE, tries, 1), partial(number, 1)]
    first, _ = run_all(calls, ["a", "b"], cores=two_workers)
    assert first != HERE
    assert tries.stat().st_size == 2


@LONG
def test_a_call_that_ends_every_worker_is_made_here(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    with cluster(1, processes=True) as started:
        cores = Cores(dask=started.scheduler_address)
        calls = [partial(is_killed_elsewhere, HERE, tries, 1000), partial(number, 1)]
        first, (second, _) = run_all(calls, ["a", "b"], cores=cores)  # type: ignore[misc]
    assert (first, second) == (HERE, 1)
    assert tries.stat().st_size < 10


@LONG
def test_what_a_cluster_that_dies_leaves_is_made_here(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    with subprocess.Popen(
        [sys.executable, "-c", _CLUSTER], stdout=subprocess.PIPE, text=True, cwd=BASE_DIR
    ) as host:
        assert host.stdout is not None
        address = host.stdout.readline().strip()

        def kill() -> None:
            # One of both calls is done, and the other one has begun and does not end.
            wait_until(lambda: max(told, default=0.0) >= 0.5 and beats.exists(), seconds=300)
            host.kill()

        told: list[float] = []
        threading.Thread(target=kill, daemon=True).start()
        calls = [partial(number, 1), partial(ends_elsewhere_late, HERE, beats)]
        cores = Cores(dask=address)
        made = run_all(calls, ["a", "b"], cores=cores, progress=lambda done, _: told.append(done))
    assert made == [(1, made[0][1]), (7, HERE)]
    assert made[0][1] != HERE


@LONG
def test_the_call_of_a_job_that_was_killed_ends_too(two_workers: Cores, tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    job = textwrap.dedent(f"""
        from functools import partial
        from pathlib import Path
        from mlcore.parallel import Cores, run_all
        from tests.mlcore.dask_workers.remote import goes_on
        calls = [partial(goes_on, Path({str(beats)!r}))] * 2
        run_all(calls, ["a", "b"], cores=Cores(dask={two_workers.dask!r}))
    """)
    with subprocess.Popen([sys.executable, "-c", job], cwd=BASE_DIR) as process:
        wait_until(lambda: beats.exists() and beats.stat().st_size > 0)
        process.kill()
    # A call looks whether it is still wanted twice a second.
    time.sleep(3.0)
    before = beats.stat().st_size
    time.sleep(1.0)
    assert beats.stat().st_size == before
    assert run_all([partial(number, n) for n in range(2)], ["n"] * 2, cores=two_workers)


_CLUSTER = """
import time
from tests.mlcore.automl.searching import noisy_labels, searched
from tests.mlcore.dask_workers.conftest import cluster
from tests.mlcore.dask_workers.remote import (
    ends_elsewhere_late,
    fails,
    goes_on,
    is_killed_elsewhere,
    number,
    refuses,
)
if __name__ == "__main__":
    with cluster(2, processes=True) as started:
        print(started.scheduler_address, flush=True)
        time.sleep(600)
"""
