"""Starting training sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from mlcore.features.feature_sets import FeatureSet, Inputs, refusal_of_column
from mlcore.model_selection.protocol import Protocol
from mlcore.models import model_type as find_model_type
from mlcore.models.time_budget import check_time
from mlcore.tasks import DISPOSITION, find_task
from sessions_app.exceptions import RefusedError, naming
from sessions_app.models import (
    DatasetSnapshot,
    DataSource,
    FilePurpose,
    SessionKind,
    TrainingSession,
)
from sessions_app.queue.turns import enqueue
from sessions_app.services.datasets import current_snapshot, loaded_snapshot
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_upload,
    keep_uploads,
    known_dataset,
)
from sessions_app.services.limits import make_room, refuse_when_full

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mlcore.datasets import Dataset
    from sessions_app.access.ownership import Owner
    from sessions_app.services.inputs import CheckedUpload

__all__ = ["TrainingChoices", "start_training"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingChoices:
    """What a request may choose beside the model; the defaults are those of the old contract."""

    task: str = DISPOSITION.name
    feature_set: FeatureSet = FeatureSet.DEFAULT
    label_derived: tuple[str, ...] = ()
    """Columns of the user's own file to use although they follow the label."""
    protocols: tuple[Protocol, ...] = ()
    """Ways of testing beside the fixed split."""


def start_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    choices: TrainingChoices | None = None,
    seed: int = 0,
    owner: Owner | None = None,
) -> TrainingSession:
    """Check a request to train and record it as a session that waits for a worker.

    Parameters
    ----------
    model_type
        Name or alias of a model type.
    hyperparameters
        Values by name, as they were sent.
    data
        The rows to train and test on.
    choices
        What is told apart, which columns the model sees, how it is tested.
    seed
        Seed of every random step.
    owner
        Whose session it is; None for the server's own.

    Raises
    ------
    RefusedError
        When the request cannot work.
    """
    refuse_when_full(owner)
    choices = choices or TrainingChoices()
    with naming("task"):
        task = find_task(choices.task)
    with naming("model_type"):
        kind = find_model_type(model_type)
    with naming("hyperparameters"):
        values, ignored = kind.read_hyperparameters(hyperparameters)
    facts: dict[str, Any] = {
        "kind": SessionKind.TRAINING,
        "model_type": kind.name,
        "hyperparameters": values,
        "task": task.name,
        "feature_set": choices.feature_set,
        "label_derived": list(choices.label_derived),
        "protocols": [str(each) for each in choices.protocols],
        "seed": seed,
        "warnings": list(ignored),
        **(owner.recorded() if owner else {}),
    }
    dataset = known_dataset(data.mission, field=data.field)
    _check_columns(dataset, choices, uploaded=isinstance(data, UploadedData))
    columns = len(Inputs(feature_set=choices.feature_set).columns(dataset))
    if isinstance(data, ArchiveData):
        snapshot = current_snapshot(dataset.name, field=data.field)
        _check_protocols(choices, dataset, snapshot)
        _check_has_wide(snapshot.columns, dataset, choices, where=f"{dataset.title} as loaded")
        followed_up = sum(snapshot.label_counts[str(label)] for label in task.ranked)
        size = {
            "rows": snapshot.rows - snapshot.test_rows,
            "predicted": snapshot.test_rows + followed_up,
        }
        further = _further_snapshots(dataset.name, snapshot, choices)
        facts |= {"data_source": DataSource.NASA, "snapshot": snapshot, "reference": snapshot}
        uploads: list[CheckedUpload] = []
    else:
        _check_protocols(choices, dataset, None)
        uploads = _checked(data, dataset, choices, owner)
        learned_from, predicted = uploads
        _check_has_wide(learned_from.given_columns, dataset, choices, where="The training file")
        size = {"rows": learned_from.rows, "predicted": predicted.rows}
        further = _further_snapshots(dataset.name, None, choices)
        facts |= {"data_source": DataSource.USER, "reference": loaded_snapshot(dataset.name)}
    others = [snapshot.rows for snapshot in further if snapshot.mission != dataset.name]
    older = [snapshot.rows for snapshot in further if snapshot.mission == dataset.name]
    with naming("hyperparameters"):
        kind.check_cost(
            values,
            **size,
            columns=columns,
            protocols=choices.protocols,
            # Without one in the database it is the carried one, which is about as large.
            older=older[0] if older else size["rows"],
            others=tuple(others),
        )
        check_time(kind, values, rows=size["predicted"])
    with transaction.atomic():
        make_room(owner)
        session = TrainingSession.objects.create(**facts, mission=dataset.name)
        session.further_snapshots.set(further)
        keep_uploads(session, uploads, owner=owner)
        enqueue(session.pk)
    return session


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
        snapshots += DatasetSnapshot.objects.filter(is_current=True).exclude(mission=mission)
    return snapshots


def _checked(
    data: UploadedData, dataset: Dataset, choices: TrainingChoices, owner: Owner | None
) -> list[CheckedUpload]:
    uploads = []
    for upload, purpose in (
        (data.training, FilePurpose.TRAINING),
        (data.testing, FilePurpose.TESTING),
    ):
        if upload is None:
            raise RefusedError(
                f"{purpose} is missing: with data_source user, training needs a training_file"
                " and a testing_file.",
                field=purpose.value,
            )
        uploads.append(
            check_upload(
                upload,
                purpose,
                dataset,
                task=find_task(choices.task),
                label_derived=choices.label_derived,
                owner=owner,
            )
        )
    return uploads
