"""By how much one model's figures are above another's, on the same rows and the same resamples.

Two models err on the same hard stars. Each figure's own interval holds the luck of which stars were
drawn, which both share; measured on the same resamples it is taken off their difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mlcore._json import strict
from mlcore.metrics.figures import Figure
from mlcore.metrics.measure import check_probabilities, no_interval
from mlcore.metrics.registry import METRICS
from mlcore.metrics.resampling import RESAMPLES, StarResamples
from mlcore.metrics.weighted import LabelledScores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.metrics.resampling import Resampled
    from mlcore.tasks import Labels, Task

__all__ = ["Difference", "PairedFigures", "bounded", "differences", "paired_figures"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """By how much one voice's figure is above another's, on the same rows."""

    of: str
    against: str
    name: str
    """Name of the metric."""
    value: float | None
    low: float | None
    """Bounds of the 95 % interval of the difference, both measured on the same resamples."""
    high: float | None
    note: str | None = None
    """Why there is no interval, as a sentence."""

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out that both are alike."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedFigures:
    """Figures of several models on the same rows."""

    rows: int
    stars: int
    resamples: int
    figures: Mapping[str, Sequence[Figure]]
    """Of each model, in the order of the metrics asked for."""
    differences: Sequence[Difference]
    """Of each model but the first against the first, metric by metric."""


def paired_figures(
    labels: Labels,
    stated: Mapping[str, NDArray[np.float64]],
    hosts: Sequence[str],
    *,
    task: Task,
    metrics: Sequence[str],
    split: str,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> PairedFigures:
    """Measure several models on the rows whose true label the task tells apart.

    Parameters
    ----------
    labels, hosts
        Disposition and host star of each row.
    stated
        The probabilities of the task's classes that each model states, shape ``(n, k)``; the others
        are held against the first.
    task
        What is told apart.
    metrics
        Names of metrics of the whole task that noise does not raise.
    split
        Which rows, in words.
    resamples, seed
        Of the host stars: the same ones for each model.

    Raises
    ------
    ValueError
        When what is stated is no probability of each class of each row.
    """
    targets = task.targets(labels)
    decided = targets >= 0
    drawn = StarResamples(
        np.asarray(hosts, dtype=object)[decided], resamples=resamples, seed=seed, kept=True
    )
    measured = {}
    for whose, probabilities in stated.items():
        check_probabilities(probabilities, rows=len(targets), classes=len(task.classes))
        rows = LabelledScores(
            classes=task.classes,
            targets=targets[decided],
            probabilities=probabilities[decided],
        )
        measured[whose] = drawn.figures(partial(_measured, rows, metrics))
    count, stars = int(decided.sum()), drawn.stars
    first, *others = measured
    return PairedFigures(
        rows=count,
        stars=stars,
        resamples=resamples,
        figures={
            whose: [
                Figure(
                    name=name,
                    value=value,
                    low=low,
                    high=high,
                    rows=count,
                    stars=stars,
                    split=split,
                    note=note,
                )
                for name, (value, low, high, note) in zip(
                    metrics, bounded(resampled, stars), strict=True
                )
            ]
            for whose, resampled in measured.items()
        },
        differences=[
            one
            for whose in others
            for one in differences(whose, first, measured, metrics=metrics, stars=stars)
        ],
    )


def differences(
    of: str, against: str, measured: Mapping[str, Resampled], *, metrics: Sequence[str], stars: int
) -> list[Difference]:
    """Return by how much one voice is above another in each of the metrics, their first figures."""
    apart = measured[of] - measured[against]
    return [
        Difference(of=of, against=against, name=name, value=value, low=low, high=high, note=note)
        for name, (value, low, high, note) in zip(metrics, bounded(apart, stars), strict=False)
    ]


def bounded(
    resampled: Resampled, stars: int
) -> list[tuple[float | None, float | None, float | None, str | None]]:
    """Return each figure with the bounds of its interval, or why it has none."""
    low, high = resampled.bounds()
    return [
        (value, begin, end, None if begin is not None else no_interval(stars))
        for value, begin, end in zip(
            strict(resampled.values), strict(low), strict(high), strict=True
        )
    ]


def _measured(
    rows: LabelledScores, metrics: Sequence[str], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    scores = rows.under(weights)
    return np.column_stack([METRICS[name].of_task(scores) for name in metrics])
