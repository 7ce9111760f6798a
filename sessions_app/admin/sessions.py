"""The sessions in the admin: what each kind shows, and what an operator may do with them."""

from __future__ import annotations

import csv
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.http import StreamingHttpResponse
from django.utils.text import Truncator

from mlcore.datasets import DATASETS
from mlcore.levels import INTERVAL
from sessions_app import selectors, services
from sessions_app.access import identity
from sessions_app.admin.acting import ActsOnRecords, record_of_many
from sessions_app.admin.drawn import minute
from sessions_app.admin.large_tables import SHORT_ID, LargeTable
from sessions_app.admin.predictions import ShowsPredictions
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.admin.session_sheets import session_links, session_sheets
from sessions_app.exceptions import RefusedError
from sessions_app.lifecycle import FINAL, Status
from sessions_app.models import (
    AnalysisSession,
    PredictionSession,
    TrainingSession,
    UploadedFile,
)
from sessions_app.selectors.exports import CONTENT_TYPES, ExportFormat, exported, file_name
from sessions_app.selectors.sessions import BULKY
from sessions_app.web.formatting import decimal, figure, figure_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


# What the lists of each kind of session show.
_FIRST = ("short_id", "status", "percent")
_RESULT = ("of_mission", "data_source", "accuracy", "mark")
_LAST = ("created", "finished")
_EXPORTED = (
    *("id", "kind", "status", "mission", "task", "data_source", "created_at", "started_at"),
    *("finished_at", "attempts", "cpu_seconds", "peak_memory_bytes", "error"),
)
_ROWS_AT_ONCE = 1000
_LONGEST_STEP = 60
_EXPIRED = (
    "A session goes with its files, its predictions and what was asked about it; that cannot be"
    " taken back."
)


