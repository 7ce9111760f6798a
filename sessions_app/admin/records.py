"""What belongs to sessions in the admin: their progress, and what published models say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse

from sessions_app.admin.drawn import link
from sessions_app.admin.large_tables import SHORT_ID, LargeTable
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.admin.sheets import Sheet, field_facts
from sessions_app.models import ObjectVerdict, ProgressEntry

if TYPE_CHECKING:
    from django.http import HttpRequest

    from sessions_app.models import Session

__all__ = ["SessionRowsAdmin", "link_to_session"]


def link_to_session(session: Session) -> str:
    """Return the way to a session's page in the admin."""
    address = reverse(f"admin:sessions_app_{session.kind}session_change", args=[session.pk])
    return link(address, str(session))


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

    def sheets(self, request: HttpRequest, record: Any) -> Any:
        facts = [
            ("session", link_to_session(record.session)),
            *field_facts(record, without=("session",)),
        ]
        return [Sheet(title="Record", facts=facts)]


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
