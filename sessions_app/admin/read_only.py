"""What every record of the admin has in common: a hand edit would lie, so none is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

__all__ = ["ReadOnlyAdmin", "ReadOnlyInline", "SessionRowsAdmin", "StoredFileAdmin", "Unchanged"]


class Unchanged:
    """Lets nobody add, change or delete records."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(Unchanged, admin.ModelAdmin):
    """Shows records and lets nobody change them."""


class SessionRowsAdmin(ReadOnlyAdmin):
    """Rows of sessions."""

    list_select_related = ["session"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let a session's page link to its rows in another list."""
        return lookup == "session__id__exact" or super().lookup_allowed(lookup, value, request)


class ReadOnlyInline(Unchanged, admin.TabularInline):
    """Shows the records that belong to another one."""

    extra = 0

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields


class StoredFileAdmin(ReadOnlyAdmin):
    """Records with a file, which is named and not linked: nothing serves what users sent."""

    exclude = ["file"]
    readonly_fields = ["stored_as"]

    @admin.display(description="file")
    def stored_as(self, record: Any) -> str:
        return str(record.file.name)
