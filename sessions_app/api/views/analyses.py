"""The modern API: analyses of completed sessions, and single objects of their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers

from mlcore.analyses.names import Analysis
from mlcore.datasets import Disposition
from sessions_app import services
from sessions_app.api.faults import RequestSerializer
from sessions_app.api.filtersets import AnalysisFilters
from sessions_app.api.views.sessions import ACCEPTS, SessionViewSet, described
from sessions_app.models import AnalysisSession, SessionKind

if TYPE_CHECKING:
    from sessions_app.access.ownership import Owner
    from sessions_app.models import Session

__all__ = ["AnalysisViewSet"]

_NO_SESSION = OpenApiResponse(description="There is no such session that the caller may see.")


class NewAnalysisSerializer(RequestSerializer):
    """A request to look more closely at a completed session."""

    session = serializers.UUIDField(
        source="session_id", help_text="Id of a completed training or prediction session."
    )
    analysis = serializers.ChoiceField(
        choices=[(analysis.value, analysis.meaning) for analysis in Analysis],
        help_text="What to ask.",
    )
    object_number = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Number of one of the session's objects, for "
        f"{', '.join(analysis for analysis in Analysis if analysis.of_one_object)}.",
    )
    wanted = serializers.ChoiceField(
        choices=[label.value for label in Disposition],
        required=False,
        allow_null=True,
        help_text="For counterfactual the answer to look for, any other than the model's own by"
        " default; for probability the disposition to explain, by default confirmed.",
    )
    tree = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="For decision_path the number of the forest's tree, by default the first.",
    )

    def start(self, owner: Owner) -> Session:
        """Look more closely at a completed session's model, or at one of its objects."""
        return services.start_analysis(**self.validated_data, owner=owner)


class AnalysisSerializer(serializers.ModelSerializer[AnalysisSession]):
    """An analysis of a completed session."""

    session = serializers.UUIDField(source="of_id", help_text="The session that it is of.")
    wanted = serializers.ChoiceField(
        choices=[label.value for label in Disposition],
        allow_null=True,
        help_text="The disposition that was asked for; null for none in particular.",
    )
    answer = serializers.JSONField(
        help_text="What was found, as soon as the status is completed: sentences, and figures with"
        " their rows, split and intervals."
    )

    class Meta:
        model = AnalysisSession
        fields = (
            "id",
            "status",
            "session",
            "analysis",
            "object_number",
            "wanted",
            "tree",
            "mission",
            "task",
            "seed",
            "attempts",
            "created_at",
            "started_at",
            "finished_at",
            "error",
            "warnings",
            "answer",
        )
        read_only_fields = fields

    def to_representation(self, instance: AnalysisSession) -> dict[str, Any]:
        """Tell what the row keeps as an empty word as null, which it is in the schema."""
        fields: dict[str, Any] = super().to_representation(instance)
        return fields | {"wanted": fields["wanted"] or None}


@extend_schema_view(retrieve=extend_schema(summary="Show an analysis with its answer"))
@described("an analysis", "analyses", refusals={404: _NO_SESSION, **ACCEPTS})
class AnalysisViewSet(SessionViewSet):
    """Analyses of completed sessions; each is a session of its own, with one answer."""

    queryset = AnalysisSession.objects.all()
    serializer_class = AnalysisSerializer
    new_serializer_class = NewAnalysisSerializer
    filterset_class = AnalysisFilters
    kind = SessionKind.ANALYSIS
