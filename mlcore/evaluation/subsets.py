"""The figures on the rows that are fair to the model, where not all of them are.

A row that was trained on is no test, and one whose disposition no training row has can never be
right. Both stay in the predictions and in the main figures, which are of exactly these rows; how
the model does without them stands beside, and is said before anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets.equal_rows import rows_found_in
from mlcore.in_words import counted, figure
from mlcore.metrics.measure import measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.datasets.table import Table
    from mlcore.metrics.figures import Measurement
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.tasks import Task

__all__ = ["Subset", "measure_subsets"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subset:
    """The tested rows without those that are unfair to a model or flatter it."""

    name: str
    title: str
    warning: str
    """What is the matter with the other rows, as a sentence."""
    measurement: Measurement | None
    """Figures on these rows; None where none of them has a label that the task tells apart."""

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "name": self.name,
            "title": self.title,
            "warning": self.warning,
            "measurement": None if self.measurement is None else self.measurement.as_json(),
        }


def measure_subsets(
    rows: LabelledRows,
    probabilities: NDArray[np.float64],
    learned_from: Sequence[Table],
    *,
    learned_classes: Sequence[Disposition],
    task: Task,
    split: str,
    seed: int = 0,
) -> tuple[Subset, ...]:
    """Measure a model without the rows that are no fair test of it.

    Parameters
    ----------
    rows
        The tested rows, with their tables.
    probabilities
        What the model says of them, of each of `CLASSES`, shape ``(n, 3)``.
    learned_from
        The tables of the rows that it learnt from, as far as they are at hand.
    learned_classes
        The dispositions that it can answer.
    task, split, seed
        See `mlcore.metrics.measure`; `split` says which rows all of them are.

    Returns
    -------
    tuple of Subset
        Empty where every row is a fair test.
    """
    scores = task.probabilities(probabilities)

    def without(other: NDArray[np.bool_], words: str) -> Measurement | None:
        kept = ~other & task.decided(rows.labels)
        if not kept.any():
            return None
        return measure(
            rows.labels[kept],
            scores[kept],
            rows.hosts[kept],
            task=task,
            split=f"{split}, without {words}",
            seed=seed,
        )

    seen, unlearned = _seen(rows, learned_from), _unlearned(rows, learned_classes, task)
    subsets = []
    if count := int(seen.sum()):
        measurement = without(seen, f"the {count} whose values the model learnt from")
        subsets.append(
            Subset(
                name="without_learned_rows",
                title="Without rows that were trained on",
                warning=f"{_of(count, rows, ('has', 'have'))} the same measured values as a row"
                " that the model learnt from: they are no test of it, and the figures flatter it."
                f" {_beside(measurement)}",
                measurement=measurement,
            )
        )
    if count := int(unlearned.sum()):
        kinds = rows.labels[unlearned].value_counts()
        named = ", ".join(
            f"{kind.words} ({kinds[str(kind)]})" for kind in task.classes if str(kind) in kinds
        )
        measurement = without(unlearned, f"the {count} whose disposition no training row has")
        subsets.append(
            Subset(
                name="learned_classes",
                title="Rows that can be answered right",
                warning=f"{_of(count, rows, ('has', 'have'))} a disposition that no training row"
                f" has, {named}: no answer can be right there, and they count as errors."
                f" {_beside(measurement)}",
                measurement=measurement,
            )
        )
    return tuple(subsets)


def _seen(rows: LabelledRows, learned_from: Sequence[Table]) -> NDArray[np.bool_]:
    seen = [
        np.any(
            [
                rows_found_in(table.frame, other.frame, table.dataset)
                for other in learned_from
                if other.dataset is table.dataset
            ]
            or [np.zeros(len(table), dtype=bool)],
            axis=0,
        )
        for table in rows.tables
    ]
    return np.concatenate(seen) if seen else np.zeros(len(rows), dtype=bool)


def _unlearned(
    rows: LabelledRows, learned_classes: Sequence[Disposition], task: Task
) -> NDArray[np.bool_]:
    learned = rows.labels.isin([str(kind) for kind in learned_classes]).to_numpy(dtype=bool)
    return np.asarray(task.decided(rows.labels) & ~learned, dtype=bool)


def _of(count: int, rows: LabelledRows, verbs: tuple[str, str]) -> str:
    return f"{count} of the {counted(len(rows), 'tested row')} {verbs[count > 1]}"


def _beside(measurement: Measurement | None) -> str:
    if measurement is None:
        return "Without these rows there are no figures."
    accuracy = measurement.figure("accuracy")
    return (
        f"Without these rows the accuracy is {figure(accuracy.value, accuracy.low, accuracy.high)}"
        f" on {counted(measurement.rows, 'row')} of {counted(measurement.stars, 'star')}."
    )
