"""A session's manifest in the modern API."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action

from sessions_app.api.downloads import sent_result
from sessions_app.selectors.manifest import manifest_of

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

__all__ = ["ShowsManifest"]


class ShowsManifest:
    """Adds the manifest below a session's address."""

    @extend_schema(
        summary="Show all that is needed to repeat a session",
        description="The request, the seed, the SHA-256 of the table, of files sent and of the"
        " model's files, library versions, the figures, and digests of the predictions."
        " `manage.py rerun` repeats the session and compares.",
        responses=OpenApiTypes.OBJECT,
    )
    @action(detail=True)
    def manifest(self: Any, request: Request, pk: Any = None) -> HttpResponseBase:  # noqa: ARG002
        """Return the manifest of a completed session; 409 as long as it has not completed."""
        session = self._completed()
        name = f"exoplanet-{session.mission}-{str(session.pk)[:8]}-manifest.json"
        return sent_result(
            request,
            session,
            "manifest.json",
            lambda: iter([json.dumps(manifest_of(session), indent=1).encode()]),
            content_type="application/json",
            headers={"Content-Disposition": f'inline; filename="{name}"'},
        )
