"""Users' files in the admin: what is in them, how they were read, whose they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.urls import path, reverse

from sessions_app.admin.drawn import bytes_in_words, drawn, folded
from sessions_app.admin.large_tables import LargeTable
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.admin.records import SessionRowsAdmin, link_to_session
from sessions_app.admin.session_sheets import owner_of
from sessions_app.admin.sheets import Grid, Link, Sheet
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files import storage
from sessions_app.files.check_upload import first_rows_apart
from sessions_app.models import UploadedFile
from sessions_app.web.tables.reading import reading_tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from django.http import HttpRequest
    from django.urls import URLPattern

_BYTES_IN_MB = 10**6
_MOST_HEADINGS = 60
_COLUMNS = 40
"""Of a wide table so many are shown; the others are named."""


@admin.register(UploadedFile)
class UploadedFileAdmin(LargeTable, ReadOnlyAdmin):
    """Files that users sent."""

    not_listed = SessionRowsAdmin.not_listed
    ordering = ["-pk"]

    list_display = ["name", "purpose", "megabytes", "rows", "session", "uploaded_at"]
    list_filter = ["purpose", "session__mission", "uploaded_at"]
    search_fields = ["name", "sha256", "session__id"]
    list_select_related = ["session"]

    @admin.display(description="size [MB]", ordering="size")
    def megabytes(self, file: UploadedFile) -> str:
        return f"{file.size / _BYTES_IN_MB:.2f}"

    def get_urls(self) -> list[URLPattern]:
        """Return the address of the file itself before the admin's own."""
        view = self.admin_site.admin_view(self.download_view)
        name = "sessions_app_uploadedfile_download"
        return [path("<int:file_id>/download/", view, name=name), *super().get_urls()]

    def download_view(self, request: HttpRequest, file_id: int) -> FileResponse:
        """Send a user's file as it is, never to be shown by a browser; that is recorded."""
        file: Any = self.get_object(request, str(file_id))
        if file is None:
            raise Http404(f"There is no file {file_id}.")
        if not self.has_view_permission(request, file):
            raise PermissionDenied
        try:
            content = _kept(file).open("rb")
        except RefusedError as refusal:
            raise Http404(refusal.sentence) from None
        self.log_change(request, file, "It was downloaded.")
        return FileResponse(
            content,
            as_attachment=True,
            filename=file.name,
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )

    def links(self, request: HttpRequest, record: UploadedFile) -> list[Link]:
        address = reverse("admin:sessions_app_uploadedfile_download", args=[record.pk])
        return [Link(address=address, words="Download")]

    def sheets(self, request: HttpRequest, record: UploadedFile) -> Iterator[Sheet]:
        session = record.session
        facts = [
            ("Session", link_to_session(session)),
            ("Owner", owner_of(session)),
            ("For", record.get_purpose_display()),
            ("Rows that the mission's columns were found in", f"{record.rows:,}"),
            ("Size", bytes_in_words(record.size)),
            ("SHA-256", record.sha256),
            ("Stored as", str(record.file.name)),
            ("Sent", drawn(record.uploaded_at)),
        ]
        yield Sheet(title="File", facts=facts)
        yield _first_rows(record, who=f"user:{request.user.pk}")
        read = (session.reading or {}).get(record.purpose)
        if read is None:
            yield Sheet(title="Validation", about="How it was read was not recorded.")
            return
        uses = Counter(row["use"] for row in read["headings"])
        yield Sheet(
            title="Validation",
            about="What became of the file's headings, and what was noticed.",
            facts=[(f"Headings: {use}", f"{count:,}") for use, count in uses.most_common()],
            text=drawn(read["notes"]) if read["notes"] else "",
        )
        yield Sheet(
            title="What was read as what",
            tables=list(reading_tables({record.purpose: read})),
            is_folded=len(read["headings"]) > _MOST_HEADINGS,
        )


def _kept(file: UploadedFile) -> Path:
    path = storage.local_file(file.file.name, sha256=file.sha256)
    if not path.is_file():
        raise GoneError("The file is no longer on this server.")
    return path


def _first_rows(file: UploadedFile, *, who: str) -> Sheet:
    """Return how the file begins; read where a file that is made to do harm can do none."""
    title = "First rows"
    try:
        first = first_rows_apart(_kept(file), who=who)
    except RefusedError as refusal:
        return Sheet(title=title, about=refusal.sentence)
    if first.refusal:
        return Sheet(title=title, about=f"It cannot be shown: {first.refusal}")
    more = first.headings[_COLUMNS:]
    columns = first.headings[:_COLUMNS]
    named = ", ".join(more)
    return Sheet(
        title=title,
        about=f"The first {len(first.rows)} rows, as the file has them.",
        grids=[
            Grid(
                title=title,
                columns=columns,
                rows=[row[: len(columns)] for row in first.rows],
                none="It has no row.",
            )
        ],
        text=folded(f"{len(more)} more columns", named) if more else "",
    )
