"""What a Dask cluster costs on this machine: processor time and memory at 1, 2 and 4 workers.

Started as ``python -m mlcore.benchmark.workers [--json] [--rows N]``; needs the optional extra. A
laptop's cores are shared by all of its workers, so what is held against a bar is what they add to
the work and not how much faster it goes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pyarrow import parquet
from sklearn.metrics import roc_auc_score

from mlcore.benchmark.on_cluster import Used, cluster, idle_rate, least
from mlcore.benchmark.speed import SpeedRow, as_markdown
from mlcore.datasets import DATASETS, obtain
from mlcore.in_words import counted
from mlcore.model_selection.folds import fold_calls, star_folds, steps_of_folds
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.classifier import fit_classifier
from mlcore.models.model_types import MODELS
from mlcore.models.refit import Recipe
from mlcore.parallel import ONE_CORE, Cores, run_all
from mlcore.partitioned import (
    Partition,
    fit_booster_on_workers,
    predict_partitions,
    score_partition,
)
from mlcore.partitioned.boosting import divided
from mlcore.pretrained import load_published
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mlcore.datasets.table import Table
    from mlcore.models.classifier import Classifier

__all__ = ["WORKERS", "main", "measured", "simulated"]

WORKERS = (1, 2, 4)
"""How many workers, of one thread each, are tried."""
_PARTITION = 50_000
"""Rows of a partition."""
_COST = (1.25, 1.0)
"""How many times the processor time of the work on this machine the same work may take on workers,
and seconds beside them and beside what an idle cluster takes meanwhile."""
_COST_OF_BOOSTER = (2.0, 2.0)
"""The same of a booster, whose workers tell each other of every level of every tree."""
_IDLE = 3.0
"""Processor seconds that a process of an idle cluster may take in a minute."""
_MEMORY = 1000.0
"""How much a process may hold [MB]."""
_SAME_FIGURES = 0.003
"""How far the area under the curve may move where histograms are merged."""


def measured(rows: int, *, progress: Callable[[str], None]) -> list[SpeedRow]:
    """Measure folds of a forest, rows scored in partitions, and a booster.

    Parameters
    ----------
    rows
        How many are simulated and scored.
    progress
        Called with each line as soon as it is there.
    """
    table = obtain(DATASETS["kepler"], use_archive=False).table
    lines: list[SpeedRow] = []

    def add(what: str, value: float, bar: float, unit: str, note: str = "") -> None:
        lines.append(SpeedRow(what=what, value=value, bar=bar, unit=unit, note=note))
        progress(lines[-1].as_text())

    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Callable[[Cores], Any]] = {
            "folds of a forest": _forest_folds(table),
            f"{rows} rows in partitions": _scored_rows(table, rows, Path(folder)),
        }
        for count in WORKERS:
            with cluster(count) as client:
                address = client.scheduler.address
                cores, of = Cores(dask=address), counted(count, "worker")
                # They load their libraries, and are asked for their versions.
                client.run(_loaded)
                run_all([partial(_nothing, one) for one in range(2)], ["start"] * 2, cores=cores)
                idle = idle_rate(client)
                minute = 60 * idle
                add(f"nothing, {of}: processor time of a minute", minute, _IDLE * (count + 1), "s")
                for what, work in works.items():
                    expected, here = least(work, ONE_CORE, None)
                    found, there = least(work, cores, client)
                    add(
                        f"{what}, {of}: processor time",
                        there.processor,
                        _COST[0] * here.processor + _COST[1] + idle * there.wall,
                        "s",
                        f"Wall time {there.wall:.1f} s, of which an idle cluster takes"
                        f" {idle * there.wall:.1f} s of processor time; on this machine alone"
                        f" {here.processor:.1f} s of processor time in {here.wall:.1f} s.",
                    )
                    add(f"{what}, {of}: memory of a worker", there.worker_mb, _MEMORY, "MB")
                    add(f"{what}, {of}: memory here", there.here_mb, _MEMORY, "MB")
                    add(f"{what}, {of}: results that differ", float(found != expected), 0.0, "")
                moved, here, there = _booster(table, client)
                add(f"booster, {of}: area under the curve moves", moved, _SAME_FIGURES, "")
                add(
                    f"booster, {of}: processor time",
                    there.processor,
                    _COST_OF_BOOSTER[0] * here.processor + _COST_OF_BOOSTER[1] + idle * there.wall,
                    "s",
                    f"Wall time {there.wall:.1f} s; on this machine alone {here.processor:.1f} s.",
                )
    return lines


def simulated(table: Table, rows: int, number: int) -> Table:
    """Return rows of new stars that look like a table's, other ones for each number.

    Parameters
    ----------
    table
        Whose stars are drawn, each with all of its objects.
    rows
        How many.
    number
        Seed, and the first half of the stars' names.
    """
    random = np.random.default_rng(number)
    star = pd.factorize(table.hosts)[0]
    of_star = np.argsort(star, kind="stable")
    size = np.bincount(star)
    start = np.cumsum(size) - size
    drawn = random.integers(len(size), size=rows)
    new = np.repeat(np.arange(rows), size[drawn])[:rows]
    within = np.arange(rows) - (np.cumsum(size[drawn]) - size[drawn])[new]
    frame = table.frame.iloc[of_star[start[drawn[new]] + within]].reset_index(drop=True)
    numbers = frame.select_dtypes("float64")
    noise = random.normal(1.0, 1e-3, numbers.shape)
    frame = frame.assign(**(numbers * noise))
    host = pd.Series(new + number * rows).astype("str")
    frame[table.dataset.host] = host
    frame[table.dataset.object_name[0]] = "S" + host + "." + pd.Series(within + 1).astype("str")
    for other in table.dataset.object_name[1:]:
        if other in frame and other != table.dataset.host:
            frame[other] = pd.Series(np.nan, index=frame.index).astype("str")
    begun = number * rows + 1
    return replace(
        table,
        frame=frame,
        withheld_errors=pd.DataFrame(index=frame.index),
        row_numbers=np.arange(begun, begun + rows, dtype=np.int64),
    )


def _loaded() -> int:
    """Load what the work needs, which takes seconds once a worker."""
    for name in ("xgboost.dask", "mlcore.models.estimators", "mlcore.partitioned.scoring"):
        import_module(name)
    model, table = load_published("kepler-vetting"), obtain(DATASETS["kepler"], use_archive=False)
    some = simulated(table.table, 100, 0)
    return len(score_partition(model, Partition(dataset=some.dataset, source=some)))


def _nothing(place: int, _progress: Any) -> int:
    return place


def _labelled(table: Table) -> LabelledRows:
    dataset = table.dataset
    rows = LabelledRows.of([table], table.features, dataset.feature_columns())
    known = rows.features.notna().any()
    columns = tuple(column for column in rows.columns if known[column.name])
    decided = VETTING.decided(rows.labels)
    return replace(replace(rows, columns=columns).take(decided), tables=())


def _forest_folds(table: Table) -> Callable[[Cores], Any]:
    kind = MODELS["random_forest"]
    values, _ = kind.read_hyperparameters({})
    rows = _labelled(table)
    fold = star_folds(rows.labels, rows.hosts, task=VETTING, folds=5)
    calls = fold_calls(Recipe(kind, values, VETTING).fit, rows, fold, task=VETTING)

    def work(cores: Cores) -> list[bytes]:
        scored = run_all(calls, steps_of_folds(fold), cores=cores)
        return [scores.tobytes() for scores in scored]

    return work


def _scored_rows(table: Table, rows: int, folder: Path) -> Callable[[Cores], Any]:
    model = load_published("kepler-vetting")
    partitions = [
        Partition(dataset=table.dataset, source=partial(simulated, table, _PARTITION, number))
        for number in range(max(rows // _PARTITION, 1))
    ]

    def work(cores: Cores) -> str:
        path = folder / "said.parquet"
        predict_partitions(model, partitions, path, cores=cores, at_once=16)
        return _sum_of(path)

    return work


def _sum_of(path: Path) -> str:
    """Return a word for a file's content that is the same for the same bits."""
    digest = hashlib.sha256()
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["row", "p_confirmed", "p_false_positive"]):
            for column in batch.columns:
                digest.update(column.to_numpy().tobytes())
    return digest.hexdigest()


