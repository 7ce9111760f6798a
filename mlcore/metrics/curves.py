"""Curves of a score: ROC, precision against recall, stated against observed probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore._json import json_of, strict
from mlcore.metrics.figures import interval_in_words
from mlcore.metrics.measure import check_probabilities
from mlcore.metrics.ranking import rank, ratio
from mlcore.metrics.resampling import RESAMPLES, StarResamples, intervals
from mlcore.metrics.weighted import BINS, calibration_bins
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.metrics.ranking import Ranking
    from mlcore.tasks import Labels, Task

__all__ = ["MOST_POINTS", "Curve", "Curves", "ReliabilityBin", "curves"]

MOST_POINTS = 200
"""How many points of a curve are kept."""

_ROUNDING = 1e-9
"""How far a ratio of whole numbers may lie from one that it equals."""
_UNREACHED = "A point has no interval where too few resamples of the host stars reach it."
_UNSURE = (
    "There is no interval: too few resamples have an object whose probability is in this range."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Points of a curve for one class against the others, from the highest threshold down."""

    of: Disposition
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float | None, ...]
    """Bounds of the 95 % interval of `y` at this `x`, resampled by host star; None: none."""
    high: tuple[float | None, ...]
    threshold: tuple[float | None, ...]
    """Lowest probability taken at each point; None where nothing is taken."""
    note: str | None = None
    """Why a point has no interval, as a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReliabilityBin:
    """How often a stated probability came true."""

    of: Disposition
    begin: float
    end: float
    stated: float
    """Mean of the stated probabilities in ``[begin, end)``."""
    observed: float
    """Share of these rows that are of the class."""
    low: float | None
    """Bounds of the 95 % interval of `observed`, resampled by host star."""
    high: float | None
    rows: int
    stars: int
    note: str | None = None
    """Why there is no interval, as a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Curves:
    """The curves of one set of rows."""

    rows: int
    stars: int
    split: str
    resamples: int
    roc: tuple[Curve, ...]
    """False positive rate (x) and recall (y)."""
    precision_recall: tuple[Curve, ...]
    """Recall (x) and precision (y)."""
    reliability: tuple[ReliabilityBin, ...]
    """Bins that have rows, class by class, in rising order."""

    def as_json(self) -> dict[str, Any]:
        """Return the curves as JSON values."""
        return json_of(self) | {"interval": interval_in_words(self.resamples)}


def curves(
    labels: Labels,
    probabilities: NDArray[np.float64],
    hosts: pd.Series[str] | Sequence[str],
    *,
    task: Task,
    split: str,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Curves:
    """Draw the curves of the rows whose true label the task tells apart.

    Parameters
    ----------
    labels, probabilities, hosts, task, split, resamples, seed
        As in `mlcore.metrics.measure`.

    Returns
    -------
    Curves
        Of planets for two classes, of each class against the others for three; a class that has
        no rows, or all of them, has no ROC and no precision-recall curve.
    """
    check_probabilities(probabilities, rows=len(labels), classes=len(task.classes))
    targets = task.targets(labels)
    decided = targets >= 0
    targets, stated = targets[decided], np.asarray(probabilities, dtype=np.float64)[decided]
    drawn = StarResamples(
        np.asarray(hosts, dtype=object)[decided], resamples=resamples, seed=seed, kept=True
    )
    shown = (PLANET,) if len(task.classes) == 2 else task.classes
    roc, precision_recall, reliability = [], [], []
    for of in shown:
        place = task.classes.index(of)
        positive, scores = targets == place, stated[:, place]
        if positive.any() and not positive.all():
            both = _both(of, rank(scores, positive), drawn)
            roc.append(both[0])
            precision_recall.append(both[1])
        if len(targets):
            reliability += _reliability(of, scores, positive, drawn)
    return Curves(
        rows=len(targets),
        stars=drawn.stars,
        split=split,
        resamples=resamples,
        roc=tuple(roc),
        precision_recall=tuple(precision_recall),
        reliability=tuple(reliability),
    )


def _both(of: Disposition, ranking: Ranking, resamples: StarResamples) -> tuple[Curve, Curve]:
    """Return the ROC and the precision-recall curve, with what they are in each resample."""
    at = ranking.under(np.ones((1, len(ranking.order))))
    rate, recall = np.append(0.0, at.false_positive_rate[0]), np.append(0.0, at.recall[0])
    roc = _thinned(rate, recall)
    precise = _thinned(recall[1:], at.precision[0])
    recalls: list[NDArray[np.float64]] = []
    precisions: list[NDArray[np.float64]] = []
    for weights in resamples.weights():
        drawn = ranking.under(weights)
        rates = zip(drawn.false_positive_rate, drawn.recall, strict=True)
        for place, (false, true) in enumerate(rates):
            if np.isnan(true[-1]) or np.isnan(false[-1]):
                continue  # no row of the class, or of no other, was drawn
            # The highest recall that takes at most this share of the other rows.
            allowed = np.searchsorted(false, rate[roc] + _ROUNDING, "right")
            recalls.append(np.append(0.0, true)[allowed])
            # The precision at the highest threshold that has at least this recall.
            reached = np.searchsorted(true, recall[1:][precise] - _ROUNDING, "left")
            reached = np.minimum(reached, len(true) - 1)
            found = drawn.true[place, reached]
            precisions.append(ratio(found, found + drawn.false[place, reached]))
    return (
        _curve(of, rate[roc], recall[roc], np.append(np.nan, ranking.scores)[roc], recalls),
        _curve(
            of, recall[1:][precise], at.precision[0][precise], ranking.scores[precise], precisions
        ),
    )


def _curve(
    of: Disposition,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    threshold: NDArray[np.float64],
    replicates: list[NDArray[np.float64]],
) -> Curve:
    """Return a curve with the interval of `y` that the resamples give at each `x`."""
    low, high = intervals(y, np.reshape(replicates, (-1, len(x))))
    return Curve(
        of=of,
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        low=tuple(strict(low)),
        high=tuple(strict(high)),
        threshold=tuple(strict(threshold)),
        note=None if np.isfinite(low).all() else _UNREACHED,
    )


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the places of both ends and of points that divide the curve's length evenly."""
    kept = np.arange(len(x))
    if len(x) > MOST_POINTS:
        length = np.append(0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
        wanted = np.linspace(0.0, length[-1], MOST_POINTS)
        kept = np.unique(np.minimum(np.searchsorted(length, wanted), len(x) - 1))
        kept = np.unique(np.concatenate([[0], kept[:-1], [len(x) - 1]]))
    return kept


def _reliability(
    of: Disposition,
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    resamples: StarResamples,
) -> list[ReliabilityBin]:
    bins = calibration_bins(scores)
    inside = np.eye(BINS)[bins]
    both = np.column_stack([inside, inside * positive[:, None]])

    def shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = weights @ both
        return ratio(sums[:, BINS:], sums[:, :BINS])

    resampled = resamples.figures(shares)
    low, high = map(strict, resampled.bounds())
    reliability = []
    for place in np.unique(bins).tolist():
        here = bins == place
        reliability.append(
            ReliabilityBin(
                of=of,
                begin=place / BINS,
                end=(place + 1) / BINS,
                stated=float(scores[here].mean()),
                observed=float(resampled.values[place]),
                low=low[place],
                high=high[place],
                rows=int(here.sum()),
                stars=len(np.unique(resamples.codes[here])),
                note=_UNSURE if low[place] is None else None,
            )
        )
    return reliability
