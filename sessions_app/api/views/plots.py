"""The plots of results and of their objects in the modern API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from sessions_app import selectors
from sessions_app.access import identity
from sessions_app.access.rate_limits import READING
from sessions_app.api.faults import ParametersSerializer
from sessions_app.api.parameters import KnownParameters
from sessions_app.plots.data import csv_of
from sessions_app.plots.drawing import DRAWN, PictureFormat, drawn
from sessions_app.plots.of_catalogue import SKY, catalogue_plot
from sessions_app.plots.of_object import (
    CATALOGUE_OBJECT_PLOTS,
    OBJECT_PLOTS,
    must_be_explained,
    object_plot,
)
from sessions_app.plots.of_session import SESSION_PLOTS, session_plot, session_plots
from sessions_app.plots.plot import vega_lite
from sessions_app.plots.theme import Theme

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.response import Response

    from sessions_app.plots.plot import Plot

__all__ = [
    "PLOT_RESPONSES",
    "CatalogueObjectPlotView",
    "CataloguePlotView",
    "PlotFilterSerializer",
    "ShowsPlots",
    "sent_plot",
]

VEGA_LITE = "application/vnd.vegalite.v6+json"
_CSV = "csv"
_FORMATS = ("vega-lite", *PictureFormat, _CSV)


class PlotFilterSerializer(ParametersSerializer):
    """How a plot is wanted."""

    as_ = serializers.ChoiceField(choices=_FORMATS, default=_FORMATS[0])
    theme = serializers.ChoiceField(
        choices=[theme.value for theme in Theme],
        default=Theme.LIGHT.value,
        help_text="For a light page or a dark one.",
    )
    quantity = serializers.CharField(
        required=False, max_length=100, help_text="Of which quantity, where a plot is of one."
    )

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, one of which has a name that Python keeps for itself."""
        fields = dict(super().get_fields())
        return {name.rstrip("_"): field for name, field in fields.items()}


class PlotEntrySerializer(serializers.Serializer[Any]):
    """A plot that there is."""

    name = serializers.CharField()
    title = serializers.CharField()
    url = serializers.URLField()


def _named(*names: str) -> OpenApiParameter:
    """Return the name in an address of a plot, which is one of these."""
    return OpenApiParameter("name", location=OpenApiParameter.PATH, enum=names)


PLOT_RESPONSES = {
    (200, VEGA_LITE): {
        "type": "object",
        "description": "A Vega-Lite specification with its data.",
        "required": ["$schema", "title", "description", "config"],
        "properties": {name: {"type": "string"} for name in ("$schema", "title", "description")}
        | {"config": {"type": "object"}},
    },
    **{(200, kind): OpenApiTypes.BINARY for kind in DRAWN.values()},
    (200, "text/csv"): OpenApiTypes.BINARY,
}


def sent_plot(plot: Plot, filters: PlotFilterSerializer) -> HttpResponse:
    """Answer with a plot in the form that is asked for."""
    asked = filters.validated_data
    theme = Theme(asked["theme"])
    if asked["as"] == _FORMATS[0]:
        # DRF's renderer would say JSON of it, and this is a kind of its own.
        body = json.dumps(vega_lite(plot, theme), allow_nan=False, separators=(",", ":"))
        response = HttpResponse(body, content_type=VEGA_LITE)
    elif asked["as"] == _CSV:
        response = HttpResponse(csv_of(plot), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{plot.name}.csv"'
    else:
        kind = PictureFormat(asked["as"])
        response = HttpResponse(drawn(plot, kind, theme), content_type=DRAWN[kind])
        response["Content-Disposition"] = f'inline; filename="{plot.name}.{kind}"'
        response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    response["Cache-Control"] = "private, max-age=60"
    return response


class ShowsPlots:
    """Adds the plots of a result, and of its objects, below a session's address."""

    @extend_schema(
        summary="List the plots of a result",
        responses=PlotEntrySerializer(many=True),
        filters=False,
        parameters=[],
    )
    @action(detail=True)
    def plots(self: Any, request: Request, pk: Any = None) -> Response:
        """List the plots that the result has; 409 as long as there is none."""
        session = self._completed()
        entries = [
            {
                "name": plot.name,
                "title": plot.title,
                "url": reverse(f"{self.basename}-plot", args=[pk, plot.name], request=request),
            }
            for plot in session_plots(session)
        ]
        answer: Response = self.get_paginated_response(self.paginate_queryset(entries))
        return answer

    @extend_schema(
        summary="Draw a plot of a result",
        parameters=[PlotFilterSerializer, _named(*SESSION_PLOTS)],
        responses=PLOT_RESPONSES,
    )
    @action(detail=True, url_path="plots/<slug:name>")
    def plot(self: Any, request: Request, name: str, pk: Any = None) -> HttpResponse:  # noqa: ARG002
        """Return a plot as a Vega-Lite specification with its data, or drawn as SVG or PNG."""
        filters = _filters(request)
        session = self._completed()
        entry = session_plot(session, name)
        if entry is None:
            raise Http404
        return sent_plot(entry.draw(session, session.report, filters.validated_data), filters)

    @extend_schema(
        summary="Draw a plot of one object",
        parameters=[PlotFilterSerializer, _named(*OBJECT_PLOTS)],
        responses=PLOT_RESPONSES,
    )
    @action(detail=True, url_path="objects/<int:number>/plots/<slug:name>")
    def object_plot(
        self: Any,
        request: Request,
        number: int,
        name: str,
        pk: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Return a plot of one of the objects: `waterfall`, `period-radius`, `depth-duration`.

        Of a signal that was found in a light curve also `curve`, `periodogram`, `fold` and the
        others, as far as the curve has what they show.
        """
        filters = _filters(request)
        session = self._completed()
        row = selectors.objects_of(session).numbered(number)
        if row is None:
            raise Http404
        if must_be_explained(name):
            (row,) = selectors.explained(session, [row])
        plot = object_plot(session, row, name)
        if plot is None:
            raise Http404
        return sent_plot(plot, filters)


class CataloguePlotView(KnownParameters, APIView):
    """The plots of a mission's table."""

    throttle_scope = READING

    @extend_schema(
        summary="Draw a plot of a mission's table",
        parameters=[PlotFilterSerializer, _named(SKY)],
        responses=PLOT_RESPONSES,
    )
    def get(self, request: Request, mission: str, name: str) -> HttpResponse:
        """Return `sky` of a mission's table, or of all missions' where it is `all`."""
        return _of_catalogue(request, mission, name)


class CatalogueObjectPlotView(KnownParameters, APIView):
    """The plots of an object of a mission's table."""

    throttle_scope = READING

    @extend_schema(
        summary="Draw a plot of an object of a mission's table",
        parameters=[PlotFilterSerializer, _named(*CATALOGUE_OBJECT_PLOTS)],
        responses=PLOT_RESPONSES,
    )
    def get(self, request: Request, mission: str, object_name: str, name: str) -> HttpResponse:
        """Return `waterfall`, `period-radius` or `depth-duration` of one of the objects."""
        return _of_catalogue(request, mission, name, object_name)


def _of_catalogue(request: Request, mission: str, name: str, object_name: str = "") -> HttpResponse:
    filters = _filters(request)
    who = identity.caller(request, request.user).counted_as
    plot = catalogue_plot(mission, name, object_name, who=who)
    if plot is None:
        raise Http404
    return sent_plot(plot, filters)


def _filters(request: Request) -> PlotFilterSerializer:
    filters = PlotFilterSerializer(data=request.query_params.dict())
    filters.is_valid(raise_exception=True)
    return filters