def _booster(table: Table, client: Any) -> tuple[float, Used, Used]:
    """Return how far the figure of a booster moves, and what both fits take."""
    kind = MODELS["xgboost"]
    values, _ = kind.read_hyperparameters({})
    rows = _labelled(table)
    tested = star_folds(rows.labels, rows.hosts, task=VETTING, folds=4) == 0
    training = rows.take(~tested)
    parts, address = divided(training, 8), client.scheduler.address

    def here(_cores: Cores) -> Classifier:
        return fit_classifier(kind, values, training, seed=0, task=VETTING)

    def there(_cores: Cores) -> Classifier:
        return fit_booster_on_workers(
            address, parts, values, columns=training.columns, task=VETTING
        )

    fits = least(here, ONE_CORE, None), least(there, ONE_CORE, client)
    truth = rows.labels[tested] == "confirmed"
    first, second = (
        roc_auc_score(truth, VETTING.probabilities(one.predict_proba(rows.features[tested]))[:, 0])
        for one, _ in fits
    )
    return abs(first - second), fits[0][1], fits[1][1]


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m mlcore.benchmark.workers", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print a list of objects")
    parser.add_argument("--rows", type=int, default=200_000, help="how many to score")
    options = parser.parse_args(arguments)
    lines = measured(options.rows, progress=partial(print, file=sys.stderr))
    if options.json:
        text = json.dumps([line.as_json() for line in lines], indent=1, allow_nan=False)
    else:
        text = as_markdown(lines)
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
