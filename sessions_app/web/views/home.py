"""The start page, and the missions that can be explored."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from mlcore import DATASETS
from mlcore.datasets import CLASSES, of_candidates
from mlcore.in_words import joined
from sessions_app import selectors
from sessions_app.access import identity
from sessions_app.models import Session
from sessions_app.plots.of_catalogue import ALL, SKY
from sessions_app.selectors.catalogue_object import catalogue_object
from sessions_app.selectors.pretrained_models import headline, model_title, offered_models
from sessions_app.selectors.sessions import BULKY
from sessions_app.web.formatting import figure_on_rows, summary_figure
from sessions_app.web.tables.sessions import session_title

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from sessions_app.models import TrainingSession

_RECENT = 5
_FAMOUS = (
    ("kepler", "K00752.01", "Kepler-227 b"),
    ("tess", "TOI 700.03", "TOI-700 c"),
    ("k2", "K2-3 b", "K2-3 b"),
    ("kepler", "K00126.01", "a false positive of Kepler's"),
)
"""Objects to begin with, as far as their missions are loaded."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, a way to an object, and what a visitor did last."""
    loaded = {
        name: snapshot for name, snapshot in selectors.current_snapshots().items() if snapshot
    }
    recent = (
        identity.caller(request, request.user)
        .own(Session.objects.filter(in_background=False))
        .select_related("trainingsession", "predictionsession", "analysissession")
        .defer(*BULKY)[:_RECENT]
    )
    return render(
        request,
        "home.html",
        {
            # Two tables may be of one mission.
            "catalogues": joined([dataset.short_title for dataset in of_candidates().values()]),
            "problems": selectors.health().problems,
            "loaded": loaded,
            "famous": [
                {"mission": mission, "name": name, "called": called}
                for mission, name, called in _FAMOUS
                if mission in loaded and _is_listed(mission, name, loaded[mission].file_sha256)
            ],
            "sky": reverse("dataset-plot", args=[ALL, SKY]),
            "sky_numbers": reverse("mission_plot", args=[ALL, SKY]),
            "models": [_shown_model(model) for model in offered_models()],
            "recent": [{"session": row, "title": session_title(row)} for row in recent],
        },
    )


@require_safe
def explore(request: HttpRequest) -> HttpResponse:
    """List the missions: what is loaded of each, and which models there are."""
    offered = offered_models()
    return render(
        request,
        "explore.html",
        {
            "trail": [],
            "missions": [
                {
                    "dataset": DATASETS[mission],
                    "snapshot": snapshot,
                    "labels": {
                        label: snapshot.label_counts[label]
                        for label in (CLASSES if snapshot else ())
                    },
                    "published": [
                        _shown_model(model) for model in offered if model.mission == mission
                    ],
                }
                for mission, snapshot in selectors.current_snapshots().items()
            ],
        },
    )


@lru_cache(maxsize=64)
def _is_listed(mission: str, name: str, table: str) -> bool:  # noqa: ARG001 - what it is true of
    """Tell whether a mission's table, known by its hash, has an object."""
    return catalogue_object(mission, name) is not None


def _shown_model(session: TrainingSession) -> dict[str, Any]:
    """Return a published model with the figure that stands for it, its interval and its rows."""
    figure = headline(session)
    said = (
        f"accuracy {summary_figure(session.metrics, 'accuracy')}"
        if figure is None
        else f"{figure['title']} {figure_on_rows(figure)}"
    )
    return {
        "session": session,
        "title": model_title(session),
        "figure": said,
        "headline": figure,
    }
