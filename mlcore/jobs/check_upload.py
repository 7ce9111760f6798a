"""Whether a file can be used: a job of its own, because a file can be hostile to its reader."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.datasets import DATASETS, NotATableError, read_table
from mlcore.datasets.headings.mapping import ColumnMapping, MappingError
from mlcore.datasets.headings.recognition import OtherMissionError
from mlcore.datasets.headings.requested import absent_headings
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.datasets.opinion import Opinion, read_opinion
from mlcore.datasets.reading import Reading
from mlcore.datasets.unclear import LacksColumnsError
from mlcore.errors import DataError
from mlcore.jobs.check_curves import look_at_curves
from mlcore.jobs.upload_look import look_at, open_words
from mlcore.lightcurves.bundles.bundle import holds_light_curves
from mlcore.model_selection.training_rows import training_rows
from mlcore.tasks import find_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["UploadCheck", "UploadVerdict", "check_upload"]


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadCheck:
    """A request to check a file, as JSON values."""

    path: str
    dataset: str
    task: str
    to_train_on: bool
    """Whether the file must have labels, and enough of them."""
    label_derived: list[str]
    mapping: dict[str, Any] = field(default_factory=dict)
    """What the request says of the file's headings, as `ColumnMapping.as_json` writes it."""
    or_to_predict: bool = False
    """Whether a file to train on that has no label at all is one of rows to predict."""
    mission_field: str = "mission"
    """What the request's field is called that names the mission."""
    second_opinion: dict[str, Any] | None = None
    """Which column holds another vetter's opinion, see `mlcore.datasets.opinion.Opinion`."""
    name: str = ""
    """What the file was called: a light curve's name may tell its star."""
    known_signals: list[dict[str, Any]] = field(default_factory=list)
    """Of a light curve, as the fields of `KnownSignal`."""
    look: bool = False
    """Whether to tell also how the file begins and all that it leaves open, not only the first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadVerdict:
    """What came of a check, as JSON values."""

    refusal: str = ""
    """Why the file cannot be used; empty when it can."""
    unreadable: bool = False
    """Whether it is refused because it is no table at all."""
    about: str = ""
    """Name of the request's field that it is refused for, where that is not the file's."""
    light_curves: bool = False
    """Whether it holds light curves, whose signals are the rows; `rows` counts their stars."""
    rows: int = 0
    labelled_rows: int = 0
    """How many of them the task learns from, where the file is to be trained on."""
    missing_columns: tuple[str, ...] = ()
    """Default feature columns that the file lacks."""
    warnings: tuple[str, ...] = ()
    """What the user should know of how it was read, as sentences."""
    given_columns: tuple[str, ...] = ()
    to_predict: bool = False
    """Whether it is of rows to predict, though it came to be trained on: it has no disposition."""
    filled_columns: tuple[str, ...] = ()
    """Of the mission's columns those with a value in at least one row."""
    reading: dict[str, Any] = field(default_factory=dict)
    """What was read as what, as `Reading.as_json` writes it."""
    absent: tuple[tuple[str, str], ...] = ()
    """What the request names that is no heading of the file, as field and heading."""
    opinion_names: tuple[str, ...] = ()
    """Of the second opinion's column: its heading, and the mission's column that it was read as;
    empty where the file has none."""
    look: dict[str, Any] | None = None
    """How the file begins, as `mlcore.jobs.upload_look.UploadLook` has it, where that was asked."""
    open: tuple[dict[str, Any], ...] = ()
    """Choices that it leaves open, as `mlcore.jobs.upload_look.Open` has them, where that was
    asked; each of them is a reason to refuse it, beside `refusal`."""


def check_upload(
    argument: Mapping[str, Any],
    emit: Callable[[dict[str, Any]], None],  # noqa: ARG001 - what every job takes
) -> dict[str, Any]:
    """Read a file and tell whether it can be used for its purpose.

    Parameters
    ----------
    argument
        The fields of an `UploadCheck`.
    emit
        Takes no event here.

    Returns
    -------
    dict
        The fields of an `UploadVerdict`.
    """
    check = UploadCheck(**argument)
    if holds_light_curves(Path(check.path)):
        return asdict(_of_curves(check))
    mapping = ColumnMapping.from_json(check.mapping)
    return asdict(_looked_at(check, mapping) if check.look else _verdict(check, mapping)[0])


