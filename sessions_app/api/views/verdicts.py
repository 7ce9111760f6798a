"""What a published model says of every object of its missions, in the modern API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action

from mlcore.datasets import Disposition
from mlcore.prediction.verdict import Verdict, verdict_of
from mlcore.tasks import find_task
from sessions_app.api.filtering import checked
from sessions_app.api.filtersets import VerdictFilters
from sessions_app.models import ObjectVerdict
from sessions_app.selectors.verdicts import named, verdicts_of

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

__all__ = ["ListsVerdicts"]


class ObjectVerdictSerializer(serializers.ModelSerializer[ObjectVerdict]):
    """What a model that never saw the object's star says of it."""

    verdict = serializers.SerializerMethodField()
    probabilities = serializers.SerializerMethodField()
    scored_by = serializers.SerializerMethodField(
        help_text="Which model, none of which was trained on the star: the published one, or that"
        " of the fold that holds the star out."
    )

    class Meta:
        model = ObjectVerdict
        fields = (
            "mission",
            "name",
            "host",
            "disposition",
            "verdict",
            "probabilities",
            "possible",
            "scored_by",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[verdict.value for verdict in Verdict]))
    def get_verdict(self, row: ObjectVerdict) -> str:
        """Return what is said in a word."""
        possible = [Disposition(kind) for kind in row.possible]
        return str(verdict_of(self.context["task"], self._by_class(row), possible))

    @extend_schema_field(serializers.DictField(child=serializers.FloatField()))
    def get_probabilities(self, row: ObjectVerdict) -> dict[str, float]:
        """Return the calibrated probability of each of the model's classes."""
        return {str(kind): value for kind, value in self._by_class(row).items()}

    def get_scored_by(self, row: ObjectVerdict) -> str:
        """Return which model scored it."""
        return "the published model" if row.fold is None else f"fold {row.fold}"

    def _by_class(self, row: ObjectVerdict) -> dict[Disposition, float]:
        return dict(zip(self.context["task"].classes, row.probabilities, strict=True))


class ListsVerdicts:
    """Adds the verdicts of a model below its address."""

    @extend_schema(
        summary="List what a published model says of every object of its missions",
        description="Each object is scored by a model that was not trained on its star.",
        responses=ObjectVerdictSerializer(many=True),
    )
    @action(detail=True, filterset_class=VerdictFilters)
    def verdicts(self: Any, request: Request, **_: Any) -> Response:
        """List the verdicts of a model, in the tables' order."""
        model = self.get_object()
        verdicts = checked(VerdictFilters, request, verdicts_of(model)).qs
        if name := request.query_params.get("object"):
            verdicts = named(verdicts, model, name)
        page = self.paginate_queryset(verdicts)
        context = {"task": find_task(model.task)}
        rows = ObjectVerdictSerializer(page, many=True, context=context).data
        answer: Response = self.get_paginated_response(rows)
        return answer
