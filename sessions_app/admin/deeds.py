"""The record of who did what: each act of the admin, each review, what became of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry

from sessions_app.admin.drawn import drawn, link, minute
from sessions_app.admin.large_tables import LargeTable
from sessions_app.admin.read_only import ReadOnlyAdmin
from sessions_app.admin.sheets import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest


@admin.register(LogEntry)
class DeedAdmin(LargeTable, ReadOnlyAdmin):
    """What people with an account did."""

    list_display = ["when", "user", "object_repr", "said", "about"]
    list_filter = [
        "action_flag",
        ("user", admin.RelatedOnlyFieldListFilter),
        ("content_type", admin.RelatedOnlyFieldListFilter),
        "action_time",
    ]
    search_fields = ["object_repr", "object_id", "change_message", "user__username"]
    list_select_related = ["user", "content_type"]
    # By the time would need all of them.
    ordering = ["-pk"]

    @admin.display(description="when", ordering="action_time")
    def when(self, entry: LogEntry) -> str:
        return minute(entry.action_time)

    @admin.display(description="a", ordering="content_type")
    def about(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else ""

    @admin.display(description="what was done")
    def said(self, entry: LogEntry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()

    def sheets(self, request: HttpRequest, record: Any) -> Iterator[Sheet]:
        # Of what was deleted, or of many records at once, there is no page.
        address = None if record.is_deletion() else record.get_admin_url()
        yield Sheet(
            title="Record",
            facts=[
                ("When", drawn(record.action_time)),
                ("Who", str(record.user)),
                ("Kind", str(record.get_action_flag_display())),
                ("What", self.said(record)),
                ("Of a", drawn(record.content_type and record.content_type.name)),
                ("Called", link(address, record.object_repr) if address else record.object_repr),
                ("Its id", drawn(record.object_id)),
            ],
        )
