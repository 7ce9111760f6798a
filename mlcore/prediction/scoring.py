"""What is said of every row of a table, however many there are: arrays, and no object a row.

Probabilities, conformal sets, novelty, physical checks and verdicts follow from a row alone and a
fitted model, so that a table can be scored part by part with the same bits. What takes longer, such
as reasons and draws, is for the rows that somebody looks at: `mlcore.prediction.predict`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.models.blocks import steady_probabilities
from mlcore.models.novelty import Outside
from mlcore.prediction.check_outcomes import OUTCOMES, Outcome, outcomes_of
from mlcore.prediction.verdict import verdicts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.tasks import Task

__all__ = ["Scored", "follow_up_ranks", "ranks_of", "score"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Scored:
    """What is said of rows."""

    probabilities: NDArray[np.float64]
    """Calibrated, in the order of `CLASSES`, shape ``(n, 3)``."""
    p_values: NDArray[np.float64] | None
    """Of each of the task's classes, shape ``(n, k)``; None where the model has no sets."""
    sets: NDArray[np.bool_] | None
    """Which of these classes cannot be ruled out, shape ``(n, k)``."""
    outside: Outside
    failed: NDArray[np.int32]
    """Which checks a row fails, the first of `CHECKS` in the lowest bit; shape ``(n,)``."""
    unchecked: NDArray[np.int32]
    """Which checks cannot be done."""
    verdicts: NDArray[np.int8]
    """Positions in `VERDICTS`, shape ``(n,)``."""

    def __len__(self) -> int:
        return len(self.verdicts)

    @property
    def labels(self) -> NDArray[np.int64]:
        """Position of the most probable class in `CLASSES`, of equal ones the first."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @classmethod
    def joined(cls, parts: Sequence[Scored]) -> Scored:
        """Return the rows of all parts, one after the other."""
        return cls(
            **{
                field.name: _joined([getattr(part, field.name) for part in parts])
                for field in fields(cls)
            }
        )


def _joined(parts: Sequence[Any]) -> Any:
    if parts[0] is None:
        return None
    if isinstance(parts[0], Outside):
        return Outside.joined(parts)
    return np.concatenate(parts)


def score(model: TrainedModel, table: Table, features: pd.DataFrame, *, measured: bool) -> Scored:
    """Score rows.

    Parameters
    ----------
    model
        The fitted model.
    table
        The rows.
    features
        What the model sees of them, shape ``(n, p)``.
    measured
        Whether anything measured of the transits is at hand in the whole table, see
        `mlcore.prediction.verdict.transit_measured`.
    """
    probabilities = steady_probabilities(model.classifier, features)
    task, conformal = model.task, model.conformal
    of_classes = task.probabilities(probabilities)
    p_values = None if conformal is None else conformal.p_values(of_classes)
    sets = None if conformal is None or p_values is None else conformal.sets(p_values)
    ended = outcomes_of(table)
    return Scored(
        probabilities=probabilities,
        p_values=p_values,
        sets=sets,
        outside=model.novelty.outside(features, model.columns(table.dataset)),
        failed=_bits(ended == OUTCOMES.index(Outcome.FAILED)),
        unchecked=_bits(ended == OUTCOMES.index(Outcome.UNCHECKED)),
        verdicts=verdicts_of(task, of_classes, sets, measured=measured),
    )


def _bits(holds: NDArray[np.bool_]) -> NDArray[np.int32]:
    return np.asarray(holds @ (1 << np.arange(holds.shape[1], dtype=np.int32)), dtype=np.int32)


def follow_up_ranks(
    task: Task, table: Table, probabilities: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return each row's place among the objects to follow up, 0 for those that are none of them.

    Parameters
    ----------
    task
        What the model tells apart.
    table
        The rows, with or without labels.
    probabilities
        Of each of `CLASSES`, shape ``(n, 3)``.
    """
    listed = np.full(len(table), bool(task.ranked))
    if table.labels is not None:
        listed &= task.followed_up(table.labels)
    return ranks_of(task, listed, probabilities)


def ranks_of(
    task: Task, listed: NDArray[np.bool_], probabilities: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the place of each listed row, from 1 for the likeliest planet, 0 for the others."""
    order = task.follow_up(listed, task.probabilities(probabilities))
    ranks = np.zeros(len(listed), dtype=np.int64)
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks
