"""The pages of the published models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sessions_app.selectors.pretrained_models import (
    headline,
    model_title,
    offered_models,
    published_models,
)
from sessions_app.web.tables.features import declared_checks, feature_tables
from sessions_app.web.tables.model_card import figure_in_words, figure_tables, probe_rows

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

__all__ = ["features", "model", "models"]


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """List the models that are offered."""
    shown = []
    for session in offered_models():
        found = headline(session)
        value, interval = figure_in_words(found) if found else ("", "")
        shown.append(
            {
                "session": session,
                "title": model_title(session),
                "headline": found,
                "value": value,
                "interval": interval,
            }
        )
    return render(request, "models.html", {"models": shown})


@require_safe
def features(request: HttpRequest) -> HttpResponse:
    """Show what models see and what physics checks, with units and sources."""
    return render(request, "features.html", {"tables": [*feature_tables(), declared_checks()]})


@require_safe
def model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    """Show a published model's card."""
    session = get_object_or_404(published_models(), pk=model_id)
    card = session.card
    return render(
        request,
        "model.html",
        {
            "session": session,
            "title": model_title(session),
            "card": card,
            "figures": figure_tables(card) if card else [],
            "probes": probe_rows(card) if card else [],
        },
    )
