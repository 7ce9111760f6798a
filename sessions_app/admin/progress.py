"""What the workers reported, in the admin."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.read_only import SessionRowsAdmin
from sessions_app.models import ProgressEntry

__all__ = ["ProgressEntryAdmin"]


@admin.register(ProgressEntry)
class ProgressEntryAdmin(SessionRowsAdmin):
    """Reports of the workers."""

    list_display = ["session", "percent", "step", "at"]
    list_filter = ["session__status", "session__mission", "at"]
    search_fields = ["session__id", "step"]
