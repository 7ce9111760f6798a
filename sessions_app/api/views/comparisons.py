"""The plots of several sessions held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from sessions_app.access import identity
from sessions_app.access.rate_limits import READING
from sessions_app.api.parameters import KnownParameters
from sessions_app.api.views.plots import PLOT_RESPONSES, PlotFilterSerializer, sent_plot
from sessions_app.plots.compared import COMPARED_PLOTS
from sessions_app.selectors.comparison import FEWEST, MOST, chosen_sessions, compared
from sessions_app.selectors.session_titles import lettered

if TYPE_CHECKING:
    from django.http import HttpResponse
    from rest_framework.request import Request


class ComparisonFilterSerializer(PlotFilterSerializer):
    """Which sessions are compared, and how their plot is wanted."""

    quantity = None
    session = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=FEWEST,
        max_length=MOST,
        help_text="Completed sessions of one mission and one task.",
    )


class ComparisonPlotView(KnownParameters, APIView):
    """The plots of several sessions."""

    throttle_scope = READING

    @extend_schema(
        summary="Draw a plot of several sessions",
        parameters=[ComparisonFilterSerializer],
        responses=PLOT_RESPONSES,
    )
    def get(self, request: Request, name: str) -> HttpResponse:
        """Return `roc`: the curves of all of them, on the objects that all of them tested."""
        asked = request.query_params
        filters = ComparisonFilterSerializer(
            data=asked.dict() | {"session": asked.getlist("session")}
        )
        filters.is_valid(raise_exception=True)
        draw = COMPARED_PLOTS.get(name)
        if draw is None:
            raise Http404
        ids = [str(one) for one in filters.validated_data["session"]]
        sessions = chosen_sessions(ids, identity.caller(request, request.user))
        plot = draw(compared(sessions), lettered(sessions))
        if plot is None:
            raise Http404
        return sent_plot(plot, filters)
