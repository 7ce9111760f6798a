"""What a request to train would do: its checks, and what is left of it when they are made."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore.datasets import Kind, of_candidates
from mlcore.errors import HyperparameterError
from mlcore.features.feature_sets import FeatureSet, Inputs, refusal_of_column
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import not_used
from mlcore.models import model_type as find_model_type
from mlcore.models.time_budget import check_time
from mlcore.models.workload import Workload
from mlcore.tasks import DISPOSITION, check_asks, find_task
from sessions_app.exceptions import RefusedError, naming
from sessions_app.models import (
    DatasetSnapshot,
    FilePurpose,
)
from sessions_app.services.datasets import current_snapshot
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_uploads,
    known_dataset,
)
from sessions_app.services.limits import refuse_when_full
from sessions_app.services.naming import checked_name
from sessions_app.services.second_opinion import (
    asked_opinion,
    refuse_unless_loaded,
    refuse_unless_unseen,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mlcore.datasets import Dataset
    from mlcore.datasets.opinion import Opinion
    from mlcore.jobs.check_upload import UploadVerdict
    from mlcore.models import ModelType
    from mlcore.tasks import Task
    from sessions_app.access.ownership import Owner
    from sessions_app.services.inputs import CheckedUpload
    from sessions_app.services.refusals import Refusals


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingChoices:
    """What a request may choose beside the model; the defaults are those of the old contract."""

    task: str = DISPOSITION.name
    feature_set: FeatureSet = FeatureSet.DEFAULT
    label_derived: tuple[str, ...] = ()
    """Columns of the user's own file to use although they follow the label."""
    protocols: tuple[Protocol, ...] = ()
    """Ways of testing beside the fixed split."""
    second_opinion: dict[str, Any] | None = None
    """Which column holds another vetter's opinion, as the request says it."""


USUAL_CHOICES = TrainingChoices()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingPlan:
    """What a request to train would do. What was refused, and what follows from it, is absent."""

    data: ArchiveData | UploadedData
    choices: TrainingChoices
    name: str = ""
    dataset: Dataset | None = None
    task: Task | None = None
    kind: ModelType | None = None
    values: dict[str, Any] | None = None
    """Hyperparameters as they are used."""
    opinion: Opinion | None = None
    snapshot: DatasetSnapshot | None = None
    uploads: Sequence[CheckedUpload] = ()
    further: Sequence[DatasetSnapshot] = ()
    """Tables beside the session's own that its ways of testing need."""
    warnings: Sequence[str] = ()
    work: Workload | None = None
    """How large the session is."""


def check_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    choices: TrainingChoices,
    name: str,
    owner: Owner,
    refusals: Refusals,
) -> TrainingPlan:
    """Check a request to train and return what it would do.

    With `refusals` that are gathered it goes on after each of them, as far as what is left can be
    checked without it.
    """
    with refusals.of_a_check():
        refuse_when_full(owner)
    plan = TrainingPlan(data=data, choices=choices)
    with refusals.of_a_check():
        plan = replace(plan, name=checked_name(name))
    with refusals.of_a_check(), naming("task"):
        plan = replace(plan, task=find_task(choices.task))
    with refusals.of_a_check(), naming("model_type"):
        plan = replace(plan, kind=find_model_type(model_type))
    if plan.kind is not None:
        plan = _with_hyperparameters(plan, plan.kind, hyperparameters, refusals)
    with refusals.of_a_check():
        plan = replace(plan, dataset=known_dataset(data.mission, field=data.field))
    if plan.dataset is None or plan.task is None:
        return plan
    dataset, task = plan.dataset, plan.task
    with refusals.of_a_check(), naming("task"):
        check_asks(task, dataset)
    with refusals.of_a_check():
        _check_kind(dataset, choices)
    with refusals.of_a_check():
        plan = replace(plan, opinion=asked_opinion(choices.second_opinion))
        refuse_unless_unseen(plan.opinion, choices.label_derived)
    with refusals.of_a_check():
        _check_columns(dataset, choices, uploaded=isinstance(data, UploadedData))
    if isinstance(data, ArchiveData):
        plan = _with_snapshot(plan, dataset, data, refusals)
    else:
        plan = _with_uploads(plan, dataset, task, data, owner, refusals)
    return _with_workload(plan, dataset, task, refusals)


