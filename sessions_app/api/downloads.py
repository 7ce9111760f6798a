"""Results as downloads: never shown in a browser, and never taken for something else."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from sessions_app import selectors
from sessions_app.api.sending import sent_file
from sessions_app.exceptions import RefusedError
from sessions_app.files.written import version_of, written_once
from sessions_app.selectors.exports import CONTENT_TYPES, ExportFormat, exported, file_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = ["DOWNLOADS", "EXPORT_FORMAT", "EXPORT_NUMBERS", "download", "sent_result"]

_PARAMETER = "as"
EXPORT_FORMAT = OpenApiParameter(
    _PARAMETER,
    description="The file's format.",
    enum=[str(kind) for kind in ExportFormat],
    default=str(ExportFormat.CSV),
)
_NUMBERS = "numbers"
EXPORT_NUMBERS = OpenApiParameter(
    _NUMBERS,
    description="Only the objects of these numbers, with commas between them, at most"
    f" {selectors.MOST_EXPLAINED}: of a table that is too large to be explained at once they have"
    " their reasons, contributions, draws and neighbours too.",
)
DOWNLOADS = {(200, kind.split(";")[0]): OpenApiTypes.BINARY for kind in CONTENT_TYPES.values()}


def sent_result(
    request: HttpRequest | Request,
    session: Session,
    name: str,
    pieces: Callable[[], Iterator[bytes]],
    *,
    content_type: str,
    compressed: bool = True,
    headers: Mapping[str, str] | None = None,
    also: Sequence[Any] = (),
) -> HttpResponseBase:
    """Answer with what there is to say of a completed session's result, which is written once.

    When the result grows, by its evidence, it is written anew, and when what it `also` follows
    from changes.
    """
    # Refused where they are gone, before anything is written.
    selectors.objects_of(session)
    version = version_of(session.finished_at, selectors.evidence_of(session), *also)
    path = written_once(session.pk, name, version, pieces, compressed=compressed)
    return sent_file(request, path, content_type=content_type, headers=headers)


def download(
    request: HttpRequest | Request,
    session: Session,
    name: str | None,
    *,
    at: ExpectedRate | None = None,
    numbers: str | None = None,
) -> HttpResponseBase:
    """Answer with a completed session's predictions as a file, CSV unless a format is named.

    With a rate of planets the probabilities at it are given too; of the objects whose numbers are
    given all that explains them. Raises RefusedError when there is no such format or object.
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
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(session, kind)}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    rows = None if numbers is None else _asked_for(session, numbers)
    pieces = partial(exported, session, kind, at=at, rows=rows)
    if at is not None or rows is not None:
        return StreamingHttpResponse(pieces(), content_type=CONTENT_TYPES[kind], headers=headers)
    return sent_result(
        request,
        session,
        f"predictions.{kind}",
        pieces,
        content_type=CONTENT_TYPES[kind],
        # Parquet is compressed within.
        compressed=kind is not ExportFormat.PARQUET,
        headers=headers,
    )


def _asked_for(session: Session, numbers: str) -> list[ObjectPrediction]:
    """Return the objects of these numbers with all that explains them."""
    objects = selectors.objects_of(session)
    asked = [int(word) for word in numbers.split(",") if word.strip().isdecimal()]
    allowed = f"it must be up to {selectors.MOST_EXPLAINED} numbers from 1 to {len(objects)}"
    known = all(1 <= number <= len(objects) for number in asked)
    if len(asked) != len(numbers.split(",")) or len(asked) > selectors.MOST_EXPLAINED or not known:
        raise RefusedError(
            f"{_NUMBERS} was {numbers[:60]!r}, but {allowed}, with commas between them.",
            field=_NUMBERS,
        )
    return selectors.explained(session, objects.taken(asked))
