"""Which rows a session is about, as a form asks for it; made from what is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS

from mlcore.datasets.opinion import OpinionKind
from mlcore.errors import DataError
from mlcore.lightcurves.known import KnownSignal
from mlcore.tasks import TASKS, VETTING
from sessions_app.exceptions import RefusedError
from sessions_app.models import DataSource, FilePurpose
from sessions_app.models.snapshot import mission_choices
from sessions_app.services import (
    ArchiveData,
    UploadedData,
    column_mapping,
)
from sessions_app.services.naming import LONGEST_NAME
from sessions_app.web.sent_files import NO_FILES
from sessions_app.web.told_headings import told_columns, told_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessions_app.web.sent_files import SentFiles


_EPHEMERIS = ("period", "epoch", "duration")
"""The fields of a known signal of a light curve."""


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
    period = forms.FloatField(
        label="Orbital period [d]",
        required=False,
        help_text="Of a known signal in the light curve of a single star: it is tested in"
        " place of what a search finds.",
    )
    epoch = forms.FloatField(
        label="Transit epoch [d]",
        required=False,
        help_text="Mid-time of a transit, in the file's own times or as a Julian date.",
    )
    duration = forms.FloatField(label="Transit duration [h]", required=False)
    task = forms.ChoiceField(
        label="Question",
        choices=[
            (task.name, f"{task.title}: {task.question}")
            for task in sorted(TASKS.values(), key=lambda task: task is not VETTING)
        ],
        initial=VETTING.name,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="Name of the session",
        required=False,
        widget=forms.TextInput(attrs={"maxlength": LONGEST_NAME, "autocomplete": "off"}),
        help_text="What you call it in your list; it can be changed later.",
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

    def __init__(self, *args: Any, sent: SentFiles = NO_FILES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent = sent

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
        # What was chosen of the headings of another file says nothing of this one.
        told = {} if self.sent.replaced else self.data
        return UploadedData(
            mission=chosen["mission"],
            training=self.sent.upload(FilePurpose.TRAINING),
            testing=self.sent.upload(FilePurpose.TESTING),
            mapping=column_mapping(
                chosen["data_source"],
                columns=told_columns(chosen["columns"], told),
                label=chosen["label"],
                label_words=told_words(chosen["label_words"], told),
            ),
            known_signals=self._known_signals(),
        )

    def _known_signals(self) -> tuple[KnownSignal, ...]:
        """Return the known signal that was told; refused where a part of it is missing."""
        told = {name: self.cleaned_data.get(name) for name in _EPHEMERIS}
        if all(value is None for value in told.values()):
            return ()
        for name, value in told.items():
            if value is None:
                raise RefusedError(
                    f"{name} is missing: a known signal takes period, epoch and duration.",
                    field=name,
                )
        try:
            return (KnownSignal(**{name: float(value or 0.0) for name, value in told.items()}),)
        except DataError as error:
            raise RefusedError(str(error), field=str(error).split(" ", 1)[0]) from error

    def clean_seed(self) -> int:
        """Return the seed, 0 where none was given."""
        return int(self.cleaned_data["seed"] or 0)

    def clean(self) -> dict[str, Any]:
        """Say of files that were shown earlier and wait no longer that they are asked for again."""
        chosen = super().clean() or self.cleaned_data
        for field in self.sent.gone if chosen.get("data_source") == DataSource.USER else ():
            self.add_error(field, "The file is kept no longer: choose it again.")
        return chosen

    def refuse(self, refusals: Iterable[RefusedError]) -> None:
        """Show each refusal beside the field that it is about."""
        for refusal in refusals:
            place = self.place_of(refusal)
            if refusal.sentence not in self.errors.get(place or NON_FIELD_ERRORS, ()):
                self.add_error(place, refusal.sentence)

    def place_of(self, refusal: RefusedError) -> str | None:
        """Return beside which field a refusal is shown; None: above all of them."""
        place = {"second_opinion": "opinion_column"}.get(refusal.field, refusal.field)
        return place if place in self.fields else None

    def can_be_asked(self) -> bool:
        """Tell whether it says enough to be asked what it would do.

        What is wrong with hyperparameters is said by whoever is asked.
        """
        return self.is_valid() or not any(True for _ in self.wrong_fields())

    def wrong_fields(self) -> Iterator[tuple[str, str]]:
        """Yield the fields that are wrong by themselves, but for hyperparameters, and why."""
        for name, sentences in self.errors.items():
            if "." not in name:
                yield from ((name, sentence) for sentence in sentences)

    def begin_with_the_first_error(self) -> None:
        """Let the page that shows the form begin at the first field that is wrong."""
        wrong = next((name for name in self.fields if name in self.errors), None)
        if wrong is not None:
            self.fields[wrong].widget.attrs["autofocus"] = True
