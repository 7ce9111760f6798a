"""Shares of signals that something is true of, resampled by host star."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.rows import BenchmarkRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from mlcore.benchmark.rows import Aim

__all__ = ["interval_of_share", "line_of", "share"]

_RESAMPLES = 1000
_TAILS = (0.025, 0.975)


def share(
    aim: Aim, hits: ArrayLike, hosts: Sequence[str], *, cell: tuple[str, str] | None = None
) -> BenchmarkRow:
    """Return the line of a share with its interval, from resamples of the stars.

    Parameters
    ----------
    aim
        What the share is of; it has one bar.
    hits
        Whether it is true of each signal, shape ``(n,)``.
    hosts
        Host star of each, shape ``(n,)``.
    cell
        Line and column of a map.
    """
    true = np.asarray(hits, dtype=np.float64)
    if not len(true):
        return line_of(aim, None, 0, cell=cell)
    return line_of(
        aim, float(true.mean()), len(true), interval=interval_of_share(true, hosts), cell=cell
    )


def line_of(
    aim: Aim,
    value: float | None,
    rows: int,
    *,
    interval: tuple[float, float] | None = None,
    cell: tuple[str, str] | None = None,
) -> BenchmarkRow:
    """Return the line of an aim with one bar.

    Parameters
    ----------
    aim
        What was measured.
    value
        None where it is not defined.
    rows
        How many it is measured on.
    interval, cell
        As in `BenchmarkRow`.
    """
    (bar,) = aim.bars
    return BenchmarkRow(
        name=aim.name,
        task=aim.task,
        features=aim.features,
        metric=bar.metric,
        value=value,
        interval=interval,
        bar=bar.value,
        at_most=bar.at_most,
        rows=rows,
        note=aim.note,
        cell=cell,
    )


def interval_of_share(hits: ArrayLike, hosts: Sequence[str]) -> tuple[float, float]:
    """Return the bounds of a share's 95 % interval, stars drawn with replacement."""
    true = np.asarray(hits, dtype=np.float64)
    _, star = np.unique(np.asarray(hosts), return_inverse=True)
    stars = int(star.max()) + 1
    total, count = np.bincount(star, true), np.bincount(star)
    drawn = np.random.default_rng(0).integers(0, stars, (_RESAMPLES, stars))
    shares = total[drawn].sum(axis=1) / count[drawn].sum(axis=1)
    low, high = np.quantile(shares, _TAILS)
    return float(low), float(high)
