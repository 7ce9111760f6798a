"""What operators see: every run, every file.

A hand edit of a record would lie, so none is offered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from sessions_app import queries
from sessions_app.models import (
    DatasetSnapshot,
    ObjectPrediction,
    PredictionSession,
    ProgressEntry,
    TrainingSession,
    UploadedFile,
)

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest


_BYTES_IN_MB = 10**6


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows records and lets nobody change them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class FileInline(admin.TabularInline):
    """A session's files."""

    model = UploadedFile
    fields = ["purpose", "name", "size", "rows", "sha256", "uploaded_at"]
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class SessionAdmin(ReadOnlyAdmin):
    """What both kinds of session show."""

    date_hierarchy = "created_at"
    search_fields = ["id", "error", "mission", "files__name"]
    inlines = [FileInline]
    list_select_related = ["snapshot"]
    readonly_fields = ["percent", "rows_of_the_session"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return queries.with_newest_progress(super().get_queryset(request))

    @admin.display(description="progress")
    def percent(self, session: Any) -> str:
        if session.newest_percent is None:
            return "not begun"
        return f"{session.newest_percent:.0f} % ({session.newest_step})"

    @admin.display(description="accuracy")
    def accuracy(self, session: Any) -> str:
        return f"{session.metrics['accuracy']:.3f}" if session.metrics else ""

    @admin.display(description="rows")
    def rows_of_the_session(self, session: Any) -> str:
        query = urlencode({"session__id__exact": session.pk})
        return format_html(
            '<a href="{}?{}">progress</a> · <a href="{}?{}">predictions</a>',
            reverse("admin:sessions_app_progressentry_changelist"),
            query,
            reverse("admin:sessions_app_objectprediction_changelist"),
            query,
        )


@admin.register(TrainingSession)
class TrainingSessionAdmin(SessionAdmin):
    """Runs that train."""

    list_display = [
        "id",
        "status",
        "percent",
        "model_type",
        "mission",
        "data_source",
        "accuracy",
        "published",
        "created_at",
        "finished_at",
    ]
    list_filter = ["status", "model_type", "mission", "data_source", "published", "created_at"]
    search_fields = [*SessionAdmin.search_fields, "model_type"]


@admin.register(PredictionSession)
class PredictionSessionAdmin(SessionAdmin):
    """Runs that predict."""

    list_display = [
        "id",
        "status",
        "percent",
        "mission",
        "data_source",
        "accuracy",
        "created_at",
        "finished_at",
    ]
    list_filter = ["status", "mission", "data_source", "created_at"]


@admin.register(ProgressEntry)
class ProgressEntryAdmin(ReadOnlyAdmin):
    """Reports of the workers."""

    list_display = ["session", "percent", "step", "at"]
    list_filter = ["session__status", "session__mission", "at"]
    search_fields = ["session__id", "step"]
    list_select_related = ["session"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "session__id__exact" or super().lookup_allowed(lookup, value, request)


@admin.register(ObjectPrediction)
class ObjectPredictionAdmin(ReadOnlyAdmin):
    """Predictions for single objects."""

    list_display = ["name", "label", "actual", "session", "number"]
    list_filter = ["label", "actual", "session__mission"]
    search_fields = ["name", "host", "session__id"]
    list_select_related = ["session"]
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "session__id__exact" or super().lookup_allowed(lookup, value, request)


class StoredFileAdmin(ReadOnlyAdmin):
    """Records with a file, which is named and not linked: nothing serves what users sent."""

    exclude = ["file"]
    readonly_fields = ["stored_as"]

    @admin.display(description="file")
    def stored_as(self, record: Any) -> str:
        return str(record.file.name)


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


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(StoredFileAdmin):
    """The missions' tables."""

    list_display = ["mission", "is_current", "dated", "source", "rows", "test_rows", "loaded_at"]
    list_filter = ["mission", "is_current", "source"]
    search_fields = ["sha256", "source_description", "mission"]


admin.site.site_header = "Exoplanet Playground"
admin.site.site_title = "Exoplanet Playground"
admin.site.index_title = "Runs, files and tables"
