"""What a request to predict would do: with which model, on which rows, refused for what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS, of_candidates
from mlcore.features.feature_sets import FeatureSet
from mlcore.models.model_types import FINE_TUNED
from mlcore.tasks import DISPOSITION, check_asks, find_task, usual_task
from sessions_app.access.ownership import Act, Owner
from sessions_app.exceptions import RefusedError, naming
from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession
from sessions_app.models.snapshot import ALL_MISSIONS
from sessions_app.services.datasets import current_snapshot, load_command
from sessions_app.services.fewer_columns import (
    FewerColumns,
    lacking_columns,
    refuse_unless_refit,
)
from sessions_app.services.inputs import (
    ArchiveData,
    UploadedData,
    check_uploads,
    known_dataset,
    routed,
)
from sessions_app.services.limits import refuse_when_full
from sessions_app.services.naming import checked_name
from sessions_app.services.second_opinion import (
    asked_opinion,
    refuse_unless_loaded,
    refuse_unless_unseen,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from mlcore.datasets import Dataset
    from mlcore.datasets.opinion import Opinion
    from sessions_app.models import DatasetSnapshot
    from sessions_app.services.fewer_columns import Lacking
    from sessions_app.services.inputs import CheckedUpload
    from sessions_app.services.refusals import Refusals

_PREDICTED = (
    "The training_file has no dispositions, so that its rows are predicted and nothing is"
    " fine-tuned."
)
_DEFAULT_SETS = (FeatureSet.DEFAULT, FeatureSet.MEASURED)


def published_model(mission: str, *, task: str = DISPOSITION.name) -> TrainingSession | None:
    """Return the newest published model that serves a mission, or None.

    One that can be fine-tuned is preferred to one that cannot, and one of the mission's own default
    columns to one on shared columns.
    """
    offered = TrainingSession.objects.filter(published=True, status=Status.COMPLETED, task=task)
    own = offered.filter(mission=mission, feature_set__in=_DEFAULT_SETS)
    shared = offered.filter(mission=ALL_MISSIONS)
    tunable = [models.filter(model_type__in=FINE_TUNED) for models in (own, shared)]
    newest = (models.order_by("-finished_at").first() for models in (*tunable, own, shared))
    return next((model for model in newest if model), None)


def _chosen_model(
    model_id: UUID | None, dataset: Dataset, *, task: str, field: str, owner: Owner
) -> TrainingSession:
    if model_id is None:
        model = published_model(dataset.name, task=task)
        if model is None and not dataset.published:
            raise RefusedError(
                f"model: the project publishes no model of {dataset.title}; train one and name the"
                " id of its session.",
                field="model",
            )
        if model is None:
            raise RefusedError(
                f"{field}: there is no published {dataset.name} model on this server; an operator"
                f" makes one with `{load_command(dataset.name)}` and `manage.py train_pretrained"
                f" {dataset.name}`.",
                field=field,
            )
        return model
    model = TrainingSession.objects.filter(pk=model_id, status=Status.COMPLETED).first()
    # It is offered to everybody, or is the caller's own.
    if model is None or not (model.published or owner.staff or owner.may(Act.CHANGE, model)):
        raise RefusedError(
            f"model: there is no published model {model_id}, and no completed training session of"
            " yours.",
            field="model",
        )
    shared = model.feature_set == FeatureSet.HARMONISED and dataset.name in of_candidates()
    if model.mission != dataset.name and not shared:
        raise RefusedError(
            f"model: it reads the columns of {_title(model)} and cannot score"
            f" {dataset.title}; choose one of {dataset.name}"
            f"{' or one on the harmonised columns' if dataset.name in of_candidates() else ''}.",
            field="model",
        )
    return model


def _seen_by(model: TrainingSession, dataset: Dataset) -> set[str]:
    """Return a model's columns, with the mission's columns that they are read from."""
    return {
        name for column, needed in model.read_from(dataset).items() for name in (column, *needed)
    }


def _title(model: TrainingSession) -> str:
    dataset = DATASETS.get(model.mission)
    return "all missions" if dataset is None else dataset.title


def _one_that_lacks_nothing(
    model: TrainingSession, dataset: Dataset, uploads: Sequence[CheckedUpload]
) -> TrainingSession | None:
    """Return a published model of the same task that needs only what files have, or None."""
    offered = TrainingSession.objects.filter(
        published=True,
        status=Status.COMPLETED,
        task=model.task,
        mission__in=(dataset.name, ALL_MISSIONS),
    ).order_by("-finished_at")
    return next(
        (other for other in offered if lacking_columns(other, dataset, uploads) is None), None
    )


def _check_fits(model: TrainingSession, data: ArchiveData | UploadedData) -> None:
    """Refuse rows that a model of a user's own cannot be used on."""
    if isinstance(data, ArchiveData):
        if model.label_derived:
            raise RefusedError(
                f"model: it uses the label-derived columns {', '.join(model.label_derived)}, which"
                " only files of your own can have; choose data_source user.",
                field="model",
            )
    elif (
        data.training is not None
        and not data.training_may_be_testing
        and model.model_type not in FINE_TUNED
    ):
        raise RefusedError(
            f"training_file: the model is a {model.get_model_type_display()}, which cannot be"
            f" fine-tuned; only {' and '.join(FINE_TUNED)} can. Leave the training_file out.",
            field="training_file",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionPlan:
    """What a request to predict would do. What was refused, and what follows from it, is absent."""

    data: ArchiveData | UploadedData
    name: str = ""
    dataset: Dataset | None = None
    snapshot: DatasetSnapshot | None = None
    model: TrainingSession | None = None
    opinion: Opinion | None = None
    uploads: Sequence[CheckedUpload] = ()
    lacking: Lacking | None = None
    """What the files lack of what the model was trained on."""
    refit: bool = False
    """Whether it is fitted anew without that."""


def predicted_instead(uploads: Sequence[CheckedUpload]) -> list[str]:
    """Say that files which came to be trained on are predicted, where that is so."""
    return [_PREDICTED for checked in uploads if checked.verdict.to_predict]


def check_prediction(
    *,
    data: ArchiveData | UploadedData,
    model_id: UUID | None,
    task: str,
    fewer_columns: FewerColumns | None,
    second_opinion: dict[str, Any] | None,
    name: str,
    owner: Owner,
    refusals: Refusals,
) -> PredictionPlan:
    """Check a request to predict and return what it would do.

    With `refusals` that are gathered it goes on after each of them, as far as what is left can be
    checked without it.
    """
    with refusals.of_a_check():
        refuse_when_full(owner)
    if model_id is None:
        data, task = _routed(data, task, owner)
    plan = PredictionPlan(data=data)
    with refusals.of_a_check():
        plan = replace(plan, name=checked_name(name))
    with refusals.of_a_check():
        plan = replace(plan, dataset=known_dataset(data.mission, field=data.field))
    if plan.dataset is None:
        return plan
    dataset = plan.dataset
    if isinstance(data, ArchiveData):
        with refusals.of_a_check():
            snapshot = data.snapshot or current_snapshot(dataset.name, field=data.field)
            plan = replace(plan, snapshot=snapshot)
    with refusals.of_a_check():
        plan = replace(
            plan, model=asked_model(model_id, dataset, task=task, field=data.field, owner=owner)
        )
        _check_fits(plan.model, data)
    with refusals.of_a_check():
        plan = replace(plan, opinion=asked_opinion(second_opinion))
        if plan.snapshot is not None:
            refuse_unless_loaded(plan.opinion, dataset, plan.snapshot)
    if isinstance(data, UploadedData):
        model = plan.model
        uploads = check_uploads(
            data,
            dataset,
            # Without a model the files are at least read.
            task=find_task(model.task) if model else usual_task(dataset),
            label_derived=model.label_derived if model else (),
            to_train=False,
            owner=owner,
            opinion=plan.opinion,
            refusals=refusals,
        )
        plan = replace(plan, uploads=uploads)
        with refusals.of_a_check():
            plan = _with_all_its_columns(
                plan, fewer_columns, may_be_another=model_id is None, refusals=refusals
            )
    if plan.model is not None:
        with refusals.of_a_check():
            usable = [checked for checked in plan.uploads if checked.usable]
            refuse_unless_unseen(plan.opinion, _seen_by(plan.model, dataset), usable)
    return plan


def _routed(
    data: ArchiveData | UploadedData, task: str, owner: Owner
) -> tuple[ArchiveData | UploadedData, str]:
    """Return light curves as such, with the question that can be asked of them."""
    of = routed(data, owner=owner)
    dataset = DATASETS.get(of.mission.strip().lower())
    if of is data or dataset is None:
        return data, task
    return of, usual_task(dataset).name


def asked_model(
    model_id: UUID | None, dataset: Dataset, *, task: str, field: str, owner: Owner
) -> TrainingSession:
    """Return the model that a request asks for: one by its id, or the usual one for a task."""
    with naming("task"):
        wanted = find_task(task)
        if model_id is None:
            check_asks(wanted, dataset)
    return _chosen_model(model_id, dataset, task=wanted.name, field=field, owner=owner)


def _with_all_its_columns(
    plan: PredictionPlan, choice: FewerColumns | None, *, may_be_another: bool, refusals: Refusals
) -> PredictionPlan:
    """Find out what the model lacks in the files, and refuse it or take another published one."""
    model, dataset = plan.model, plan.dataset
    usable = [checked for checked in plan.uploads if checked.usable]
    if model is None or dataset is None or not usable:
        return plan
    lacking = lacking_columns(model, dataset, usable)
    if lacking is None:
        return plan
    try:
        refuse_unless_refit(model, lacking, choice)
    except RefusedError as refusal:
        other = None
        if may_be_another and choice is not FewerColumns.REFUSE:
            other = _one_that_lacks_nothing(model, dataset, usable)
        if other is not None:
            return replace(plan, model=other)
        refusals.of_these([refusal])
        return replace(plan, lacking=lacking)
    return replace(plan, lacking=lacking, refit=True)
