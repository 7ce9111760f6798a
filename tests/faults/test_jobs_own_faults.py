"""Faults of a job itself: it fails once, in words, and takes nothing down with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets.missions.kepler import DR25
from tests.faults.playground import SHORT, Playground
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.cluster,
    # It starts a project of its own; a worker's own tests have the same two limits.
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="its faults are made as Linux makes them"),
]

MEMORY_MB, DEADLINE_SECONDS = 650, 30
TOO_LARGE, TOO_SLOW = "too large", "too slow"


def many_rows(path: Path) -> Path:
    """Write a small file of so many rows that what is computed of each fills the memory."""
    rows = pd.read_parquet(DR25.path)
    copies = [
        rows.assign(kepid=f"{copy}" + rows["kepid"], kepoi_name=f"{copy}" + rows["kepoi_name"])
        for copy in range(12)
    ]
    pd.concat(copies).to_parquet(path)
    return path


@pytest.fixture(scope="module")
def limited(laid_out: Playground) -> Iterator[Playground]:
    """The same project, with little memory and little time for each job."""
    laid_out.restart(
        EXOPLANET_JOB_MEMORY_MB=str(MEMORY_MB),
        EXOPLANET_JOB_DEADLINE_SECONDS=str(DEADLINE_SECONDS),
    )
    yield laid_out
    laid_out.restart()


@pytest.fixture(scope="module")
def begun(limited: Playground, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Sessions that ask for too much, each in its own way, side by side."""
    folder = tmp_path_factory.mktemp("files")
    small, large = kepler_file(folder / "small.csv"), many_rows(folder / "large.parquet")
    long = kepler_file(folder / "long.csv", rows=5000)
    return {
        TOO_LARGE: limited.train_on(large, small, SHORT),
        # libsvm returns from its one call when it is done, and no sooner.
        TOO_SLOW: limited.train_on(
            long, small, {"model_type": "svm", "hyperparameters": '{"C": 100, "kernel": "linear"}'}
        ),
    }


@pytest.mark.fault(
    "a job that needs more memory than it may take; one that is in C beyond its deadline",
    "failed once, each with its own sentence, nothing of it left, not tried again by itself",
)
@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        (TOO_LARGE, f"The job needed more memory than the {MEMORY_MB} MB it may use."),
        (TOO_SLOW, f"The job was not done after the {DEADLINE_SECONDS} seconds it may take."),
    ],
)
def test_a_job_that_asks_for_more_than_it_may_take_fails_once_and_says_so(
    begun: dict[str, str], limited: Playground, which: str, sentence: str
) -> None:
    assert limited.await_end(begun[which]) == "failed"
    assert limited.error(begun[which]) == sentence
    # Neither the worker nor the reaper tries it again by itself.
    limited.rows("SELECT pg_sleep(2)")
    assert limited.history(begun[which]) == ["failed"]
    limited.assert_all_is_accounted_for()
