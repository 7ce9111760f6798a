"""What the modern API gives."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore.datasets import CLASSES
from mlcore.evaluation.evidence import EvidencePart, PartState
from mlcore.prediction.physical_checks import CHECKS
from mlcore.prediction.stored import ObjectPrediction
from mlcore.prediction.verdict import Verdict
from sessions_app import selectors
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    PredictionSession,
    Session,
    TrainingSession,
)
from sessions_app.models.verdict import DISPOSITIONS
from sessions_app.selectors.planet_rate import prior_corrected_prediction

__all__ = [
    "ObjectPredictionSerializer",
    "PredictionSessionSerializer",
    "ResultFactsSerializer",
    "ResultSerializer",
    "StandingSerializer",
    "TrainingSessionSerializer",
]

if TYPE_CHECKING:
    from collections.abc import Sequence
    from dataclasses import Field

_GIVEN_AS: dict[pa.DataType, type[Any]] = {
    pa.string(): serializers.CharField,
    pa.int64(): serializers.IntegerField,
    pa.float64(): serializers.FloatField,
}
_DECLARED = {check.name: check.as_json() for check in CHECKS}


class SnapshotSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    """The table that a session used."""

    class Meta:
        model = DatasetSnapshot
        fields = ["mission", "dated", "source", "sha256", "rows", "test_rows", "label_counts"]


class HeadingReadingSerializer(serializers.Serializer[Any]):
    """What became of a column of a file."""

    heading = serializers.CharField(help_text="As the file has it.")
    column = serializers.CharField(
        allow_null=True, help_text="The mission's column that it was read as; null: ignored."
    )
    matched = serializers.ChoiceField(choices=["name", "alias", "request"], allow_null=True)
    unit = serializers.CharField(
        allow_null=True, help_text="The unit that the file or the request states."
    )
    converted_from = serializers.CharField(allow_null=True)
    converted_to = serializers.CharField(allow_null=True)
    use = serializers.CharField(
        help_text="feature, label, identifier, bookkeeping, withheld or ignored."
    )
    why = serializers.CharField(help_text="Why it was ignored or withheld, or what was assumed.")


class LabelReadingSerializer(serializers.Serializer[Any]):
    """Where labels come from."""

    heading = serializers.CharField()
    column = serializers.CharField()
    words = serializers.DictField(
        child=serializers.CharField(allow_null=True),
        help_text="What each word was read as; null: no label.",
    )
    rows = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many rows have each word."
    )


class ReadingSerializer(serializers.Serializer[Any]):
    """What was read from a file."""

    headings = HeadingReadingSerializer(many=True)
    label = LabelReadingSerializer(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())


class FilesReadSerializer(serializers.Serializer[Any]):
    """What was read from a session's files."""

    training_file = ReadingSerializer(required=False)
    testing_file = ReadingSerializer(required=False)


@extend_schema_field(FilesReadSerializer(allow_null=True))
class ReadingField(serializers.JSONField):
    """What was read from each file, as it was recorded."""


def _files_read() -> ReadingField:
    return ReadingField(
        read_only=True,
        help_text="What was read from each file, by its field; null where the rows are NASA's.",
    )


_SESSION_FIELDS = [
    "id",
    "name",
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
    "reading",
]


class SessionSerializer(serializers.ModelSerializer[Any]):
    """What both kinds of session that use a table tell."""

    snapshot = SnapshotSerializer(read_only=True, allow_null=True)
    reading = _files_read()


class TrainingSessionSerializer(SessionSerializer):
    """A training session."""

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


class PredictionSessionSerializer(SessionSerializer):
    """A prediction session."""

    class Meta:
        model = PredictionSession
        fields = [*_SESSION_FIELDS, "published_model"]
        read_only_fields = fields


class StandingSerializer(serializers.Serializer[selectors.Standing]):
    """Where a session stands."""

    status = serializers.ChoiceField(choices=Status.choices)
    percent = serializers.FloatField(help_text="How much of the work is done, 0 to 100.")
    step = serializers.CharField(help_text="The current step, or why the session ended.")


def _field_of(declared: Field[Any]) -> serializers.Field[Any, Any, Any, Any]:
    """Return how a field of an object's prediction is given."""
    kind = declared.metadata.get("type", pa.int64())
    many = pa.types.is_list(kind)
    one = _GIVEN_AS[kind.value_type if many else kind]
    about: dict[str, Any] = {"read_only": True, "help_text": declared.metadata["meaning"]}
    if many:
        return serializers.ListField(child=one(allow_null=True), **about)
    return one(allow_null=True, **about)


