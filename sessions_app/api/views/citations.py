"""What to cite for a session, in the modern API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action

from sessions_app.selectors.citation import citation_of

if TYPE_CHECKING:
    from rest_framework.request import Request

__all__ = ["ShowsCitation"]

_BIBTEX = "text/x-bibtex"


class ShowsCitation:
    """Adds what to cite below a session's address."""

    @extend_schema(
        summary="Show what to cite for a session",
        description="BibTeX: the archive's table and paper, the mission's papers, the papers of the"
        " methods that the session used and of no others, and this software.",
        responses={(200, _BIBTEX): OpenApiTypes.STR},
    )
    @action(detail=True)
    def citation(self: Any, _request: Request, pk: Any = None) -> HttpResponse:  # noqa: ARG002
        """Return what to cite for a completed session; 409 as long as it has not completed."""
        session = self._completed()
        name = f"exoplanet-{session.mission}-{str(session.pk)[:8]}.bib"
        return HttpResponse(
            citation_of(session),
            content_type=f"{_BIBTEX}; charset=utf-8",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )
