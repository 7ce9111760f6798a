"""A million rows: what predicting them takes, held against reading them and a bare booster.

``python -m mlcore.benchmark.million`` writes a file of Kepler's rows, repeated with values of their
own and stars of their own, predicts it with a carried model as a worker's job does, and looks at
pages of it. The bare work is what a notebook does in one cell: pandas reads the numbers, medians
stand in for missing ones, and XGBoost with the same hyperparameters says its probabilities. Each
run has a fresh process with one thread, whose clock starts when everything is imported.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.benchmark.fresh_process import in_turn, peak_megabytes, printed_by
from mlcore.benchmark.repeated import JITTER, catalogue, repeated_stars
from mlcore.benchmark.speed import SpeedRow, print_measured
from mlcore.datasets.snapshot import write_snapshot
from mlcore.jobs.explain_objects import explain_objects_job
from mlcore.jobs.messages import ARTIFACT, RESULTS
from mlcore.jobs.run import predict_job
from mlcore.models import MODELS
from mlcore.persistence.artifact import load_artifact
from mlcore.pretrained.load import unpack

__all__ = ["measured", "write_rows"]

MODEL = "kepler-vetting"
"""The carried model that predicts."""
TIMES_BARE = 3.0
"""How many times the bare work's processor time a whole prediction may take."""
MOST_MEMORY = 1000.0
"""Megabytes that the job may hold at most."""
PAGE, PAGE_SECONDS = 50, 0.5
"""Objects on a page, and the processor time that explaining them may take."""
NUMBERS = {
    "koi_period": 9,
    "koi_time0bk": 7,
    "koi_impact": 4,
    "koi_duration": 5,
    "koi_depth": 2,
    "koi_prad": 2,
    "koi_teq": 1,
    "koi_insol": 2,
    "koi_model_snr": 2,
    "koi_steff": 1,
}
"""The file's columns of numbers, each with its decimals: with two names a hundred bytes a row."""
_CHILD = "from mlcore.benchmark.million import main_of_child; main_of_child()"
_ENVIRONMENT = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
_ROWS_AT_ONCE = 50_000
_WARMED_BY = 15_000


def write_rows(rows: int, path: Path, *, seed: int = 7) -> None:
    """Write a file of Kepler's rows, repeated until there are enough.

    Parameters
    ----------
    rows
        How many.
    path
        The new CSV file.
    seed
        Of the few per cent by which values differ from the catalogue's.
    """
    frame = catalogue().frame
    random = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8") as file:
        for begin in range(0, rows, _ROWS_AT_ONCE):
            place = np.arange(begin, min(begin + _ROWS_AT_ONCE, rows))
            row = place % len(frame)
            _, stars, names = repeated_stars(frame, place)
            part = pd.DataFrame({"kepid": stars, "kepoi_name": names})
            for name, decimals in NUMBERS.items():
                values = frame[name].to_numpy(dtype=np.float64)[row]
                moved = values * (1 + JITTER * random.standard_normal(len(row)))
                if name == "koi_time0bk":
                    moved = values + random.uniform(0, 50, len(row))
                part[name] = np.abs(np.round(moved, decimals))
            part.to_csv(file, index=False, header=begin == 0)


