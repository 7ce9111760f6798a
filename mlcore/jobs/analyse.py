"""The job that looks more closely at a session: from its model and files to an answer in words."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.analyses.names import Analysis, Question
from mlcore.analyses.subject import Subject, training_rows_at_hand
from mlcore.api import ExplanationAPI, PredictionAPI
from mlcore.errors import DataError
from mlcore.jobs.means import computed_by
from mlcore.jobs.messages import AnalysisJob, PredictionJob, TrainingJob
from mlcore.jobs.tables import tables_to_predict, tables_to_train, training_rows_of, whole_table
from mlcore.progress import Progress
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.datasets.table import Table
    from mlcore.jobs.tables import JobTables
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.trained_model import TrainedModel

__all__ = ["analyse_job", "subject_of_session"]


def analyse_job(
    argument: Mapping[str, Any], emit: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Answer a question about a completed session.

    Parameters
    ----------
    argument
        The fields of an `AnalysisJob`.
    emit
        Receives ``{"progress": fraction, "step": words}``.

    Returns
    -------
    dict
        ``answer``, see `mlcore.analyses.answer.answer`, and ``warnings``, sentences.
    """
    job = AnalysisJob(**argument)
    question = Question(
        analysis=Analysis(job.analysis),
        number=job.object_number,
        name=job.object_name,
        wanted=job.wanted,
        tree=job.tree,
    )
    progress = Progress(
        {"Reading the session": 15, "Analysing": 85},
        lambda fraction, step: emit({"progress": fraction, "step": step}),
    )
    with progress.stage("Reading the session"):
        subject = subject_of_session(job)
    with progress.stage("Analysing") as report:
        api = ExplanationAPI(run=RunContext(seed=job.seed, progress=report.nested))
        answer = api.analyse(question, subject)
    mark = subject.model.inputs.mark
    warnings = [f"This session {mark}: its figures flatter it."] if mark else []
    return {"answer": answer, "warnings": warnings}


def subject_of_session(job: AnalysisJob) -> Subject:
    """Read a session's model and its rows again.

    Raises
    ------
    ArtifactError
        When the model is missing or damaged.
    DataError
        When the rows cannot be read any more.
    """
    models = PredictionAPI()
    model = models.load(Path(job.artifact))
    trained = None if job.training is None else TrainingJob(**job.training)
    published: TrainedModel | None = None
    if job.prediction is not None:
        order = PredictionJob(**job.prediction)
        published = models.load(Path(order.artifact))
        tables = tables_to_predict(order, published)
    elif trained is not None:
        tables = tables_to_train(trained)
    else:
        raise DataError("It is not known which rows the session was about.")
    return Subject(
        model=model,
        table=tables.testing,
        reference=tables.reference,
        tested_on=tables.tested_on,
        trained_on=partial(_trained_on, model, tables, trained, published),
        fine_tuned=published is not None and tables.training is not None,
        seed=job.seed,
    )


def _trained_on(
    model: TrainedModel,
    tables: JobTables,
    trained: TrainingJob | None,
    published: TrainedModel | None,
) -> list[LabelledRows]:
    """Return what the session's model was trained on, the rows of fine-tuning last."""
    parts = []
    if published is not None:
        parts = _published_on(model, published, trained, tables.reference)
    if tables.training is not None:
        parts.append(training_rows_at_hand(model, tables.training, tables.reference))
    return parts


def _published_on(
    model: TrainedModel,
    published: TrainedModel,
    job: TrainingJob | None,
    reference: Table | None,
) -> list[LabelledRows]:
    """Return what the published model was trained on: a user's rows or those of its stars."""
    if job is not None and job.training_file is not None:
        tables = tables_to_train(job)
        assert tables.training is not None  # noqa: S101 - a job that trains learns from rows
        return [training_rows_at_hand(model, tables.training, tables.reference)]
    catalogues, computed = [reference], computed_by({} if job is None else job.means)
    if job is not None and (job.snapshot is not None or job.others):
        snapshots = job.others if job.snapshot is None else {job.dataset: job.snapshot}
        catalogues = [
            whole_table(path, mission, computed=computed) for mission, path in snapshots.items()
        ]
    return [
        training_rows_at_hand(model, part.tables[0], catalogue)
        for catalogue in catalogues
        for part in training_rows_of(published, catalogue, computed=computed)
    ]
