"""What is told of a request for a session without doing what it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessions_app.exceptions import RefusedError
    from sessions_app.models import FilePurpose, SessionKind, TrainingSession
    from sessions_app.services.estimating import TimeEstimate

__all__ = ["FilePreview", "MissingColumn", "PlannedRows", "Preview"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MissingColumn:
    """A column of the mission that a model would see and the file does not have."""

    column: str
    title: str
    unit: str
    """As astropy writes it."""
    unit_in_words: str
    cost: float | None
    """ROC-AUC that the model loses on its own test rows when what is read from it is shuffled: of a
    training the published model of the question; None where that is nothing, or not measured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePreview:
    """How a file was read."""

    field: str
    """What the request's field is called that brought it."""
    used_for: FilePurpose
    """What it would be used for, which the request may leave to what it holds."""
    name: str
    """The user's own name for it."""
    size: int
    """In bytes."""
    usable: bool
    """Whether nothing was found in it that it is refused for."""
    format: str
    """Empty where it is no table."""
    rows: int | None
    """How many rows the mission's columns were found in; None where it is not usable."""
    labelled_rows: int
    """Of these, those that the task would learn from."""
    headings: Sequence[Mapping[str, Any]]
    """What became of each heading, as `mlcore.datasets.reading.HeadingReading` has it."""
    label: Mapping[str, Any] | None
    """Where the labels come from, as `LabelReading` has it; a word that `open` asks about is not
    among its `words`."""
    open: Sequence[Mapping[str, Any]]
    """What has to be told first, as `mlcore.jobs.upload_look.Open` has it."""
    missing: Sequence[MissingColumn]
    first_rows: Sequence[Sequence[str]]
    """As the file has them, a word for each heading."""
    light_curves: bool
    """Whether it holds light curves, of as many stars as `rows` says."""
    notes: Sequence[str]
    """What was understood of its light curves, as sentences."""
    warnings: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedRows:
    """Which rows a session would learn from and which it would predict."""

    learnt_from: int | None
    """None where that is not known, or nothing is trained."""
    predicted: int | None
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a request would do."""

    kind: SessionKind
    mission: str
    task: str | None
    model: TrainingSession | None
    """Of a prediction: which model would answer."""
    model_type: str | None
    """Of a training: what would be trained."""
    hyperparameters: Mapping[str, Any] | None
    """As they would be used."""
    seed: int
    files: Sequence[FilePreview]
    planned_rows: PlannedRows | None
    missing_sentence: str
    """What it costs that columns are missing, and what is done about it; empty where none is."""
    warnings: Sequence[str]
    would_be_refused: Sequence[RefusedError]
    """Every reason, the first as the request itself would be told it."""
    estimate: TimeEstimate | None
