"""The files that users sent, in the admin."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.read_only import StoredFileAdmin
from sessions_app.models import UploadedFile

__all__ = ["UploadedFileAdmin"]

_BYTES_IN_MB = 10**6


@admin.register(UploadedFile)
class UploadedFileAdmin(StoredFileAdmin):
    """Files that users sent."""

    list_display = ["name", "purpose", "megabytes", "rows", "session", "uploaded_at"]
    list_filter = ["purpose", "session__mission", "uploaded_at"]
    search_fields = ["name", "sha256", "session__id"]
    list_select_related = ["session"]

    @admin.display(description="size [MB]", ordering="size")
    def megabytes(self, file: UploadedFile) -> str:
        return f"{file.size / _BYTES_IN_MB:.2f}"
