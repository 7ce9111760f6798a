"""Training on a long table: what a session takes, held against the bare fit.

``python -m mlcore.benchmark.long_training`` writes Kepler's rows, repeated with values of their own
and stars of their own, as a training and a testing file with all of the model's columns, and trains
on them as a worker's job does, up to the first answer. The bare fit is that of the same estimator
on the same rows, with medians in place of what is missing. Each runs in a fresh process with one
thread, whose clock starts when everything is imported.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.impute import SimpleImputer

from mlcore.benchmark.fresh_process import in_turn, peak_megabytes, printed_by
from mlcore.benchmark.repeated import JITTER, catalogue, repeated_stars
from mlcore.benchmark.speed import SpeedRow, print_measured
from mlcore.jobs.messages import TrainingJob
from mlcore.jobs.run import train_job
from mlcore.jobs.training_rows import read_setup
from mlcore.models import MODELS
from mlcore.run import RunContext
from mlcore.training.common_columns import on_common_columns
from mlcore.training.learning import rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["measured", "write_files"]

TIMES_BARE = 5.0
"""How many times the bare fit's processor time a first answer may take."""
MOST_MEMORY = 1500.0
"""Megabytes that the job may hold at most."""
KINDS = ("decision_tree", "xgboost", "gradient_boosting")
_TRAINING, _TESTING = "training.parquet", "testing.parquet"
_TESTED = 0.2
_CHILD = "from mlcore.benchmark.long_training import main_of_child; main_of_child()"


def write_files(rows: int, folder: Path, *, seed: int = 7) -> None:
    """Write a training and a testing file of Kepler's rows, repeated until there are enough.

    Parameters
    ----------
    rows
        How many in both together; a fifth of them are tested.
    folder
        Where to.
    seed
        Of the few per cent by which values differ from the catalogue's.
    """
    known, place = catalogue().frame, np.arange(rows)
    frame = known.iloc[place % len(known)].reset_index(drop=True)
    numbers = frame.select_dtypes("number").columns
    moved = 1 + JITTER * np.random.default_rng(seed).standard_normal((rows, len(numbers)))
    frame[numbers] = frame[numbers] * moved
    star, frame["kepid"], frame["kepoi_name"] = repeated_stars(known, place)
    tested = star >= np.quantile(star, 1 - _TESTED)
    frame[~tested].to_parquet(folder / _TRAINING, index=False)
    frame[tested].to_parquet(folder / _TESTING, index=False)


def measured(
    rows: int, folder: Path, *, kinds: Sequence[str] = KINDS, runs: int = 3
) -> list[SpeedRow]:
    """Measure training sessions on so many rows.

    Parameters
    ----------
    rows
        How many, tested ones included.
    folder
        A new folder for everything that is written.
    kinds
        Names of model types.
    runs
        How often, in turn with the bare fit: the least of each counts.
    """
    write_files(rows, folder)
    lines, memory = [], 0.0
    for kind in kinds:
        bare, job = in_turn(
            partial(_in_child, "bare", kind, folder), partial(_in_child, "job", kind, folder), runs
        )
        memory = max(memory, job["memory"])
        lines.append(
            SpeedRow(
                what=f"training on {rows:,} rows: {kind}",
                value=job["seconds"],
                bar=TIMES_BARE * bare["seconds"],
                unit="s",
                note="Processor time to the first answer,"
                f" {job['seconds'] / bare['seconds']:.2f} times the {bare['seconds']:.2f} s of the"
                f" bare fit on {bare['rows']:,} rows of {bare['columns']} columns.",
            )
        )
    return [*lines, SpeedRow(what="memory of the job", value=memory, bar=MOST_MEMORY, unit="MB")]


def _in_child(what: str, kind: str, folder: Path) -> dict[str, Any]:
    return dict(printed_by(_CHILD, what, kind, str(folder)))


def main_of_child() -> None:
    """Do what the first argument names and print what it took as JSON."""
    what, kind, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    job = TrainingJob(
        dataset="kepler",
        model_type=kind,
        hyperparameters={},
        seed=0,
        folder=str(folder / "job"),
        training_file=str(folder / _TRAINING),
        testing_file=str(folder / _TESTING),
        evidence=False,
    )
    found = {"bare": _bare, "job": _job}[what](job)
    sys.stdout.write(json.dumps(found, allow_nan=False))


def _bare(job: TrainingJob) -> dict[str, Any]:
    about = read_setup(job)
    setup, _ = on_common_columns(about.setup, about.testing.tables)
    rows = rows_of(setup, RunContext()).rows
    kind = MODELS[job.model_type]
    values, _ = kind.read_hyperparameters({})
    estimator = kind.recipe.build(values, job.seed)
    names = [column.name for column in rows.columns]
    known = rows.features[names].to_numpy(dtype=np.float64)
    X = SimpleImputer(strategy="median", keep_empty_features=True).fit_transform(known)
    target = np.unique(rows.labels.astype(str), return_inverse=True)[1]
    began = time.process_time()
    estimator.fit(X, target)
    return {"seconds": time.process_time() - began, "rows": len(X), "columns": X.shape[1]}


def _job(job: TrainingJob) -> dict[str, Any]:
    shutil.rmtree(job.folder, ignore_errors=True)
    Path(job.folder).mkdir()
    began = time.process_time()
    train_job(asdict(job), lambda _event: None)
    return {"seconds": time.process_time() - began, "memory": peak_megabytes()}


def main() -> None:
    """Measure, and print the table, or with ``--json`` a list of objects."""
    print_measured(measured, rows=200_000, description=__doc__)


if __name__ == "__main__":
    main()