def _of_curves(check: UploadCheck) -> UploadVerdict:
    dataset = DATASETS[check.dataset]
    if dataset is not LIGHT_CURVES:
        return UploadVerdict(
            light_curves=True,
            refusal=f"This is a light curve, and no table of {dataset.title}: send it with"
            f" {check.mission_field} {LIGHT_CURVES.name}.",
        )
    if check.second_opinion is not None:
        return UploadVerdict(
            light_curves=True,
            refusal="second_opinion: a light curve has no column of another vetter's opinion; leave"
            " it out.",
            about="second_opinion",
        )
    try:
        found = look_at_curves(
            Path(check.path),
            check.name,
            task=find_task(check.task),
            to_train_on=_needs_labels(check),
            known_signals=check.known_signals,
        )
    except DataError as error:
        return UploadVerdict(
            light_curves=True, refusal=str(error), unreadable=isinstance(error, NotATableError)
        )
    return UploadVerdict(
        light_curves=True,
        rows=found.stars,
        labelled_rows=found.labelled,
        warnings=found.warnings,
        to_predict=check.or_to_predict and not found.labelled,
        # Whatever of them can be measured in a curve is measured.
        given_columns=dataset.column_names,
        filled_columns=dataset.column_names,
        reading=Reading(notes=found.notes).as_json(),
    )


def _looked_at(check: UploadCheck, mapping: ColumnMapping) -> UploadVerdict:
    try:
        look, rest = look_at(
            Path(check.path),
            DATASETS[check.dataset],
            mapping,
            require_label=_needs_labels(check),
        )
    except DataError:
        return _verdict(check, mapping)[0]
    verdict, error = _verdict(check, rest)
    if words := open_words(error) if error else ():
        verdict = replace(verdict, refusal="")
    elif look.open and isinstance(error, LacksColumnsError):
        # It may be one that is still to be told which column it is.
        verdict = replace(verdict, refusal="")
    left_open = tuple(asdict(choice) for choice in (*look.open, *words))
    return replace(verdict, look=asdict(replace(look, open=())), open=left_open)


def _verdict(check: UploadCheck, mapping: ColumnMapping) -> tuple[UploadVerdict, DataError | None]:
    """Return what came of reading the whole file, and why it cannot be used."""
    try:
        return _checked(check, mapping), None
    except MappingError as error:
        return UploadVerdict(refusal=str(error), about=error.field), error
    except OtherMissionError as error:
        return UploadVerdict(refusal=error.sentence(check.mission_field)), error
    except DataError as error:
        unreadable = isinstance(error, NotATableError)
        return UploadVerdict(refusal=str(error), unreadable=unreadable), error


def _needs_labels(check: UploadCheck) -> bool:
    return check.to_train_on and not check.or_to_predict


def _checked(check: UploadCheck, mapping: ColumnMapping) -> UploadVerdict:
    dataset = DATASETS[check.dataset]
    table = read_table(
        Path(check.path),
        dataset,
        require_labels=_needs_labels(check),
        label_derived=check.label_derived,
        mapping=mapping,
    )
    to_predict = check.or_to_predict and (table.labels is None or table.labels.isna().all())
    labelled = 0
    if check.to_train_on and not to_predict:
        learned_from = training_rows(table, find_task(check.task))
        if learned_from.features.isna().all(axis=None):
            raise DataError(
                "The training table has no value in any feature column; expected are"
                f" {', '.join(dataset.feature_names)}."
            )
        labelled = len(learned_from)
    opinion_names: tuple[str, ...] = ()
    if check.second_opinion is not None:
        opinion = Opinion.from_json(check.second_opinion)
        if read_opinion(Path(check.path), opinion, table) is not None:
            opinion_names = table.reading.names_of(opinion.name)
    return UploadVerdict(
        rows=len(table),
        labelled_rows=labelled,
        missing_columns=table.missing_columns,
        warnings=table.warnings,
        to_predict=bool(to_predict),
        opinion_names=opinion_names,
        given_columns=table.given_columns,
        filled_columns=tuple(str(name) for name in table.frame if table.frame[name].notna().any()),
        reading=table.reading.as_json(),
        absent=absent_headings([row.heading for row in table.reading.headings], mapping),
    )
