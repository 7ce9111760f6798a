"""Reading what a job wrote about single objects, without the libraries that computed it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["prediction_rows"]


def prediction_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file that `Predictions.write` wrote, each with the fields below.

    number : int
        Position in the table, from 1.
    name, host : str
    label : str
        The most probable `Disposition`.
    actual : str or None
    probabilities : list of float
        In the order of `CLASSES`.
    temperature : float or None
        Effective temperature of the host star [K].
    values : list of float or None
        Of the model's columns, in their declared units.
    contributions : list of float
        Of the same columns to the explained output.
    base, output : float
        The explained output for the training median and for this object: `base` plus all
        contributions.
    reasons : list of str
    follow_up_rank : int or None
        Place among the objects to follow up, from 1 for the likeliest planet.
    judgement : dict
        See `mlcore.prediction.assessment.Assessment.as_json`.
    """
    number = 0
    for batch in pq.ParquetFile(path).iter_batches():
        for row in batch.to_pylist():
            number += 1
            yield {"number": number, **row, "judgement": json.loads(row["judgement"])}
