"""Finding an object of the loaded tables by any of its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from mlcore.in_words import joined
from sessions_app.selectors import at_once, current_snapshots
from sessions_app.selectors.catalogue_object import objects_called

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_LONGEST = 100


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """List the objects that a name may mean; of a single one show its page."""
    # Whoever looks an object up asks about it next.
    at_once.warm()
    query = " ".join(request.GET.get("q", "").split())[:_LONGEST]
    found = objects_called(query) if query else []
    if len(found) == 1 and len(found[0].rows) == 1:
        return redirect("catalogue_object", found[0].dataset.name, found[0].rows[0].name)
    loaded = [
        snapshot.get_mission_display() for snapshot in current_snapshots().values() if snapshot
    ]
    return render(
        request,
        "search.html",
        {"query": query, "found": found, "loaded": joined(loaded), "trail": []},
        status=200 if found or not query else 404,
    )
