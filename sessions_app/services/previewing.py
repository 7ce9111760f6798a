"""What a request for a session would do, told without doing it: the same checks, all refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.datasets.units import column_facts
from mlcore.in_words import counted
from mlcore.tasks import find_task
from sessions_app.access.ownership import SERVER, Owner
from sessions_app.models import FilePurpose, SessionKind
from sessions_app.services.estimating import time_to_predict, time_to_train
from sessions_app.services.fewer_columns import loss_in_words, loss_without
from sessions_app.services.prediction_plan import (
    check_prediction,
    predicted_instead,
    published_model,
)
from sessions_app.services.preview import FilePreview, MissingColumn, PlannedRows, Preview
from sessions_app.services.refusals import Refusals
from sessions_app.services.training_plan import TrainingChoices, both_usable, check_training

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from mlcore.datasets import Dataset
    from mlcore.tasks import Task
    from sessions_app.models import DatasetSnapshot, TrainingSession
    from sessions_app.services.fewer_columns import FewerColumns
    from sessions_app.services.inputs import ArchiveData, CheckedUpload, UploadedData
    from sessions_app.services.prediction_plan import PredictionPlan
    from sessions_app.services.training_plan import TrainingPlan

__all__ = ["preview_prediction", "preview_training"]

_SEARCHED = "searched for transits, unless a signal is told; each signal is tested and judged."


def preview_training(
    *,
    model_type: str,
    hyperparameters: Mapping[str, Any],
    data: ArchiveData | UploadedData,
    choices: TrainingChoices,
    name: str = "",
    seed: int = 0,
    owner: Owner = SERVER,
) -> Preview:
    """Return what `start_training` would do with the same arguments."""
    refusals = Refusals(all_of_them=True)
    plan = check_training(
        model_type=model_type,
        hyperparameters=hyperparameters,
        data=data,
        choices=choices,
        name=name,
        owner=owner,
        refusals=refusals,
    )
    judged_by = None
    if plan.dataset is not None and plan.task is not None and plan.uploads:
        judged_by = published_model(plan.dataset.name, task=plan.task.name)
    missing = _missing(plan.dataset, judged_by, plan.uploads)
    return Preview(
        kind=SessionKind.TRAINING,
        mission=plan.dataset.name if plan.dataset else data.mission,
        task=plan.task.name if plan.task else None,
        model=None,
        model_type=plan.kind.name if plan.kind else None,
        hyperparameters=plan.values,
        seed=seed,
        files=[_file(checked, missing) for checked in plan.uploads],
        planned_rows=_rows_of_training(plan),
        missing_sentence=_missing_in_training(judged_by, plan.dataset, missing),
        warnings=plan.warnings,
        would_be_refused=refusals.found,
        estimate=time_to_train(plan),
    )


def preview_prediction(
    *,
    data: ArchiveData | UploadedData,
    model_id: UUID | None,
    task: str,
    fewer_columns: FewerColumns | None = None,
    second_opinion: dict[str, Any] | None = None,
    name: str = "",
    seed: int = 0,
    owner: Owner = SERVER,
) -> Preview:
    """Return what `start_prediction` would do with the same arguments."""
    refusals = Refusals(all_of_them=True)
    plan = check_prediction(
        data=data,
        model_id=model_id,
        task=task,
        fewer_columns=fewer_columns,
        second_opinion=second_opinion,
        name=name,
        owner=owner,
        refusals=refusals,
    )
    model = plan.model
    missing = _missing(plan.dataset, model, plan.uploads)
    return Preview(
        kind=SessionKind.PREDICTION,
        mission=plan.dataset.name if plan.dataset else data.mission,
        task=model.task if model else None,
        model=model,
        model_type=model.model_type if model else None,
        hyperparameters=model.hyperparameters if model else None,
        seed=seed,
        files=[_file(checked, missing) for checked in plan.uploads],
        planned_rows=_rows_of_prediction(plan),
        missing_sentence=_missing_in_prediction(plan),
        warnings=predicted_instead(plan.uploads),
        would_be_refused=refusals.found,
        estimate=time_to_predict(plan),
    )


def _file(
    checked: CheckedUpload, missing: Mapping[FilePurpose, Sequence[MissingColumn]]
) -> FilePreview:
    verdict = checked.verdict
    look = verdict.look or {"format": "", "headings": (), "first_rows": ()}
    reading = verdict.reading or {"headings": look["headings"], "label": None}
    asked = (choice["label"] for choice in verdict.open if choice["label"])
    # What a heading is still to be told was read on as if it were to be ignored.
    headings = reading["headings"] if not verdict.open else look["headings"]
    return FilePreview(
        field=str(checked.sent_as),
        used_for=checked.purpose,
        name=checked.upload.name,
        size=checked.upload.path.stat().st_size,
        usable=checked.usable,
        format=look["format"],
        rows=verdict.rows if checked.usable else None,
        labelled_rows=verdict.labelled_rows,
        headings=headings,
        label=reading["label"] or next(asked, None),
        open=verdict.open,
        missing=missing.get(checked.purpose, ()),
        first_rows=look["first_rows"],
        light_curves=verdict.light_curves,
        notes=reading.get("notes", ()) if verdict.light_curves else (),
        warnings=verdict.warnings,
    )


def _missing(
    dataset: Dataset | None, model: TrainingSession | None, uploads: Iterable[CheckedUpload]
) -> dict[FilePurpose, list[MissingColumn]]:
    """Return which default columns each file lacks, with what each of them is worth to a model."""
    if dataset is None:
        return {}
    return {
        checked.purpose: [
            MissingColumn(
                column=name,
                **column_facts(dataset.column(name)),
                cost=loss_without(model, _gone(model, dataset, [name])) if model else None,
            )
            for name in dataset.feature_names
            if name not in checked.verdict.filled_columns
        ]
        for checked in uploads
        if checked.usable
    }


def _gone(model: TrainingSession, dataset: Dataset, sources: Iterable[str]) -> set[str]:
    """Return a model's columns that cannot be had without some of the mission's."""
    absent = set(sources)
    return {name for name, needed in model.read_from(dataset).items() if absent & set(needed)}


def _missing_in_training(
    model: TrainingSession | None,
    dataset: Dataset | None,
    missing: Mapping[FilePurpose, Sequence[MissingColumn]],
) -> str:
    sources = {column.column for columns in missing.values() for column in columns}
    if not sources:
        return ""
    sentence = "The model is trained without them."
    if model is None or dataset is None:
        return sentence
    loss = loss_in_words(model, _gone(model, dataset, sources))
    return f"{sentence} Of the published model: {loss[:1].lower()}{loss[1:]}" if loss else sentence


def _missing_in_prediction(plan: PredictionPlan) -> str:
    if plan.lacking is None or plan.model is None:
        return ""
    done = "The model is fitted anew on the columns at hand." if plan.refit else ""
    return f"{done} {loss_in_words(plan.model, plan.lacking.columns)}".strip()


def _rows_of_training(plan: TrainingPlan) -> PlannedRows | None:
    if plan.task is None or plan.dataset is None:
        return None
    if plan.snapshot is not None:
        return _of_snapshot(plan.snapshot, plan.task, plan.dataset)
    both = both_usable(plan.uploads)
    if both is None:
        return None
    learnt, tested = both
    return PlannedRows(
        learnt_from=learnt.labelled_rows,
        predicted=tested.rows,
        sentence=f"Of {counted(learnt.rows, 'row')} in the training file {learnt.labelled_rows:,}"
        f" can be learnt from. The testing file has {counted(tested.rows, 'row')}: all of them are"
        " predicted, and those with a label of the question measured.",
    )


def _of_snapshot(snapshot: DatasetSnapshot, task: Task, dataset: Dataset) -> PlannedRows:
    labelled = sum(snapshot.label_counts[str(label)] for label in task.classes)
    predicted, sentence = _predicted_of(snapshot, task)
    return PlannedRows(
        learnt_from=None,
        predicted=predicted,
        sentence=f"{labelled:,} of the {snapshot.rows:,} rows of {dataset.title} have a label of"
        " the question; learnt from are those on other host stars than the test's. Predicted are"
        f" {sentence}.",
    )


def _predicted_of(snapshot: DatasetSnapshot, task: Task) -> tuple[int | None, str]:
    """Return how many of a mission's rows are predicted, None where candidates are among them."""
    fixed = f"the {snapshot.test_rows:,} rows that are kept for the test"
    ranked = sum(snapshot.label_counts[str(label)] for label in task.ranked)
    if not ranked:
        return snapshot.test_rows, fixed
    return None, f"{fixed} and those of the {ranked:,} undecided ones that are not among them"


