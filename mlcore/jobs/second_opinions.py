"""Another vetter's opinion in a job: from which file it is read, and what is not shown a model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.datasets.opinion import Opinion, read_opinion
from mlcore.evaluation.second_opinion import SecondOpinion, second_opinion
from mlcore.evaluation.second_opinion import without_rows as said_nothing

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.evaluation.measured_rows import MeasuredRows
    from mlcore.evaluation.report import Report
    from mlcore.features.feature_sets import Inputs
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.run import RunContext

__all__ = ["opinion_in", "without_opinion"]


def without_opinion(inputs: Inputs, job: TrainingJob | PredictionJob, *tables: Table) -> Inputs:
    """Return the inputs of a model that sees nothing of the second opinion.

    Parameters
    ----------
    inputs
        What was asked for.
    job
        Names the opinion's column, if any.
    *tables
        The rows to learn from and to test on; a file's heading may have been read as a feature.
    """
    if job.second_opinion is None:
        return inputs
    name = Opinion.from_json(job.second_opinion).name
    return inputs.without(
        {
            column
            for table in tables
            for known_as in table.reading.names_of(name)
            for column in inputs.reading(table.dataset, known_as)
        }
    )


def opinion_in(
    job: TrainingJob | PredictionJob,
    seen: MeasuredRows,
    report: Report,
    run: RunContext,
) -> SecondOpinion | None:
    """Hold the second opinion that a job was told of beside what a model says.

    Parameters
    ----------
    job
        What was asked for.
    seen
        The predicted rows that are measured, with what the model says of them.
    report
        Which rows they are, in words, and what was asked.
    run
        Its seed is that of folds and intervals.

    Returns
    -------
    SecondOpinion or None
        None where the job was told of none.
    """
    if job.second_opinion is None:
        return None
    opinion = Opinion.from_json(job.second_opinion)
    file = job.snapshot or job.testing_file or job.training_file
    (testing,) = seen.rows.tables
    said = read_opinion(Path(file or ""), opinion, testing)
    if said is None:
        return said_nothing(opinion, split=report.split)
    return second_opinion(
        opinion,
        said,
        seen.probabilities,
        testing,
        task=report.task,
        split=report.split,
        seed=run.seed,
    )
