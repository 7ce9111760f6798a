"""Single objects at once: a verdict for values in JSON, and what it were with other values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from mlcore.prediction.verdict import Verdict
from sessions_app.access import identity
from sessions_app.api.dataset_serializers import ColumnFactsSerializer, NamedColumnSerializer
from sessions_app.api.faults import ParametersSerializer, RequestSerializer
from sessions_app.api.requests import ColumnsField
from sessions_app.api.serializers import (
    CHECKED,
    CONFORMAL,
    NEIGHBOURS,
    NOVELTY,
    SCORE_INTERVAL,
    ChecksSerializer,
    ExplainedSerializer,
    HeadingReadingSerializer,
)
from sessions_app.models.verdict import DISPOSITIONS
from sessions_app.selectors import at_once

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["AsksAtOnce", "AsksOfObjects"]

_REFUSED = OpenApiResponse(description="A value cannot be: the sentence names it, and what can.")
_NO_RESULT = OpenApiResponse(description="The session has not completed.")
_GONE = OpenApiResponse(description="The session's rows are no longer on this server.")
_BUSY = OpenApiResponse(description="It cannot be answered now; ask again after `Retry-After`.")
_ASKED: dict[Any, Any] = {400: _REFUSED, 410: _GONE, 503: _BUSY}
_SHARE = "Of each disposition."


class _ObjectField(serializers.JSONField):
    """A JSON object."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return the object that was sent."""
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            self.fail("invalid")
        return value


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [
                {"type": "null"},
                {"type": "number"},
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["value", "unit"],
                    "properties": {"value": {"type": "number"}, "unit": {"type": "string"}},
                },
            ],
        },
        "description": "Values by headings as a table has them: the mission's own names or what"
        " people write, with or without units.",
    }
)
class ValuesField(_ObjectField):
    """Values of one object by their headings."""

    allowed = 'a JSON object of names and values, such as {"koi_period": 9.48}'


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": ["number", "null"]},
        "description": "Values of the mission's columns in their units; null for what is not to be"
        " known.",
    }
)
class ChangesField(_ObjectField):
    """Values of an object that are others."""

    allowed = 'a JSON object of the mission\'s columns and numbers, such as {"koi_period": 3.2}'


class ValuesSerializer(RequestSerializer):
    """One object whose values are told."""

    values = ValuesField()
    mission = serializers.CharField(
        required=False,
        max_length=60,
        help_text="Of which mission the object is, where the model serves several.",
    )
    columns = ColumnsField(required=False, allow_null=True)
    seed = serializers.IntegerField(
        default=0, min_value=0, max_value=2**31 - 1, help_text="Of the draws within the errors."
    )


class ChangesSerializer(RequestSerializer):
    """An object of a session with some of its values replaced."""

    changes = ChangesField()


class ListedSerializer(RequestSerializer):
    """An object of the mission's loaded table."""

    object = serializers.CharField(
        max_length=200, help_text="What it is called, in any spelling, such as KOI-752.01."
    )
    mission = serializers.CharField(
        required=False, max_length=60, help_text="Where the model serves several."
    )


class ListedChangesSerializer(ListedSerializer):
    """The same with some of its values replaced."""

    changes = ChangesField()


class MissionSerializer(ParametersSerializer):
    """Of which mission an object is."""

    mission = serializers.CharField(
        required=False, max_length=60, help_text="Where the model serves several."
    )


class AskedValueSerializer(NamedColumnSerializer):
    """A value that a form asks for."""

    is_text = serializers.BooleanField(help_text="Whether it is a name and no number.")
    minimum = serializers.FloatField(allow_null=True, help_text="The least that it can be.")
    maximum = serializers.FloatField(allow_null=True, help_text="The most that it can be.")
    low = serializers.FloatField(
        allow_null=True, help_text="Between this and `high` 99 % of the training objects are."
    )
    high = serializers.FloatField(allow_null=True)
    share = serializers.FloatField(
        help_text="Share of what moves the model's answers that cannot be had without it."
    )
    help = serializers.CharField()


class OutlineSerializer(serializers.Serializer[Any]):
    """What a model says of an object in a word and in probabilities."""

    verdict = serializers.ChoiceField(choices=[str(verdict) for verdict in Verdict])
    prediction = serializers.ChoiceField(
        choices=DISPOSITIONS, help_text="The most probable disposition."
    )
    probabilities = serializers.DictField(child=serializers.FloatField(), help_text=_SHARE)