def _with_hyperparameters(
    plan: TrainingPlan, kind: ModelType, sent: Mapping[str, Any], refusals: Refusals
) -> TrainingPlan:
    # One by one, so that each that is wrong is told.
    for name, value in sent.items() if refusals.all_of_them else ():
        with refusals.of_a_check(), naming("hyperparameters"):
            kind.read_hyperparameters({name: value})
    with suppress(HyperparameterError) if refusals.all_of_them else naming("hyperparameters"):
        values, ignored = kind.read_hyperparameters(sent)
        return replace(plan, values=values, warnings=ignored)
    return plan


def _with_snapshot(
    plan: TrainingPlan, dataset: Dataset, data: ArchiveData, refusals: Refusals
) -> TrainingPlan:
    with refusals.of_a_check():
        snapshot = data.snapshot or current_snapshot(dataset.name, field=data.field)
        plan = replace(plan, snapshot=snapshot)
        with refusals.of_a_check():
            _check_protocols(plan.choices, dataset, snapshot)
        with refusals.of_a_check():
            refuse_unless_loaded(plan.opinion, dataset, snapshot)
        _check_has_wide(snapshot.columns, dataset, plan.choices, where=f"{dataset.title} as loaded")
    return plan


def _with_uploads(
    plan: TrainingPlan,
    dataset: Dataset,
    task: Task,
    data: UploadedData,
    owner: Owner,
    refusals: Refusals,
) -> TrainingPlan:
    choices = plan.choices
    with refusals.of_a_check():
        _check_protocols(choices, dataset, None)
    uploads = check_uploads(
        data,
        dataset,
        task=task,
        label_derived=choices.label_derived,
        to_train=True,
        owner=owner,
        opinion=plan.opinion,
        refusals=refusals,
    )
    plan = replace(plan, uploads=uploads)
    if both := both_usable(uploads):
        left_out = _not_in_both(*both, dataset, choices)
        plan = replace(plan, warnings=[*plan.warnings, *left_out])
        with refusals.of_a_check():
            _check_has_wide(both[0].given_columns, dataset, choices, where="The training file")
    return plan


def both_usable(uploads: Sequence[CheckedUpload]) -> tuple[UploadVerdict, UploadVerdict] | None:
    """Return what training and testing file have, None where one is missing or cannot be used."""
    usable = [checked.verdict for checked in uploads if checked.usable]
    return (usable[0], usable[1]) if len(usable) == len(FilePurpose) else None


def _with_workload(
    plan: TrainingPlan, dataset: Dataset, task: Task, refusals: Refusals
) -> TrainingPlan:
    snapshot, choices, both = plan.snapshot, plan.choices, both_usable(plan.uploads)
    if snapshot is not None:
        followed_up = sum(snapshot.label_counts[str(label)] for label in task.ranked)
        rows, predicted = snapshot.rows - snapshot.test_rows, snapshot.test_rows + followed_up
    elif both is not None:
        rows, predicted = both[0].rows, both[1].rows
    else:
        return plan
    further = _further_snapshots(dataset.name, snapshot, choices)
    older = [table.rows for table in further if table.mission == dataset.name]
    size: dict[str, Any] = {
        "rows": rows,
        "predicted": predicted,
        "columns": len(Inputs(feature_set=choices.feature_set).columns(dataset)),
        "protocols": choices.protocols,
        # Without one in the database it is the carried one, which is about as large.
        "older": older[0] if older else rows,
        "others": tuple(table.rows for table in further if table.mission != dataset.name),
    }
    if plan.kind is not None and plan.values is not None:
        with refusals.of_a_check(), naming("hyperparameters"):
            plan.kind.check_cost(plan.values, **size)
            check_time(plan.kind, plan.values, rows=predicted)
    return replace(plan, further=further, work=Workload(**size))


