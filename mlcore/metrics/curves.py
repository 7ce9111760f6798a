"""Curves of a score: ROC, precision against recall, stated against observed probability."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.metrics.measure import check_probabilities
from mlcore.metrics.ranking import rank
from mlcore.metrics.resampling import RESAMPLES, intervals, star_codes, star_weights
from mlcore.metrics.weighted import BINS, calibration_bins
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.tasks import Labels, Task

__all__ = ["MOST_POINTS", "Curve", "Curves", "ReliabilityBin", "curves"]

MOST_POINTS = 200
"""How many points of a curve are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Curve:
    """Points of a curve for one class against the others, from the highest threshold down."""

    of: Disposition
    x: tuple[float, ...]
    y: tuple[float, ...]
    threshold: tuple[float | None, ...]
    """Lowest probability taken at each point; None where nothing is taken."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Curves:
    """The curves of one set of rows."""

    rows: int
    stars: int
    split: str
    roc: tuple[Curve, ...]
    """False positive rate (x) and recall (y)."""
    precision_recall: tuple[Curve, ...]
    """Recall (x) and precision (y)."""
    reliability: tuple[ReliabilityBin, ...]
    """Bins that have rows, class by class, in rising order."""

    def as_json(self) -> dict[str, Any]:
        """Return the curves as JSON values."""
        return asdict(self)


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
    targets, found = targets[decided], np.asarray(probabilities, dtype=np.float64)[decided]
    codes, stars = star_codes(np.asarray(hosts, dtype=object)[decided])
    drawn = (PLANET,) if len(task.classes) == 2 else task.classes
    roc, precision_recall, reliability = [], [], []
    for of in drawn:
        place = task.classes.index(of)
        positive, scores = targets == place, found[:, place]
        if positive.any() and not positive.all():
            roc.append(_roc(of, scores, positive))
            precision_recall.append(_precision_recall(of, scores, positive))
        if len(targets):
            reliability += _reliability(of, scores, positive, codes, stars, resamples, seed)
    return Curves(
        rows=len(targets),
        stars=stars,
        split=split,
        roc=tuple(roc),
        precision_recall=tuple(precision_recall),
        reliability=tuple(reliability),
    )


def _roc(of: Disposition, scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> Curve:
    ranking = rank(scores, positive)
    at = ranking.under(np.ones((1, len(scores))))
    x = np.append(0.0, at.false_positive_rate[0])
    y = np.append(0.0, at.recall[0])
    return _thinned(of, x, y, np.append(np.nan, ranking.scores))


def _precision_recall(
    of: Disposition, scores: NDArray[np.float64], positive: NDArray[np.bool_]
) -> Curve:
    ranking = rank(scores, positive)
    at = ranking.under(np.ones((1, len(scores))))
    return _thinned(of, at.recall[0], at.precision[0], ranking.scores)


def _thinned(
    of: Disposition,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    threshold: NDArray[np.float64],
) -> Curve:
    """Keep both ends and points that divide the curve's length evenly."""
    kept = np.arange(len(x))
    if len(x) > MOST_POINTS:
        steps = np.hypot(np.diff(x), np.diff(y))
        length = np.append(0.0, np.cumsum(steps))
        wanted = np.linspace(0.0, length[-1], MOST_POINTS)
        kept = np.unique(np.minimum(np.searchsorted(length, wanted), len(x) - 1))
        kept = np.unique(np.concatenate([[0], kept[:-1], [len(x) - 1]]))
    return Curve(
        of=of,
        x=tuple(x[kept].tolist()),
        y=tuple(y[kept].tolist()),
        threshold=tuple(None if np.isnan(each) else float(each) for each in threshold[kept]),
    )


def _reliability(
    of: Disposition,
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    codes: NDArray[np.int64],
    stars: int,
    resamples: int,
    seed: int,
) -> list[ReliabilityBin]:
    bins = calibration_bins(scores)
    inside = np.eye(BINS)[bins]
    both = np.column_stack([inside, inside * positive[:, None]])
    observed = _shares(np.ones((1, len(scores))) @ both)
    low = high = np.full(BINS, np.nan)
    if stars > 1 and resamples:
        drawn = star_weights(codes, stars, resamples=resamples, seed=seed)
        low, high = intervals(
            observed[0], np.concatenate([_shares(weights @ both) for weights in drawn])
        )
    found = []
    for place in np.unique(bins):
        here = bins == place
        sure = np.isfinite(low[place])
        found.append(
            ReliabilityBin(
                of=of,
                begin=place / BINS,
                end=(place + 1) / BINS,
                stated=float(scores[here].mean()),
                observed=float(observed[0, place]),
                low=float(low[place]) if sure else None,
                high=float(high[place]) if sure else None,
                rows=int(here.sum()),
                stars=len(np.unique(codes[here])),
            )
        )
    return found


def _shares(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, true = sums[:, :BINS], sums[:, BINS:]
    shares: NDArray[np.float64] = np.full(rows.shape, np.nan)
    return np.divide(true, rows, out=shares, where=rows > 0)
