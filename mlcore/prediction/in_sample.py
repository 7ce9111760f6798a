"""Whose stars a model was trained on: its answers flatter it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.tasks import find_task

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel

__all__ = ["LEARNT", "seen_in_training"]

LEARNT = "The model was trained on objects of this star, so that its answer flatters it here."
"""What is said of a single object, and of a table of one star's objects without labels."""


def seen_in_training(table: Table, published: TrainedModel) -> list[str]:
    """Return which rows are of stars that a published model was trained on, as a sentence.

    Parameters
    ----------
    table
        Rows that are predicted.
    published
        What answers.

    Returns
    -------
    list of str
        Empty where there are none.
    """
    known = published.knows(table)
    labelled = table.labels is not None
    if table.labels is not None:
        # There is no figure on a row that the model's task does not tell apart.
        known = known & find_task(published.task.name).decided(table.labels)
    rows = int(known.sum())
    if not rows:
        return []
    if not labelled and known.all() and table.hosts.nunique() == 1:
        return [LEARNT]
    warning = (
        f"{rows} of the {len(table)} predicted rows belong to host stars that the published model"
        " was trained on; the figures flatter it on these."
    )
    return [warning]
