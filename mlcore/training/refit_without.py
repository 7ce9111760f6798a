"""A model for a table that lacks columns: fitted anew on exactly those that are at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlcore.errors import DataError
from mlcore.evaluation.fewer_columns import FewerColumns
from mlcore.in_words import names
from mlcore.models.model_types import model_type
from mlcore.tasks import find_task
from mlcore.training.common_columns import absent_columns
from mlcore.training.fine_tune import figures_of_model
from mlcore.training.learning import fit_model
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.run import RunContext

__all__ = ["RefitRows", "refit_without", "unreadable"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RefitRows:
    """The rows of a mission that a model is fitted anew on and tested on."""

    training: Table
    testing: Table | None
    """Rows of other stars, with labels; None where there are none."""
    catalogue: Table
    """The whole table that surrounds both."""
    words: str
    """What they are, such as "the training rows of the Kepler table of 2025-10-04"."""
    split: str
    """Which rows `testing` are, in words."""


def unreadable(model: TrainedModel, tables: Sequence[Table]) -> dict[str, tuple[str, ...]]:
    """Return the model's columns that one of the tables has nothing to read from.

    Parameters
    ----------
    model
        The fitted model.
    tables
        Rows of missions that it serves.

    Returns
    -------
    dict
        For each such column the mission's columns that are lacking; see `Inputs.unreadable`.
    """
    return {
        name: sources
        for name, sources in model.inputs.unreadable(*tables).items()
        if name in model.classifier.columns
    }


def refit_without(
    model: TrainedModel,
    lacking: Mapping[str, Collection[str]],
    sources: Sequence[RefitRows],
    run: RunContext,
) -> tuple[TrainedModel, FewerColumns]:
    """Fit a model anew that does not see the columns which a table lacks.

    Type, task, hyperparameters and seed stay; the probabilities are calibrated and the sets of
    answers learnt anew, on held-out stars, as they are for any model.

    Parameters
    ----------
    model
        The model with all its columns.
    lacking
        What `unreadable` returned for the table.
    sources
        The rows to learn from, a source a mission; the first one's test rows tell what it costs.
    run
        Its seed has no effect: everybody who lacks the same columns gets the same model.

    Returns
    -------
    model : TrainedModel
    fewer : FewerColumns

    Raises
    ------
    DataError
        When no column is left, or a source lacks one that is.
    """
    classifier = model.classifier
    left = [name for name in classifier.columns if name not in lacking]
    absent = absent_columns(lacking)
    if not left:
        raise DataError(
            f"Without {names(absent)} the table has nothing that the model could learn from."
        )
    for source in sources:
        gone = sorted(set(left) & set(model.inputs.unreadable(source.training)))
        if gone:
            raise DataError(
                f"The model cannot be fitted anew without {names(absent)}: the mission's table on"
                f" this server lacks {names(gone)} itself."
            )
    run = replace(run, seed=classifier.seed)
    kind = model_type(classifier.model_type.name)
    if kind.searches:
        run = run.within(classifier.hyperparameters["time_budget"])
    setup = TrainingSetup(
        model_type=kind.name,
        tables=[source.training for source in sources],
        task=find_task(model.task.name),
        hyperparameters=classifier.hyperparameters,
        inputs=model.inputs.without(lacking),
        references={source.training.dataset.name: source.catalogue for source in sources},
    )
    refit = fit_model(setup, run=run).model
    first = sources[0]
    tested = first.testing
    if tested is not None:
        unseen = ~model.knows(tested) & ~refit.knows(tested) & model.inputs.may_learn_from(tested)
        tested = tested.take(unseen)
    before, after = (
        None
        if tested is None
        else figures_of_model(
            measured,
            tested,
            reference=first.catalogue,
            split=model.inputs.marked(first.split),
            seed=classifier.seed,
        )
        for measured in (model, refit)
    )
    return refit, FewerColumns(
        lacking=absent,
        left_out=tuple(lacking),
        fitted_on="; ".join(source.words for source in sources),
        train_rows=refit.train_rows,
        before=before,
        after=after,
    )
