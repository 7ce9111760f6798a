"""Tables that lack columns which a model was trained on.

No model is asked with a column that is not there. A published model is fitted anew on exactly the
columns at hand, without being asked; with a model of one's own the user says whether.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

from mlcore import DATASETS
from mlcore.in_words import decimal, names
from mlcore.metrics.registry import METRICS
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.models import DataSource, FilePurpose
from sessions_app.services.datasets import load_command, loaded_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlcore.datasets import Dataset
    from sessions_app.models import TrainingSession
    from sessions_app.services.inputs import CheckedUpload

__all__ = [
    "FewerColumns",
    "Lacking",
    "lacking_columns",
    "loss_in_words",
    "loss_without",
    "refuse_unless_refit",
]


class FewerColumns(models.TextChoices):
    """What is done when the user's table lacks columns that the model was trained on."""

    REFIT = "refit", "fit the model anew on the columns at hand"
    REFUSE = "refuse", "refuse the table"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lacking:
    """What files lack of what a model was trained on."""

    sources: tuple[str, ...]
    """The mission's columns."""
    columns: frozenset[str]
    """The model's own columns that cannot be had without them."""
    purpose: FilePurpose
    """The first file that lacks one."""


def lacking_columns(
    model: TrainingSession, dataset: Dataset, uploads: Iterable[CheckedUpload]
) -> Lacking | None:
    """Return what files lack of what a model was trained on, None where they lack nothing."""
    read = model.read_from(dataset)
    sources: list[str] = []
    columns: set[str] = set()
    purpose: FilePurpose | None = None
    for checked in uploads:
        for name, needed in read.items():
            absent = [source for source in needed if source not in checked.verdict.filled_columns]
            if absent:
                sources += absent
                columns.add(name)
                purpose = purpose or checked.purpose
    if purpose is None:
        return None
    return Lacking(
        sources=tuple(dict.fromkeys(sources)), columns=frozenset(columns), purpose=purpose
    )


def refuse_unless_refit(
    model: TrainingSession, lacking: Lacking, choice: FewerColumns | None
) -> None:
    """Refuse files that lack columns, unless the model may and can be fitted anew without them."""
    field = lacking.purpose.value
    named = names(lacking.sources)
    if lacking.columns >= set(model.model["columns"]):
        raise RefusedError(
            f"{field}: The table has no value in a column that the model reads: {named}.",
            field=field,
        )
    if (choice or _usual(model)) is FewerColumns.REFUSE:
        raise RefusedError(
            f"{field}: The table lacks {named}, which the model was trained on. Send them, or have"
            " the model fitted anew on the columns at hand with fewer_columns set to"
            f" {FewerColumns.REFIT}.{_said(loss_in_words(model, lacking.columns))}",
            field=field,
        )
    if model.card is None and model.data_source == DataSource.USER:
        files = {file.purpose: file.file.name for file in model.files.all()}
        if not all(
            purpose in files and storage.exists(storage.media_path(files[purpose]))
            for purpose in (FilePurpose.TRAINING, FilePurpose.TESTING)
        ):
            raise RefusedError(
                f"{field}: The table lacks {named}, which the model was trained on, and the files"
                " that it could be fitted anew on are kept no longer.",
                field=field,
            )
        return
    for mission in _missions(model):
        if model.snapshot is None and not _has_table(mission):
            raise RefusedError(
                f"{field}: The table lacks {named}, which the model was trained on, and to fit it"
                f" anew without them needs the {mission} table, which is not loaded on this server;"
                f" an operator loads it with `{load_command(mission)}`.",
                field=field,
            )


def _usual(model: TrainingSession) -> FewerColumns:
    return FewerColumns.REFIT if model.published else FewerColumns.REFUSE


def _missions(model: TrainingSession) -> list[str]:
    return list(model.model["missions"])


def _has_table(mission: str) -> bool:
    return loaded_snapshot(mission) is not None or DATASETS[mission].carried is not None


def loss_without(model: TrainingSession, columns: Iterable[str]) -> float | None:
    """Return how much of its ROC-AUC a model owes to columns, as far as its own test rows told.

    Each quantity that would be gone was shuffled alone; None where that was not measured.
    """
    permutation = ((model.report or {}).get("importance") or {}).get("permutation")
    if permutation is None:
        return None
    gone = set(columns)
    drops = [
        loss["mean"]["roc_auc"]
        for loss in permutation["losses"]
        if gone >= set(loss["columns"]) and loss["mean"].get("roc_auc") is not None
    ]
    return float(sum(drops)) if drops else None


def loss_in_words(model: TrainingSession, columns: Iterable[str]) -> str:
    """Return the same as a sentence; empty where it was not measured."""
    loss = loss_without(model, columns)
    if loss is None or model.report is None:
        return ""
    return (
        f"Shuffling the quantities that would be gone, one by one, costs it {decimal(loss)}"
        f" of its {METRICS['roc_auc'].title} in all, on {model.report['importance']['split']}."
    )


def _said(sentence: str) -> str:
    return f" {sentence}" if sentence else ""
