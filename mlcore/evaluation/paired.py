"""Several voices on the same rows: the figures of each, by its ranking and by its probability.

All are measured on the same resamples of the stars, so that they can be held against each other
(`mlcore.metrics.paired`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlcore.evaluation.voices import of_two, targets_of
from mlcore.metrics import METRICS
from mlcore.metrics.figures import Figure
from mlcore.metrics.paired import bounded
from mlcore.metrics.weighted import LabelledScores
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.metrics.resampling import Resampled, StarResamples
    from mlcore.tasks import Task

__all__ = ["COMPARED", "figures_of", "measured_voice"]

_RANKING = ("roc_auc", "average_precision", "recall_at_99_precision")
COMPARED = (*_RANKING, "log_loss")
"""Metrics in which the voices are held against each other."""
_OF_PLANETS = ("precision", "recall")
"""Metrics of the planets at even odds, which are told of each voice."""


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
            (*COMPARED, *_OF_PLANETS), bounded(resampled, stars), strict=True
        )
    ]