class ObjectNameSerializer(serializers.Serializer[Any]):
    """Which object it is."""

    number = serializers.IntegerField(
        allow_null=True, help_text="In its session, from 1; null: it is of none."
    )
    name = serializers.CharField()
    host = serializers.CharField(help_text="Its host star.")


class SaidSerializer(OutlineSerializer):
    """What a model says of one object, and why."""

    object = ObjectNameSerializer()
    conformal = serializers.JSONField(allow_null=True, help_text=CONFORMAL)
    novelty = serializers.JSONField(help_text=NOVELTY)
    checks = ChecksSerializer(help_text=CHECKED)
    reasons = serializers.ListField(child=serializers.CharField())
    explained = ExplainedSerializer()
    values = serializers.DictField(
        child=serializers.FloatField(allow_null=True), help_text="Of the model's columns, by name."
    )
    contributions = serializers.DictField(
        child=serializers.FloatField(), help_text="Of the same columns to the output."
    )
    columns = serializers.DictField(child=ColumnFactsSerializer(), help_text="What they are.")


class UnderstoodSerializer(serializers.Serializer[Any]):
    """What was read of the values."""

    headings = HeadingReadingSerializer(many=True)
    ignored = serializers.ListField(child=serializers.CharField())
    missing = NamedColumnSerializer(many=True, help_text="Columns that the model would have read.")
    refit = serializers.CharField(
        allow_null=True,
        help_text="What it costs that the model was fitted anew without what is missing.",
    )


class PredictedSerializer(SaidSerializer):
    """The verdict of one object."""

    score_interval = serializers.JSONField(allow_null=True, help_text=SCORE_INTERVAL)
    score_interval_sentence = serializers.CharField()
    nearest_neighbours = serializers.JSONField(help_text=NEIGHBOURS)
    understood = UnderstoodSerializer()
    warnings = serializers.ListField(child=serializers.CharField())


class ChangeSerializer(NamedColumnSerializer):
    """A value that was replaced."""

    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class WhatIfSerializer(SaidSerializer):
    """What a model says of an object with some of its values replaced."""

    changes = ChangeSerializer(many=True)
    before = OutlineSerializer(help_text="What it says of the object as it is.")
    warnings = serializers.ListField(child=serializers.CharField())


class MovableSerializer(NamedColumnSerializer):
    """A value that can be moved."""

    value = serializers.FloatField(allow_null=True, help_text="Null: it is not known.")
    low = serializers.FloatField(
        help_text="Between this and `high` 99 % of the training objects are, and the object."
    )
    high = serializers.FloatField()
    scale = serializers.ChoiceField(choices=["linear", "log"])
    contribution = serializers.FloatField(
        help_text="The sum of the contributions of all that the model computes from it."
    )


class MovableQuantitiesSerializer(serializers.Serializer[Any]):
    """Which of an object's values a person would move, what matters most first."""

    object = ObjectNameSerializer()
    verdict = serializers.CharField()
    quantities = MovableSerializer(many=True)


class TurningPointSerializer(MovableSerializer):
    """The nearest value with another verdict."""

    at = serializers.FloatField(
        allow_null=True, help_text="Null: no value within the range changes the verdict."
    )
    verdict = serializers.CharField(allow_null=True, help_text="What it would be.")
    throughout = serializers.BooleanField(help_text="Whether all values from there on do so.")
    sentence = serializers.CharField()


class WhatWouldChangeSerializer(serializers.Serializer[Any]):
    """What would change an object's verdict, a value at a time."""

    object = ObjectNameSerializer()
    verdict = serializers.CharField()
    quantities = TurningPointSerializer(many=True)
    sentences = serializers.ListField(child=serializers.CharField())


class _Asks:
    """Who asks, as the turns know them."""

    request: Any

    def _who(self) -> str:
        return identity.caller(self.request, self.request.user).counted_as


