"""An analysis by its name: from a model and its rows to an answer in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mlcore._json import strict
from mlcore.analyses import of_model, of_object
from mlcore.analyses.names import Analysis, Question
from mlcore.analyses.subject import Subject, training_rows_at_hand
from mlcore.errors import DataError
from mlcore.progress import Progress, silent

if TYPE_CHECKING:
    from mlcore.analyses.subject import AnalysedObject
    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel
    from mlcore.progress import ProgressCallback

__all__ = ["analyse", "answer"]


def analyse(
    question: Question | Analysis | str,
    model: TrainedModel,
    table: Table,
    *,
    learned_from: Table | None = None,
    reference: Table | None = None,
    number: int | None = None,
    seed: int = 0,
    progress: ProgressCallback = silent,
) -> dict[str, Any]:
    """Look more closely at a model, or at what it says of one object.

    Parameters
    ----------
    question
        An `Analysis` or its name, see ``mlcore.Analysis``; a `Question` where more is asked.
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
    if not isinstance(question, Question):
        question = Question(analysis=_find(question), number=number)
    if reference is None:
        reference = table if learned_from is None else learned_from.with_rows_of(table)
    subject = Subject(
        model=model,
        table=table,
        reference=reference,
        tested_on="the given rows",
        trained_on=lambda: (
            () if learned_from is None else (training_rows_at_hand(model, learned_from, reference),)
        ),
        seed=seed,
    )
    return answer(question, subject, progress)


def answer(question: Question, subject: Subject, progress: ProgressCallback) -> dict[str, Any]:
    """Answer a question about a model or about one of its objects.

    Parameters
    ----------
    question
        What is asked.
    subject
        The model and its rows.
    progress
        Called with the fraction that is done and the current step.

    Returns
    -------
    dict
        JSON values. Every answer says what it is of: ``analysis``, ``meaning``, ``task``,
        ``model_type``, ``mark``, ``object`` where it is of one, and ``sentences``; where it holds
        figures also ``split``, ``rows``, ``stars`` and ``interval``.
    """
    analysis, one = question.analysis, None
    with Progress({"Analysing": 1}, progress).stage("Analysing") as report:
        if analysis.of_one_object:
            one = subject.object_at(question.number, question.name)
            answered = _of_the_object(question, subject, one, report)
        elif analysis is Analysis.DROP_COLUMNS:
            answered = of_model.drop_columns(subject, report.nested)
        elif analysis is Analysis.AVERAGE_REPLACEMENT:
            answered = of_model.average_replacement(subject, report)
        else:
            answered = of_model.needed(subject)
    whole = {
        "analysis": str(analysis),
        "meaning": analysis.meaning,
        "task": subject.model.task.name,
        "model_type": subject.model.classifier.model_type.name,
        "mark": subject.model.inputs.mark,
        "object": one and one.as_json(),
        **answered,
    }
    return cast("dict[str, Any]", strict(whole))


def _find(analysis: Analysis | str) -> Analysis:
    try:
        return Analysis(analysis)
    except ValueError:
        known = ", ".join(Analysis)
        raise DataError(f"analysis was {analysis}, but it must be one of {known}.") from None


def _of_the_object(
    question: Question, subject: Subject, one: AnalysedObject, progress: ProgressCallback
) -> dict[str, Any]:
    match question.analysis:
        case Analysis.COUNTERFACTUAL:
            return of_object.counterfactual(subject, one, question.wanted)
        case Analysis.DECISION_PATH:
            return of_object.path(subject, one, question.tree)
        case Analysis.PROBABILITY:
            return of_object.probability(subject, one, question.wanted, progress)
        case _:
            return of_object.path_dependent(subject, one)
