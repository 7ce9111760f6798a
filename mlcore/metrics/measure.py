"""Measure probabilities against the true labels of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore._json import strict
from mlcore.metrics.figures import Confusion, Figure, Measurement
from mlcore.metrics.registry import METRICS
from mlcore.metrics.resampling import RESAMPLES, StarResamples
from mlcore.metrics.weighted import LabelledScores
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.tasks import Labels, Task

__all__ = ["check_probabilities", "measure", "no_interval"]


def measure(
    labels: Labels,
    probabilities: NDArray[np.float64],
    hosts: pd.Series[str] | Sequence[str],
    *,
    task: Task,
    split: str,
    metrics: Collection[str] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Measurement:
    """Measure the rows whose true label the task tells apart; the others do not count.

    Parameters
    ----------
    labels
        True `Disposition` of each row, missing where it is not known, shape ``(n,)``.
    probabilities
        Probability of each of the task's classes, shape ``(n, k)``, rows summing to 1.
    hosts
        Name of each row's host star, shape ``(n,)``: the intervals resample stars.
    task
        What was told apart.
    split
        Which rows these are, in words; it stands in each figure.
    metrics
        Names of the `METRICS` wanted; all of them by default.
    resamples, seed
        How many resamples the intervals come from, and the seed that draws them.

    Returns
    -------
    Measurement
        A figure that is not defined on these rows has the value None and says why.
    """
    check_probabilities(probabilities, rows=len(labels), classes=len(task.classes))
    targets = task.targets(labels)
    decided = targets >= 0
    targets, stated = targets[decided], np.asarray(probabilities, dtype=np.float64)[decided]
    drawn = StarResamples(np.asarray(hosts, dtype=object)[decided], resamples=resamples, seed=seed)
    if unknown := sorted(set(metrics or ()) - set(METRICS)):
        raise ValueError(f"there is no metric {', '.join(unknown)}")
    wanted = [metric for name, metric in METRICS.items() if metrics is None or name in metrics]
    keys = [
        (metric, of)
        for metric in wanted
        for of in (None, *(task.classes if metric.per_class else ()))
    ]
    count = len(task.classes)
    values, low, high = np.full((3, len(keys) + count * count), np.nan)
    values[len(keys) :] = 0
    if len(targets):
        rows = LabelledScores(classes=task.classes, targets=targets, probabilities=stated)

        def measured(weights: NDArray[np.float64]) -> NDArray[np.float64]:
            scores = rows.under(weights)
            columns = [values for metric in wanted for values in metric.figures(scores).values()]
            return np.column_stack([*columns, scores.confusion.reshape(len(weights), -1)])

        resampled = drawn.figures(measured)
        noisy = np.array([metric.grows_with_noise for metric, _ in keys])
        reflected = np.append(noisy, np.zeros(count * count, dtype=bool))
        values = resampled.values
        low, high = resampled.bounds(reflected=reflected)
    stars = drawn.stars
    cells, cells_low, cells_high = (part[len(keys) :] for part in (values, low, high))
    occurring = [kind for place, kind in enumerate(task.classes) if (targets == place).any()]
    return Measurement(
        task=task.name,
        classes=task.classes,
        rows=len(targets),
        stars=stars,
        split=split,
        resamples=resamples,
        seed=seed,
        figures=tuple(
            Figure(
                name=metric.name,
                of=of,
                value=value,
                low=begin,
                high=end,
                rows=len(targets),
                stars=stars,
                split=split,
                note=_note(of, value, begin, stars, occurring),
            )
            for (metric, of), value, begin, end in zip(
                keys, strict(values), strict(low), strict(high), strict=False
            )
        ),
        confusion=Confusion(
            classes=task.classes,
            counts=tuple(tuple(int(n) for n in row) for row in cells.reshape(count, count)),
            low=_matrix(cells_low, count),
            high=_matrix(cells_high, count),
            note=None if np.isfinite(cells_low).all() else no_interval(stars),
        ),
    )


def check_probabilities(probabilities: NDArray[np.float64], *, rows: int, classes: int) -> None:
    """Refuse what are not the probabilities of a task's classes.

    Raises
    ------
    ValueError
        When the shape differs from ``(rows, classes)``, or a row is not finite or does not sum
        to 1.
    """
    if probabilities.shape != (rows, classes):
        msg = f"probabilities have shape {probabilities.shape}, expected ({rows}, {classes})"
        raise ValueError(msg)
    # NaN fails every comparison.
    sums_to_one = np.abs(probabilities.sum(axis=1) - 1) < 1e-6
    if not (sums_to_one & (probabilities >= 0).all(axis=1)).all():
        raise ValueError("each row of probabilities must be finite, not negative and sum to 1")


def _note(
    of: Disposition | None,
    value: float | None,
    low: float | None,
    stars: int,
    occurring: Sequence[Disposition],
) -> str | None:
    """Say why a value or its interval is missing."""
    if low is not None:
        return None
    if value is not None:
        return no_interval(stars)
    if not occurring:
        return "No row has a true label that this task tells apart."
    if len(occurring) == 1 and of in {None, *occurring}:
        return f"Not defined: every row's true label is {occurring[0].words}."
    return f"Not defined: no row's true label is {(of or PLANET).words}."


def no_interval(stars: int) -> str:
    """Return why a figure that is defined has no interval, as a sentence."""
    why = "all rows are of one star" if stars < 2 else "too few resamples have every class"
    return f"There is no interval: {why}."


def _matrix(cells: NDArray[np.float64], count: int) -> tuple[tuple[float, ...], ...] | None:
    if not np.isfinite(cells).all():
        return None
    return tuple(tuple(float(cell) for cell in row) for row in cells.reshape(count, count))
