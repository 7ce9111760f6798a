"""Predicting partitions, each by itself, wherever there is somebody to do it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from mlcore._memory import give_back
from mlcore.datasets.spec import CLASSES
from mlcore.parallel import ONE_CORE, run_all
from mlcore.prediction.check_outcomes import Outcome, physical_checks
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.parallel import Cores
    from mlcore.partitioned.partitions import Partition
    from mlcore.progress import ProgressCallback

__all__ = ["predict_partitions", "score_partition"]


def score_partition(
    model: TrainedModel,
    partition: Partition,
    *,
    reference: Table | None = None,
    assessed: bool = False,
) -> pd.DataFrame:
    """Return what a model says of a partition's rows, without reasons.

    Parameters
    ----------
    model
        The fitted model.
    partition
        The rows.
    reference
        The mission's catalogue, as in `mlcore.predict`.
    assessed
        Whether physical checks and the limits of what the model knows are asked too, which takes
        several times as long.

    Returns
    -------
    DataFrame
        A line for each row: its ``row`` number, ``name`` and ``host``, the most probable class
        (``prediction``), the probability of each class (``p_…``), and how much of each of the
        task's classes looks as strange (``as_strange_…``, of a model that has held rows out): what
        is above one minus the coverage is in the conformal set. Assessed, also ``outside_domain``
        and ``failed_checks``.
    """
    table, numbers = partition.read()
    if partition.neighbours is None:
        features = model.features(table, reference=reference)
    else:
        model.check_serves(table.dataset)
        features = model.features_drawn(table, partition.neighbours)
    probabilities = model.classifier.predict_proba(features)
    best = probabilities.argmax(axis=1)
    said = {
        "row": numbers,
        "name": table.names.to_numpy(),
        "host": table.hosts.to_numpy(),
        "prediction": np.array([str(kind) for kind in CLASSES], dtype=object)[best],
        **{f"p_{kind}": probabilities[:, place] for place, kind in enumerate(CLASSES)},
    }
    if model.conformal is not None:
        strange = model.conformal.p_values(model.task.probabilities(probabilities))
        said |= {
            f"as_strange_{kind}": strange[:, place]
            for place, kind in enumerate(model.conformal.classes)
        }
    if assessed:
        novelties = model.novelty.check(features, model.columns(table.dataset))
        said["outside_domain"] = np.array([one.outside for one in novelties], dtype=bool)
        said["failed_checks"] = np.array(
            [
                "; ".join(one.check for one in checks if one.outcome is Outcome.FAILED)
                for checks in physical_checks(table)
            ],
            dtype=object,
        )
    return pd.DataFrame(said)


def predict_partitions(
    model: TrainedModel,
    partitions: Sequence[Partition],
    path: Path,
    *,
    reference: Table | None = None,
    assessed: bool = False,
    cores: Cores = ONE_CORE,
    at_once: int = 32,
    progress: ProgressCallback = silent,
) -> int:
    """Predict partitions on free cores or a cluster's workers, and write what is said of them.

    Parameters
    ----------
    model, reference, assessed
        As in `score_partition`.
    partitions
        What to predict: of `partitions_by_star` each number is the one that the whole table gives.
    path
        Parquet file for the lines of `score_partition`, partition after partition.
    cores
        Where to do it.
    at_once
        How many partitions are handed out before their results are written; four times as many as
        there are workers keep these at work.
    progress
        Called with the fraction that is done and the current step.

    Returns
    -------
    int
        How many rows were predicted.
    """
    written, writer = 0, None
    try:
        for begun in range(0, len(partitions), at_once):
            some = partitions[begun : begun + at_once]

            def report(done: float, step: str, begun: int = begun, size: int = len(some)) -> None:
                progress((begun + done * size) / len(partitions), step)

            results = run_all(
                [partial(_scored, model, one, reference, assessed) for one in some],
                [
                    f"partition {begun + place + 1} of {len(partitions)}"
                    for place in range(len(some))
                ],
                cores=cores,
                progress=report,
            )
            for result in results:
                if writer is None:
                    writer = parquet.ParquetWriter(path, result.schema)
                writer.write_table(result)
                written += len(result)
            results.clear()
            give_back()
    finally:
        if writer is not None:
            writer.close()
    return written


def _scored(
    model: TrainedModel,
    partition: Partition,
    reference: Table | None,
    assessed: bool,  # noqa: FBT001 - of a partial function
    _progress: ProgressCallback,
) -> pa.Table:
    said = score_partition(model, partition, reference=reference, assessed=assessed)
    return pa.Table.from_pandas(said, preserve_index=False)
