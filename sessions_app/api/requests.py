"""What requests of the modern API hold, and what they start.

Model types and hyperparameters come from their specs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore import DATASETS, MODELS
from mlcore.datasets.opinion import OpinionKind
from mlcore.features.feature_sets import FeatureSet
from mlcore.model_selection.protocol import Protocol
from mlcore.tasks import DISPOSITION, TASKS, TRIAGE, VETTING, usual_task
from sessions_app import services
from sessions_app.api.faults import ParametersSerializer, RequestSerializer
from sessions_app.api.light_curve_serializers import KnownSignalsField, known_signals
from sessions_app.files.upload_handler import file_upload
from sessions_app.models import DataSource
from sessions_app.models.snapshot import mission_choices
from sessions_app.services import ArchiveData, FewerColumns, TrainingChoices, UploadedData
from sessions_app.services.naming import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessions_app.access.ownership import Owner
    from sessions_app.models import Session
    from sessions_app.services import Preview

__all__ = [
    "MissionField",
    "NewPredictionSerializer",
    "NewTrainingSerializer",
    "PlanetRateSerializer",
    "ProgressSerializer",
    "RenamingSerializer",
    "ResultParametersSerializer",
    "WaitFor",
]


class MissionField(serializers.ChoiceField):
    """A mission's name; each serializer asks anew which there are, as it copies its fields."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=mission_choices(), **kwargs)


def _hyperparameter_schema() -> dict[str, Any]:
    # One object type for each model type.
    return {
        "anyOf": [
            {
                "type": "object",
                "title": entry.name,
                "properties": {
                    row.name: _property(row.describe()) for row in entry.hyperparameters
                },
            }
            for entry in MODELS.values()
        ],
        "description": "Values by name; absent ones take their defaults.",
    }


def _property(description: Mapping[str, Any]) -> dict[str, Any]:
    kind: dict[str, Any] = {"type": [description["type"], "null"]}
    bounds = {key: description[key] for key in ("minimum", "maximum") if key in description}
    if description["type"] == "array of integers":
        kind = {"type": ["array", "null"], "minItems": 1, "maxItems": description["longest"]}
        bounds = {"items": {"type": "integer", **bounds}}
    return {
        **kind,
        **bounds,
        "description": f"{description['help']} Must be {description['allowed']}.",
        **({"default": description["default"]} if description["default"] is not None else {}),
        **({"enum": [*description["choices"], None]} if "choices" in description else {}),
    }


@extend_schema_field(_hyperparameter_schema())
class HyperparametersField(serializers.JSONField):
    """Hyperparameters by name: an object, or the text of one in a form."""

    allowed = 'a JSON object, such as {"n_estimators": 200}'

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object that was sent."""
        hyperparameters = super().to_internal_value(data)
        if not isinstance(hyperparameters, dict):
            self.fail("invalid")
        return hyperparameters


_MEANINGS = ["planet", "confirmed", "false_positive", "candidate"]


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [
                {"type": "null"},
                {"type": "string", "description": "Name of the mission's column."},
                {
                    "type": "object",
                    "required": ["column"],
                    "properties": {
                        "column": {"type": "string"},
                        "unit": {
                            "type": "string",
                            "description": "The unit of the file's values, such as R_jup or hours.",
                        },
                    },
                    "additionalProperties": False,
                },
            ],
        },
        "description": "Which heading of your files is which of the mission's columns, where that"
        " is not clear by itself: heading to column, heading to column and unit, or null to ignore"
        " a heading. Only with user.",
        "examples": [{"P": "koi_period", "Rp": {"column": "koi_prad", "unit": "R_jup"}, "x": None}],
    }
)
class ColumnsField(serializers.JSONField):
    """Headings and the columns that they are: an object, or the text of one in a form."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": ["string", "null"], "enum": [*_MEANINGS, None]},
        "description": "What words of the label mean, where that is not clear by itself; null for"
        " no label. Only with user.",
        "examples": [{"0": "false_positive", "1": "planet"}],
    }
)
class LabelWordsField(serializers.JSONField):
    """Words of the label and what they mean: an object, or the text of one in a form."""


_TASKS = [(task.name, task.title) for task in TASKS.values()]
_TASK = (
    f"What is told apart: of objects of interest {VETTING.name}, which is usual, or"
    f" {DISPOSITION.name}; of threshold-crossing events {TRIAGE.name}."
)
_FURTHER_PROTOCOLS = (
    Protocol.CROSS_VALIDATED,
    Protocol.TIME_FORWARD,
    Protocol.LEAVE_ONE_MISSION_OUT,
)


