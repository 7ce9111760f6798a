"""Which rows a job is about: what it learns from and what it predicts, read from where they lie.

An analysis reads the same rows again, so that an object has the same number in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore.datasets import DATASETS, read_table
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.datasets.snapshot import fixed_test_rows, read_snapshot
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.jobs.light_curves import notes_of_curves, rows_of
from mlcore.jobs.means import computed_by
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import (
    FIXED_SPLIT,
    HELD_OUT_SPLIT,
    UPLOADED_TEST,
    left_out,
    split,
)
from mlcore.model_selection.training_rows import labels_of, training_rows
from mlcore.prediction import stored
from mlcore.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Collection

    from mlcore.computed import Computed
    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.jobs.messages import PredictionJob, TrainingJob
    from mlcore.models.trained_model import TrainedModel
    from mlcore.tasks import Task

__all__ = ["JobTables", "tables_to_predict", "tables_to_train", "training_rows_of", "whole_table"]

_WITH_CANDIDATES = "; candidates are scored and ranked beside them, and trained on by none"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ReferenceTestSet:
    """The mission's own test rows, on which fine-tuning is held against the published model."""

    testing: Table
    catalogue: Table
    """The whole table that they are of."""
    split: str
    """Which rows they are, in words."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class JobTables:
    """The rows that a job is about."""

    training: Table | None
    """What is learnt from; None where a published model is used as it is."""
    testing: Table
    """What is predicted: an object's number is its place here, from 1."""
    reference: Table | None
    """The mission's whole table, whose objects are the neighbours of the rows."""
    reference_test_set: ReferenceTestSet | None = None
    """Where a published model goes on learning; None where no table of the mission is at hand."""
    tested_on: str
    """What the predicted rows are, in words."""
    warnings: tuple[str, ...] = ()
    """Which rows were left out, as sentences."""
    tested_by: Protocol = Protocol.OWN_ROWS
    """The name of testing on them."""

    @property
    def large(self) -> bool:
        """Whether the predicted rows are more than are explained at once."""
        return len(self.testing) > stored.EXPLAINED_AT_ONCE

    @property
    def held_out(self) -> bool:
        """Whether the predicted rows are a part of the training file: there is no other file."""
        return self.tested_on == HELD_OUT_SPLIT


def tables_to_train(job: TrainingJob) -> JobTables:
    """Read the rows that a model is trained and tested on.

    Raises
    ------
    DataError
        When a file is no table of the mission.
    """
    computed = computed_by(job.means)
    if job.snapshot is not None:
        inputs = Inputs(feature_set=FeatureSet(job.feature_set))
        return _of_snapshot(job.snapshot, job.dataset, find_task(job.task), inputs, computed)
    reference = whole_table(job.reference, job.dataset, computed=computed)
    training = _uploaded("training", job, job.label_derived, labelled=True)
    testing = _uploaded("testing", job, job.label_derived, labelled=False)
    return JobTables(
        training=_with_stars(training, reference),
        testing=_with_stars(testing, reference),
        reference=reference,
        tested_on=UPLOADED_TEST,
    )


def tables_to_predict(job: PredictionJob, published: TrainedModel) -> JobTables:
    """Read the rows that a published model predicts, and those that it is fine-tuned on.

    Raises
    ------
    DataError
        When a file is no table of the mission, or too small to be fine-tuned on.
    """
    dataset = DATASETS[job.dataset]
    task, computed = find_task(published.task.name), computed_by(job.means)
    if job.snapshot is not None:
        tables = replace(
            _of_snapshot(job.snapshot, job.dataset, task, published.inputs, computed),
            training=None,
        )
        if job.reference in {None, job.snapshot}:
            return tables
        return replace(tables, reference=whole_table(job.reference, job.dataset, computed=computed))
    training: Table | None = None
    tested_on, derived = UPLOADED_TEST, published.inputs.label_derived
    if job.training_file is not None:
        training = training_rows(_uploaded("training", job, derived, labelled=True), task)
    if training is None or job.testing_file is not None:
        testing = _uploaded("testing", job, derived, labelled=False)
    else:
        training, testing = split(training)
        tested_on = HELD_OUT_SPLIT
    reference, reference_test_set = None, None
    if job.reference is not None:
        own_training, own_testing = read_snapshot(Path(job.reference), dataset, computed=computed)
        reference = own_training.with_rows_of(own_testing)
        reference_test_set = ReferenceTestSet(
            testing=own_testing, catalogue=reference, split=FIXED_SPLIT
        )
    elif training is not None:
        reference_test_set = _carried_test_set(dataset)
    return JobTables(
        training=None if training is None else _with_stars(training, reference),
        testing=_with_stars(testing, reference),
        reference=reference,
        reference_test_set=reference_test_set,
        tested_on=tested_on,
    )


def whole_table(snapshot: str | None, mission: str, *, computed: Computed) -> Table | None:
    """Return all rows of a mission's snapshot, None where there is none."""
    if snapshot is None:
        return None
    training, testing = read_snapshot(Path(snapshot), DATASETS[mission], computed=computed)
    return training.with_rows_of(testing)


def training_rows_of(
    model: TrainedModel, reference: Table | None, *, computed: Computed
) -> list[LabelledRows]:
    """Return the rows of a mission's snapshot on whose stars a model was trained."""
    if reference is None or reference.labels is None:
        return []
    mine = (
        model.task.decided(reference.labels)
        & model.knows(reference)
        & model.inputs.may_learn_from(reference)
    )
    if not mine.any():
        return []
    rows = reference.take(mine)
    features = model.features(rows, reference=reference, computed=computed)
    return [LabelledRows.of([rows], features)]


def _with_stars(table: Table, reference: Table | None) -> Table:
    """Return rows with their stars where only the mission's table names these."""
    return table if reference is None else table.with_stars_of(reference)


def _uploaded(
    purpose: str,
    job: TrainingJob | PredictionJob,
    derived: Collection[str],
    *,
    labelled: bool,
) -> Table:
    table = read_table(
        rows_of(job, purpose),
        DATASETS[job.dataset],
        require_labels=labelled,
        label_derived=derived,
        mapping=ColumnMapping.from_json(job.mapping),
    )
    notes = notes_of_curves(job, purpose)
    return replace(table, warnings=(*notes, *table.warnings)) if notes else table


def _carried_test_set(dataset: Dataset) -> ReferenceTestSet | None:
    """Return the test rows of the table that the project carries, which needs no loading."""
    carried = dataset.carried
    if carried is None:
        return None
    whole = read_table(carried.path, dataset, require_labels=True)
    return ReferenceTestSet(
        testing=whole.take(fixed_test_rows(whole)),
        catalogue=whole,
        split=f"{FIXED_SPLIT}; of the {carried.title}, which the project carries",
    )


def _of_snapshot(
    snapshot: str, mission: str, task: Task, inputs: Inputs, computed: Computed
) -> JobTables:
    training, testing = read_snapshot(Path(snapshot), DATASETS[mission], computed=computed)
    reference = training.with_rows_of(testing)
    tested_on = FIXED_SPLIT
    if task.ranked:
        # No candidate was trained on, whichever side of the split its star is on.
        testing = testing.with_rows_of(training.take(task.followed_up(labels_of(training))))
        tested_on += _WITH_CANDIDATES
    known = inputs.may_learn_from(testing)
    return JobTables(
        training=training,
        testing=testing.take(known),
        reference=reference,
        tested_on=tested_on,
        warnings=left_out(testing, known, "predicted"),
        tested_by=Protocol.FIXED_SPLIT,
    )
