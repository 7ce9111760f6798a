"""What the modern API gives."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore.datasets import CLASSES
from mlcore.evaluation.evidence import EvidencePart, PartState
from mlcore.prediction.physical_checks import checks_in_full
from mlcore.prediction.stored import ObjectPrediction
from mlcore.prediction.verdict import Verdict
from sessions_app import selectors
from sessions_app.api.dataset_serializers import DatasetSnapshotSerializer
from sessions_app.api.vetting_serializer import (
    BY_ROW,
    SPEAKS,
    VETTED,
    FoldStretchSerializer,
    RowEvidenceSerializer,
    VettingTestSerializer,
)
from sessions_app.lifecycle import Status
from sessions_app.models import (
    PredictionSession,
    Session,
    TrainingSession,
)
from sessions_app.models.verdict import DISPOSITIONS
from sessions_app.selectors.planet_rate import prior_corrected_prediction
from sessions_app.selectors.row_evidence import row_evidence
from sessions_app.selectors.stretches import stretches_of
from sessions_app.selectors.vetting import vetting_of

__all__ = [
    "CHECKED",
    "CONFORMAL",
    "NEIGHBOURS",
    "NOVELTY",
    "SCORE_INTERVAL",
    "ChecksSerializer",
    "ExplainedSerializer",
    "HeadingReadingSerializer",
    "LabelReadingSerializer",
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
_IN_PARTS = frozenset({"judgement", "base", "output"})
"""Fields of a prediction that are told in several of the answer."""
_LATER = "Null until the object is looked at, where a table is large."
CONFORMAL = "What cannot be ruled out at the stated coverage."
NOVELTY = "Whether the model knows such objects (`outside`, `columns`, `sentence`)."
CHECKED = "Physical checks, by what came of them."
SCORE_INTERVAL = "Of each probability under the catalogue's errors, or those that were told."
NEIGHBOURS = "Labelled objects that resemble it most."


class HeadingReadingSerializer(serializers.Serializer[Any]):
    """What became of a column of a file."""

    heading = serializers.CharField(help_text="As the file has it.")
    column = serializers.CharField(
        allow_null=True, help_text="The mission's column that it was read as; null: ignored."
    )
    matched = serializers.ChoiceField(choices=["name", "alias", "request"], allow_null=True)
    stated_unit = serializers.CharField(
        source="unit",
        allow_null=True,
        help_text="The unit that the file or the request states, as it is written.",
    )
    converted_from = serializers.CharField(
        allow_null=True, help_text="In words; null: its values were not converted."
    )
    converted_to = serializers.CharField(allow_null=True, help_text="In words.")
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


def _files_read() -> FilesReadSerializer:
    return FilesReadSerializer(
        read_only=True,
        allow_null=True,
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

    snapshot = DatasetSnapshotSerializer(
        read_only=True, allow_null=True, help_text="The mission's table that it used."
    )
    reference = DatasetSnapshotSerializer(
        read_only=True,
        allow_null=True,
        help_text="The mission's table, whose objects are the neighbours of a user's.",
    )
    reading = _files_read()


class TrainingSessionSerializer(SessionSerializer):
    """A training session."""

    label_derived_columns = serializers.ListField(
        source="label_derived",
        child=serializers.CharField(),
        read_only=True,
        help_text="Columns of the user's file that follow the label and were used all the same.",
    )

    class Meta:
        model = TrainingSession
        fields = [
            *_SESSION_FIELDS,
            "model_type",
            "hyperparameters",
            "feature_set",
            "label_derived_columns",
            "protocols",
            "published",
        ]
        read_only_fields = fields


class PredictionSessionSerializer(SessionSerializer):
    """A prediction session."""

    model = serializers.UUIDField(
        source="published_model_id", read_only=True, help_text="Id of the model that answers."
    )

    class Meta:
        model = PredictionSession
        fields = [*_SESSION_FIELDS, "model"]
        read_only_fields = fields


class StandingSerializer(serializers.Serializer[selectors.Standing]):
    """Where a session stands."""

    status = serializers.ChoiceField(choices=Status.choices)
    percent = serializers.FloatField(help_text="How much of the work is done, 0 to 100.")
    step = serializers.CharField(help_text="The current step, or why the session ended.")


def _assessed(source: str, about: str) -> serializers.JSONField:
    return serializers.JSONField(source=source, read_only=True, allow_null=True, help_text=about)


def _field_of(declared: Field[Any]) -> serializers.Field[Any, Any, Any, Any]:
    """Return how a field of an object's prediction is given."""
    kind = declared.metadata.get("type", pa.int64())
    many = pa.types.is_list(kind)
    one = _GIVEN_AS[kind.value_type if many else kind]
    about: dict[str, Any] = {"read_only": True, "help_text": declared.metadata["meaning"]}
    if many:
        return serializers.ListField(child=one(allow_null=True), **about)
    return one(allow_null=True, **about)


class ExplainedSerializer(serializers.Serializer[Any]):
    """What the contributions add up to: `base` and all of them are `output`."""

    output = serializers.FloatField(
        help_text="Of the predicted class; the calibrated value beside it is in `probabilities`."
    )
    base = serializers.FloatField(help_text="Of the training median.")
    meaning = serializers.CharField(
        help_text="What kind of number it is, always one before calibration."
    )


class ChecksSerializer(serializers.Serializer[Any]):
    """What came of the physical checks."""

    failed = serializers.ListField(
        child=serializers.DictField(),
        help_text="With value, limit, unit, formula, source and a sentence.",
    )
    passed = serializers.ListField(
        child=serializers.DictField(), help_text="With value, limit, unit, formula and source."
    )
    unchecked = serializers.ListField(
        child=serializers.CharField(), help_text="Those that lack what they need."
    )


