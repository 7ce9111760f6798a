"""Results as downloads: never shown in a browser, and never taken for something else."""

from __future__ import annotations

import gzip
from functools import partial
from typing import TYPE_CHECKING, Any
from wsgiref.util import FileWrapper

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from sessions_app import selectors
from sessions_app.api.faults import ParametersSerializer
from sessions_app.api.sending import sent_file
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.files.written import made_once, version_of, written_once
from sessions_app.selectors.astronomy_formats import PACKED, write_astronomy_format
from sessions_app.selectors.exports import (
    CONTENT_TYPES,
    STREAMED,
    ExportFormat,
    exported,
    file_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request

    from mlcore.prediction.stored import ObjectPrediction
    from sessions_app.models import Session
    from sessions_app.selectors.planet_rate import ExpectedRate

__all__ = [
    "DOWNLOADS",
    "EXPORT_FORMAT",
    "EXPORT_NUMBERS",
    "ExportHeaderSerializer",
    "download",
    "sent_result",
]

_PIECE = 1 << 18
"""How much of a file is read at a time [bytes]."""
_PARAMETER = "as"
EXPORT_FORMAT = OpenApiParameter(
    _PARAMETER,
    description="The file's format. Each but plain CSV says where it is from, and what its columns"
    " are: in Parquet and FITS as metadata, in VOTable as INFO and FIELD, in ECSV as comments.",
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


class ExportHeaderSerializer(ParametersSerializer):
    """Whether a CSV file says where it is from."""

    header = serializers.BooleanField(
        default=False,
        help_text="Whether a CSV file begins with comments (`#`) that say where it is from, which"
        " spreadsheets take for rows.",
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
    version = _version(session, *also)
    path = written_once(session.pk, name, version, pieces, compressed=compressed)
    return sent_file(request, path, content_type=content_type, headers=headers)


def download(
    request: HttpRequest | Request,
    session: Session,
    name: str | None,
    *,
    at: ExpectedRate | None = None,
    numbers: str | None = None,
    header: bool = False,
) -> HttpResponseBase:
    """Answer with a completed session's predictions as a file, CSV unless a format is named.

    With a rate of planets the probabilities at it are given too; of the objects whose numbers are
    given all that explains them; a CSV file says where it is from if it has a header. Raises
    RefusedError when there is no such format or object.
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
    if kind not in STREAMED:
        return _in_astronomy_format(request, session, kind, at=at, rows=rows, headers=headers)
    pieces = partial(exported, session, kind, at=at, rows=rows, header=header)
    if at is not None or rows is not None:
        return StreamingHttpResponse(pieces(), content_type=CONTENT_TYPES[kind], headers=headers)
    with_header = "-with-header" if header and kind is ExportFormat.CSV else ""
    return sent_result(
        request,
        session,
        f"predictions{with_header}.{kind}",
        pieces,
        content_type=CONTENT_TYPES[kind],
        # Parquet is compressed within.
        compressed=kind is not ExportFormat.PARQUET,
        headers=headers,
    )


def _in_astronomy_format(
    request: HttpRequest | Request,
    session: Session,
    kind: ExportFormat,
    *,
    at: ExpectedRate | None,
    rows: Sequence[ObjectPrediction] | None,
    headers: Mapping[str, str],
) -> HttpResponseBase:
    """Answer with a file that a process apart writes: once, where it is of the whole result."""
    make = partial(write_astronomy_format, session, kind, at=at, rows=rows)
    content_type = CONTENT_TYPES[kind]
    if at is None and rows is None:
        name = f"predictions.{kind}{'.gz' if kind in PACKED else ''}"
        path = made_once(session.pk, name, _version(session), make)
        return sent_file(request, path, content_type=content_type, headers=headers)
    with storage.unfinished_file() as path:
        make(path)
        # It can be read for as long as it is open, though its name goes.
        file = gzip.open(path) if kind in PACKED else path.open("rb")  # noqa: SIM115
    pieces = FileWrapper(file, _PIECE)
    return StreamingHttpResponse(pieces, content_type=content_type, headers=headers)


def _version(session: Session, *also: Any) -> str:
    """Return a word for what a completed session's result is now; refused where it is gone."""
    selectors.objects_of(session)
    return version_of(session.finished_at, selectors.evidence_of(session), *also)


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
