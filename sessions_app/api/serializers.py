"""What the modern API takes and gives. Model types and hyperparameters come from their specs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore import MODELS
from mlcore.models.classifier import CLASSES
from sessions_app import queries
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    DataSource,
    ObjectPrediction,
    PredictionSession,
    Session,
    TrainingSession,
)
from sessions_app.models.snapshot import MISSIONS
from sessions_app.services import ArchiveData, UploadedData
from sessions_app.uploading import file_upload

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "NewPredictionSerializer",
    "NewTrainingSerializer",
    "PredictionSessionSerializer",
    "ResultSerializer",
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


def _property(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of one hyperparameter from what its row tells."""
    kind = {"type": told["type"]}
    bounds = {key: told[key] for key in ("minimum", "maximum") if key in told}
    if told["type"] == "array of integers":
        kind = {"type": "array", "minItems": 1, "maxItems": told["longest"]}
        bounds = {"items": {"type": "integer", **bounds}}
    return {
        **kind,
        **bounds,
        "description": f"{told['help']} Must be {told['allowed']}.",
        "nullable": True,
        **({"default": told["default"]} if told["default"] is not None else {}),
        **({"enum": told["choices"]} if "choices" in told else {}),
    }


@extend_schema_field(_hyperparameter_schema())
class HyperparametersField(serializers.JSONField):
    """Hyperparameters by name: an object, or the text of one in a form."""

    default_error_messages = {
        # The framework formats it, so that braces stand twice.
        "object": 'hyperparameters must be a JSON object, such as {{"n_estimators": 200}}.',
        "invalid": "hyperparameters must be a JSON object, and this is not valid JSON.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object that was sent."""
        found = super().to_internal_value(data)
        if not isinstance(found, dict):
            self.fail("object")
        return found


class DataSerializer(serializers.Serializer[Any]):
    """Which rows a session is about."""

    data_source = serializers.ChoiceField(
        choices=DataSource.choices, help_text="Whether the rows are NASA's or the user's."
    )
    mission = serializers.ChoiceField(
        choices=MISSIONS, help_text="Whose table, or whose columns the user's files have."
    )
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
        found = self.validated_data
        if found["data_source"] == DataSource.NASA:
            return ArchiveData(mission=found["mission"])
        training, testing = found.get("training_file"), found.get("testing_file")
        return UploadedData(
            mission=found["mission"],
            training=file_upload(training) if training else None,
            testing=file_upload(testing) if testing else None,
        )


class NewTrainingSerializer(DataSerializer):
    """A request to train."""

    model_type = serializers.CharField(
        help_text=f"One of {', '.join(MODELS)}, or an alias of one.", max_length=60
    )
    hyperparameters = HyperparametersField(default=dict)


class NewPredictionSerializer(DataSerializer):
    """A request to predict with a mission's published model."""


class SnapshotSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    """The table that a session used."""

    class Meta:
        model = DatasetSnapshot
        fields = ["mission", "dated", "source", "sha256", "rows", "test_rows", "label_counts"]


_SESSION_FIELDS = [
    "id",
    "status",
    "mission",
    "data_source",
    "snapshot",
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
        fields = [*_SESSION_FIELDS, "model_type", "hyperparameters", "published"]
        read_only_fields = fields


class PredictionSessionSerializer(serializers.ModelSerializer[PredictionSession]):
    """A prediction session."""

    snapshot = SnapshotSerializer(read_only=True, allow_null=True)

    class Meta:
        model = PredictionSession
        fields = [*_SESSION_FIELDS, "published_model"]
        read_only_fields = fields


class StandingSerializer(serializers.Serializer[queries.Standing]):
    """Where a session stands."""

    status = serializers.ChoiceField(choices=Status.choices)
    percent = serializers.FloatField(help_text="How much of the work is done, 0 to 100.")
    step = serializers.CharField(help_text="The current step, or why the session ended.")


class ObjectPredictionSerializer(serializers.ModelSerializer[ObjectPrediction]):
    """What the model says of one object, and why."""

    probabilities = serializers.SerializerMethodField()

    class Meta:
        model = ObjectPrediction
        fields = [
            "number",
            "name",
            "host",
            "label",
            "actual",
            "probabilities",
            "temperature",
            "values",
            "contributions",
            "base",
            "output",
            "reasons",
        ]
        read_only_fields = fields

    def get_probabilities(self, row: ObjectPrediction) -> dict[str, float]:
        """Return the probability of each disposition."""
        return {str(each): value for each, value in zip(CLASSES, row.probabilities, strict=True)}


class ResultSerializer(serializers.ModelSerializer[Session]):
    """A completed session's result."""

    metrics_before = serializers.SerializerMethodField(
        help_text="Figures on the same rows before fine-tuning."
    )
    predictions = ObjectPredictionSerializer(many=True, read_only=True)

    class Meta:
        model = Session
        fields = ["id", "metrics", "metrics_before", "model", "warnings", "predictions"]
        read_only_fields = fields

    def get_metrics_before(self, session: Session) -> dict[str, Any] | None:
        """Return the figures before fine-tuning, None when nothing was fine-tuned."""
        return getattr(session, "metrics_before", None)
