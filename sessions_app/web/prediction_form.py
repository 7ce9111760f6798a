"""The form that predicts with a published model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from mlcore import DATASETS
from mlcore.tasks import VETTING, usual_task
from sessions_app.selectors.pretrained_models import model_title, offered_models
from sessions_app.services import (
    FewerColumns,
)
from sessions_app.web.data_form import DataForm


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

    def asked(self) -> dict[str, Any]:
        """Return what the form asks for, as the service takes it that predicts."""
        return {
            "data": self.rows(),
            "model_id": self.model_id(),
            "task": self.cleaned_data["task"],
            "fewer_columns": self.choice_of_columns(),
            "second_opinion": self.second_opinion(),
            "name": self.cleaned_data["name"],
            "seed": self.cleaned_data["seed"],
        }

    def choice_of_columns(self) -> FewerColumns | None:
        """Return what is done about columns that the table lacks; None: the usual."""
        chosen = self.cleaned_data["fewer_columns"]
        return FewerColumns(chosen) if chosen else None

    def model_id(self) -> UUID | None:
        """Return which model was chosen; None: the usual one."""
        chosen = self.cleaned_data["model"]
        return UUID(chosen) if chosen else None
