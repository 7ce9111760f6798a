"""What the modern API takes and gives. Model types and hyperparameters come from their specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore import MODELS
from mlcore.datasets import CLASSES
from mlcore.features.feature_sets import FeatureSet
from mlcore.model_selection.protocol import Protocol
from mlcore.prediction.physical_checks import CHECKS
from mlcore.tasks import TASKS, VETTING
from sessions_app import selectors
from sessions_app.api.faults import RequestSerializer
from sessions_app.api.fields import MissionField
from sessions_app.files.upload_handler import file_upload
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    DataSource,
    ObjectPrediction,
    PredictionSession,
    Session,
    TrainingSession,
)
from sessions_app.selectors.planet_rate import prior_corrected_prediction
from sessions_app.services import ArchiveData, TrainingChoices, UploadedData

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NewPredictionSerializer",
    "NewTrainingSerializer",
    "ObjectPredictionSerializer",
    "PlanetRateSerializer",
    "PredictionSessionSerializer",
    "ResultFactsSerializer",
    "ResultSerializer",
    "SessionFilterSerializer",
    "StandingSerializer",
    "TrainingSessionSerializer",
]


def _hyperparameter_schema() -> dict[str, Any]:
    """Return the JSON schema of hyperparameters: one object type for each model type."""
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
    """Return the JSON schema of one hyperparameter from what its row tells."""
    kind = {"type": description["type"]}
    bounds = {key: description[key] for key in ("minimum", "maximum") if key in description}
    if description["type"] == "array of integers":
        kind = {"type": "array", "minItems": 1, "maxItems": description["longest"]}
        bounds = {"items": {"type": "integer", **bounds}}
    return {
        **kind,
        **bounds,
        "description": f"{description['help']} Must be {description['allowed']}.",
        "nullable": True,
        **({"default": description["default"]} if description["default"] is not None else {}),
        **({"enum": description["choices"]} if "choices" in description else {}),
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


_DECLARED = {check.name: check.as_json() for check in CHECKS}
_TASKS = [(task.name, task.title) for task in TASKS.values()]
_FURTHER_PROTOCOLS = (
    Protocol.CROSS_VALIDATED,
    Protocol.TIME_FORWARD,
    Protocol.LEAVE_ONE_MISSION_OUT,
)


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
    seed = serializers.IntegerField(
        default=0, min_value=0, max_value=2**31 - 1, help_text="Seed of every random step."
    )

    def data_of_request(self) -> ArchiveData | UploadedData:
        """Return the rows as the services take them."""
        fields = self.validated_data
        if fields["data_source"] == DataSource.NASA:
            return ArchiveData(mission=fields["mission"])
        training, testing = fields.get("training_file"), fields.get("testing_file")
        return UploadedData(
            mission=fields["mission"],
            training=file_upload(training) if training else None,
            testing=file_upload(testing) if testing else None,
        )


class NewTrainingSerializer(DataSerializer):
    """A request to train."""

    model_type = serializers.CharField(
        help_text=f"One of {', '.join(MODELS)}, or an alias of one.", max_length=60
    )
    hyperparameters = HyperparametersField(default=dict)
    task = serializers.ChoiceField(
        choices=_TASKS, default=VETTING.name, help_text="What is told apart."
    )
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

    def choices_of_request(self) -> TrainingChoices:
        """Return what was chosen beside the model and the rows."""
        fields = self.validated_data
        return TrainingChoices(
            task=fields["task"],
            feature_set=FeatureSet(fields["feature_set"]),
            label_derived=tuple(dict.fromkeys(fields["label_derived_columns"])),
            protocols=tuple(Protocol(name) for name in dict.fromkeys(fields["protocols"])),
        )


class NewPredictionSerializer(DataSerializer):
    """A request to predict with a published model."""

    model = serializers.UUIDField(
        required=False,
        help_text="Id of a published model, or of a completed training session of your own; by"
        " default the newest published one of the mission for the task.",
    )
    task = serializers.ChoiceField(
        choices=_TASKS,
        default=VETTING.name,
        help_text="What is told apart, where no model is named.",
    )


class PlanetRateSerializer(RequestSerializer):
    """How many planets the user expects."""

    planet_rate = serializers.FloatField(
        required=False,
        help_text="Share of planets that you expect among the objects, above 0 and below 1: each"
        " prediction then also says its probabilities at that rate.",
    )


class SessionFilterSerializer(RequestSerializer):
    """Which sessions to list."""

    status = serializers.ChoiceField(
        choices=Status.choices, required=False, help_text="Only sessions of this status."
    )


class SnapshotSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    """The table that a session used."""

    class Meta:
        model = DatasetSnapshot
        fields = ["mission", "dated", "source", "sha256", "rows", "test_rows", "label_counts"]


_SESSION_FIELDS = [
    "id",
    "status",
    "mission",
    "task",
    "data_source",
    "snapshot",
    "reference",
    "seed",
    "attempts",
    "created_at",
    "started_at",
    "finished_at",
    "error",
    "warnings",
]


class TrainingSessionSerializer(serializers.ModelSerializer[TrainingSession]):
    """A training session."""

    snapshot = SnapshotSerializer(read_only=True, allow_null=True)

    class Meta:
        model = TrainingSession
        fields = [
            *_SESSION_FIELDS,
            "model_type",
            "hyperparameters",
            "feature_set",
            "label_derived",
            "protocols",
            "published",
        ]
        read_only_fields = fields


class PredictionSessionSerializer(serializers.ModelSerializer[PredictionSession]):
    """A prediction session."""

    snapshot = SnapshotSerializer(read_only=True, allow_null=True)

    class Meta:
        model = PredictionSession
        fields = [*_SESSION_FIELDS, "published_model"]
        read_only_fields = fields


class StandingSerializer(serializers.Serializer[selectors.Standing]):
    """Where a session stands."""

    status = serializers.ChoiceField(choices=Status.choices)
    percent = serializers.FloatField(help_text="How much of the work is done, 0 to 100.")
    step = serializers.CharField(help_text="The current step, or why the session ended.")


class ObjectPredictionSerializer(serializers.ModelSerializer[ObjectPrediction]):
    """What the model says of one object, and why."""

    probabilities = serializers.SerializerMethodField()
    at_planet_rate = serializers.SerializerMethodField(
        help_text="Label and probabilities at the rate of planets of the request."
    )
    base = serializers.FloatField(
        read_only=True,
        help_text="The explained output of the label for the training median. What kind of number"
        " it is, always one before calibration, is the session's `model.explained_output`.",
    )
    output = serializers.FloatField(
        read_only=True,
        help_text="The explained output of the label for this object, which is `base` plus all"
        " `contributions`; the calibrated value beside it is the label's in `probabilities`.",
    )
    judgement = serializers.SerializerMethodField(
        help_text="Conformal set, domain, score interval, similar objects, and the physical checks"
        " with value, limit, unit, formula and source."
    )
    mark = serializers.SerializerMethodField(
        help_text="What must stand beside the prediction, such as columns that follow the label."
    )

    class Meta:
        model = ObjectPrediction
        fields = [*ObjectPrediction.declared(), "mark", "at_planet_rate"]
        read_only_fields = fields

    def get_at_planet_rate(self, row: ObjectPrediction) -> dict[str, Any] | None:
        """Return the probabilities at the rate of planets that was asked for, if one was."""
        rate = self.context.get("planet_rate")
        return None if rate is None else prior_corrected_prediction(row, rate)

    def get_mark(self, _row: ObjectPrediction) -> str | None:
        """Return the session's mark, None when there is none."""
        mark: str | None = self.context.get("mark")
        return mark

    def get_judgement(self, row: ObjectPrediction) -> dict[str, Any] | None:
        """Return the judgement, its checks with what is declared of them."""
        assessment: dict[str, Any] | None = row.judgement
        if assessment is None or "checks" not in assessment:
            return assessment
        return assessment | {
            "checks": [check | _DECLARED[check["check"]] for check in assessment["checks"]]
        }

    def get_probabilities(self, row: ObjectPrediction) -> dict[str, float]:
        """Return the probability of each disposition."""
        return {str(label): value for label, value in zip(CLASSES, row.probabilities, strict=True)}


class ResultFactsSerializer(serializers.ModelSerializer[Session]):
    """What a completed session's result says beside its predictions."""

    metrics_before = serializers.SerializerMethodField(
        help_text="Figures on the same rows before fine-tuning."
    )
    mark = serializers.SerializerMethodField(
        help_text="What must stand beside every figure, such as columns that follow the label."
    )

    class Meta:
        model = Session
        fields: tuple[str, ...] = (
            "id",
            "task",
            "mark",
            "metrics",
            "metrics_before",
            "report",
            "model",
            "warnings",
        )
        read_only_fields = fields

    def get_mark(self, session: Session) -> str | None:
        """Return the session's mark, None when there is none."""
        return session.mark

    def get_metrics_before(self, session: Session) -> dict[str, Any] | None:
        """Return the figures before fine-tuning, None when nothing was fine-tuned."""
        return getattr(session, "metrics_before", None)


class ResultSerializer(ResultFactsSerializer):
    """A completed session's result."""

    predictions = ObjectPredictionSerializer(many=True, read_only=True)

    class Meta(ResultFactsSerializer.Meta):
        fields = (*ResultFactsSerializer.Meta.fields, "predictions")
        read_only_fields = fields
