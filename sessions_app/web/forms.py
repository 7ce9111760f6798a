"""The forms that start sessions, made from what is declared: models, missions, columns, tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from mlcore import DATASETS, MODELS
from mlcore.datasets.opinion import OpinionKind
from mlcore.errors import MlcoreError
from mlcore.features.feature_sets import FeatureSet, refusal_of_column
from mlcore.model_selection.protocol import Protocol
from mlcore.models.hyperparameter_kinds import Boolean, Choice, Integer, Real
from mlcore.tasks import TASKS, VETTING, usual_task
from sessions_app.files.upload_handler import file_upload
from sessions_app.models import DataSource
from sessions_app.models.snapshot import mission_choices
from sessions_app.selectors.pretrained_models import model_title, offered_models
from sessions_app.services import (
    ArchiveData,
    FewerColumns,
    TrainingChoices,
    UploadedData,
    column_mapping,
)
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


class DataForm(forms.Form):
    """Which rows a session is about."""

    data_source = forms.ChoiceField(
        label="Whose rows",
        choices=[
            (DataSource.NASA.value, "NASA's table, with its fixed test rows"),
            (DataSource.USER.value, "Files of my own"),
        ],
        initial=DataSource.NASA.value,
        widget=forms.RadioSelect,
    )
    mission = forms.ChoiceField(
        label="Mission",
        choices=mission_choices,
        help_text="Whose table is used, or whose columns your files have.",
    )
    training_file = forms.FileField(label="Training file", required=False, allow_empty_file=True)
    testing_file = forms.FileField(label="Testing file", required=False, allow_empty_file=True)
    columns = forms.CharField(
        label="What its headings mean",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": '{"P": "koi_period"}'}),
        help_text="Only where they are not clear by themselves. JSON: heading to column, or to"
        ' column and unit, such as {"Rp": {"column": "koi_prad", "unit": "R_jup"}}; null ignores a'
        " heading.",
    )
    label = forms.CharField(
        label="Heading of the label",
        required=False,
        max_length=200,
        help_text="Where the disposition is not in the mission's own column.",
    )
    label_words = forms.CharField(
        label="What the label's words mean",
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 2, "placeholder": '{"0": "false_positive", "1": "planet"}'}
        ),
        help_text="JSON: each word's meaning is planet, false_positive, candidate, or null for no"
        " label.",
    )
    task = forms.ChoiceField(
        label="Question",
        choices=[
            (task.name, f"{task.title}: {task.question}")
            for task in sorted(TASKS.values(), key=lambda task: task is not VETTING)
        ],
        initial=VETTING.name,
        widget=forms.RadioSelect,
    )
    seed = forms.IntegerField(
        label="Seed",
        initial=0,
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="Of every random step: on one machine the same seed gives the same result.",
    )

    opinion_column = forms.CharField(
        label="Column",
        required=False,
        help_text="Its heading. It is no feature: it is calibrated on the labelled objects, held"
        " beside the model and combined with it.",
    )
    opinion_kind = forms.ChoiceField(
        label="What it holds",
        required=False,
        choices=[
            (OpinionKind.SCORE.value, "a score: the higher, the likelier a planet"),
            (
                OpinionKind.FALSE_POSITIVE_PROBABILITY.value,
                "the probability of a false positive, from 0 to 1",
            ),
            (OpinionKind.DISPOSITION.value, "words or flags"),
        ],
    )
    opinion_planet = forms.CharField(
        label="Which of its words mean a planet",
        required=False,
        help_text="Of words or flags only, with commas between them.",
    )

    def second_opinion(self) -> dict[str, Any] | None:
        """Return which column holds another vetter's opinion, as the services take it."""
        chosen = self.cleaned_data
        if not chosen["opinion_column"]:
            return None
        words = [word.strip() for word in chosen["opinion_planet"].split(",")]
        return {
            "column": chosen["opinion_column"],
            "kind": chosen["opinion_kind"] or OpinionKind.SCORE.value,
            "planet": [word for word in words if word],
        }

    def rows(self) -> ArchiveData | UploadedData:
        """Return the rows as the services take them."""
        chosen = self.cleaned_data
        if chosen["data_source"] == DataSource.NASA:
            return ArchiveData(mission=chosen["mission"])
        training, testing = chosen.get("training_file"), chosen.get("testing_file")
        return UploadedData(
            mission=chosen["mission"],
            training=file_upload(training) if training else None,
            testing=file_upload(testing) if testing else None,
            mapping=column_mapping(
                chosen["data_source"],
                columns=chosen["columns"],
                label=chosen["label"],
                label_words=chosen["label_words"],
            ),
        )

    def clean_seed(self) -> int:
        """Return the seed, 0 where none was given."""
        return int(self.cleaned_data["seed"] or 0)

    def refuse(self, refusal: RefusedError) -> None:
        """Show a refusal beside the field that it is about."""
        # A request's hyperparameters are many fields here.
        places = {"hyperparameters": "model_type", "second_opinion": "opinion_column"}
        place = places.get(refusal.field, refusal.field)
        self.add_error(place if place in self.fields else None, refusal.sentence)


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

    def hyperparameter_groups(self) -> Iterator[tuple[ModelType, list[BoundField]]]:
        """Yield each model type with the fields of its hyperparameters."""
        for entry in MODELS.values():
            yield entry, [self[_field_name(entry, row)] for row in entry.hyperparameters]

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

    def hyperparameters(self) -> dict[str, Any]:
        """Return the chosen model type's values by name, as they were written."""
        entry = MODELS[self.cleaned_data["model_type"]]
        return {
            row.name: self.cleaned_data[_field_name(entry, row)] for row in entry.hyperparameters
        }

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


class PredictionForm(DataForm):
    """A request to predict with a published model."""

    model = forms.ChoiceField(
        label="Published model",
        required=False,
        help_text="It brings its own question and columns.",
    )

    fewer_columns = forms.ChoiceField(
        label="Where your table lacks columns that the model was trained on",
        required=False,
        choices=[
            ("", "do the usual"),
            *((choice.value, choice.label) for choice in FewerColumns),
        ],
        help_text="Usually a published model is fitted anew, and a table refused by a model of"
        " your own.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = offered_models()
        self.fields["model"].choices = [  # type: ignore[attr-defined]
            ("", "The usual one of the mission for the question below"),
            *((str(model.pk), model_title(model)) for model in offered),
        ]
        # A question that no published model answers would only be refused.
        answered = {model.task for model in offered}
        self.fields["task"].choices = [  # type: ignore[attr-defined]
            choice
            for choice in self.fields["task"].choices  # type: ignore[attr-defined]
            if choice[0] in answered or not answered
        ]
        self.fields["task"].help_text = "Only where no model is chosen above."
        self.fields["task"].required = False

    def clean_task(self) -> str:
        """Return the task, the usual one where none was chosen."""
        mission = self.cleaned_data.get("mission")
        usual = usual_task(DATASETS[mission]) if mission else VETTING
        return str(self.cleaned_data["task"] or usual.name)

    def choice_of_columns(self) -> FewerColumns | None:
        """Return what is done about columns that the table lacks; None: the usual."""
        chosen = self.cleaned_data["fewer_columns"]
        return FewerColumns(chosen) if chosen else None

    def model_id(self) -> UUID | None:
        """Return which model was chosen; None: the usual one."""
        chosen = self.cleaned_data["model"]
        return UUID(chosen) if chosen else None


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
