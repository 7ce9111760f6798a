"""What belongs to sessions in the admin, and the missions' tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from sessions_app.admin.large_tables import SHORT_ID, LargeTable
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.models import (
    DatasetSnapshot,
    ObjectVerdict,
    ProgressEntry,
    UploadedFile,
)

if TYPE_CHECKING:
    from django.http import HttpRequest

_BYTES_IN_MB = 10**6


class SessionRowsAdmin(LargeTable, ReadOnlyAdmin):
    """Rows of sessions."""

    list_select_related = ["session"]
    # A session is named beside each of its rows, and no more of it shown.
    not_listed = tuple(f"session__{name}" for name in ("report", "reading", "metrics", "traceback"))
    ids_searched = ("session",)
    # By the session would be by the time when that was made, and need all of them.
    ordering = ["pk"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let a session's page link to its rows in another list."""
        return lookup == "session__id__exact" or super().lookup_allowed(lookup, value, request)


class StoredFileAdmin(ReadOnlyAdmin):
    """Records with a file, which is named and not linked: nothing serves what users sent."""

    exclude = ["file"]
    readonly_fields = ["stored_as"]

    @admin.display(description="file")
    def stored_as(self, record: Any) -> str:
        return str(record.file.name)


@admin.register(ProgressEntry)
class ProgressEntryAdmin(SessionRowsAdmin):
    """Reports of the workers."""

    list_display = ["session", "percent", "step", "at"]
    list_filter = ["session__status", "session__mission", "at"]
    search_fields = ["session__id"]
    search_help_text = "The id of a session, or its first eight digits"
    words_searched = False
    fewest_digits = SHORT_ID
    ordering = ["-pk"]
    # Sorting millions of rows takes seconds; they are in the order in which they came.
    sortable_by = ()


@admin.register(ObjectVerdict)
class ObjectVerdictAdmin(SessionRowsAdmin):
    """What published models say of every object of their missions."""

    list_display = ["name", "host", "disposition", "possible", "session", "fold"]
    list_filter = ["disposition", "session__mission"]
    search_fields = ["name", "host", "object_key", "star_key"]


@admin.register(UploadedFile)
class UploadedFileAdmin(LargeTable, StoredFileAdmin):
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


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(StoredFileAdmin):
    """The missions' tables."""

    list_display = ["mission", "is_current", "dated", "source", "rows", "test_rows", "loaded_at"]
    list_filter = ["mission", "is_current", "source"]
    search_fields = ["sha256", "source_description", "mission"]
