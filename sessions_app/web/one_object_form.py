"""The form that asks for one object: which model, and a handful of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms

from mlcore import DATASETS
from mlcore.tasks import usual_task
from sessions_app.models.snapshot import mission_choices
from sessions_app.selectors.pretrained_models import model_title, offered_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.jobs.asked_values import AskedValue
    from sessions_app.exceptions import RefusedError

__all__ = ["ChosenModelForm", "ValuesForm"]

_VALUES = "values."


class ChosenModelForm(forms.Form):
    """Whose object it is, and which model is asked."""

    mission = forms.ChoiceField(label="Mission", choices=mission_choices)
    model = forms.ChoiceField(label="Published model", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = str(self.data.get("model") or "")
        listed = [(str(model.pk), model_title(model)) for model in offered_models()]
        if _is_id(chosen) and chosen not in dict(listed):
            listed.append((chosen, "A model of your own"))
        self.fields["model"].choices = [("", "The usual one of the mission"), *listed]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """Return which model is asked, as `services.asked_model` takes it."""
        dataset = DATASETS[self.cleaned_data["mission"]]
        model = self.cleaned_data["model"]
        return {
            "model_id": UUID(model) if model else None,
            "dataset": dataset,
            "task": usual_task(dataset).name,
            "field": "mission",
        }


class ValuesForm(forms.Form):
    """The values of an object, each of which may be left empty."""

    def __init__(self, asked: Sequence[AskedValue], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = asked
        for value in asked:
            unit = f" [{value.unit_in_words}]" if value.unit else ""
            self.fields[value.column] = forms.CharField(
                label=f"{value.title}{unit}",
                required=False,
                max_length=60,
                help_text=value.help,
                widget=forms.TextInput(
                    attrs={"autocomplete": "off"}
                    | ({} if value.is_text else {"inputmode": "decimal"})
                ),
            )

    def clean(self) -> dict[str, Any]:
        """Ask for at least one number: of a name alone nothing can be said."""
        chosen = super().clean() or self.cleaned_data
        if not any(chosen.get(value.column) for value in self._asked if not value.is_text):
            self.add_error(None, "Type in at least one value; all of them are empty.")
        return chosen

    def values(self) -> dict[str, Any]:
        """Return what was typed in, as `selectors.at_once.predict_one` takes it."""
        return {name: _read(text) for name, text in self.cleaned_data.items() if text}

    def refuse(self, refusal: RefusedError) -> None:
        """Show a refusal beside the value that it is about, and begin there."""
        name = refusal.field.removeprefix(_VALUES)
        # Beside a value its name need not be said again.
        sentence = refusal.sentence.removeprefix(f"{_VALUES}{name}: ")
        self.add_error(name if name in self.fields else None, sentence)
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True


def _read(text: str) -> Any:
    """Return a number where it is one; what is none is refused by whoever reads it."""
    try:
        return float(text)
    except ValueError:
        return text


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
