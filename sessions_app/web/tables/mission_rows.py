"""A mission's rows as its page lists them, and the form that asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from mlcore import in_words
from mlcore.datasets import Disposition
from mlcore.prediction.verdict import Verdict
from mlcore.tasks import find_task
from sessions_app.selectors.dataset_rows import NO_DISPOSITION, PLANET_PROBABILITY
from sessions_app.web.formatting import NOTHING, percent, word_class, words
from sessions_app.web.tables.listed import Listed, ListedTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets import Dataset
    from sessions_app.exceptions import RefusedError
    from sessions_app.models import TrainingSession
    from sessions_app.selectors.dataset_columns import DatasetColumn
    from sessions_app.selectors.dataset_rows import RowsPage

__all__ = ["MissionRowsForm", "mission_table", "usual_columns"]

_USUAL = ("period", "duration", "depth", "radius", "snr", "stellar_temperature")
"""Quantities that are shown where nobody has chosen."""
_PAGE_SIZES = (50, 100, 250)
_DIGITS = 6
"""Of a value: as many as the archive gives of most."""
_ENDS = ("min", "max")


def usual_columns(dataset: Dataset, known: Mapping[str, DatasetColumn]) -> list[str]:
    """Return the columns that are shown where nobody has chosen."""
    named = (dataset.quantities.get(quantity, "") for quantity in _USUAL)
    return [name for name in named if name in known]


class MissionRowsForm(forms.Form):
    """Which rows of a mission's table to show.

    Parameters
    ----------
    asked
        What an address asks for.
    dataset, known
        The mission, and the columns that its table has.
    model
        Whose verdicts stand beside the rows; None: there are none.
    """

    search = forms.CharField(label="Object or star", required=False, max_length=100)
    disposition = forms.MultipleChoiceField(
        label="The catalogue says",
        required=False,
        choices=[
            *((kind.value, kind.words) for kind in Disposition),
            (NO_DISPOSITION, "nothing"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    verdict = forms.MultipleChoiceField(
        label="The model says", required=False, widget=forms.CheckboxSelectMultiple
    )
    page_size = forms.TypedChoiceField(
        label="Rows a page",
        required=False,
        coerce=int,
        empty_value=_PAGE_SIZES[0],
        choices=[(str(size), str(size)) for size in _PAGE_SIZES],
    )
    columns = forms.MultipleChoiceField(
        label="Columns", required=False, widget=forms.CheckboxSelectMultiple
    )
    sort = forms.CharField(required=False, max_length=100)
    page = forms.IntegerField(required=False, min_value=1)

    def __init__(
        self,
        asked: Any,
        *,
        dataset: Dataset,
        known: Mapping[str, DatasetColumn],
        model: TrainingSession | None,
    ) -> None:
        super().__init__(asked)
        self._known = known
        choices = [(name, _titled(column)) for name, column in known.items()]
        self.fields["columns"].choices = choices  # type: ignore[attr-defined]
        if model is None:
            del self.fields["verdict"]
        else:
            self.fields["verdict"].choices = [  # type: ignore[attr-defined]
                (word.value, word.value) for word in _said_by(model)
            ]
        chosen = [name for name in asked.getlist("columns") if name in known]
        self.shown = chosen or usual_columns(dataset, known)
        self.initial["columns"] = self.shown
        self.ranged = [name for name in self.shown if not known[name].is_text]
        for name in self.ranged:
            for end in _ENDS:
                self.fields[f"{name}_{end}"] = forms.FloatField(
                    label=f"{_titled(known[name])}, {'at least' if end == 'min' else 'at most'}",
                    required=False,
                    widget=forms.NumberInput(attrs={"step": "any"}),
                )

    @property
    def ranges_given(self) -> bool:
        """Whether any range is asked for, or is wrong."""
        return any(self[f"{name}_{end}"].value() for name in self.ranged for end in _ENDS)

    @property
    def range_fields(self) -> list[forms.BoundField]:
        """The fields of the ranges."""
        return [self[f"{name}_{end}"] for name in self.ranged for end in _ENDS]

    def asked(self) -> dict[str, Any]:
        """Return what is asked for as `rows_of` takes it."""
        chosen = self.cleaned_data
        ends = {name: tuple(chosen[f"{name}_{end}"] for end in _ENDS) for name in self.ranged}
        return {
            "columns": self.shown,
            "sort": chosen["sort"],
            "dispositions": chosen["disposition"],
            "verdicts": chosen.get("verdict", ()),
            "ranges": {name: pair for name, pair in ends.items() if pair != (None, None)},
            "search": chosen["search"],
            "page": chosen["page"] or 1,
            "page_size": chosen["page_size"],
        }

    def refuse(self, refusal: RefusedError) -> None:
        """Show a refusal beside the field that it is about."""
        place = f"{refusal.field}_min" if refusal.field in self.ranged else refusal.field
        self.add_error(place if place in self.fields else None, refusal.sentence)


def mission_table(page: RowsPage, dataset: Dataset, *, sort: str) -> ListedTable:
    """Return a page of a mission's rows as a table."""
    columns = {
        dataset.object_name[0]: Listed("Object", page="address"),
        dataset.host: Listed("Host star"),
    }
    if page.model is not None:
        columns["verdict"] = Listed("The model says", sorts=False)
        columns[PLANET_PROBABILITY] = Listed("Planet", amount=True, largest_first=True)
    columns[dataset.label] = Listed("The catalogue says")
    # A column that is shown anyway is not shown twice.
    values = {
        place: column for place, column in enumerate(page.columns) if column.name not in columns
    }
    columns |= {
        column.name: Listed(column.title, about=column.unit_in_words, amount=not column.is_text)
        for column in values.values()
    }
    return ListedTable(
        [
            {
                "address": reverse("catalogue_object", args=[dataset.name, row.name]),
                dataset.object_name[0]: " · ".join((row.name, *row.other_names)),
                dataset.host: row.host or NOTHING,
                "verdict": _worded(row.verdict.word) if row.verdict else NOTHING,
                PLANET_PROBABILITY: percent(row.verdict and row.verdict.planet_probability),
                dataset.label: words(row.disposition) if row.disposition else "nothing",
                **{column.name: _written(row.values[place]) for place, column in values.items()},
            }
            for row in page.rows
        ],
        columns,
        title=dataset.title,
        sort=sort,
    )


def _titled(column: DatasetColumn) -> str:
    return f"{column.title} [{column.unit_in_words}]" if column.unit else column.title


def _said_by(model: TrainingSession) -> Sequence[Verdict]:
    """Return what a model of this task can say."""
    kinds = find_task(model.task).classes
    called = Disposition.CANDIDATE in kinds
    return [
        word
        for word in Verdict
        if word is Verdict.UNDECIDED or (word.kind in kinds and word.startswith("would") is called)
    ]


def _worded(word: Verdict) -> str:
    return format_html('<span class="word {}">{}</span>', word_class(word), word)


def _written(value: float | str | None) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, float | int):
        return in_words.typeset(in_words.number(value, digits=_DIGITS))
    return value
