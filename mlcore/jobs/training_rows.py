"""What a training job is about, read from where it lies: its setup, and what it is tested on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS, read_table
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.jobs.means import computed_by
from mlcore.jobs.second_opinions import without_opinion
from mlcore.jobs.tables import tables_to_train, whole_table
from mlcore.model_selection.evaluation_setup import EvaluationSetup
from mlcore.model_selection.protocol import Protocol
from mlcore.tasks import find_task
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import TrainingJob
    from mlcore.jobs.tables import JobTables

__all__ = ["JobSetup", "read_setup"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JobSetup:
    """What a training job learns from and is tested on."""

    tables: JobTables
    setup: TrainingSetup
    testing: EvaluationSetup

    @property
    def training(self) -> Table:
        """The rows to learn from."""
        return self.setup.tables[0]


def read_setup(job: TrainingJob) -> JobSetup:
    """Read what a training job is about.

    Raises
    ------
    DataError
        When a file is no table of the mission.
    """
    inputs = Inputs(feature_set=FeatureSet(job.feature_set), label_derived=tuple(job.label_derived))
    tables = tables_to_train(job)
    training, testing, reference = tables.training, tables.testing, tables.reference
    assert training is not None  # noqa: S101 - a job that trains has what to learn from
    setup = TrainingSetup(
        model_type=job.model_type,
        tables=[training],
        task=find_task(job.task),
        hyperparameters=job.hyperparameters,
        inputs=without_opinion(inputs, job, training, testing),
        references={} if reference is None else {job.dataset: reference},
    )
    protocols = [Protocol(name) for name in job.protocols]
    computed = computed_by(job.means)
    others = [whole_table(path, mission, computed=computed) for mission, path in job.others.items()]
    tested = EvaluationSetup(
        tables=[testing],
        words=tables.tested_on,
        protocol=tables.tested_by,
        protocols=protocols,
        older=_older(job) if Protocol.TIME_FORWARD in protocols else None,
        others=[table for table in others if table is not None],
    )
    return JobSetup(tables=tables, setup=setup, testing=tested)


def _older(job: TrainingJob) -> Table | None:
    """Return the mission's newest table that is older than the one trained on."""
    if job.older:
        return whole_table(job.older[-1], job.dataset, computed=computed_by(job.means))
    carried, dated = DATASETS[job.dataset].carried, job.snapshot_dated
    if carried is None or dated is None or carried.dated.isoformat() >= dated:
        return None
    return read_table(carried.path, DATASETS[job.dataset], require_labels=True)