def measured(rows: int, folder: Path, *, runs: int = 3) -> list[SpeedRow]:
    """Measure a prediction of so many rows.

    Parameters
    ----------
    rows
        How many; more than `mlcore.prediction.stored.EXPLAINED_AT_ONCE`.
    folder
        A new folder for everything that is written.
    runs
        How often, in turn with the bare work: the least of each counts.
    """
    write_rows(rows, folder / "rows.csv")
    write_snapshot(catalogue(), folder / "snapshot.parquet")
    unpack(MODEL, folder / "model")
    (folder / "refits").mkdir()
    write_rows(min(rows, _WARMED_BY), folder / "few.csv")
    # The model of the file's columns is fitted for the first who lacks the others.
    _in_child("job", folder, "few.csv")
    bare, job = in_turn(partial(_in_child, "bare", folder), partial(_in_child, "job", folder), runs)
    page = max(_in_child("pages", folder)["seconds"])
    size = (folder / "rows.csv").stat().st_size / 1e6
    return [
        SpeedRow(
            what=f"predicting {rows:,} rows",
            value=job["seconds"],
            bar=TIMES_BARE * bare["seconds"],
            unit="s",
            note=f"Processor time of the whole job for {size:.0f} MB of CSV:"
            f" {job['seconds'] / bare['seconds']:.2f} times the {bare['seconds']:.2f} s of reading"
            " it with pandas and asking a bare booster.",
        ),
        SpeedRow(what="memory of the job", value=job["memory"], bar=MOST_MEMORY, unit="MB"),
        SpeedRow(
            what=f"page of {PAGE} of its objects",
            value=page,
            bar=PAGE_SECONDS,
            unit="s",
            note="Processor time for reasons, contributions, draws and neighbours, the most of five"
            " pages.",
        ),
    ]


def _in_child(what: str, folder: Path, file: str = "rows.csv") -> dict[str, Any]:
    return dict(printed_by(_CHILD, what, str(folder), file, environment=_ENVIRONMENT))


def main_of_child() -> None:
    """Do what the first argument names and print what it took as JSON."""
    what, folder, file = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    found = {"bare": _bare, "job": _job, "pages": _pages}[what](folder, folder / file)
    sys.stdout.write(json.dumps(found, allow_nan=False))


def _bare(folder: Path, file: Path) -> dict[str, Any]:
    model = load_artifact(folder / "model" / ARTIFACT).classifier
    known = catalogue()
    columns = [name for name in NUMBERS if name != "koi_time0bk"]
    target = (known.frame["koi_disposition"] == "CONFIRMED").to_numpy(dtype=np.int64)
    booster = MODELS[model.model_type.name].recipe.build(dict(model.hyperparameters), 0)
    booster.fit(known.frame[columns].to_numpy(dtype=np.float64), target)
    began = time.process_time()
    frame = pd.read_csv(file, usecols=columns)[columns]
    booster.predict_proba(frame.fillna(frame.median()).to_numpy())
    return {"seconds": time.process_time() - began}


def _told(folder: Path, file: Path) -> dict[str, Any]:
    snapshot = str(folder / "snapshot.parquet")
    return {
        "dataset": "kepler",
        "artifact": str(folder / "model" / ARTIFACT),
        "folder": str(folder / file.stem),
        "testing_file": str(file),
        "reference": snapshot,
        "refit": {"snapshots": {"kepler": snapshot}},
        "refits": str(folder / "refits"),
        "evidence": False,
        "means": {"computed": str(folder / "computed")},
    }


def _job(folder: Path, file: Path) -> dict[str, Any]:
    told = _told(folder, file)
    shutil.rmtree(told["folder"], ignore_errors=True)
    Path(told["folder"]).mkdir()
    began = time.process_time()
    predict_job(told, lambda _event: None)
    seconds = time.process_time() - began
    return {"seconds": seconds, "memory": peak_megabytes()}


def _pages(folder: Path, file: Path) -> dict[str, Any]:
    told = _told(folder, file)
    of = Path(told["folder"])
    rows = sum(1 for _ in file.open("rb")) - 1
    random, seconds = np.random.default_rng(0), []
    for _ in range(5):
        numbers = np.sort(random.choice(rows, PAGE, replace=False) + 1).tolist()
        argument = {
            "artifact": str(of / ARTIFACT),
            "results": str(of / RESULTS),
            "numbers": numbers,
            "catalogue": told["reference"],
            "means": told["means"],
        }
        began = time.process_time()
        explain_objects_job(argument, lambda _event: None)
        seconds.append(time.process_time() - began)
    return {"seconds": seconds}


def main() -> None:
    """Measure, and print the table, or with ``--json`` a list of objects."""
    print_measured(measured, rows=1_000_000, description=__doc__)


if __name__ == "__main__":
    main()
