"""The published models in the modern API: a list, and each one's card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, viewsets

from mlcore.levels import INTERVAL
from sessions_app.access.rate_limits import READING
from sessions_app.api.views.at_once import AsksAtOnce
from sessions_app.api.views.verdicts import ListsVerdicts
from sessions_app.models import TrainingSession
from sessions_app.selectors.pretrained_models import (
    headline,
    model_title,
    offered_models,
    published_models,
)

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

__all__ = ["PublishedModelViewSet"]


class HeadlineSerializer(serializers.Serializer[Any]):
    """The one figure that stands for a model, with what it is of."""

    name = serializers.CharField(help_text="Of the metric.")
    title = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text=f"Lower end of the {INTERVAL}.")
    high = serializers.FloatField(allow_null=True, help_text=f"Upper end of the {INTERVAL}.")
    rows = serializers.IntegerField(help_text="How many objects it was measured on.")
    stars = serializers.IntegerField(help_text="How many host stars these belong to.")
    split = serializers.CharField(help_text="Which objects, in words.")


class PublishedModelSerializer(serializers.ModelSerializer[TrainingSession]):
    """A published model, in brief."""

    name = serializers.SerializerMethodField(
        help_text="Its name in the project; null for a model without a card."
    )
    title = serializers.SerializerMethodField()
    headline = serializers.SerializerMethodField()
    intended_use = serializers.SerializerMethodField()
    trained_on = serializers.SerializerMethodField(
        help_text="For each table its mission, date, SHA-256, and the rows and stars trained on."
    )

    class Meta:
        model = TrainingSession
        fields: tuple[str, ...] = (
            "id",
            "name",
            "title",
            "mission",
            "task",
            "feature_set",
            "model_type",
            "headline",
            "warnings",
            "intended_use",
            "trained_on",
            "finished_at",
        )
        read_only_fields = fields

    def get_name(self, session: TrainingSession) -> str | None:
        """Return the model's name in the project."""
        return session.card["name"] if session.card else None

    def get_title(self, session: TrainingSession) -> str:
        """Return what the model is called."""
        return model_title(session)

    @extend_schema_field(HeadlineSerializer(allow_null=True))
    def get_headline(self, session: TrainingSession) -> dict[str, Any] | None:
        """Return the figure that stands for the model."""
        figure = headline(session)
        return None if figure is None else {name: figure[name] for name in _HEADLINE}

    def get_intended_use(self, session: TrainingSession) -> str | None:
        """Return for what the model was made."""
        return session.card["intended_use"] if session.card else None

    def get_trained_on(self, session: TrainingSession) -> list[dict[str, Any]]:
        """Return the tables that the model was trained on."""
        return [
            {
                "mission": table["mission"],
                "dated": table["dated"],
                "sha256": table["sha256"],
                "rows": table["trained_on"]["rows"],
                "stars": table["trained_on"]["stars"],
            }
            for table in (session.card or {"data": []})["data"]
        ]


_HEADLINE = tuple(HeadlineSerializer().fields)


class ModelCardSerializer(PublishedModelSerializer):
    """A published model with its whole card."""

    card = serializers.JSONField(
        read_only=True,
        allow_null=True,
        help_text="Data, protocol, figures with their rows, splits and intervals, probes, limits,"
        " intended use, library versions, and the SHA-256 of the artifact's files.",
    )

    class Meta(PublishedModelSerializer.Meta):
        fields = (*PublishedModelSerializer.Meta.fields, "hyperparameters", "card")
        read_only_fields = fields


@extend_schema_view(retrieve=extend_schema(summary="Show a published model and its card"))
class PublishedModelViewSet(
    AsksAtOnce, ListsVerdicts, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """Models that are offered for prediction and fine-tuning."""

    queryset = TrainingSession.objects.none()
    serializer_class = ModelCardSerializer
    lookup_value_converter = "uuid"
    throttle_scope = READING

    def get_queryset(self) -> Any:
        """Return every model that can be asked for by its id."""
        return published_models()

    @extend_schema(
        summary="List the published models",
        responses=PublishedModelSerializer(many=True),
        filters=False,
    )
    def list(self, _request: Request) -> Response:
        """List the models that are offered: the newest of each mission, task and columns."""
        page = self.paginate_queryset(offered_models())
        return self.get_paginated_response(PublishedModelSerializer(page, many=True).data)
