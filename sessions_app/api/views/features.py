"""What models see and what physics checks, as declared: units, meanings, formulas, sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from mlcore import DATASETS
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.prediction.physical_checks import CHECKS
from sessions_app.access.rate_limits import READING
from sessions_app.api.dataset_serializers import NamedColumnSerializer
from sessions_app.api.faults import ParametersSerializer
from sessions_app.api.parameters import KnownParameters
from sessions_app.api.requests import MissionField

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["FeaturesView"]


class FeatureFilterSerializer(ParametersSerializer):
    """Which features to list."""

    mission = MissionField(
        required=False, help_text="Only this mission's; all missions' by default."
    )
    feature_set = serializers.ChoiceField(
        choices=[(columns.value, columns.meaning) for columns in FeatureSet],
        default=FeatureSet.DEFAULT.value,
        help_text="Which set of columns.",
    )


class FeatureSerializer(NamedColumnSerializer):
    """A column that a model sees."""

    mission = serializers.CharField()
    quantity = serializers.CharField(help_text="The physical quantity that it belongs to.")
    source = serializers.CharField(help_text="Where the column or its formula is from.")
    derived = serializers.BooleanField(help_text="Whether it is computed from other columns.")
    computed_from = serializers.ListField(child=serializers.CharField())


class CheckSerializer(serializers.Serializer[Any]):
    """A physical check of each object, which no model takes part in."""

    check = serializers.CharField()
    subject = serializers.CharField(help_text="What is compared with the limit.")
    unit = serializers.CharField(
        help_text="Of value and limit, as astropy writes it; empty for a pure number."
    )
    question = serializers.CharField()
    formula = serializers.CharField()
    threshold = serializers.CharField(help_text="The limit in words.")
    source = serializers.CharField()


class FeaturesSerializer(serializers.Serializer[Any]):
    """Features and checks."""

    features = FeatureSerializer(many=True)
    checks = CheckSerializer(many=True)


class FeaturesView(KnownParameters, APIView):
    """What models see and what physics checks."""

    throttle_scope = READING

    @extend_schema(
        parameters=[FeatureFilterSerializer],
        responses=FeaturesSerializer,
        summary="List features and physical checks",
    )
    def get(self, request: Request) -> Response:
        """List each feature and each physical check with its unit, formula and source."""
        filters = FeatureFilterSerializer(data=request.query_params.dict())
        filters.is_valid(raise_exception=True)
        chosen = filters.validated_data.get("mission")
        inputs = Inputs(feature_set=FeatureSet(filters.validated_data["feature_set"]))
        answer = {
            "features": [
                feature
                for mission, dataset in DATASETS.items()
                if chosen in {None, mission}
                for feature in inputs.described(dataset)
            ],
            "checks": [check.as_json() for check in CHECKS],
        }
        return Response(FeaturesSerializer(answer).data)
