"""A result's objects as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from django import forms

from mlcore.datasets import CLASSES, DATASETS, Disposition
from mlcore.datasets.units import unit_in_words
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.levels import COVERAGE, PERCENTILES
from mlcore.prediction.physical_checks import CHECKS_BY_NAME
from mlcore.tasks import PLANET, find_task
from sessions_app.files.results import ORDERS, Order
from sessions_app.models.verdict import DISPOSITIONS
from sessions_app.selectors.planet_rate import prior_corrected_prediction
from sessions_app.web.formatting import NOTHING, decimal, percent, quantity, signed, words
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from mlcore.datasets.spec import Column
    from mlcore.prediction.stored import ObjectPrediction
    from mlcore.tasks import Task
    from sessions_app.files.results import ObjectList
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

_STRONGEST = 12
"""How many columns stand in the first table."""
_PLANET = CLASSES.index(PLANET)
_CLASSES = [(kind, "planet" if kind == PLANET else title) for kind, title in DISPOSITIONS]


_MAIN = (
    *("period", "depth", "duration", "strength", "radius", "snr"),
    *("insolation", "equilibrium_temperature", "stellar_temperature", "stellar_radius"),
    "magnitude",
)
"""Quantities whose values can stand beside the objects, where the model sees them."""
_USUAL = 4
"""How many of them do where nobody has chosen."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueHeading:
    """The heading of a column of values, which puts the objects in its order."""

    title: str
    unit: str
    """In words."""
    address: str
    """Where they are in its order, or in the opposite one where they are already."""
    sorted: str
    """In which order they are, as a screen reader is told it; empty: in another column's."""


class ObjectsForm(forms.Form):
    """Which of a result's objects to show, and in which order.

    Parameters
    ----------
    asked
        What an address asks for.
    session, objects
        The session, and the objects of its result.
    """

    search = forms.CharField(label="Name or star", required=False, max_length=100)
    sort = forms.ChoiceField(label="Order", required=False)
    label = forms.ChoiceField(
        label="Most probable", required=False, choices=[("", "anything"), *_CLASSES]
    )
    planet_rate = forms.FloatField(
        label="Rate of planets that you expect",
        required=False,
        help_text="Above 0 and below 1, such as 0.3: probabilities are then given at that rate"
        " too.",
        widget=forms.NumberInput(attrs={"step": "any", "placeholder": "as trained"}),
    )
    columns = forms.MultipleChoiceField(
        label="Columns of values", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, asked: QueryDict, session: Session, objects: ObjectList) -> None:
        self.ranked = bool(find_task(session.task).ranked)
        filled = asked.copy()
        if not filled.get("sort"):
            filled["sort"] = "follow_up" if self.ranked else "number"
        super().__init__(filled)
        self._asked = asked
        readable = set(objects.values.names)
        self._known = {
            name: column for name, column in _main_columns(session).items() if name in readable
        }
        choices = [(name, _titled(column)) for name, column in self._known.items()]
        self.fields["columns"].choices = choices  # type: ignore[attr-defined]
        self.fields["sort"].choices = [  # type: ignore[attr-defined]
            *((name, one.title) for name, one in ORDERS.items() if self.ranked or one.of_all),
            *(
                (f"{sign}{name}", f"{title}, {extreme} first")
                for name, title in choices
                for sign, extreme in (("", "smallest"), ("-", "largest"))
            ),
        ]
        chosen = [name for name in asked.getlist("columns") if name in self._known]
        self.shown = chosen or list(self._known)[:_USUAL]
        self.initial["columns"] = self.shown

    def order(self) -> Order:
        """Return the order that is asked for; by default the follow-up list first, if any."""
        sort = self._sort() or "number"
        if sort in ORDERS:
            return ORDERS[sort]
        column = sort.removeprefix("-")
        return Order(title=column, column=column, descending=sort.startswith("-"), of_values=True)

    def headings(self) -> list[ValueHeading]:
        """Return the headings of the columns of values that are shown."""
        return [self._heading(self._known[name]) for name in self.shown]

    def written(self, objects: ObjectList, rows: Sequence[ObjectPrediction]) -> list[list[str]]:
        """Return of each of some objects the values in the columns that are shown."""
        places = [row.number - 1 for row in rows]
        columns = objects.values.columns(self.shown).values()
        values = [column.take(pa.array(places, pa.int64())).to_pylist() for column in columns]
        return [[quantity(value, "") for value in of_row] for of_row in zip(*values, strict=True)]

    def _heading(self, column: Column) -> ValueHeading:
        ascending, descending = column.name, f"-{column.name}"
        sort = self._sort()
        address = self._asked.copy()
        address.pop("page", None)
        address["sort"] = descending if sort == ascending else ascending
        return ValueHeading(
            title=column.meaning,
            unit=unit_in_words(column.unit),
            address=f"?{address.urlencode()}",
            sorted={ascending: "ascending", descending: "descending"}.get(sort, ""),
        )

    def _sort(self) -> str:
        return str(self.cleaned_data.get("sort") or "") if self.is_valid() else ""


