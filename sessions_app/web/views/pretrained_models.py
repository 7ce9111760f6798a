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
from sessions_app.web.context import step
from sessions_app.web.tables.features import declared_checks, feature_tables

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """List the models that are offered."""
    shown = [
        {"session": session, "title": model_title(session), "headline": headline(session)}
        for session in offered_models()
    ]
    splits = {one["headline"]["split"] for one in shown if one["headline"]}
    # Where all were tested alike it is said once.
    split = splits.pop() if len(splits) == 1 else ""
    return render(request, "models.html", {"models": shown, "split": split, "trail": []})


@require_safe
def features(request: HttpRequest) -> HttpResponse:
    """Show what models see and what physics checks, with units and sources."""
    tables = [*feature_tables(), declared_checks()]
    return render(request, "features.html", {"tables": tables, "trail": []})


@require_safe
def model(request: HttpRequest, model_id: UUID) -> HttpResponse:
    """Show a published model's card."""
    session = get_object_or_404(published_models(), pk=model_id)
    shown = {
        "session": session,
        "title": model_title(session),
        "card": session.card,
        "headline": headline(session),
        "trail": [step("Models", "models")],
    }
    return render(request, "model.html", shown)
