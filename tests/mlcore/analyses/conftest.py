"""Sessions that were really run, each of them once."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets.snapshot import write_snapshot
from mlcore.jobs.messages import PredictionJob, TrainingJob
from mlcore.jobs.run import predict_job, train_job
from tests.mlcore.analyses.analysed import LIGHT, Session, finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table


@pytest.fixture(scope="session")
def kepler_snapshot(
    kepler_tables: tuple[Table, Table], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    training, testing = kepler_tables
    path = tmp_path_factory.mktemp("analysed snapshot") / "kepler.parquet"
    frame = pd.concat([training.frame, testing.frame], ignore_index=True)
    write_snapshot(replace(training, frame=frame, row_numbers=np.arange(len(frame)) + 1), path)
    return path


@pytest.fixture(scope="session")
def session(
    kepler_snapshot: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Session]:
    """Return what runs a small training session on the snapshot, once for each request."""
    done: dict[str, Session] = {}

    def run(model_type: str = "decision_tree", **changes: Any) -> Session:
        key = json.dumps([model_type, changes], sort_keys=True)
        if key not in done:
            folder = tmp_path_factory.mktemp("analysed")
            spec = asdict(
                TrainingJob(
                    **{
                        "dataset": "kepler",
                        "model_type": model_type,
                        "hyperparameters": LIGHT,
                        "seed": 1,
                        "folder": str(folder),
                        "task": "vetting",
                        "snapshot": str(kepler_snapshot),
                        "reference": str(kepler_snapshot),
                    }
                    | changes
                )
            )
            done[key] = finished(train_job, spec, folder)
        return done[key]

    return run


@pytest.fixture(scope="session")
def tuned(
    session: Callable[..., Session],
    kepler_table: Table,
    kepler_tables: tuple[Table, Table],
    kepler_snapshot: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Session:
    """Return a session that fine-tuned on a user's file and predicted its held-out rows."""
    known = set(kepler_tables[0].hosts) | set(kepler_tables[1].hosts)
    others = kepler_table.take(~kepler_table.hosts.isin(known).to_numpy()).take(range(300))
    folder = tmp_path_factory.mktemp("tuned")
    others.frame.to_csv(folder / "mine.csv", index=False)
    published = session("xgboost")
    spec = asdict(
        PredictionJob(
            dataset="kepler",
            artifact=str(published.artifact),
            folder=str(folder),
            training_file=str(folder / "mine.csv"),
            reference=str(kepler_snapshot),
        )
    )
    return finished(predict_job, spec, folder, trained=published.spec)