def verdict(row: ObjectPrediction) -> str:
    """Return what the model can say of an object; of old results the most probable class."""
    return verdict_of_stored(row.verdict, row.label)


def verdict_of_stored(said: str | None, label: str) -> str:
    """Return what the model can say of an object by what is kept of it."""
    return said or words(label)


def _remaining(conformal: dict[str, Any] | None, task: Task) -> str:
    if conformal is None:
        return NOTHING
    return " or ".join(task.called(Disposition(kind)) for kind in conformal["possible"]) or "none"


def listed_object(
    row: ObjectPrediction, values: Sequence[str], at: ExpectedRate | None, task: Task
) -> dict[str, Any]:
    """Return what a list says of an object."""
    judgement = row.judgement or {}
    flags = [f"fails {words(check['check'])}" for check in judgement.get("failed_checks") or ()]
    if (judgement.get("domain") or {}).get("outside"):
        flags.insert(0, "outside what the model knows")
    corrected = None if at is None else prior_corrected_prediction(row, at)
    return {
        "row": row,
        "values": values,
        "verdict": verdict(row),
        "planet": percent(row.probabilities[_PLANET]),
        "actual": words(row.actual or "not known"),
        "answer": _remaining(judgement.get("conformal"), task),
        "flags": flags,
        "at_rate": percent(corrected["probabilities"][PLANET]) if corrected else "",
        "label_at_rate": task.called(Disposition(corrected["prediction"]))
        if corrected and corrected["prediction"] != row.label
        else "",
    }


def probability_table(
    session: Session, row: ObjectPrediction, at: ExpectedRate | None
) -> WordTable:
    """Return the probability of each class, with what the catalogue's errors make of it."""
    judgement = row.judgement or {}
    intervals = judgement.get("score_interval") or {}
    corrected = None if at is None else prior_corrected_prediction(row, at)["probabilities"]
    task = find_task(session.task)
    classes = task.classes
    conformal = judgement.get("conformal")
    coverage = conformal["coverage"] if conformal else COVERAGE
    low, high = PERCENTILES
    p_values = dict(zip(classes, conformal["p_values"], strict=False)) if conformal else {}

    def shown(of: Any) -> Row:
        interval = intervals.get(of)
        return Row(
            task.called(of).capitalize(),
            percent(row.probabilities[CLASSES.index(of)]),
            f"{percent(interval['low'])} to {percent(interval['high'])}" if interval else NOTHING,
            decimal(p_values.get(of)),
            *([percent(corrected.get(of))] if corrected else []),
            stands_out=of == row.label,
        )

    at_rate = [f"At a planet rate of {at.rate:g}"] if at else []
    return WordTable(
        title="Probabilities",
        about="Calibrated. The interval says how far the catalogue's own errors move a probability"
        f" ({low}th to {high}th percentile); a class with a conformal p-value of at most"
        f" {1 - coverage:.4g} is ruled out.",
        columns=("Class", "Probability", "Within the errors", "Conformal p-value", *at_rate),
        rows=[shown(of) for of in classes],
    )


