"""Snapshots, uploads and models that jobs work on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets.snapshot import write_snapshot
from mlcore.jobs.messages import ARTIFACT
from tests.mlcore.jobs.run_jobs import trained_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table


@pytest.fixture(scope="session")
def snapshot(
    small_tables: Callable[[str], tuple[Table, Table]], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("snapshots")

    def write(mission: str) -> Path:
        path = folder / f"{mission}.parquet"
        if not path.exists():
            training, testing = small_tables(mission)
            frame = pd.concat([training.frame, testing.frame], ignore_index=True)
            numbers = np.arange(len(frame)) + 1
            write_snapshot(replace(training, frame=frame, row_numbers=numbers), path)
        return path

    return write


@pytest.fixture(scope="session")
def published(snapshot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that was trained on the small Kepler snapshot."""
    folder = tmp_path_factory.mktemp("published")
    trained_on(folder, snapshot=str(snapshot("kepler")))
    return folder / ARTIFACT


@pytest.fixture(scope="session")
def own(kepler_table: Table, kepler_tables: tuple[Table, Table]) -> tuple[Table, Table]:
    """Return a user's training and testing rows of stars that the small tables do not have."""
    known = set(kepler_tables[0].hosts) | set(kepler_tables[1].hosts)
    others = kepler_table.take(~kepler_table.hosts.isin(known).to_numpy())
    return mlcore.split(others.take(range(500)))


@pytest.fixture(scope="session")
def vetted(
    snapshot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """Return the folder and the result of a vetting model of the small Kepler snapshot."""
    folder = tmp_path_factory.mktemp("vetted")
    few = {"n_estimators": 20}
    path = str(snapshot("kepler"))
    return folder, trained_on(folder, snapshot=path, task="vetting", hyperparameters=few)
