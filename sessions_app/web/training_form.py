"""The form that trains a model, made from what is declared: models, columns, tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from mlcore import DATASETS, MODELS
from mlcore.errors import MlcoreError
from mlcore.features.feature_sets import FeatureSet, refusal_of_column
from mlcore.model_selection.protocol import Protocol
from mlcore.models.hyperparameter_kinds import Boolean, Choice, Integer, Real
from sessions_app.services import (
    TrainingChoices,
)
from sessions_app.web.data_form import DataForm
from sessions_app.web.formatting import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.forms import BoundField

    from mlcore.models import ModelType
    from mlcore.models.hyperparameter_kinds import Hyperparameter
    from sessions_app.exceptions import RefusedError

_PROTOCOLS = {
    Protocol.CROSS_VALIDATED: "Cross-validated: each star is tested once, by a model that was"
    " trained on others",
    Protocol.TIME_FORWARD: "Forward in time: what was undecided in an older table is tested by what"
    " it was found to be since; needs an older table on this server",
    Protocol.LEAVE_ONE_MISSION_OUT: "Leave one mission out: each mission is tested by a model of"
    " the others, on the quantities that they share",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class HyperparameterGroup:
    """A model type with the fields of its hyperparameters."""

    entry: ModelType
    usual: list[BoundField]
    rare: list[BoundField]
    rare_are_shown: bool


class TrainingForm(DataForm):
    """A request to train. Each model type brings the fields of its hyperparameters."""

    model_type = forms.ChoiceField(
        label="Model",
        choices=[(entry.name, entry.label) for entry in MODELS.values()],
        initial="xgboost",
    )
    feature_set = forms.ChoiceField(
        label="Columns",
        choices=[(kind.value, kind.meaning[:1].upper() + kind.meaning[1:]) for kind in FeatureSet],
        initial=FeatureSet.DEFAULT.value,
        help_text="What the model sees. The full table's columns have to be in the table.",
    )
    protocols = forms.MultipleChoiceField(
        label="Other ways of testing, beside the test rows",
        choices=[(protocol.value, meaning) for protocol, meaning in _PROTOCOLS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Each trains the model several times more.",
    )
    label_derived_columns = forms.MultipleChoiceField(
        label="Columns that follow the label",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only for files of your own: they state or follow the disposition, so that every"
        " figure of the session is marked.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label_derived_columns"].choices = list(_label_derived_choices())  # type: ignore[attr-defined]
        for entry in MODELS.values():
            for row in entry.hyperparameters:
                self.fields[_field_name(entry, row)] = _field(row)

    def hyperparameter_groups(self) -> Iterator[HyperparameterGroup]:
        """Yield each model type with the fields of its hyperparameters."""
        for entry in MODELS.values():
            usual = _usual(entry)
            fields = {row: self[_field_name(entry, row)] for row in entry.hyperparameters}
            rare = [field for row, field in fields.items() if row not in usual]
            yield HyperparameterGroup(
                entry=entry,
                usual=[fields[row] for row in usual],
                rare=rare,
                rare_are_shown=any(field.errors or field.value() for field in rare),
            )

    def clean(self) -> dict[str, Any]:
        """Read the hyperparameters of the chosen model type; those of others do not matter."""
        chosen = super().clean() or self.cleaned_data
        entry = MODELS.get(chosen.get("model_type", ""))
        for row in entry.hyperparameters if entry else ():
            name = _field_name(entry, row)  # type: ignore[arg-type]
            try:
                row.read(chosen.get(name))
            except MlcoreError as error:
                self.add_error(name, ValidationError(str(error)))
        return chosen

    def place_of(self, refusal: RefusedError) -> str | None:
        """Return beside which field a refusal is shown; None: above all of them."""
        if refusal.field != "hyperparameters":
            return super().place_of(refusal)
        # A request's hyperparameters are many fields here, and a sentence begins with a name.
        entry = MODELS.get(self.data.get("model_type", ""))
        named = refusal.sentence.split(" ", maxsplit=1)[0]
        for row in entry.hyperparameters if entry else ():
            if row.name == named:
                return _field_name(entry, row)  # type: ignore[arg-type]
        return "model_type"

    def asked(self) -> dict[str, Any]:
        """Return what the form asks for, as the service takes it that trains."""
        return {
            "model_type": self.cleaned_data["model_type"],
            "hyperparameters": self.hyperparameters(),
            "data": self.rows(),
            "choices": self.choices(),
            "name": self.cleaned_data["name"],
            "seed": self.cleaned_data["seed"],
        }

    def hyperparameters(self) -> dict[str, Any]:
        """Return the chosen model type's values by name, as they were written."""
        entry = MODELS[self.cleaned_data["model_type"]]
        return {row.name: self.data.get(_field_name(entry, row)) for row in entry.hyperparameters}

    def choices(self) -> TrainingChoices:
        """Return what was chosen beside the model and the rows."""
        chosen = self.cleaned_data
        own = f"{chosen['mission']}."
        return TrainingChoices(
            task=chosen["task"],
            feature_set=FeatureSet(chosen["feature_set"]),
            # Those of another mission do not matter, like the hyperparameters of another model.
            label_derived=tuple(
                column.removeprefix(own)
                for column in chosen["label_derived_columns"]
                if column.startswith(own)
            ),
            protocols=tuple(Protocol(name) for name in chosen["protocols"]),
            second_opinion=self.second_opinion(),
        )


_FEWEST_USUAL = 2


def _usual(entry: ModelType) -> list[Hyperparameter]:
    """Return the hyperparameters that are usually set: those that a search tries, or the first."""
    tried = [row for row in entry.hyperparameters if row.search is not None]
    rest = [row for row in entry.hyperparameters if row.search is None]
    usual = [*tried, *rest[: max(0, _FEWEST_USUAL - len(tried))]]
    return [row for row in entry.hyperparameters if row in usual]


def _field_name(entry: ModelType, row: Hyperparameter) -> str:
    return f"{entry.name}.{row.name}"


def _field(row: Hyperparameter) -> forms.CharField:
    """Return a field that takes any text: the row itself reads it and words the refusal."""
    shown = _shown(row.default)
    return forms.CharField(
        label=words(row.name),
        required=False,
        help_text=f"{row.help} Must be {row.allowed}{f'; {shown} by default' if shown else ''}.",
        widget=_widget(row, shown),
    )


def _widget(row: Hyperparameter, shown: str) -> forms.Widget:
    match row:
        case Choice():
            listed = row.choices
        case Boolean():
            listed = ("true", "false")
        case Integer() | Real():
            step = 1 if isinstance(row, Integer) else "any"
            bounds = {"min": row.minimum, "max": row.maximum, "step": step}
            return forms.NumberInput(attrs=bounds | {"placeholder": shown})
        case _:
            return forms.TextInput(attrs={"placeholder": shown})
    usual = f"default ({shown})" if shown else "default"
    return forms.Select(choices=[("", usual), *((value, value) for value in listed)])


def _shown(default: Any) -> str:
    if default is None:
        return ""
    if isinstance(default, bool):
        return "true" if default else "false"
    return ", ".join(map(str, default)) if isinstance(default, tuple) else str(default)


def _label_derived_choices() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for dataset in DATASETS.values():
        yield (
            dataset.title,
            [
                (f"{dataset.name}.{column.name}", f"{column.name}: {column.meaning}")
                for column in dataset.columns
                if refusal_of_column(dataset, column.name, uploaded=True) is None
            ],
        )
