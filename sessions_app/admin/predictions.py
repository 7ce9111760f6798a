"""Predictions for single objects in the admin."""

from __future__ import annotations

from django.contrib import admin

from sessions_app.admin.read_only import SessionRowsAdmin
from sessions_app.models import ObjectPrediction

__all__ = ["ObjectPredictionAdmin"]


@admin.register(ObjectPrediction)
class ObjectPredictionAdmin(SessionRowsAdmin):
    """Predictions for single objects."""

    list_display = ["name", "label", "actual", "mark", "session", "number"]
    readonly_fields = ["mark"]
    list_filter = ["label", "actual", "session__mission"]
    search_fields = ["name", "host", "session__id"]
    show_full_result_count = False

    @admin.display(description="mark")
    def mark(self, row: ObjectPrediction) -> str:
        return row.session.mark or ""
