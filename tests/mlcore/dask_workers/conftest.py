"""Clusters on this machine that nobody else can reach."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.dask_workers import calls, usable
from mlcore.dask_workers.worker import described
from mlcore.parallel import Cores

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    yield
    calls._not_there_until.clear()
    usable._answers.clear()


@contextmanager
def cluster(workers: int, *, processes: bool) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=processes,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=40,
        ) as started,
    ):
        if processes:
            # On a busy machine they import the libraries for longer than a job waits for them.
            with distributed.Client(started, set_as_default=False) as client:
                client.run(described)
        yield started


@pytest.fixture
def one_thread() -> Iterator[Cores]:
    """Return a cluster of one worker, which is a thread of this process."""
    with cluster(1, processes=False) as started:
        yield Cores(dask=started.scheduler_address)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Cores]:
    """Return a cluster of two processes of one thread each."""
    with cluster(2, processes=True) as started:
        yield Cores(dask=started.scheduler_address)
