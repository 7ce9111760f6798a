"""Results as downloads: never shown in a browser, and never taken for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from sessions_app.exceptions import RefusedError
from sessions_app.selectors.exports import CONTENT_TYPES, ExportFormat, exported, file_name

if TYPE_CHECKING:
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["DOWNLOADS", "EXPORT_FORMAT", "download"]

_PARAMETER = "as"
EXPORT_FORMAT = OpenApiParameter(
    _PARAMETER,
    description="The file's format.",
    enum=[str(kind) for kind in ExportFormat],
    default=str(ExportFormat.CSV),
)
DOWNLOADS = {(200, kind.split(";")[0]): OpenApiTypes.BINARY for kind in CONTENT_TYPES.values()}


def download(
    session: Session, name: str | None, *, at: ExpectedRate | None = None
) -> StreamingHttpResponse:
    """Answer with a completed session's predictions as a file, CSV unless a format is named.

    With a rate of planets the probabilities at it are given too. Raises RefusedError when there is
    no such format.
    """
    try:
        kind = ExportFormat(name or ExportFormat.CSV)
    except ValueError:
        allowed = [str(kind) for kind in ExportFormat]
        raise RefusedError(
            f"{_PARAMETER} was {str(name)[:60]!r}, but it must be one of {', '.join(allowed)}.",
            field=_PARAMETER,
            allowed=allowed,
        ) from None
    return StreamingHttpResponse(
        exported(session, kind, at=at),
        content_type=CONTENT_TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{file_name(session, kind)}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