def contribution_tables(session: Session, row: ObjectPrediction) -> tuple[WordTable, WordTable]:
    """Return how far each column moved the model's output: the strongest ones, and the rest."""
    model = session.model or {}
    declared = _declared(session)
    moved = sorted(
        zip(model.get("columns", []), row.values, row.contributions, strict=True),
        key=lambda column: -abs(column[2]),
    )
    longest = max(map(abs, row.contributions), default=0.0) or 1.0
    rows = [
        Row(
            column.meaning if (column := declared.get(name)) else name,
            quantity(value, column.unit if column else ""),
            signed(contribution),
            note=name if column else "",
            bar=contribution / longest,
        )
        for name, value, contribution in moved
    ]
    strongest = sum(1 for _, _, contribution in moved[:_STRONGEST] if contribution)
    output = words(model.get("explained_output", "output"))
    called = find_task(session.task).called(Disposition(row.label))
    stated = percent(row.probabilities[CLASSES.index(row.label)])
    table = WordTable(
        title="What moved the answer",
        about=f"Contributions to the model's own {output} of {called}, before any"
        " calibration, to the right for it and to the left against it: from"
        f" {decimal(row.base)} for the training median to {decimal(row.output)} for this object,"
        f" which is their exact sum. Calibrated, its probability is {stated}.",
        columns=("Column", "Value", "Contribution"),
        bars=True,
        rows=rows[:strongest],
    )
    rest = replace(
        table,
        title="The other columns",
        about="They moved it less, or not at all.",
        rows=rows[strongest:],
    )
    return table, rest


def check_question(name: str) -> str:
    """Return what a physical check asks, as a sentence."""
    return CHECKS_BY_NAME[name].question if name in CHECKS_BY_NAME else words(name)


def check_table(judgement: dict[str, Any]) -> WordTable | None:
    """Return what was compared with which limit in each physical check; None without any."""
    results = [
        (CHECKS_BY_NAME[result["check"]], result)
        for result in judgement.get("checks", ())
        if result["check"] in CHECKS_BY_NAME
    ]
    if not results:
        return None
    return WordTable(
        title="Each check in numbers",
        about="Of the two limits of a range the one that was broken, or that applies.",
        columns=("What is compared", "Outcome", "Value", "Limit", "Formula", "Source"),
        rows=[
            Row(
                check.subject,
                words(result["outcome"]),
                quantity(result["value"], check.unit),
                f"{quantity(result['limit'], check.unit)} ({check.threshold})",
                check.formula,
                check.source,
                note=check.question,
                stands_out=result["outcome"] == "failed",
            )
            for check, result in results
        ],
    )


def _main_columns(session: Session) -> dict[str, Column]:
    """Return the columns of a session's model that can stand beside its objects, by name."""
    declared, dataset = _declared(session), DATASETS.get(session.mission)
    if dataset is None:
        return {}
    # A shared quantity is called by its own name, and a mission's by its column's.
    names = (name for one in _MAIN for name in (dataset.quantities.get(one, ""), one))
    return {name: declared[name] for name in names if name in declared}


def _titled(column: Column) -> str:
    return f"{column.meaning} [{unit_in_words(column.unit)}]" if column.unit else column.meaning


def _declared(session: Session) -> dict[str, Column]:
    model = session.model or {}
    dataset = DATASETS.get(session.mission)
    if dataset is None or "feature_set" not in model:
        return {}
    inputs = Inputs(
        feature_set=FeatureSet(model["feature_set"]),
        label_derived=tuple(model.get("label_derived", ())),
    )
    return {column.name: column for column in inputs.columns(dataset)}
