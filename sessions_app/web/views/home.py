"""The pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mlcore import DATASETS, MODELS
from mlcore.datasets import CLASSES, of_candidates
from mlcore.in_words import joined
from sessions_app import selectors
from sessions_app.lifecycle import Status
from sessions_app.models import Session
from sessions_app.selectors.pretrained_models import headline, model_title, offered_models
from sessions_app.web.formatting import figure_on_rows, summary_figure

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from sessions_app.models import TrainingSession


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, what is loaded and what is running."""
    offered = offered_models()
    counts = dict(
        Session.objects.filter(in_background=False)
        .values_list("status")
        .annotate(Count("id"))
        .order_by()
    )
    return render(
        request,
        "home.html",
        {
            # Two tables may be of one mission.
            "catalogues": joined([dataset.short_title for dataset in of_candidates().values()]),
            "missions": [
                {
                    "dataset": DATASETS[mission],
                    "snapshot": snapshot,
                    "labels": {
                        label: snapshot.label_counts[label]
                        for label in (CLASSES if snapshot else ())
                    },
                    "published": [
                        {"session": model, "title": model_title(model), "figure": _figure(model)}
                        for model in offered
                        if model.mission == mission
                    ],
                }
                for mission, snapshot in selectors.current_snapshots().items()
            ],
            "health": selectors.health(),
            "counts": [(status.label, counts.get(status, 0)) for status in Status],
            "model_types": MODELS.values(),
        },
    )


def _figure(session: TrainingSession) -> str:
    """Return the figure that stands for a published model, with its interval and rows."""
    figure = headline(session)
    if figure is None:
        return f"accuracy {summary_figure(session.metrics, 'accuracy')}"
    return f"{figure['title']} {figure_on_rows(figure)}"
