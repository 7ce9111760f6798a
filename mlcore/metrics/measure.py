"""Measure probabilities against the true labels of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.metrics.figures import METRICS, Confusion, Figure, Measurement
from mlcore.metrics.resampling import RESAMPLES, intervals, star_codes, star_weights
from mlcore.metrics.weighted import WeightedFigures
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.metrics.weighted import Key
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
    targets, found = targets[decided], np.asarray(probabilities, dtype=np.float64)[decided]
    codes, stars = star_codes(np.asarray(hosts, dtype=object)[decided])
    keys = _keys(task, METRICS if metrics is None else metrics)
    count = len(task.classes)
    values = np.full(len(keys), np.nan)
    low, high = values.copy(), values.copy()
    cells = np.zeros(count * count)
    cells_low, cells_high = np.full((2, count * count), np.nan)
    if len(targets):
        weighted = WeightedFigures(task, targets, found)
        figures, confusion = weighted.under(np.ones((1, len(targets))))
        values = np.array([figures[key][0] for key in keys])
        cells = confusion[0].ravel()
        if stars > 1 and resamples:
            parts = [
                _stacked(weighted, keys, weights)
                for weights in star_weights(codes, stars, resamples=resamples, seed=seed)
            ]
            every = np.append(values, cells)
            noisy = np.array([METRICS[name].grows_with_noise for name, _ in keys])
            reflected = np.append(noisy, np.zeros(len(cells), dtype=bool))
            lows, highs = intervals(every, np.concatenate(parts), reflected=reflected)
            low, high = lows[: len(keys)], highs[: len(keys)]
            cells_low, cells_high = lows[len(keys) :], highs[len(keys) :]
    present = np.bincount(targets, minlength=count) > 0
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
                name=name,
                of=of,
                value=_number(values[i]),
                low=_number(low[i]),
                high=_number(high[i]),
                rows=len(targets),
                stars=stars,
                split=split,
                note=_note(of, values[i], low[i], stars=stars, present=present, task=task),
            )
            for i, (name, of) in enumerate(keys)
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
        msg = "each row of probabilities must be finite, not negative and sum to 1"
        raise ValueError(msg)


def _keys(task: Task, metrics: Collection[str]) -> list[Key]:
    if unknown := sorted(set(metrics) - set(METRICS)):
        msg = f"there is no metric {', '.join(unknown)}"
        raise ValueError(msg)
    keys: list[Key] = []
    for name in METRICS:
        if name not in metrics:
            continue
        keys.append((name, None))
        if METRICS[name].per_class:
            keys += [(name, each) for each in task.classes]
    return keys


def _stacked(
    weighted: WeightedFigures, keys: list[Key], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    figures, confusion = weighted.under(weights)
    columns = [figures[key] for key in keys]
    return np.column_stack([*columns, confusion.reshape(len(weights), -1)])


def _note(
    of: Disposition | None,
    value: float,
    low: float,
    *,
    stars: int,
    present: NDArray[np.bool_],
    task: Task,
) -> str | None:
    """Say why a value or its interval is missing."""
    if np.isfinite(low):
        return None
    if np.isfinite(value):
        return no_interval(stars)
    occurring = [each for each, occurs in zip(task.classes, present, strict=True) if occurs]
    if not occurring:
        return "No row has a true label that this task tells apart."
    if len(occurring) == 1 and of in {None, *occurring}:
        return f"Not defined: every row's true label is {_spoken(occurring[0])}."
    return f"Not defined: no row's true label is {_spoken(of or PLANET)}."


def no_interval(stars: int) -> str:
    """Return why a figure that is defined has no interval, as a sentence."""
    why = "all rows are of one star" if stars < 2 else "too few resamples have every class"
    return f"There is no interval: {why}."


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _matrix(cells: NDArray[np.float64], count: int) -> tuple[tuple[float, ...], ...] | None:
    if not np.isfinite(cells).all():
        return None
    return tuple(tuple(float(cell) for cell in row) for row in cells.reshape(count, count))


def _spoken(kind: Disposition) -> str:
    return kind.replace("_", " ")