class AsksOfObjects(_Asks):
    """What can be asked at once of the objects of a session."""

    asking = frozenset({"what_if"})
    _completed: Any

    @extend_schema(
        summary="Ask what the verdict were with other values",
        request=ChangesSerializer,
        responses={200: WhatIfSerializer, 409: _NO_RESULT, **_ASKED},
    )
    @action(detail=True, methods=["post"], url_path="objects/<int:number>/what-if")
    def what_if(self, request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Replace some of an object's values and return what the model says of it then."""
        changes = _read(ChangesSerializer, request.data)["changes"]
        session = self._completed()
        return Response(at_once.what_if(session, number, changes, who=self._who()))

    @extend_schema(
        summary="List the values of an object that are worth moving",
        responses={200: MovableQuantitiesSerializer, 409: _NO_RESULT, **_ASKED},
    )
    @action(detail=True, url_path="objects/<int:number>/movable-quantities")
    def movable_quantities(self, _request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Return at most eight of an object's values, and between which ends to move them."""
        session = self._completed()
        return Response(at_once.movable_quantities(session, number, who=self._who()))

    @extend_schema(
        summary="Tell what would change an object's verdict",
        responses={200: WhatWouldChangeSerializer, 409: _NO_RESULT, **_ASKED},
    )
    @action(detail=True, url_path="objects/<int:number>/what-would-change")
    def what_would_change(self, _request: Request, number: int, pk: Any = None) -> Response:  # noqa: ARG002
        """Return of each of these values alone the nearest one with another verdict."""
        session = self._completed()
        return Response(at_once.what_would_change(session, number, who=self._who()))


class AsksAtOnce(_Asks):
    """What can be asked at once of a published model."""

    get_object: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse strangers what costs an answer."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "POST":
            identity.refuse_strangers(request.user)

    @extend_schema(
        summary="Predict one object",
        request=ValuesSerializer,
        responses={200: PredictedSerializer, **_ASKED},
    )
    @action(detail=True, methods=["post"])
    def predict(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Return the verdict of one object at once, as a file with one row would get it.

        Where values are lacking, the model is fitted anew on those at hand, once for everybody who
        lacks the same: the first such answer takes some seconds.
        """
        asked = _read(ValuesSerializer, request.data)
        answer = at_once.predict_one(self.get_object(), **asked, who=self._who())
        return Response(PredictedSerializer(answer).data)

    @extend_schema(
        summary="List the values that a form asks for",
        parameters=[MissionSerializer],
        responses={200: AskedValueSerializer(many=True), 400: _REFUSED},
        filters=False,
    )
    @action(detail=True, url_path="asked-values")
    def asked_values(self: Any, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Return the handful of values that matter most to the model and that people know."""
        asked = _read(MissionSerializer, request.query_params.dict())
        values = at_once.asked_values(self.get_object(), **asked)
        rows = AskedValueSerializer(self.paginate_queryset(values), many=True).data
        answer: Response = self.get_paginated_response(rows)
        return answer

    @extend_schema(
        summary="Ask what the verdict of a catalogue's object were with other values",
        request=ListedChangesSerializer,
        responses={200: WhatIfSerializer, **_ASKED},
    )
    @action(detail=True, methods=["post"], url_path="what-if")
    def what_if(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Replace some values of an object of the mission's loaded table."""
        asked = _read(ListedChangesSerializer, request.data)
        name, changes = asked.pop("object"), asked.pop("changes")
        answer = at_once.what_if_listed(self.get_object(), name, changes, **asked, who=self._who())
        return Response(answer)

    @extend_schema(
        summary="List the values of a catalogue's object that are worth moving",
        parameters=[ListedSerializer],
        responses={200: MovableQuantitiesSerializer, **_ASKED},
        filters=False,
    )
    @action(detail=True, url_path="movable-quantities", pagination_class=None)
    def movable_quantities(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Return at most eight values of an object of the mission's loaded table."""
        asked = _read(ListedSerializer, request.query_params.dict())
        name = asked.pop("object")
        answer = at_once.movable_quantities_of_listed(
            self.get_object(), name, **asked, who=self._who()
        )
        return Response(answer)

    @extend_schema(
        summary="Tell what would change the verdict of a catalogue's object",
        parameters=[ListedSerializer],
        responses={200: WhatWouldChangeSerializer, **_ASKED},
        filters=False,
    )
    @action(detail=True, url_path="what-would-change", pagination_class=None)
    def what_would_change(self, request: Request, pk: Any = None) -> Response:  # noqa: ARG002
        """Return of each of these values alone the nearest one with another verdict."""
        asked = _read(ListedSerializer, request.query_params.dict())
        name = asked.pop("object")
        answer = at_once.what_would_change_of_listed(
            self.get_object(), name, **asked, who=self._who()
        )
        return Response(answer)


def _read(serializer: type[RequestSerializer], sent: Any) -> dict[str, Any]:
    read = serializer(data=sent)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)
