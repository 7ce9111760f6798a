"""The files that a form brings, now or earlier: what was shown once is not asked for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions_app.files import waiting
from sessions_app.files.upload_handler import file_upload
from sessions_app.files.waiting import Visitor
from sessions_app.models import FilePurpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from sessions_app.access.ownership import Owner
    from sessions_app.files.upload_handler import Upload
    from sessions_app.files.waiting import WaitingFile

__all__ = ["NO_FILES", "REMOVE", "SentFiles", "sent_files", "token_field"]

REMOVE = "remove"
"""The button that takes a file back; its value is the file's field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFiles:
    """Files of a form, by the name of their field."""

    files: Mapping[str, WaitingFile]
    gone: tuple[str, ...] = ()
    """Fields of files that were shown earlier and wait no longer."""
    replaced: bool = False
    """Whether another file takes the place of one that was shown earlier."""

    def upload(self, purpose: FilePurpose) -> Upload | None:
        """Return a file as the services take it."""
        found = self.files.get(purpose.value)
        return found.upload if found else None


NO_FILES = SentFiles(files={})


def token_field(purpose: FilePurpose) -> str:
    """Return what the form's hidden field is called that holds the token of a file."""
    return f"{purpose.value}_kept"


def sent_files(request: HttpRequest, owner: Owner) -> SentFiles:
    """Keep the files that came with a request, and find those that came with an earlier one."""
    visitor = Visitor(key=owner.key, origin=owner.address or owner.counted_as)
    files: dict[str, WaitingFile] = {}
    gone, replaced = [], False
    for purpose in FilePurpose:
        field, token = purpose.value, request.POST.get(token_field(purpose), "")
        brought = file_upload(request.FILES.get(field))
        if token and (brought or request.POST.get(REMOVE) == field):
            replaced = True
            waiting.drop(token, visitor)
            token = ""
        if brought is not None:
            files[field] = waiting.keep(brought, visitor)
        elif token:
            found = waiting.find(token, visitor)
            if found is None:
                gone.append(field)
            else:
                files[field] = found
    return SentFiles(files=files, gone=tuple(gone), replaced=replaced)
