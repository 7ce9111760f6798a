"""What a request with `dry_run` is answered: what it would do, and all that it is refused for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from mlcore.datasets.spec import Disposition
from sessions_app.api.dataset_serializers import NamedColumnSerializer
from sessions_app.api.serializers import HeadingReadingSerializer, LabelReadingSerializer
from sessions_app.models import FilePurpose, SessionKind

if TYPE_CHECKING:
    from sessions_app.services import Preview

__all__ = ["DRY_RUN_EXAMPLE", "PreviewSerializer"]


class RefusalSerializer(serializers.Serializer[Any]):
    """A reason for which the request would be refused."""

    field = serializers.CharField(
        help_text="Name of the field that is wrong; empty: the whole request."
    )
    detail = serializers.CharField(source="sentence", help_text="What is wrong, in one sentence.")
    status = serializers.IntegerField(help_text="The HTTP status that the request would get.")


class OpenChoiceSerializer(serializers.Serializer[Any]):
    """Something that has to be told before a file can be used."""

    sentence = serializers.CharField()
    headings = serializers.ListField(
        child=serializers.CharField(), help_text="To be named in `columns`; empty: it is of words."
    )
    columns = serializers.ListField(
        child=serializers.CharField(), help_text="The mission's columns that may be meant."
    )
    unit = serializers.CharField(
        help_text="The unit that the values may be in, if that is asked, as astropy writes it."
    )
    words = serializers.ListField(
        child=serializers.CharField(), help_text="To be named in `label_words`."
    )


class MissingColumnSerializer(NamedColumnSerializer):
    """A default column of the mission that a file does not have."""

    cost = serializers.FloatField(
        allow_null=True,
        help_text="ROC-AUC that the model, or of a training the published model of the question,"
        " loses when what is read from it is shuffled; null: nothing, or not measured.",
    )


class FilePreviewSerializer(serializers.Serializer[Any]):
    """How a file was read."""

    field = serializers.ChoiceField(choices=FilePurpose.choices)
    used_for = serializers.CharField(
        help_text="The field that it would be used as, which may follow from what it holds."
    )
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    usable = serializers.BooleanField(help_text="Whether nothing in it would be refused.")
    format = serializers.CharField(help_text="Empty: it is no table.")
    rows = serializers.IntegerField(allow_null=True)
    labelled_rows = serializers.IntegerField(help_text="Of these, those to learn from.")
    headings = HeadingReadingSerializer(many=True)
    label = LabelReadingSerializer(allow_null=True)
    label_counts = serializers.SerializerMethodField(help_text="Rows of each disposition.")
    open = OpenChoiceSerializer(many=True)
    missing = MissingColumnSerializer(many=True)
    first_rows = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True)),
        help_text="At most ten, as the file has them: a word for each heading.",
    )
    warnings = serializers.ListField(child=serializers.CharField())

    def get_label_counts(self, file: Any) -> dict[str, int]:
        """Return how many rows were read as each disposition."""
        if file.label is None:
            return {}
        counts = {str(kind): 0 for kind in Disposition}
        for word, kind in file.label["words"].items():
            if kind is not None:
                counts[kind] += file.label["rows"][word]
        return counts


class PlannedRowsSerializer(serializers.Serializer[Any]):
    """Which rows would be learnt from and which predicted."""

    learnt_from = serializers.IntegerField(allow_null=True)
    predicted = serializers.IntegerField(allow_null=True)
    sentence = serializers.CharField()


class TimeEstimateSerializer(serializers.Serializer[Any]):
    """About how long it would take, once a worker has taken it up."""

    seconds = serializers.FloatField()
    basis = serializers.CharField(help_text="How the estimate was made, in words.")
    sessions = serializers.IntegerField(help_text="Of how many sessions it is the median.")


class PreviewSerializer(serializers.Serializer["Preview"]):
    """What a request would do. Nothing was started and nothing is kept."""

    dry_run = serializers.BooleanField(default=True, read_only=True)
    kind = serializers.ChoiceField(choices=[SessionKind.TRAINING, SessionKind.PREDICTION])
    mission = serializers.CharField()
    task = serializers.CharField(allow_null=True)
    model = serializers.UUIDField(
        source="model.pk", default=None, allow_null=True, help_text="Of a prediction: which answers"
    )
    model_type = serializers.CharField(allow_null=True)
    hyperparameters = serializers.DictField(
        allow_null=True, help_text="As they would be used; null: they would be refused."
    )
    seed = serializers.IntegerField()
    files = FilePreviewSerializer(many=True)
    planned_rows = PlannedRowsSerializer(allow_null=True)
    missing_sentence = serializers.CharField(
        help_text="What it costs that columns are missing, and what is done about it."
    )
    warnings = serializers.ListField(child=serializers.CharField())
    would_be_refused = RefusalSerializer(
        many=True,
        help_text="Every reason for which the request would be refused; empty: it would start.",
    )
    estimate = TimeEstimateSerializer(allow_null=True)

    def to_representation(self, preview: Preview) -> dict[str, Any]:
        """Return the preview with the mark that it is one."""
        return super().to_representation(preview) | {"dry_run": True}


DRY_RUN_EXAMPLE = OpenApiExample(
    "dry_run",
    summary="What a request would do, without doing it",
    response_only=True,
    status_codes=["200"],
    value={
        "dry_run": True,
        "kind": "prediction",
        "mission": "kepler",
        "task": "vetting",
        "model": "37dcc9c4-134e-5456-8ebc-f317ad304418",
        "model_type": "xgboost",
        "hyperparameters": {
            "learning_rate": 0.1,
            "max_depth": 6,
            "n_estimators": 100,
            "subsample": 1.0,
        },
        "seed": 0,
        "files": [
            {
                "field": "testing_file",
                "used_for": "testing_file",
                "name": "mine.csv",
                "size": 81,
                "usable": False,
                "format": "text",
                "rows": None,
                "labelled_rows": 0,
                "headings": [
                    {
                        "heading": "Period [hours]",
                        "column": "koi_period",
                        "matched": "alias",
                        "stated_unit": "hours",
                        "converted_from": "hours",
                        "converted_to": "days",
                        "use": "feature",
                        "why": "",
                    }
                ],
                "label": {
                    "heading": "koi_disposition",
                    "column": "koi_disposition",
                    "words": {},
                    "rows": {"yes": 1, "maybe": 1},
                },
                "label_counts": {"false_positive": 0, "candidate": 0, "confirmed": 0},
                "open": [
                    {
                        "sentence": 'Column koi_disposition has the unknown disposition "maybe".',
                        "headings": [],
                        "columns": [],
                        "unit": "",
                        "words": ["maybe"],
                    }
                ],
                "missing": [],
                "first_rows": [["228.1", "yes"], ["1304.5", "maybe"]],
                "warnings": [],
            }
        ],
        "planned_rows": None,
        "missing_sentence": "",
        "warnings": [],
        "would_be_refused": [
            {
                "field": "testing_file",
                "detail": "testing_file: Column koi_disposition has the unknown disposition"
                ' "maybe".',
                "status": 400,
            }
        ],
        "estimate": None,
    },
)
