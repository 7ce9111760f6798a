"""What a form would do, as its page shows it: files as they were read, with choices to settle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore import DATASETS, MODELS
from mlcore.in_words import counted
from mlcore.tasks import find_task
from sessions_app.models import SessionKind
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.formatting import seconds, words
from sessions_app.web.tables.preview_file import shown_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessions_app.services import Preview
    from sessions_app.web.tables.preview_file import ShownFile

__all__ = ["Problem", "ShownPreview", "shown_preview"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that would be refused."""

    sentence: str
    place: str
    """The id of what it is about on the page; empty where it is about the whole form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownPreview:
    """What would happen."""

    problems: Sequence[Problem]
    facts: Sequence[tuple[str, str]] = ()
    files: Sequence[ShownFile] = ()
    rows: str = ""
    missing: str = ""
    warnings: Sequence[str] = ()
    estimate: str = ""

    @property
    def told(self) -> str:
        """What has changed, in a sentence for who hears the page."""
        read = " ".join(f"{file.title}: {file.about}" for file in self.files)
        if not self.problems:
            return f"{read} Nothing would be refused.".strip()
        refused = counted(len(self.problems), "thing")
        return f"{read} {refused} would be refused: {self.problems[0].sentence}".strip()


def shown_preview(
    preview: Preview | None, problems: Sequence[Problem], sent: Mapping[str, Any]
) -> ShownPreview:
    """Return what a page shows of a preview.

    Parameters
    ----------
    preview
        None where the form says too little for one.
    problems
        What would be refused.
    sent
        What the form was sent with, in which the choices are that were made before.
    """
    if preview is None:
        return ShownPreview(problems=problems)
    dataset = DATASETS[preview.mission]
    given: dict[str, str] = {}
    files = [
        shown_file(file, dataset, sent, place, given) for place, file in enumerate(preview.files)
    ]
    choices = {sentence: place for file in files for sentence, place in file.choices.items()}
    return ShownPreview(
        # What can be settled with a choice leads there, and not to the file.
        problems=[
            replace(problem, place=choices.get(problem.sentence, problem.place))
            for problem in problems
        ],
        facts=list(_facts(preview)),
        files=files,
        rows=preview.planned_rows.sentence if preview.planned_rows else "",
        missing=preview.missing_sentence,
        warnings=preview.warnings,
        estimate=_estimate(preview),
    )


def _facts(preview: Preview) -> Iterator[tuple[str, str]]:
    if preview.task:
        yield "Question", find_task(preview.task).question
    if preview.model is not None:
        yield "Model", model_title(preview.model)
    elif preview.model_type:
        yield "Model", MODELS[preview.model_type].label
    if preview.kind == SessionKind.TRAINING and preview.hyperparameters:
        values = preview.hyperparameters.items()
        yield (
            "Hyperparameters",
            ", ".join(f"{words(name)} {_value(value)}" for name, value in values),
        )
    yield "Seed", str(preview.seed)


def _value(value: Any) -> str:
    match value:
        case None:
            return "without limit"
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return " × ".join(map(str, value))
    return str(value)


def _estimate(preview: Preview) -> str:
    if preview.estimate is None:
        return ""
    return f"About {seconds(preview.estimate.seconds)}: {preview.estimate.basis}."
