"""Several voices on the same rows: the figures of each, and by how much one is above another.

Both are measured on the same resamples of the stars, so that an interval of their difference holds
what they share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mlcore._json import strict
from mlcore.evaluation.voices import of_two, targets_of
from mlcore.metrics import METRICS
from mlcore.metrics.figures import Figure
from mlcore.metrics.measure import no_interval
from mlcore.metrics.weighted import LabelledScores
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.metrics.resampling import Resampled, StarResamples
    from mlcore.tasks import Task

__all__ = ["COMPARED", "Difference", "differences", "figures_of", "measured_voice"]

_RANKING = ("roc_auc", "average_precision", "recall_at_99_precision")
COMPARED = (*_RANKING, "log_loss")
"""Metrics in which the voices are held against each other."""
_OF_PLANETS = ("precision", "recall")
"""Metrics of the planets at even odds, which are told of each voice."""


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


def measured_voice(
    ranking: NDArray[np.float64],
    probability: NDArray[np.float64],
    planet: NDArray[np.bool_],
    drawn: StarResamples,
    task: Task,
) -> Resampled:
    """Measure `COMPARED` and `_OF_PLANETS` of one voice.

    Parameters
    ----------
    ranking, probability
        By what it ranks rows, between 0 and 1, and its probability of a planet, which the other
        figures are of; shape ``(n,)`` each.
    planet
        Which rows are planets, shape ``(n,)``.
    drawn
        Resamples of the rows.
    task
        A task of two classes.
    """
    targets = targets_of(planet, task)
    by_rank, by_chance = (
        LabelledScores(classes=task.classes, targets=targets, probabilities=of_two(values, task))
        for values in (ranking, probability)
    )

    def measured(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        ranked, stated = by_rank.under(weights), by_chance.under(weights)
        return np.column_stack(
            [
                *(METRICS[name].of_task(ranked) for name in _RANKING),
                METRICS["log_loss"].of_task(stated),
                *(METRICS[name].figures(stated)[PLANET] for name in _OF_PLANETS),
            ]
        )

    return drawn.figures(measured)


def figures_of(resampled: Resampled, *, rows: int, stars: int, split: str) -> list[Figure]:
    """Return a voice's figures with their intervals."""
    return [
        Figure(
            name=name,
            of=PLANET if name in _OF_PLANETS else None,
            value=value,
            low=begin,
            high=end,
            rows=rows,
            stars=stars,
            split=split,
            note=note,
        )
        for name, (value, begin, end, note) in zip(
            (*COMPARED, *_OF_PLANETS), _bounded(resampled, stars), strict=True
        )
    ]


def differences(
    of: str, against: str, measured: dict[str, Resampled], *, stars: int
) -> list[Difference]:
    """Return by how much one voice is above another in each of `COMPARED`."""
    apart = measured[of] - measured[against]
    return [
        Difference(
            of=of,
            against=against,
            name=name,
            value=value,
            low=begin,
            high=end,
            note=note,
        )
        for name, (value, begin, end, note) in zip(COMPARED, _bounded(apart, stars), strict=False)
    ]


def _bounded(
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
