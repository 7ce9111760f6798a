"""Receiving files: a cap on bytes that holds while they stream in."""

from __future__ import annotations

import errno
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.models import FilePurpose
from sessions_app.monitoring.health import free_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

__all__ = ["CappedUploadHandler", "Upload", "file_upload", "limit_uploads"]

_FIELDS_BYTES = 2 * 10**6
"""What a form may hold besides its files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file that a request brought, in a temporary place."""

    path: Path
    name: str
    """The user's own name for it."""


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Writes uploads to temporary files and stops at the first byte beyond the limit."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file of the form, under a name in which nothing is the user's."""
        FileUploadHandler.new_file(self, *args, **kwargs)
        self._received = 0
        with self._room():
            # Django's own would end with what the user's name ends with, however long that is.
            self.file = TemporaryUploadedFile(
                "upload", self.content_type, 0, self.charset, self.content_type_extra
            )
        self.file.name = self.file_name
        # For as long as the request lasts: it is no orphan, however slowly it comes.
        storage.mark_in_use(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a part of the file."""
        self._received += len(raw_data)
        if self._received > _limit():
            self.file.close()
            raise _too_large(self.field_name or "file")
        if _free() < _reserved():
            # Others write too, whatever was left when this one began.
            self.file.close()
            raise _no_room(self.field_name or "")
        with self._room():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        """Write what is left of the file."""
        with self._room():
            return super().file_complete(file_size)

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            with suppress(AttributeError, OSError):
                # Which removes it; what is still to be written finds no room either.
                self.file.close()
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise _no_room(self.field_name or "") from error


def limit_uploads(request: HttpRequest) -> None:
    """Cap what a request may bring; called before anything reads its body.

    Refused is what says itself that it is too large, or larger than the room that is left.
    """
    request.upload_handlers = [CappedUploadHandler(request)]
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if announced.isdigit() and int(announced) > len(FilePurpose) * _limit() + _FIELDS_BYTES:
        # Which of its files is to blame, its length does not tell.
        raise _too_large("")
    brings_files = request.content_type == "multipart/form-data"
    if brings_files and announced.isdigit() and _free() < _reserved() + int(announced):
        raise _no_room("")


def file_upload(file: Any | None) -> Upload | None:
    """Return a received file as the services take it, None where there is none."""
    return Upload(path=Path(file.temporary_file_path()), name=str(file.name)) if file else None


def _limit() -> int:
    return int(settings.EXOPLANET_UPLOAD_LIMIT_MB) * 10**6


def _free() -> int:
    return free_bytes()["media"]


def _reserved() -> int:
    return int(settings.EXOPLANET_FREE_DISK_MB) * 10**6


def _no_room(field: str) -> RefusedError:
    return RefusedError(
        "The server has no room for the file at the moment; send it again later.",
        field=field,
        status=HTTPStatus.INSUFFICIENT_STORAGE,
    )


def _too_large(field: str) -> RefusedError:
    limit = settings.EXOPLANET_UPLOAD_LIMIT_MB
    return RefusedError(
        f"{field or 'The request'} is too large: a file may have at most {limit} MB.",
        field=field,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    )