class ObjectPredictionSerializer(serializers.Serializer[ObjectPrediction]):
    """What the model says of one object, and why."""

    label = serializers.ChoiceField(choices=DISPOSITIONS, read_only=True)
    actual = serializers.ChoiceField(
        choices=DISPOSITIONS, read_only=True, allow_null=True, help_text="Null: it is not known."
    )
    probabilities = serializers.SerializerMethodField()
    values = serializers.SerializerMethodField(
        help_text="By the names of the model's columns, in their declared units; null where"
        " missing. Null as a whole until the object is looked at, where a table is large."
    )
    contributions = serializers.SerializerMethodField(
        help_text="By the names of the same columns, to the explained output; null as a whole as"
        " `values`."
    )
    judgement = serializers.SerializerMethodField(
        help_text="Conformal set, novelty (`domain`), score interval, similar objects, and the"
        " physical checks with value, limit, unit, formula and source."
    )
    verdict = serializers.ChoiceField(
        choices=[str(verdict) for verdict in Verdict], read_only=True, allow_null=True
    )
    mark = serializers.SerializerMethodField(
        help_text="What must stand beside the prediction, such as columns that follow the label."
    )
    at_planet_rate = serializers.SerializerMethodField(
        help_text="Label and probabilities at the rate of planets of the request."
    )

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each that is declared of an object's prediction, then its own."""
        own = super().get_fields()
        declared = {one.name: one for one in fields(ObjectPrediction)}
        given = {name: own.pop(name, None) or _field_of(one) for name, one in declared.items()}
        for name in ("label", "actual", "verdict"):
            given[name].help_text = declared[name].metadata["meaning"]
        return given | own

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

    @extend_schema_field(
        serializers.DictField(child=serializers.FloatField(allow_null=True), allow_null=True)
    )
    def get_values(self, row: ObjectPrediction) -> dict[str, float | None] | None:
        """Return the value of each of the model's columns."""
        return self._by_column(row.values)

    @extend_schema_field(serializers.DictField(child=serializers.FloatField(), allow_null=True))
    def get_contributions(self, row: ObjectPrediction) -> dict[str, float] | None:
        """Return what each of the model's columns contributes."""
        return self._by_column(row.contributions)

    def _by_column(self, of_each: Sequence[Any] | None) -> dict[str, Any] | None:
        if of_each is None:
            return None
        return dict(zip(self.context["columns"], of_each, strict=True))

    def get_probabilities(self, row: ObjectPrediction) -> dict[str, float]:
        """Return the probability of each disposition."""
        return {str(label): value for label, value in zip(CLASSES, row.probabilities, strict=True)}


class EvidencePartSerializer(serializers.Serializer[Any]):
    """A part of what deepens a first answer."""

    part = serializers.ChoiceField(choices=[(part.value, part.meaning) for part in EvidencePart])
    meaning = serializers.CharField(help_text="What it says.")
    state = serializers.ChoiceField(choices=[str(state) for state in PartState])
    note = serializers.CharField(allow_null=True, help_text="Why it failed.")


class EvidenceSerializer(serializers.Serializer[Any]):
    """What deepens a session's first answer: what is there, what is coming, what failed."""

    complete = serializers.BooleanField(help_text="Whether nothing more is coming.")
    session = serializers.UUIDField(
        allow_null=True,
        help_text="Id of the analysis that gathers it; null where it came with the first answer.",
    )
    parts = EvidencePartSerializer(many=True)


class ResultFactsSerializer(serializers.ModelSerializer[Session]):
    """What a completed session's result says beside its predictions."""

    metrics_before = serializers.SerializerMethodField(
        help_text="Figures on the same rows before fine-tuning."
    )
    mark = serializers.ReadOnlyField(
        help_text="What must stand beside every figure, such as columns that follow the label."
    )
    reading = _files_read()
    evidence = serializers.SerializerMethodField(
        help_text="What deepens the first answer; its figures are in the report when they are"
        " there."
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
            "reading",
            "evidence",
        )
        read_only_fields = fields

    @extend_schema_field(EvidenceSerializer)
    def get_evidence(self, session: Session) -> dict[str, Any]:
        """Return what is known of the evidence."""
        return selectors.evidence_of(session)

    def get_metrics_before(self, session: Session) -> dict[str, Any] | None:
        """Return the figures before fine-tuning, None when nothing was fine-tuned."""
        return getattr(session, "metrics_before", None)


class ResultSerializer(ResultFactsSerializer):
    """A completed session's result."""

    predictions = ObjectPredictionSerializer(
        many=True, required=False, help_text="Where they are asked for, by `include`."
    )

    class Meta(ResultFactsSerializer.Meta):
        fields = (*ResultFactsSerializer.Meta.fields, "predictions")
        read_only_fields = fields
