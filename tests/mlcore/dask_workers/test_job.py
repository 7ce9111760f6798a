"""A job that is told of a cluster leaves what it leaves without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.jobs.messages import PREDICTIONS
from tests.mlcore.dask_workers.conftest import cluster
from tests.mlcore.jobs.run_jobs import trained_on, written

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table

pytest.importorskip("distributed", reason="the optional extra dask is not installed")


@pytest.mark.long
def test_a_session_on_a_cluster_leaves_the_same_bytes(
    kepler_tables: tuple[Table, Table], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    training, testing = (
        written(table, tmp_path / f"{name}.csv")
        for table, name in zip(kepler_tables, ("training", "testing"), strict=True)
    )
    files = {"training_file": training, "testing_file": testing}
    alone = trained_on(tmp_path / "alone", **files)
    with cluster(2, processes=True) as started:
        means = {"dask": started.scheduler_address}
        together = trained_on(tmp_path / "together", **files, means=means)
        # It was there, and did something.
        transitions = started.scheduler.transition_counter
    assert together["metrics"] == alone["metrics"]
    assert together["report"]["measurement"] == alone["report"]["measurement"]
    predictions = [(tmp_path / name / PREDICTIONS).read_bytes() for name in ("alone", "together")]
    assert predictions[0] == predictions[1]
    assert transitions > 0
    assert "made on this machine" not in caplog.text
