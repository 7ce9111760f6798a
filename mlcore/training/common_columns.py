"""Training on what the rows to be predicted have, so that no model sees an absent column.

A column that a table does not have says nothing of its objects, but a model that met the column in
training would take its absence for a measurement that failed, which is evidence. So such a model is
not asked: another one is fitted that does not see the column.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.model_selection.train_test import not_used

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.training.setup import TrainingSetup

__all__ = ["absent_columns", "on_common_columns"]


def on_common_columns(
    setup: TrainingSetup, testing: Sequence[Table]
) -> tuple[TrainingSetup, tuple[str, ...]]:
    """Leave out what the model could not read of the rows to be predicted.

    Parameters
    ----------
    setup
        What is learnt, from which rows.
    testing
        The rows to be predicted, a table a mission.

    Returns
    -------
    setup : TrainingSetup
        The same without the columns that one of the tables has no value for.
    warnings : tuple of str
        Which of the training rows' columns were not used therefore, as sentences.
    """
    inputs = setup.inputs
    lacking = inputs.unreadable(*testing)
    if not lacking:
        return setup, ()
    given = {
        name for table in setup.tables for name in table.frame if table.frame[name].notna().any()
    }
    unused = [name for name in absent_columns(lacking) if name in given]
    left = (not_used(unused),) if unused else ()
    return replace(setup, inputs=inputs.without(lacking)), left


def absent_columns(lacking: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the missions' columns behind what `Inputs.unreadable` returned, each once."""
    return tuple(dict.fromkeys(name for sources in lacking.values() for name in sources))
