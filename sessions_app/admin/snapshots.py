"""The missions' tables in the admin."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.read_only import StoredFileAdmin
from sessions_app.models import DatasetSnapshot

__all__ = ["DatasetSnapshotAdmin"]


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(StoredFileAdmin):
    """The missions' tables."""

    list_display = ["mission", "is_current", "dated", "source", "rows", "test_rows", "loaded_at"]
    list_filter = ["mission", "is_current", "source"]
    search_fields = ["sha256", "source_description", "mission"]
