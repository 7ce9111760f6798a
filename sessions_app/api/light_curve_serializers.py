"""What the modern API takes and gives of light curves."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore._json import strict
from mlcore.datasets import DATASETS
from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.errors import DataError
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.records import SignalRecord, StarRecord
from mlcore.tasks import usual_task
from sessions_app import services
from sessions_app.api.faults import RequestSerializer
from sessions_app.api.vetting_serializer import (
    SPEAKS,
    FoldStretchSerializer,
    VettingTestSerializer,
)
from sessions_app.exceptions import RefusedError
from sessions_app.files.upload_handler import file_upload
from sessions_app.models import FilePurpose
from sessions_app.services import UploadedData
from sessions_app.services.naming import LONGEST_NAME

if TYPE_CHECKING:
    from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = [
    "DeclaredTestSerializer",
    "KnownSignalsField",
    "NewLightCurveSerializer",
    "SignalSerializer",
    "StarSerializer",
    "StarSummarySerializer",
    "declared_of",
    "given",
    "known_signals",
]

_FIELDS: dict[Any, Any] = {
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    bool: serializers.BooleanField,
}
_LISTS: dict[Any, Any] = {list[of]: _FIELDS[of] for of in (int, float, str, bool)}


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": [one.name for one in fields(KnownSignal)],
            "properties": {
                "period": {"type": "number", "description": "[d]"},
                "epoch": {
                    "type": "number",
                    "description": "Mid-time of a transit, in the curve's own times or as a Julian"
                    " date [d]",
                },
                "duration": {"type": "number", "description": "[h]"},
            },
            "additionalProperties": False,
        },
    }
)
class KnownSignalsField(serializers.JSONField):
    """Known signals: a list of objects, or the text of one in a form."""

    allowed = (
        'a JSON list of objects with period [d], epoch [d] and duration [h], such as [{"period":'
        ' 10.05, "epoch": 2456813.42, "duration": 2.6}]'
    )


def known_signals(sent: Any) -> tuple[KnownSignal, ...]:
    """Read the known signals of a request; refused where they are of another form."""
    if sent in (None, "", []):
        return ()
    names = {one.name for one in fields(KnownSignal)}
    whole = isinstance(sent, list) and all(
        isinstance(one, dict) and one.keys() == names and all(map(_is_number, one.values()))
        for one in sent
    )
    if not whole:
        raise RefusedError(
            f"known_signals must be {KnownSignalsField.allowed}.", field="known_signals"
        )
    try:
        return tuple(
            KnownSignal(**{name: float(value) for name, value in one.items()}) for one in sent
        )
    except DataError as error:
        raise RefusedError(f"known_signals: {error}", field="known_signals") from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class NewLightCurveSerializer(RequestSerializer):
    """A request to search light curves for transits and to judge what is found."""

    file = serializers.FileField(
        help_text="A star's light curve (FITS, CSV, ECSV, Parquet, NPZ and others), or a zip"
        " archive of many, in which a table signals.csv may name known signals."
    )
    known_signals = KnownSignalsField(
        required=False,
        allow_null=True,
        help_text="Of a single star: they are tested in place of what a search finds.",
    )
    model = serializers.UUIDField(
        required=False,
        help_text="Id of a published model of light curves, or of one of your own; by default the"
        " newest published one.",
    )
    name = serializers.CharField(
        default="",
        allow_blank=True,
        help_text=f"What you call the session, in at most {LONGEST_NAME} characters.",
    )
    seed = serializers.IntegerField(
        default=0, min_value=0, max_value=2**31 - 1, help_text="Seed of every random step."
    )

    def start(self, owner: Any) -> Any:
        """Search light curves for transits, and judge each signal that is found.

        It starts a prediction session, whose other addresses serve it too.
        """
        chosen = self.validated_data
        try:
            return services.start_prediction(
                data=UploadedData(
                    mission=LIGHT_CURVES.name,
                    field="file",
                    testing=file_upload(chosen["file"]),
                    known_signals=known_signals(chosen.get("known_signals")),
                ),
                model_id=chosen.get("model"),
                task=usual_task(DATASETS[LIGHT_CURVES.name]).name,
                name=chosen["name"],
                seed=chosen["seed"],
                owner=owner,
            )
        except RefusedError as refusal:
            if refusal.field != FilePurpose.TESTING:
                raise
            # The session's field is called otherwise here.
            raise RefusedError(
                refusal.sentence.replace(f"{FilePurpose.TESTING}:", "file:", 1),
                field="file",
                status=refusal.status,
                retry_after=refusal.retry_after,
            ) from refusal


def _fields_of(record: type[Any], *, drawn: bool) -> dict[str, Any]:
    """Return a serializer's fields for a record's, with the lists that are drawn or without."""
    hints = get_type_hints(record)
    made: dict[str, Any] = {}
    for one in fields(record):
        kind, meaning = hints[one.name], one.metadata["meaning"]
        if kind in _LISTS:
            if drawn or kind in (list[str], list[int]):
                child = _LISTS[kind](allow_null=kind == list[float])
                made[one.name] = serializers.ListField(child=child, help_text=meaning)
        elif kind == float | None:
            made[one.name] = serializers.FloatField(allow_null=True, help_text=meaning)
        else:
            made[one.name] = _FIELDS[kind](help_text=meaning)
    return made


StarSummarySerializer = type(
    "StarSummarySerializer",
    (serializers.Serializer,),
    {"__doc__": "A star, and what was understood of its light curve.", "__module__": __name__}
    | _fields_of(StarRecord, drawn=False),
)
StarSerializer = type(
    "StarSerializer",
    (serializers.Serializer,),
    {"__doc__": "A star with its light curve as it is drawn.", "__module__": __name__}
    | _fields_of(StarRecord, drawn=True),
)


def given(record: Any) -> dict[str, Any]:
    """Return a record's fields as they are given, null where a number is not known."""
    fields_of: dict[str, Any] = strict(asdict(record))
    return fields_of


def declared_of(test: VettingTest) -> dict[str, Any]:
    """Return what is declared of a test that has a limit, as it is given."""
    told: dict[str, Any] = strict(
        {
            name: getattr(test, name)
            for name in ("name", "title", "question", "formula", "decides", "least", "most")
        }
    )
    return told | {"sources": [source.doi for source in test.sources if source.doi]}


class DeclaredTestSerializer(serializers.Serializer[Any]):
    """What a vetter asks of a signal."""

    name = serializers.CharField()
    title = serializers.CharField()
    question = serializers.CharField()
    formula = serializers.CharField(help_text="How its deciding value is made.")
    decides = serializers.CharField(help_text="The column that its limit is on.")
    least = serializers.FloatField(allow_null=True, help_text="Below it the test is failed.")
    most = serializers.FloatField(allow_null=True, help_text="Above it the test is failed.")
    sources = serializers.ListField(child=serializers.CharField(), help_text="DOIs.")


SignalRecordSerializer = type(
    "SignalRecordSerializer",
    (serializers.Serializer,),
    {"__doc__": "A signal's folds as they are drawn.", "__module__": __name__}
    | _fields_of(SignalRecord, drawn=True),
)


class SignalSerializer(SignalRecordSerializer):  # type: ignore[valid-type, misc]
    """A signal with its folds and how the vetting tests ended."""

    vetting = VettingTestSerializer(many=True, help_text="Of each test that has a limit.")
    stretches = FoldStretchSerializer(many=True, allow_null=True, help_text=SPEAKS)
