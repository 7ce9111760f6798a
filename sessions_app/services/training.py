"""Starting training sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from mlcore.datasets import Kind, of_candidates
from mlcore.features.feature_sets import FeatureSet, Inputs, refusal_of_column
from mlcore.model_selection.protocol import Protocol
from mlcore.model_selection.train_test import not_used
from mlcore.models import model_type as find_model_type
from mlcore.models.time_budget import check_time
from mlcore.tasks import DISPOSITION, check_asks, find_task
from sessions_app.access.ownership import SERVER, Owner
from sessions_app.exceptions import RefusedError, naming
from sessions_app.models import DatasetSnapshot, DataSource, SessionKind, TrainingSession
from sessions_app.queue.turns import enqueue
from sessions_app.services.datasets import current_snapshot, loaded_snapshot
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_uploads,
    keep_uploads,
    known_dataset,
    recorded_reading,
)
from sessions_app.services.limits import make_room, refuse_when_full
from sessions_app.services.second_opinion import (
    asked_opinion,
    refuse_unless_loaded,
    refuse_unless_unseen,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mlcore.datasets import Dataset
    from mlcore.jobs.check_upload import UploadVerdict
    from sessions_app.services.inputs import CheckedUpload


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


def start_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    choices: TrainingChoices = TrainingChoices(),
    seed: int = 0,
    waits_for_evidence: bool = False,
    owner: Owner = SERVER,
) -> TrainingSession:
    """Check a request to train and record it as a session that waits for a worker.

    The model type may be an alias, and hyperparameters are values by name as they were sent. It
    completes with its first answer, unless it waits for the evidence. Raises RefusedError when the
    request cannot work.
    """
    refuse_when_full(owner)
    with naming("task"):
        task = find_task(choices.task)
    with naming("model_type"):
        kind = find_model_type(model_type)
    with naming("hyperparameters"):
        values, ignored = kind.read_hyperparameters(hyperparameters)
    dataset = known_dataset(data.mission, field=data.field)
    with naming("task"):
        check_asks(task, dataset)
    _check_kind(dataset, choices)
    opinion = asked_opinion(choices.second_opinion)
    refuse_unless_unseen(opinion, choices.label_derived)
    _check_columns(dataset, choices, uploaded=isinstance(data, UploadedData))
    uploads: list[CheckedUpload] = []
    if isinstance(data, ArchiveData):
        snapshot = data.snapshot or current_snapshot(dataset.name, field=data.field)
        _check_protocols(choices, dataset, snapshot)
        refuse_unless_loaded(opinion, dataset, snapshot)
        given, where = snapshot.columns, f"{dataset.title} as loaded"
        followed_up = sum(snapshot.label_counts[str(label)] for label in task.ranked)
        rows, predicted = snapshot.rows - snapshot.test_rows, snapshot.test_rows + followed_up
    else:
        snapshot = None
        _check_protocols(choices, dataset, None)
        uploads = check_uploads(
            data,
            dataset,
            task=task,
            label_derived=choices.label_derived,
            to_train=True,
            owner=owner,
            opinion=opinion,
        )
        learned_from, tested = (checked.verdict for checked in uploads)
        ignored = [*ignored, *_not_in_both(learned_from, tested, dataset, choices)]
        given, where = learned_from.given_columns, "The training file"
        rows, predicted = learned_from.rows, tested.rows
    _check_has_wide(given, dataset, choices, where=where)
    further = _further_snapshots(dataset.name, snapshot, choices)
    older = [table.rows for table in further if table.mission == dataset.name]
    with naming("hyperparameters"):
        kind.check_cost(
            values,
            rows=rows,
            predicted=predicted,
            columns=len(Inputs(feature_set=choices.feature_set).columns(dataset)),
            protocols=choices.protocols,
            # Without one in the database it is the carried one, which is about as large.
            older=older[0] if older else rows,
            others=tuple(table.rows for table in further if table.mission != dataset.name),
        )
        check_time(kind, values, rows=predicted)
    with transaction.atomic():
        make_room(owner)
        session = TrainingSession.objects.create(
            **owner.recorded(),
            **recorded_reading(data, uploads),
            kind=SessionKind.TRAINING,
            mission=dataset.name,
            data_source=DataSource.USER if snapshot is None else DataSource.NASA,
            snapshot=snapshot,
            reference=snapshot or loaded_snapshot(dataset.name),
            task=task.name,
            model_type=kind.name,
            hyperparameters=values,
            feature_set=choices.feature_set,
            label_derived=list(choices.label_derived),
            protocols=list(map(str, choices.protocols)),
            seed=seed,
            waits_for_evidence=waits_for_evidence,
            second_opinion=opinion and opinion.as_json(),
            warnings=list(ignored),
        )
        session.further_snapshots.set(further)
        keep_uploads(session, uploads, owner=owner)
        enqueue(session.pk)
    return session


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
