"""An analysis by its name: from a model and its rows to an answer in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mlcore._json import strict
from mlcore.analyses import of_model, of_object
from mlcore.analyses.names import Analysis
from mlcore.analyses.subject import Subject, training_rows_at_hand
from mlcore.errors import DataError
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    from mlcore.analyses.subject import AnalysedObject
    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback, StageProgress

__all__ = ["analyse", "answer"]


def analyse(
    analysis: Analysis | str,
    model: TrainedModel,
    table: Table,
    *,
    learned_from: Table | None = None,
    reference: Table | None = None,
    number: int | None = None,
    wanted: str | None = None,
    tree: int = 1,
    tested_on: str = "the given rows",
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> dict[str, Any]:
    """Look more closely at a model, or at what it says of one object.

    Parameters
    ----------
    analysis
        An `Analysis` or its name, see ``mlcore.Analysis``.
    model
        The fitted model.
    table
        Rows of a mission that it serves; those with labels where figures are compared.
    learned_from
        What the model was trained on, which most analyses need.
    reference
        The mission's whole catalogue, whose objects are the neighbours of the rows; by default
        the rows of both tables.
    number
        Place of the object in the table, from 1, for an analysis of one object.
    wanted
        The `Disposition` to look for, or whose probability to explain.
    tree
        Number of the tree whose path is told, from 1.
    tested_on
        What the rows are, in words.
    seed
        Of every random step.
    progress
        Called with the fraction that is done and the current step.

    Returns
    -------
    dict
        JSON values; see `answer`.

    Raises
    ------
    DataError
        When the analysis does not fit the model, or something that it needs is not given.

    Examples
    --------
    >>> import mlcore
    >>> model = mlcore.load_published("kepler-vetting")
    >>> table = mlcore.obtain(mlcore.DATASETS["kepler"], use_archive=False).table
    >>> answer = mlcore.analyse("needed_columns", model, table.take(range(3)))
    >>> answer["lacking"]
    []
    """
    found = _find(analysis)
    if reference is None:
        reference = table if learned_from is None else learned_from.with_rows_of(table)
    subject = Subject(
        model=model,
        table=table,
        reference=reference,
        tested_on=tested_on,
        trained_on=lambda: (
            () if learned_from is None else (training_rows_at_hand(model, learned_from, reference),)
        ),
        seed=seed,
    )
    asked = subject.object_at(number) if found.of_one_object else None
    with Progress({"Analysing": 1}, progress).stage("Analysing") as report:
        return answer(found, subject, asked, wanted=wanted, tree=tree, progress=report)


def answer(
    analysis: Analysis,
    subject: Subject,
    asked: AnalysedObject | None,
    *,
    wanted: str | None,
    tree: int,
    progress: StageProgress,
) -> dict[str, Any]:
    """Answer a question about a model or about one of its objects.

    Parameters
    ----------
    analysis
        What is asked.
    subject
        The model and its rows.
    asked
        The object, for an analysis of one.
    wanted
        The `Disposition` to look for, or whose probability to explain.
    tree
        Number of the tree whose path is told, from 1.
    progress
        Called with the fraction that is done.

    Returns
    -------
    dict
        JSON values. Every answer says what it is of: ``analysis``, ``meaning``, ``task``,
        ``model_type``, ``mark``, ``object`` where it is of one, and ``sentences``; where it holds
        figures also ``split``, ``rows``, ``stars`` and ``interval``.
    """
    if asked is None:
        found = _of_the_model(analysis, subject, progress)
    else:
        found = _of_the_object(analysis, subject, asked, wanted, tree, progress)
    told = {
        "analysis": str(analysis),
        "meaning": analysis.meaning,
        "task": subject.model.task.name,
        "model_type": subject.model.classifier.model_type.name,
        "mark": subject.model.inputs.mark,
        "object": None if asked is None else asked.as_json(),
        **found,
    }
    return cast("dict[str, Any]", strict(told))


def _find(analysis: Analysis | str) -> Analysis:
    try:
        return Analysis(analysis)
    except ValueError:
        known = ", ".join(Analysis)
        raise DataError(f"analysis was {analysis}, but it must be one of {known}.") from None


def _of_the_model(analysis: Analysis, subject: Subject, progress: StageProgress) -> dict[str, Any]:
    match analysis:
        case Analysis.DROP_COLUMNS:
            return of_model.drop_columns(subject, progress.nested)
        case Analysis.AVERAGE_REPLACEMENT:
            return of_model.average_replacement(subject, progress)
        case _:
            return of_model.needed(subject)


def _of_the_object(
    analysis: Analysis,
    subject: Subject,
    asked: AnalysedObject,
    wanted: str | None,
    tree: int,
    progress: ProgressCallback,
) -> dict[str, Any]:
    match analysis:
        case Analysis.COUNTERFACTUAL:
            return of_object.counterfactual(subject, asked, wanted)
        case Analysis.DECISION_PATH:
            return of_object.path(subject, asked, tree)
        case Analysis.PROBABILITY:
            return of_object.probability(subject, asked, wanted, progress)
        case _:
            return of_object.path_dependent(subject, asked)
