"""What every record of the admin has in common: a hand edit would lie, so none is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.admin.sheets import ShowsSheets

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

__all__ = ["ReadOnlyAdmin", "Unchanged"]


class Unchanged:
    """Lets nobody add, change or delete records."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class ReadOnlyAdmin(Unchanged, ShowsSheets):
    """Shows records and lets nobody change them."""