class ObjectPredictionSerializer(serializers.Serializer[ObjectPrediction]):
    """What the model says of one object, and why."""

    prediction = serializers.ChoiceField(source="label", choices=DISPOSITIONS, read_only=True)
    disposition = serializers.ChoiceField(
        source="actual", choices=DISPOSITIONS, read_only=True, allow_null=True
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
    explained = serializers.SerializerMethodField(
        help_text=f"What the contributions add up to. {_LATER}"
    )
    conformal = _assessed("judgement.conformal", CONFORMAL)
    novelty = _assessed("judgement.domain", NOVELTY)
    checks = serializers.SerializerMethodField(help_text=CHECKED)
    vetting = serializers.SerializerMethodField(help_text=f"{VETTED} {_LATER}")
    stretches = serializers.SerializerMethodField(help_text=SPEAKS)
    catalogue_row = serializers.SerializerMethodField(help_text=BY_ROW)
    score_interval = _assessed("judgement.score_interval", f"{SCORE_INTERVAL} {_LATER}")
    score_interval_sentence = serializers.CharField(
        source="judgement.score_interval_sentence",
        read_only=True,
        allow_null=True,
        help_text=f"The same for the prediction, in words. {_LATER}",
    )
    nearest_neighbours = _assessed("judgement.analogues", f"{NEIGHBOURS} {_LATER}")
    verdict = serializers.ChoiceField(
        choices=[str(verdict) for verdict in Verdict], read_only=True, allow_null=True
    )
    mark = serializers.SerializerMethodField(
        help_text="What must stand beside the prediction, such as columns that follow the label."
    )
    at_planet_rate = serializers.SerializerMethodField(
        help_text="Prediction and probabilities at the rate of planets of the request."
    )

    def get_fields(self) -> dict[str, Any]:
        """Return a field for each that is declared of an object's prediction, then its own."""
        own = super().get_fields()
        given = {}
        for one in fields(ObjectPrediction):
            name = one.metadata.get("given_as") or one.name
            if one.name in _IN_PARTS:
                continue
            given[name] = own.pop(name, None) or _field_of(one)
            if given[name].help_text is None:
                given[name].help_text = one.metadata["meaning"]
        return given | own

    def get_at_planet_rate(self, row: ObjectPrediction) -> dict[str, Any] | None:
        """Return the probabilities at the rate of planets that was asked for, if one was."""
        rate = self.context.get("planet_rate")
        return None if rate is None else prior_corrected_prediction(row, rate)

    def get_mark(self, _row: ObjectPrediction) -> str | None:
        """Return the session's mark, None when there is none."""
        mark: str | None = self.context.get("mark")
        return mark

    @extend_schema_field(ChecksSerializer(allow_null=True))
    def get_checks(self, row: ObjectPrediction) -> dict[str, Any] | None:
        """Return the physical checks with what is declared of them."""
        return None if row.judgement is None else checks_in_full(row.judgement)

    @extend_schema_field(VettingTestSerializer(many=True, allow_null=True))
    def get_vetting(self, row: ObjectPrediction) -> list[dict[str, Any]] | None:
        """Return how each vetting test of a signal ended; None where nothing is vetted so."""
        values = self.get_values(row)
        curves = self.context.get("curves")
        if curves is not None:
            # What no model sees is with the curves alone.
            values = (values or {}) | curves.measured(row.number)
        results = vetting_of(self.context.get("mission", ""), values) if values else ()
        return list(VettingTestSerializer(results, many=True).data) or None

    @extend_schema_field(FoldStretchSerializer(many=True, allow_null=True))
    def get_stretches(self, row: ObjectPrediction) -> list[dict[str, Any]] | None:
        """Return what each stretch of a signal's fold does; None where nothing is said of it."""
        said = stretches_of(self.context.get("curves"), row.number)
        return list(FoldStretchSerializer(said, many=True).data) or None

    @extend_schema_field(RowEvidenceSerializer(allow_null=True))
    def get_catalogue_row(self, row: ObjectPrediction) -> dict[str, Any] | None:
        """Return what curve, row and both say of a signal; None where there is no row."""
        curves = self.context.get("curves")
        evidence = None if curves is None else row_evidence(row, curves.record(row.number))
        return None if evidence is None else dict(RowEvidenceSerializer(evidence).data)

    @extend_schema_field(ExplainedSerializer(allow_null=True))
    def get_explained(self, row: ObjectPrediction) -> dict[str, Any] | None:
        """Return what the contributions add up to; None until the object is looked at."""
        if row.output is None:
            return None
        return {"output": row.output, "base": row.base, "meaning": self.context["explained"]}

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
    status = serializers.ChoiceField(
        source="state", choices=[str(state) for state in PartState], help_text="Where it stands."
    )
    error = serializers.CharField(source="note", allow_null=True, help_text="Why it failed.")


class EvidenceSerializer(serializers.Serializer[Any]):
    """What deepens a session's first answer: what is there, what is coming, what failed."""

    complete = serializers.BooleanField(help_text="Whether nothing more is coming.")
    gathered_by = serializers.UUIDField(
        source="session",
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
    model_info = serializers.JSONField(
        source="model", read_only=True, help_text="What the fitted model is."
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
            "model_info",
            "warnings",
            "reading",
            "evidence",
        )
        read_only_fields = fields

    @extend_schema_field(EvidenceSerializer)
    def get_evidence(self, session: Session) -> dict[str, Any]:
        """Return what is known of the evidence."""
        return dict(EvidenceSerializer(selectors.evidence_of(session)).data)

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
