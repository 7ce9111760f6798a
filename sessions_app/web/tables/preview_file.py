"""How a file was read, as a preview shows it, with choices to settle what is not clear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets.spec import Disposition, Role
from mlcore.datasets.units import unit_in_words
from mlcore.in_words import counted
from sessions_app.web.formatting import decimal, file_size, words
from sessions_app.web.told_headings import IGNORED, MEANS, WORD, chosen_of, in_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcore.datasets.spec import Column, Dataset
    from sessions_app.services.preview import FilePreview

__all__ = ["ShownFile", "shown_file"]

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
    notes: Sequence[str]
    """What was understood of its light curves."""
    choices: Mapping[str, str]
    """The id of the choice that settles it, by what would be refused."""


def shown_file(
    file: FilePreview,
    dataset: Dataset,
    sent: Mapping[str, Any],
    place: int,
    given: dict[str, str],
) -> ShownFile:
    """Return how a file was read; a choice that an earlier file has got stands there alone.

    `given` has the ids of the choices that there are, by their names, and gets this file's.
    """
    asked = {name: choice for choice in file.open for name in choice["headings"]}
    chosen = chosen_of(sent, MEANS)
    offered = 0
    noteworthy, withheld, plain = [], [], []
    for number, heading in enumerate(file.headings):
        name = heading["heading"]
        ignored = heading["column"] is None
        choice = None
        wanted = name in asked or name in chosen or (ignored and offered < _MOST_CHOICES)
        if wanted and f"{MEANS}{name}" not in given:
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
    label_words = list(_label_words(file, sent, place, given))
    shown_choices = [one.choice for one in (*noteworthy, *label_words) if one.choice is not None]
    given |= {choice.name: choice.id for choice in shown_choices}
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
        choices=_places(file, given),
        headings=[heading["heading"] for heading in file.headings],
        first_rows=file.first_rows,
        missing=[
            f"{column.title}{f' [{column.unit_in_words}]' if column.unit else ''}, {column.column}"
            + (f": worth {decimal(column.cost)} of ROC-AUC" if column.cost else "")
            for column in file.missing
        ],
        warnings=file.warnings,
        notes=file.notes,
    )


def _places(file: FilePreview, given: Mapping[str, str]) -> dict[str, str]:
    return {
        f"{file.field}: {asked['sentence']}": given[name]
        for asked in file.open
        for name in (
            *(f"{MEANS}{heading}" for heading in reversed(asked["headings"])),
            *(f"{WORD}{word}" for word in reversed(asked["words"])),
        )
        if name in given
    }


def _outline(file: FilePreview) -> str:
    parts = [_FORMATS.get(file.format, file.format), file_size(file.size)]
    if file.rows is not None:
        parts.append(
            f"light curves of {counted(file.rows, 'star')}"
            if file.light_curves
            else counted(file.rows, "row")
        )
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


def _label_words(
    file: FilePreview, sent: Mapping[str, Any], place: int, given: Mapping[str, str]
) -> Iterator[ShownWord]:
    if file.label is None:
        return
    asked = {word for choice in file.open for word in choice["words"]}
    chosen = chosen_of(sent, WORD)
    rows, meanings = file.label["rows"], file.label["words"]
    for number, word in enumerate(rows):
        choice = None
        meaning = meanings.get(word)
        # What is clear needs no choice; how many there are besides is bounded.
        wanted = (word in asked or word in chosen or meaning is None) and number < _MOST_CHOICES
        if wanted and f"{WORD}{word}" not in given:
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