_OPINION_SCHEMA = {
    "type": "object",
    "properties": {
        "column": {"type": "string", "description": "The heading of the column."},
        "kind": {
            "type": "string",
            "enum": [str(kind) for kind in OpinionKind],
            "description": "score: the higher the likelier a planet; false_positive_probability:"
            " from 0 to 1; disposition: words or flags.",
        },
        "planet": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of a disposition: its words that mean a planet.",
        },
    },
    "required": ["column", "kind"],
}


@extend_schema_field(_OPINION_SCHEMA)
class OpinionField(serializers.JSONField):
    """Which column holds another vetter's opinion: an object, or the text of one in a form."""

    allowed = 'a JSON object, such as {"column": "robovetter_score", "kind": "score"}'


class WaitFor(models.TextChoices):
    """When a session counts as completed."""

    FIRST_ANSWER = "first_answer", "its first answer"
    EVIDENCE = "evidence", "what deepens it, too"


_NAME = {
    "allow_blank": True,
    "help_text": f"What you call the session, in at most {LONGEST_NAME} characters.",
}


class RenamingSerializer(RequestSerializer):
    """What can be changed of a session: what it is called."""

    name = serializers.CharField(**_NAME)


class DataSerializer(RequestSerializer):
    """Which rows a session is about."""

    data_source = serializers.ChoiceField(
        choices=DataSource.choices, help_text="Whether the rows are NASA's or the user's."
    )
    mission = MissionField(help_text="Whose table, or whose columns the user's files have.")
    training_file = serializers.FileField(
        required=False, help_text="Rows to learn from, with dispositions. Only with user."
    )
    testing_file = serializers.FileField(
        required=False, help_text="Rows to predict. Only with user."
    )
    columns = ColumnsField(required=False, allow_null=True)
    label = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="Heading of the column of labels, where it is not called as the mission's, such"
        " as koi_pdisposition. Only with user.",
    )
    label_words = LabelWordsField(required=False, allow_null=True)
    known_signals = KnownSignalsField(
        required=False,
        allow_null=True,
        help_text="Of a single star's light curve, sent with mission lightcurves: they are"
        " tested in place of what a search finds.",
    )
    name = serializers.CharField(default="", **_NAME)
    seed = serializers.IntegerField(
        default=0, min_value=0, max_value=2**31 - 1, help_text="Seed of every random step."
    )

    second_opinion = OpinionField(
        required=False,
        allow_null=True,
        help_text="A column of your file, or of NASA's table, that holds what another vetter says"
        " of each object. It is no feature: it is calibrated on the labelled rows, held beside the"
        " model and combined with it.",
    )
    wait_for = serializers.ChoiceField(
        choices=WaitFor.choices,
        default=WaitFor.FIRST_ANSWER.value,
        help_text="When the session completes: with its first answer, which has predictions,"
        " calibrated probabilities, figures and reasons, and is deepened afterwards; or when its"
        " evidence is there too.",
    )

    dry_run = serializers.BooleanField(
        default=False,
        help_text="Whether only to tell what the request would do, with every reason for which it"
        " would be refused: answered with 200, and nothing is started or kept.",
    )

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing is to be started."""
        return bool(self.validated_data["dry_run"])

    def _waits_for_evidence(self) -> bool:
        return bool(self.validated_data["wait_for"] == WaitFor.EVIDENCE)

    def _task(self) -> str:
        fields = self.validated_data
        return str(fields.get("task") or usual_task(DATASETS[fields["mission"]]).name)

    def _data(self) -> ArchiveData | UploadedData:
        fields = self.validated_data
        mapping = services.column_mapping(
            fields["data_source"],
            columns=fields.get("columns"),
            label=fields.get("label"),
            label_words=fields.get("label_words"),
        )
        if fields["data_source"] == DataSource.NASA:
            return ArchiveData(mission=fields["mission"])
        return UploadedData(
            mission=fields["mission"],
            training=file_upload(fields.get("training_file")),
            testing=file_upload(fields.get("testing_file")),
            mapping=mapping,
            known_signals=known_signals(fields.get("known_signals")),
        )


class NewTrainingSerializer(DataSerializer):
    """A request to train."""

    model_type = serializers.CharField(
        help_text=f"One of {', '.join(MODELS)}, or an alias of one.", max_length=60
    )
    hyperparameters = HyperparametersField(default=dict)
    task = serializers.ChoiceField(choices=_TASKS, required=False, help_text=_TASK)
    feature_set = serializers.ChoiceField(
        choices=[(columns.value, columns.meaning) for columns in FeatureSet],
        default=FeatureSet.DEFAULT.value,
        help_text="Which columns the model sees.",
    )
    label_derived_columns = serializers.ListField(
        child=serializers.CharField(max_length=60),
        default=list,
        max_length=20,
        help_text="Columns of your own file to use although they state or follow the disposition;"
        " every figure of the session then says so. Only with user.",
    )
    protocols = serializers.ListField(
        child=serializers.ChoiceField(choices=[protocol.value for protocol in _FURTHER_PROTOCOLS]),
        default=list,
        max_length=len(_FURTHER_PROTOCOLS),
        help_text="Ways of testing beside the test rows.",
    )

    def start(self, owner: Owner) -> Session:
        """Start training on NASA's table or on the user's files."""
        return services.start_training(
            **self._asked(), waits_for_evidence=self._waits_for_evidence(), owner=owner
        )

    def preview(self, owner: Owner) -> Preview:
        """Tell what the training would be."""
        return services.preview_training(**self._asked(), owner=owner)

    def _asked(self) -> dict[str, Any]:
        fields = self.validated_data
        return {
            "model_type": fields["model_type"],
            "hyperparameters": fields["hyperparameters"],
            "data": self._data(),
            "choices": TrainingChoices(
                task=self._task(),
                feature_set=FeatureSet(fields["feature_set"]),
                label_derived=tuple(dict.fromkeys(fields["label_derived_columns"])),
                protocols=tuple(Protocol(name) for name in dict.fromkeys(fields["protocols"])),
                second_opinion=fields.get("second_opinion"),
            ),
            "name": fields["name"],
            "seed": fields["seed"],
        }


class NewPredictionSerializer(DataSerializer):
    """A request to predict with a published model."""

    model = serializers.UUIDField(
        required=False,
        help_text="Id of a published model, or of a completed training session of your own; by"
        " default the newest published one of the mission for the task.",
    )
    task = serializers.ChoiceField(
        choices=_TASKS, required=False, help_text=f"Where no model is named. {_TASK}"
    )

    fewer_columns = serializers.ChoiceField(
        choices=FewerColumns.choices,
        required=False,
        help_text="What is done when your table lacks columns that the model was trained on: fit it"
        " anew on those at hand, as is usual with a published model, or refuse the table, as is"
        " usual with a model of your own.",
    )

    def start(self, owner: Owner) -> Session:
        """Predict a mission's test rows or the user's, after fine-tuning on a training file."""
        return services.start_prediction(
            **self._asked(), waits_for_evidence=self._waits_for_evidence(), owner=owner
        )

    def preview(self, owner: Owner) -> Preview:
        """Tell what the prediction would be."""
        return services.preview_prediction(**self._asked(), owner=owner)

    def _asked(self) -> dict[str, Any]:
        fields = self.validated_data
        choice = fields.get("fewer_columns")
        return {
            "data": self._data(),
            "model_id": fields.get("model"),
            "task": self._task(),
            "second_opinion": fields.get("second_opinion"),
            "fewer_columns": FewerColumns(choice) if choice else None,
            "name": fields["name"],
            "seed": fields["seed"],
        }


class WaitForSerializer(ParametersSerializer):
    """What a caller waits for."""

    wait_for = serializers.ChoiceField(
        choices=WaitFor.choices,
        default=WaitFor.FIRST_ANSWER.value,
        help_text="`evidence`: the session counts as running until what deepens its first answer is"
        " there too.",
    )


LONGEST_WAIT = 30
"""How long a request may wait for news [s]."""


class ProgressSerializer(WaitForSerializer):
    """What a caller who asks for progress waits for."""

    wait = serializers.IntegerField(
        default=0,
        min_value=0,
        max_value=LONGEST_WAIT,
        help_text="Answer only when the session stands elsewhere than it does now, or than the"
        " answer says whose ETag is in If-None-Match; after so many seconds in any case. Few may"
        " wait at once: who may not is answered at once, with `Retry-After`.",
    )


class PlanetRateSerializer(ParametersSerializer):
    """How many planets the user expects."""

    planet_rate = serializers.FloatField(
        required=False,
        help_text="Share of planets that you expect among the objects, above 0 and below 1: each"
        " prediction then also says its probabilities at that rate.",
    )


class Include(models.TextChoices):
    """What a result is given with where it is asked for."""

    PREDICTIONS = "predictions", "every object's prediction"


class ResultParametersSerializer(PlanetRateSerializer, WaitForSerializer):
    """What of a result is told."""

    include = serializers.ChoiceField(
        choices=Include.choices,
        required=False,
        help_text="`predictions`: every object's prediction with it, however many there are.",
    )