class SessionAdmin(ActsOnRecords, LargeTable, ReadOnlyAdmin):
    """What all kinds of session show, and what an operator may do with them."""

    search_fields = ["error", "mission"]
    search_help_text = (
        "An id or its first eight digits, a file's name, a mission, words of an error"
    )
    ids_searched = ("pk",)
    fewest_digits = SHORT_ID
    # A report takes a third of a megabyte, and a list shows none.
    not_listed = ("report", "reading", "traceback", "mapping")
    actions = ["cancel", "run_again", "expire", "export_list"]
    lists_only = frozenset({"export_list"})
    destructive = frozenset({"expire"})
    list_select_related = ["snapshot"]

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

    def has_expire_permission(self, request: HttpRequest) -> bool:
        """Whether this operator may delete sessions, as the API asks for it."""
        codename = get_permission_codename("delete", self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))

    def sheets(self, request: HttpRequest, record: Any) -> Any:
        return session_sheets(record)

    def links(self, request: HttpRequest, record: Any) -> Any:
        return session_links(record)

    def fitting_actions(self, record: Any) -> set[str]:
        """Return what can be done with a session as it stands."""
        if record.status not in FINAL:
            return {"cancel"}
        if record.status == Status.COMPLETED:
            return {"expire", "score_again", "export"}
        return {"run_again", "expire"}

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        by = request.user.pk
        self.act_on_each(
            request,
            sessions,
            lambda row: services.cancel_session(row.pk, by=by),
            "cancelled",
            recorded=False,
        )

    @admin.action(description="Run again", permissions=["operate"])
    def run_again(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        by = request.user.pk
        self.act_on_each(
            request,
            sessions,
            lambda row: services.retry_session(row.pk, by=by),
            "queued again",
            recorded=False,
        )

    @admin.action(description="Expire now", permissions=["expire"])
    def expire(self, request: HttpRequest, sessions: QuerySet[Any]) -> HttpResponseBase | None:
        if request.POST.get("confirmed") != "yes":
            return self.ask_whether_sure(request, sessions, "expire", _EXPIRED)
        by = request.user.pk
        self.act_on_each(
            request,
            sessions,
            lambda row: services.delete_session(row, by=by),
            "gone, with its files",
            recorded=False,
        )
        return None

    @admin.action(description="Export as a table (CSV)")
    def export_list(self, request: HttpRequest, sessions: QuerySet[Any]) -> HttpResponseBase:
        record_of_many(request, self.opts, sessions.count(), "Exported as a table.")
        return _attached(_as_table(sessions), "sessions.csv", CONTENT_TYPES[ExportFormat.CSV])

    @admin.display(description="id", ordering="id")
    def short_id(self, session: Any) -> str:
        return str(session.pk)[:SHORT_ID]

    @admin.display(description="mission", ordering="mission")
    def of_mission(self, session: Any) -> str:
        dataset = DATASETS.get(session.mission)
        return dataset.short_title if dataset else "all"

    @admin.display(description="created", ordering="created_at")
    def created(self, session: Any) -> str:
        return minute(session.created_at)

    @admin.display(description="finished", ordering="finished_at")
    def finished(self, session: Any) -> str:
        return minute(session.finished_at)

    @admin.display(description="progress")
    def percent(self, session: Any) -> str:
        if session.newest_percent is None:
            return "not begun"
        percent = f"{session.newest_percent:.0f} %"
        if session.status == Status.COMPLETED and session.newest_percent == 100:
            return percent
        return f"{percent} ({Truncator(session.newest_step).chars(_LONGEST_STEP)})"

    @admin.display(description=f"accuracy [{INTERVAL}]")
    def accuracy(self, session: Any) -> str:
        if session.metrics is None:
            return ""
        measured = figure_of(session.metrics, "accuracy")
        # What was measured before figures had intervals has none.
        shown = decimal(session.metrics["accuracy"]) if measured is None else figure(measured)
        rows = (measured or session.metrics)["rows"]
        return f"{shown}, {rows:,} rows"

    @admin.display(description="mark")
    def mark(self, session: Any) -> str:
        return session.mark or ""


class ModelSessionAdmin(ShowsPredictions, SessionAdmin):
    """What sessions with a model have beside: predictions, and what is done with the model."""

    actions = [*SessionAdmin.actions, "score_again", "export"]

    @admin.action(description="Score the current snapshot again", permissions=["operate"])
    def score_again(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        owner = identity.caller(request, request.user)

        def act(session: Any) -> str:
            started = services.score_again(session, owner=owner)
            return f"scores the current snapshot as {started}"

        self.act_on_each(request, sessions, act, "")

    @admin.action(description="Export predictions (CSV)")
    def export(self, request: HttpRequest, sessions: QuerySet[Any]) -> HttpResponseBase | None:
        if len(sessions) != 1:
            self.message_user(
                request, "Choose one session to export its predictions.", messages.WARNING
            )
            return None
        (session,) = sessions
        try:
            # Asked for before the answer begins, so that what is gone is refused in a message.
            selectors.objects_of(session)
        except RefusedError as refusal:
            self.message_user(request, f"{session}: {refusal.sentence}", messages.WARNING)
            return None
        self.log_change(request, session, "Its predictions were exported.")
        return _attached(
            exported(session, ExportFormat.CSV),
            file_name(session, ExportFormat.CSV),
            CONTENT_TYPES[ExportFormat.CSV],
        )


def _as_table(sessions: QuerySet[Any]) -> Iterator[str]:
    # A writer of rows returns what the file's `write` does, which here is the row's own text.
    writer = csv.writer(SimpleNamespace(write=str))
    yield writer.writerow(_EXPORTED)
    for row in sessions.values_list(*_EXPORTED).iterator(_ROWS_AT_ONCE):
        yield writer.writerow(row)


def _attached(parts: Iterator[Any], name: str, content_type: str) -> HttpResponseBase:
    answer = StreamingHttpResponse(parts, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@admin.register(TrainingSession)
class TrainingSessionAdmin(ModelSessionAdmin):
    """Runs that train."""

    list_display = [*_FIRST, "model_type", *_RESULT, "published", *_LAST]
    list_filter = ["status", "model_type", "mission", "data_source", "published", "created_at"]
    search_fields = [*SessionAdmin.search_fields, "model_type"]
    actions = [*ModelSessionAdmin.actions, "publish", "withdraw"]
    not_listed = (*SessionAdmin.not_listed, "card")

    def fitting_actions(self, record: Any) -> set[str]:
        """Return what can be done with a session, and with its model."""
        fitting = super().fitting_actions(record)
        if record.published:
            return (fitting - {"expire"}) | {"withdraw"}
        return fitting | {"publish"} if record.status == Status.COMPLETED else fitting

    @admin.action(description="Publish the model", permissions=["operate"])
    def publish(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        self.act_on_each(request, sessions, services.publish, "published")

    @admin.action(description="Withdraw the published model", permissions=["operate"])
    def withdraw(self, request: HttpRequest, sessions: QuerySet[Any]) -> None:
        self.act_on_each(request, sessions, services.withdraw, "offered no longer")


@admin.register(PredictionSession)
class PredictionSessionAdmin(ModelSessionAdmin):
    """Runs that predict."""

    list_display = [*_FIRST, *_RESULT, *_LAST]
    list_filter = ["status", "mission", "data_source", "created_at"]


@admin.register(AnalysisSession)
class AnalysisSessionAdmin(SessionAdmin):
    """Runs that look more closely at the model of another one."""

    list_display = [*_FIRST, "kind_of", "of", "object_number", "of_mission", *_LAST]
    list_filter = ["status", "analysis", "mission", "created_at"]
    search_fields = [*SessionAdmin.search_fields, "analysis"]
    ids_searched = ("pk", "of")
    not_listed = (
        *SessionAdmin.not_listed,
        "answer",
        *(f"of__{name}" for name in (*SessionAdmin.not_listed, *BULKY)),
    )
    list_select_related = ["of"]

    @admin.display(description="analysis", ordering="analysis")
    def kind_of(self, session: AnalysisSession) -> str:
        return words(session.analysis)
