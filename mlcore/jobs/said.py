"""What a job says of a table's rows: all that can be said of each, or what a large one allows.

Both are asked the same, so that a job need not know which of them it has.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mlcore.api import PredictionAPI
from mlcore.evaluation.measured_rows import MeasuredRows
from mlcore.jobs.large_tables import predicted_large
from mlcore.jobs.learnt_places import keep_places
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, RESULTS
from mlcore.jobs.read_first import Outline
from mlcore.jobs.stretches import say_stretches
from mlcore.parallel import ONE_CORE, beside
from mlcore.prediction.error_propagation import FEWEST_DRAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlcore.evaluation.report import Report
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.jobs.tables import JobTables
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.spec import OutputScale
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.predictions import Predictions
    from mlcore.run import RunContext

__all__ = ["SaidOfTable", "said_and_saved", "save", "save_model", "say"]


class SaidOfTable(Protocol):
    """What a model says of a table's rows."""

    @property
    def measured(self) -> MeasuredRows:
        """The rows that the figures are about."""

    @property
    def outline(self) -> Outline:
        """What it says of the rows as a whole."""

    @property
    def scale(self) -> OutputScale:
        """What kind of number is explained."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is not said of each row before somebody looks at it, as sentences."""

    def with_figures(self, report: Report, model: TrainedModel, run: RunContext) -> Report:
        """Return a report with figures on all the rows that these can be measured on."""

    def write(self, path: Path) -> None:
        """Write what is said of each row to a Parquet file."""


@contextmanager
def said_and_saved(
    model: TrainedModel,
    tables: JobTables,
    job: TrainingJob | PredictionJob,
    learned_from: Sequence[LabelledRows],
    *,
    own: bool,
    run: RunContext,
) -> Iterator[tuple[SaidOfTable, Callable[[], None]]]:
    """Predict the rows that a job is about, and save that while something else is done.

    Parameters
    ----------
    model
        What answers.
    tables
        Which rows they are.
    job
        What was asked for.
    learned_from
        The rows that the model was trained on, as far as they are at hand.
    own
        Whether the model learnt from rows that only this session knows.
    run
        Its seed is that of the draws.

    Yields
    ------
    said : SaidOfTable
    saved : callable
        Waits until the model and what it says lie in the job's folder.
    """
    with beside(partial(save_model, model, job), cores=run.cores) as model_saved:
        said = say(model, tables, job, learned_from, run)
        model_saved()
    # Evidence needs the core for longer than the saving does.
    cores = ONE_CORE if job.evidence else run.cores
    kept = partial(save, said, model, tables, learned_from, job, own=own)
    with beside(kept, cores=cores) as saved:
        yield said, saved


def say(
    model: TrainedModel,
    tables: JobTables,
    job: TrainingJob | PredictionJob,
    learned_from: Sequence[LabelledRows],
    run: RunContext,
) -> SaidOfTable:
    """Predict the rows that a job is about; see `said_and_saved`."""
    (Path(job.folder) / RESULTS).mkdir(parents=True, exist_ok=True)
    if tables.large:
        return predicted_large(model, tables, Path(job.folder), run)
    predictions = PredictionAPI(run=run).predict(
        model,
        tables.testing,
        reference=tables.reference,
        learned_from=learned_from,
        draws=None if job.evidence else FEWEST_DRAWS,
    )
    return _Explained(
        predictions=predictions,
        measured=MeasuredRows.all_of([tables.testing], predictions, words=tables.tested_on),
    )


def save_model(model: TrainedModel, job: TrainingJob | PredictionJob) -> None:
    """Leave a model in the job's folder."""
    folder = Path(job.folder) / ARTIFACT
    # A process that was to save it may have been killed in the middle.
    shutil.rmtree(folder, ignore_errors=True)
    PredictionAPI().save(model, folder)


def save(
    said: SaidOfTable,
    model: TrainedModel,
    tables: JobTables,
    learned_from: Sequence[LabelledRows],
    job: TrainingJob | PredictionJob,
    *,
    own: bool,
) -> None:
    """Leave what a model says in the job's folder, where the model is already."""
    if said.left_out:
        keep_places(job, model, learned_from, own=own)
    said.write(Path(job.folder) / PREDICTIONS)
    say_stretches(model, tables, job)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Explained:
    """Of each row all that can be said."""

    predictions: Predictions
    measured: MeasuredRows
    left_out: tuple[str, ...] = ()

    @property
    def outline(self) -> Outline:
        return Outline.of(self.predictions.scored, self.predictions.about)

    @property
    def scale(self) -> OutputScale:
        return self.predictions.explanation.scale

    def with_figures(self, report: Report, model: TrainedModel, run: RunContext) -> Report:  # noqa: ARG002 - all of them are measured
        return report

    def write(self, path: Path) -> None:
        self.predictions.write(path)
