"""A plot on a page of its own, with its numbers; to htmx the numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sessions_app.access import identity
from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import Status
from sessions_app.plots import of_session
from sessions_app.plots.of_catalogue import catalogue_plot
from sessions_app.plots.of_object import must_be_explained, object_plot
from sessions_app.selectors.explained import explained
from sessions_app.web.context import Step, step
from sessions_app.web.requests import in_one_sentence, readable_session, result_objects_of
from sessions_app.web.tables.sessions import session_title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from sessions_app.plots.plot import Plot


@require_safe
def session_plot(request: HttpRequest, session_id: UUID, name: str) -> HttpResponse:
    """Show a plot of a result."""
    session = readable_session(request, session_id)
    if session.status != Status.COMPLETED:
        raise Http404
    entry = of_session.session_plot(session, name)
    if entry is None:
        raise Http404
    try:
        plot = entry.draw(session, session.report or {}, request.GET)
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    trail = [
        step("My sessions", "sessions"),
        step(session_title(session), "session", session.pk),
        step("Plots", "session_plots", session.pk),
    ]
    query = request.GET.urlencode()
    address = reverse(f"{session.kind}-session-plot", args=[session.pk, name])
    return shown_plot(request, plot, f"{address}?{query}" if query else address, trail)


@require_safe
def plot_of_object(request: HttpRequest, session_id: UUID, number: int, name: str) -> HttpResponse:
    """Show a plot of one of a result's objects."""
    session = readable_session(request, session_id)
    row = result_objects_of(session).numbered(number)
    if row is None:
        raise Http404
    try:
        if must_be_explained(name):
            (row,) = explained(session, [row])
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    plot = object_plot(session, row, name)
    if plot is None:
        raise Http404
    trail = [
        step(session_title(session), "session", session.pk),
        step(row.name, "object", session.pk, number),
    ]
    address = reverse(f"{session.kind}-session-object-plot", args=[session.pk, number, name])
    return shown_plot(request, plot, address, trail)


@require_safe
def plot_of_catalogue(
    request: HttpRequest, mission: str, name: str, object_name: str = ""
) -> HttpResponse:
    """Show a plot of a mission's table, or of one of its objects."""
    who = identity.caller(request, request.user).counted_as
    try:
        plot = catalogue_plot(mission, name, object_name, who=who)
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    if plot is None:
        raise Http404
    trail = [step("Explore", "explore"), step(mission, "mission", mission)]
    if object_name:
        trail.append(step(object_name, "catalogue_object", mission, object_name))
        address = reverse("dataset-object-plot", args=[mission, object_name, name])
    else:
        address = reverse("dataset-plot", args=[mission, name])
    return shown_plot(request, plot, address, trail)


def shown_plot(
    request: HttpRequest, plot: Plot, address: str, trail: Sequence[Step]
) -> HttpResponse:
    """Show a plot on a page of its own; to htmx its numbers alone."""
    if "HX-Request" in request.headers:
        context = {"title": plot.title, "about": plot.about, "numbers": plot.numbers}
        return render(request, "numbers.html", context)
    context = {
        "drawn": plot,
        "address": address,
        "here": request.get_full_path(),
        "trail": trail,
    }
    return render(request, "plot_page.html", context)