def _check_kind(dataset: Dataset, choices: TrainingChoices) -> None:
    """Refuse what only tables of objects of interest have in common."""
    if dataset.kind is Kind.CANDIDATES:
        return
    missions = ", ".join(of_candidates())
    if choices.feature_set is FeatureSet.HARMONISED:
        raise RefusedError(
            f"feature_set was harmonised, but only {missions} share columns; for {dataset.name}"
            f" default or measured is allowed.",
            field="feature_set",
        )
    if Protocol.LEAVE_ONE_MISSION_OUT in choices.protocols:
        raise RefusedError(
            f"protocols: {Protocol.LEAVE_ONE_MISSION_OUT} is a test of {missions}; leave it out"
            f" for {dataset.name}.",
            field="protocols",
        )


def _check_columns(dataset: Dataset, choices: TrainingChoices, *, uploaded: bool) -> None:
    for name in choices.label_derived:
        refusal = refusal_of_column(dataset, name, uploaded=uploaded)
        if refusal is not None:
            raise RefusedError(f"label_derived_columns: {refusal}", field="label_derived_columns")


def _check_protocols(
    choices: TrainingChoices, dataset: Dataset, snapshot: DatasetSnapshot | None
) -> None:
    """Refuse a test forward in time where nothing says which tables are older."""
    if Protocol.TIME_FORWARD not in choices.protocols:
        return
    named = f"protocols: {Protocol.TIME_FORWARD} trains on an older table of the mission and tests"
    if snapshot is None:
        raise RefusedError(
            f"{named} by the mission's own, so that it says nothing of files of your own; leave it"
            " out, or choose data_source nasa.",
            field="protocols",
        )
    if snapshot.dated is None:
        raise RefusedError(
            f"{named} by a newer one, but {dataset.title} as loaded has no date to tell which"
            " tables are older; leave it out.",
            field="protocols",
        )


def _not_in_both(
    training: UploadVerdict, testing: UploadVerdict, dataset: Dataset, choices: TrainingChoices
) -> list[str]:
    """Say which columns are left out, because the rows to be predicted do not have them."""
    inputs = Inputs(feature_set=choices.feature_set, label_derived=choices.label_derived)
    read = dict.fromkeys(name for needed in inputs.read_from(dataset).values() for name in needed)
    left = [
        name
        for name in read
        if name in training.filled_columns and name not in testing.filled_columns
    ]
    return [not_used(left)] if left else []


def _check_has_wide(
    given: Collection[str], dataset: Dataset, choices: TrainingChoices, *, where: str
) -> None:
    if choices.feature_set is not FeatureSet.WIDE:
        return
    wide = [column.name for column in dataset.feature_columns(wide=True) if column.wide]
    if not set(wide) & set(given):
        raise RefusedError(
            f"feature_set was wide, but {where} has none of the columns of the mission's full"
            f" table{f', such as {wide[0]}' if wide else ''}; default is allowed.",
            field="feature_set",
        )


def _further_snapshots(
    mission: str, snapshot: DatasetSnapshot | None, choices: TrainingChoices
) -> list[DatasetSnapshot]:
    """Return the tables beside the session's own that its ways of testing need."""
    snapshots: list[DatasetSnapshot] = []
    if Protocol.TIME_FORWARD in choices.protocols and snapshot:
        older = DatasetSnapshot.objects.filter(mission=mission, dated__lt=snapshot.dated)
        snapshots += older.order_by("-dated")[:1]
    if Protocol.LEAVE_ONE_MISSION_OUT in choices.protocols:
        snapshots += DatasetSnapshot.objects.filter(
            is_current=True, mission__in=of_candidates()
        ).exclude(mission=mission)
    return snapshots