def _rows_of_prediction(plan: PredictionPlan) -> PlannedRows | None:
    if plan.snapshot is not None and plan.dataset is not None:
        if plan.model is None:
            return None
        predicted_rows, which = _predicted_of(plan.snapshot, find_task(plan.model.task))
        return PlannedRows(
            learnt_from=None,
            predicted=predicted_rows,
            sentence=f"Predicted are {which}, of {plan.dataset.title}.",
        )
    usable = {checked.purpose: checked.verdict for checked in plan.uploads if checked.usable}
    training = usable.get(FilePurpose.TRAINING)
    testing = usable.get(FilePurpose.TESTING)
    if not usable or len(usable) < len(plan.uploads):
        return None
    tuned = ""
    if training is not None:
        tuned = f"The model goes on learning from {counted(training.labelled_rows, 'row')}"
    if testing is None:
        return PlannedRows(
            learnt_from=training.labelled_rows if training else None,
            predicted=None,
            sentence=f"{tuned}, but for a part of the host stars: their rows are predicted.",
        )
    predicted = (
        f"{counted(testing.rows, 'star')} {'is' if testing.rows == 1 else 'are'} {_SEARCHED}"
        if testing.light_curves
        else f"{counted(testing.rows, 'row')} {'is' if testing.rows == 1 else 'are'} predicted."
    )
    return PlannedRows(
        learnt_from=training.labelled_rows if training else None,
        predicted=None if testing.light_curves else testing.rows,
        sentence=f"{tuned} first. {predicted}" if tuned else predicted,
    )
