"""The page of the field's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from sessions_app.web.glossary import GLOSSARY

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Show what the field's words mean."""
    return render(request, "glossary.html", {"glossary": GLOSSARY, "trail": []})
