"""The page that holds several sessions against each other, and its plots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sessions_app.access import identity
from sessions_app.exceptions import RefusedError
from sessions_app.plots.compared import COMPARED_PLOTS
from sessions_app.selectors.comparison import FEWEST, MOST, chosen_sessions, compared
from sessions_app.selectors.session_titles import lettered
from sessions_app.web.context import step
from sessions_app.web.requests import in_one_sentence, refused
from sessions_app.web.tables.comparison import (
    difference_table,
    differences_in_words,
    disagreement_table,
    figure_table,
    settings_table,
)
from sessions_app.web.views.plots import shown_plot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from sessions_app.models import Session

_PAGE = 50


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Hold sessions against each other, or say why they cannot be."""
    context: dict[str, Any] = {
        "trail": [step("My sessions", "sessions")],
        "fewest": FEWEST,
        "most": MOST,
    }
    try:
        sessions = _chosen(request)
        context["sessions"] = sessions
        found = compared(sessions)
    except RefusedError as refusal:
        return refused(request, "compare.html", context, refusal)
    called = lettered(sessions)
    query = _query(sessions)
    page = Paginator(found.disagreements, _PAGE).get_page(request.GET.get("page"))
    context |= {
        "found": found,
        "called": list(zip(called, sessions, strict=True)),
        "sentences": differences_in_words(found, called),
        "settings": settings_table(sessions),
        "figures": figure_table(found),
        "differences": difference_table(found),
        "page": page,
        "table": disagreement_table(list(page), sessions),
        "kept": query,
        "plots": [
            {
                "title": plot.title,
                "address": f"{reverse('comparison-plot', args=[plot.name])}?{query}",
                "numbers": f"{reverse('compare_plot', args=[plot.name])}?{query}",
            }
            for draw in COMPARED_PLOTS.values()
            if (plot := draw(found, called)) is not None
        ],
    }
    return render(request, "compare.html", context)


@require_safe
def plot(request: HttpRequest, name: str) -> HttpResponse:
    """Show a plot of a comparison."""
    draw = COMPARED_PLOTS.get(name)
    if draw is None:
        raise Http404
    try:
        sessions = _chosen(request)
        drawn = draw(compared(sessions), lettered(sessions))
    except RefusedError as refusal:
        return in_one_sentence(refusal)
    if drawn is None:
        raise Http404
    query = _query(sessions)
    trail = [step("My sessions", "sessions"), step("Comparison", "compare", query=query)]
    address = f"{reverse('comparison-plot', args=[name])}?{query}"
    return shown_plot(request, drawn, address, trail)


def _chosen(request: HttpRequest) -> list[Session]:
    caller = identity.caller(request, request.user)
    return chosen_sessions(request.GET.getlist("session"), caller)


def _query(sessions: Sequence[Session]) -> str:
    return "&".join(f"session={session.pk}" for session in sessions)
