"""The pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mlcore import DATASETS, MODELS
from mlcore.models.classifier import CLASSES
from sessions_app import queries
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import Session, TrainingSession

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["home"]

_SHOWN = 8


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what this is, what is loaded and what is running."""
    published = TrainingSession.objects.filter(published=True, status=Status.COMPLETED)
    counts = dict(Session.objects.values_list("status").annotate(Count("id")).order_by())
    return render(
        request,
        "home.html",
        {
            "missions": [
                {
                    "dataset": DATASETS[mission],
                    "snapshot": snapshot,
                    "labels": {
                        label.replace("_", " "): snapshot.label_counts[label]
                        for label in (CLASSES if snapshot else ())
                    },
                    "published": published.filter(mission=mission).order_by("-finished_at").first(),
                }
                for mission, snapshot in queries.current_snapshots().items()
            ],
            "health": queries.health(),
            "unfinished": Session.objects.exclude(status__in=FINAL)[:_SHOWN],
            "counts": [(status.label, counts.get(status, 0)) for status in Status],
            "model_types": MODELS.values(),
        },
    )
