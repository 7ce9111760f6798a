"""What a form would do, as its page shows it: files as they were read, with choices to settle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlcore import DATASETS, MODELS
from mlcore.datasets.spec import Disposition, Role
from mlcore.datasets.units import unit_in_words
from mlcore.in_words import counted
from mlcore.tasks import find_task
from sessions_app.models import SessionKind
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.formatting import decimal, file_size, seconds, words
from sessions_app.web.told_headings import IGNORED, MEANS, WORD, chosen_of, in_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcore.datasets.spec import Column, Dataset
    from sessions_app.services import Preview
    from sessions_app.services.preview import FilePreview

__all__ = ["Problem", "ShownPreview", "shown_preview"]

_MOST_CHOICES = 20
"""For how many headings that are ignored a choice is offered: each lists the mission's columns."""
_AS_UNDERSTOOD = "as it was understood"
_FORMATS = {"text": "Text"}
_MEANINGS = (
    ("planet", Disposition.CONFIRMED),
    ("false_positive", Disposition.FALSE_POSITIVE),
    ("candidate", Disposition.CANDIDATE),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """Something that would be refused."""

    sentence: str
    place: str
    """The id of what it is about on the page; empty where it is about the whole form."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A value to choose."""

    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What may be told of a heading or a word."""

    name: str
    id: str
    label: str
    options: Sequence[Option]
    must: bool
    """Whether nothing starts before it is told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownHeading:
    """A heading of a file."""

    heading: str
    read_as: str
    about: str
    """Unit, conversion and why, in words."""
    choice: Choice | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownWord:
    """A word of the label."""

    word: str
    rows: int
    read_as: str
    choice: Choice | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownFile:
    """How a file was read."""

    title: str
    about: str
    usable: bool
    noteworthy: Sequence[ShownHeading]
    """Headings that have to be told, that are called otherwise, ignored or converted."""
    withheld: Sequence[ShownHeading]
    """Those that no model sees."""
    plain: Sequence[ShownHeading]
    """Those that are called as the mission calls them."""
    label: str
    """Where the labels come from, in words; empty where there are none."""
    label_words: Sequence[ShownWord]
    headings: Sequence[str]
    first_rows: Sequence[Sequence[str]]
    missing: Sequence[str]
    warnings: Sequence[str]
    choices: Mapping[str, str]
    """The id of the choice that settles it, by what would be refused."""


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
    files = [_shown(file, dataset, sent, place) for place, file in enumerate(preview.files)]
    choices = {sentence: place for file in files for sentence, place in file.choices.items()}
    return ShownPreview(
        # What can be settled with a choice leads there, and not to the file.
        problems=[
            replace(problem, place=choices.get(problem.sentence, problem.place))
            for problem in problems
        ],
        facts=list(_facts(preview)),
        files=files,
        rows=preview.rows.sentence if preview.rows else "",
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


def _shown(file: FilePreview, dataset: Dataset, sent: Mapping[str, Any], place: int) -> ShownFile:
    asked = {name: choice for choice in file.open for name in choice["headings"]}
    chosen = chosen_of(sent, MEANS)
    offered = 0
    noteworthy, withheld, plain = [], [], []
    for number, heading in enumerate(file.headings):
        name = heading["heading"]
        ignored = heading["column"] is None
        choice = None
        if name in asked or name in chosen or (ignored and offered < _MOST_CHOICES):
            offered += ignored and name not in asked
            choice = _of_heading(
                name, asked.get(name), chosen.get(name, ""), dataset, f"means-{place}-{number}"
            )
        shown = ShownHeading(
            heading=name or f"column {number + 1}, which has no heading",
            read_as="to be told" if name in asked else _column(heading, dataset),
            about=_about(heading),
            choice=choice,
        )
        if heading["use"] == "withheld" and choice is None:
            withheld.append(shown)
        elif heading["matched"] == "name" and not shown.about and choice is None:
            plain.append(shown)
        else:
            noteworthy.append(shown)
    label_words = list(_label_words(file, sent, place))
    noteworthy.sort(key=lambda shown: not (shown.choice and shown.choice.must))
    return ShownFile(
        title=f"{words(file.field).capitalize()}, {file.name}",
        about=_outline(file),
        usable=file.usable,
        noteworthy=noteworthy,
        withheld=withheld,
        plain=plain,
        label=_label(file, dataset),
        label_words=label_words,
        choices=_places(file, noteworthy, label_words),
        headings=[heading["heading"] for heading in file.headings],
        first_rows=file.first_rows,
        missing=[
            f"{column.title}{f' [{column.unit}]' if column.unit else ''}, {column.column}"
            + (f": worth {decimal(column.cost)} of ROC-AUC" if column.cost else "")
            for column in file.missing
        ],
        warnings=file.warnings,
    )


def _places(
    file: FilePreview, headings: Sequence[ShownHeading], words_: Sequence[ShownWord]
) -> dict[str, str]:
    shown = [*headings, *words_]
    choices = [one.choice for one in shown if one.choice is not None and one.choice.must]
    places = {choice.name: choice.id for choice in choices}
    return {
        f"{file.field}: {asked['sentence']}": places[name]
        for asked in file.open
        for name in (
            *(f"{MEANS}{heading}" for heading in reversed(asked["headings"])),
            *(f"{WORD}{word}" for word in reversed(asked["words"])),
        )
        if name in places
    }


def _outline(file: FilePreview) -> str:
    parts = [_FORMATS.get(file.format, file.format), file_size(file.bytes)]
    if file.rows is not None:
        parts.append(counted(file.rows, "row"))
    if file.headings:
        read = sum(heading["column"] is not None for heading in file.headings)
        parts.append(f"{read} of {counted(len(file.headings), 'heading')} understood")
    return ", ".join(filter(None, parts)) + "."


def _column(heading: Mapping[str, Any], dataset: Dataset) -> str:
    if heading["column"] is None:
        return "ignored"
    column = dataset.column(heading["column"])
    unit = unit_in_words(column.unit)
    return f"{column.meaning}{f' [{unit}]' if unit else ''}"


def _about(heading: Mapping[str, Any]) -> str:
    parts = []
    if heading["converted_from"]:
        parts.append(f"Converted from {heading['converted_from']} to {heading['converted_to']}.")
    if heading["why"]:
        parts.append(heading["why"])
    return " ".join(parts)


def _of_heading(
    name: str, asked: Mapping[str, Any] | None, chosen: str, dataset: Dataset, place: str
) -> Choice:
    likely = list(asked["columns"]) if asked else []
    listed = [(IGNORED, "nothing: ignore it")]
    if asked and asked["unit"]:
        column = dataset.column(likely[0])
        unit = unit_in_words(asked["unit"])
        listed.append((in_unit(column.name, asked["unit"]), f"{column.meaning}, already in {unit}"))
    elif asked:
        listed += [(column, _titled(dataset.column(column))) for column in likely]
    listed += [
        (column.name, _titled(column))
        for column in _choosable(dataset)
        if column.name not in likely
    ]
    if chosen and chosen not in dict(listed):
        listed.append((chosen, chosen))
    return Choice(
        name=f"{MEANS}{name}",
        id=place,
        label=f"What {name} is",
        options=_options("choose…" if asked else _AS_UNDERSTOOD, listed, chosen),
        must=asked is not None,
    )


def _choosable(dataset: Dataset) -> Iterator[Column]:
    """Yield the columns that people's tables have: the label, names and what a model may see."""
    for column in dataset.columns:
        if column.wide or column.uncertainty_of:
            continue
        if column.role in {Role.LABEL, Role.IDENTIFIER} or (
            column.role is Role.FEATURE and column.leak is None
        ):
            yield column


def _titled(column: Column) -> str:
    unit = unit_in_words(column.unit)
    return f"{column.meaning}{f' [{unit}]' if unit else ''}"


def _options(usual: str, listed: Sequence[tuple[str, str]], chosen: str) -> list[Option]:
    return [
        Option(value=value, title=title, chosen=value == chosen)
        for value, title in (("", usual), *listed)
    ]


def _label(file: FilePreview, dataset: Dataset) -> str:
    if file.label is None:
        return ""
    heading, column = file.label["heading"], dataset.column(file.label["column"])
    return f"From {heading}, which is read as {column.meaning.lower()}."


def _label_words(file: FilePreview, sent: Mapping[str, Any], place: int) -> Iterator[ShownWord]:
    if file.label is None:
        return
    asked = {word for choice in file.open for word in choice["words"]}
    chosen = chosen_of(sent, WORD)
    rows, meanings = file.label["rows"], file.label["words"]
    for number, word in enumerate(rows):
        choice = None
        meaning = meanings.get(word)
        # What is clear needs no choice; how many there are besides is bounded.
        if (word in asked or word in chosen or meaning is None) and number < _MOST_CHOICES:
            listed = [
                *((value, Disposition(kind).words) for value, kind in _MEANINGS),
                (IGNORED, "no label"),
            ]
            choice = Choice(
                name=f"{WORD}{word}",
                id=f"word-{place}-{number}",
                label=f"What {word} means",
                options=_options(
                    "choose…" if word in asked else _AS_UNDERSTOOD, listed, chosen.get(word, "")
                ),
                must=word in asked,
            )
        read_as = "to be told" if word in asked else words(meaning) if meaning else "no label"
        yield ShownWord(word=word, rows=rows[word], read_as=read_as, choice=choice)
