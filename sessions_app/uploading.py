"""Receiving files: a cap on bytes that holds while they stream in."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from sessions_app.models import FilePurpose
from sessions_app.refusals import RefusedError
from sessions_app.services import Upload

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["CappedUploadHandler", "file_upload", "limit_uploads"]

_FIELDS_BYTES = 2 * 10**6
"""What a form may hold besides its files."""


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Writes uploads to temporary files and stops at the first byte beyond the limit."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file of the form."""
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a part of the file."""
        self._received += len(raw_data)
        if self._received > _limit():
            self.file.close()
            raise _too_large(self.field_name or "file")
        super().receive_data_chunk(raw_data, start)


def limit_uploads(request: HttpRequest) -> None:
    """Cap what a request may bring; called before anything reads its body.

    Raises
    ------
    RefusedError
        When the request says itself that it is too large.
    """
    request.upload_handlers = [CappedUploadHandler(request)]
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdigit() and int(announced) > len(FilePurpose) * _limit() + _FIELDS_BYTES:
        # Which of its files is to blame, its length does not tell.
        raise _too_large("")


def file_upload(file: Any) -> Upload:
    """Return a received file as the services take it."""
    return Upload(path=Path(file.temporary_file_path()), name=str(file.name))


def _limit() -> int:
    return int(settings.EXOPLANET_UPLOAD_LIMIT_MB) * 10**6


def _too_large(field: str) -> RefusedError:
    limit = settings.EXOPLANET_UPLOAD_LIMIT_MB
    return RefusedError(
        f"{field or 'The request'} is too large: a file may have at most {limit} MB.",
        field=field,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )
