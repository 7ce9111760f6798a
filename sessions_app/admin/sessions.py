"""The sessions in the admin: what each kind shows, and what an operator may do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from sessions_app import selectors, services
from sessions_app.admin.large_tables import SHORT_ID, LargeTable
from sessions_app.admin.predictions import ShowsPredictions
from sessions_app.admin.read_only import ReadOnlyAdmin, ReadOnlyInline
from sessions_app.exceptions import RefusedError
from sessions_app.models import (
    AnalysisSession,
    Attempt,
    PredictionSession,
    TrainingSession,
    UploadedFile,
)
from sessions_app.selectors.sessions import BULKY
from sessions_app.web.formatting import summary_figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest


# What the lists of each kind of session show.
_FIRST = ("id", "status", "percent")
_RESULT = ("mission", "data_source", "accuracy", "mark")
_LAST = ("created_at", "finished_at")


class FileInline(ReadOnlyInline):
    """A session's files."""

    model = UploadedFile
    fields = ["purpose", "name", "size", "rows", "sha256", "uploaded_at"]


class AttemptInline(ReadOnlyInline):
    """Each time that a worker ran the session."""

    model = Attempt
    fields = [
        "number",
        "ending",
        "started_at",
        "ended_at",
        "worker",
        "error",
        "traceback",
        "peak_memory_bytes",
        "cpu_seconds",
    ]


class SessionAdmin(ShowsPredictions, LargeTable, ReadOnlyAdmin):
    """What both kinds of session show, and what an operator may do with them."""

    search_fields = ["error", "mission"]
    search_help_text = (
        "An id or its first eight digits, a file's name, a mission, words of an error"
    )
    ids_searched = ("pk",)
    fewest_digits = SHORT_ID
    # A report takes a third of a megabyte, and a list shows none.
    not_listed = ("report", "reading", "traceback", "mapping")
    inlines = [FileInline, AttemptInline]
    actions = ["cancel", "run_again"]
    list_select_related = ["snapshot"]
    readonly_fields = ["percent", "mark", "rows_of_the_session"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return selectors.with_newest_progress(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, several = super().get_search_results(request, queryset, search_term)
        if not search_term or self.id_digits(search_term):
            return found, several
        # In two steps: of a session with several files a join would have as many rows.
        files = UploadedFile.objects.filter(name__icontains=search_term)
        return found | queryset.filter(pk__in=files.values("session")), several

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may do more than look: who could change them, were there edits."""
        codename = get_permission_codename("change", self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        self._act_on(request, sessions, lambda row: services.cancel_session(row.pk), "cancelled")

    @admin.action(description="Run again", permissions=["operate"])
    def run_again(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        self._act_on(request, sessions, lambda row: services.retry_session(row.pk), "queued again")

    def _act_on(
        self, request: HttpRequest, sessions: QuerySet[Any], act: Callable[[Any], None], done: str
    ) -> None:
        for session in sessions:
            try:
                act(session)
            except RefusedError as refusal:
                self.message_user(request, f"{session}: {refusal.sentence}", messages.WARNING)
            else:
                self.message_user(request, f"{session} is {done}.", messages.SUCCESS)

    @admin.display(description="progress")
    def percent(self, session: Any) -> str:
        if session.newest_percent is None:
            return "not begun"
        return f"{session.newest_percent:.0f} % ({session.newest_step})"

    @admin.display(description="accuracy")
    def accuracy(self, session: Any) -> str:
        return summary_figure(session.metrics, "accuracy")

    @admin.display(description="mark")
    def mark(self, session: Any) -> str:
        return session.mark or ""

    @admin.display(description="rows")
    def rows_of_the_session(self, session: Any) -> str:
        return format_html(
            '<a href="{}?{}">progress</a> · <a href="{}">predictions</a>',
            reverse("admin:sessions_app_progressentry_changelist"),
            urlencode({"session__id__exact": session.pk}),
            reverse(f"admin:{self.predictions_url_name}", args=[session.pk]),
        )


@admin.register(TrainingSession)
class TrainingSessionAdmin(SessionAdmin):
    """Runs that train."""

    list_display = [*_FIRST, "model_type", *_RESULT, "published", *_LAST]
    list_filter = ["status", "model_type", "mission", "data_source", "published", "created_at"]
    search_fields = [*SessionAdmin.search_fields, "model_type"]
    exclude = ["card"]
    actions = [*SessionAdmin.actions, "publish", "withdraw"]
    readonly_fields = [*SessionAdmin.readonly_fields, "model_card"]
    not_listed = (*SessionAdmin.not_listed, "card")

    @admin.action(description="Publish the model", permissions=["operate"])
    def publish(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        self._act_on(request, sessions, services.publish, "published")

    @admin.action(description="Withdraw the published model", permissions=["operate"])
    def withdraw(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        self._act_on(request, sessions, services.withdraw, "offered no longer")

    @admin.display(description="card")
    def model_card(self, session: TrainingSession) -> str:
        return render_to_string("model_card.html", {"card": session.card}) if session.card else ""


@admin.register(PredictionSession)
class PredictionSessionAdmin(SessionAdmin):
    """Runs that predict."""

    list_display = [*_FIRST, *_RESULT, *_LAST]
    list_filter = ["status", "mission", "data_source", "created_at"]


@admin.register(AnalysisSession)
class AnalysisSessionAdmin(SessionAdmin):
    """Runs that look more closely at the model of another one."""

    list_display = [*_FIRST, "analysis", "of", "object_number", "mission", *_LAST]
    list_filter = ["status", "analysis", "mission", "created_at"]
    search_fields = [*SessionAdmin.search_fields, "analysis"]
    ids_searched = ("pk", "of")
    not_listed = (
        *SessionAdmin.not_listed,
        "answer",
        *(f"of__{name}" for name in (*SessionAdmin.not_listed, *BULKY)),
    )
    list_select_related = ["of"]
    inlines = [AttemptInline]
