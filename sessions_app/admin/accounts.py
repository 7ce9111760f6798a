"""The accounts and the tokens in the admin, which only superusers change.

Whoever could make themselves a user with more rights, or change a schedule, could run what they
like on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from rest_framework.authtoken.admin import TokenAdmin
from rest_framework.authtoken.models import TokenProxy

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

__all__ = ["IN_PLACE_OF_DJANGOS_OWN", "ChangedBySuperusers"]


class ChangedBySuperusers:
    """Lets nobody but superusers change records, whatever permissions they were given."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


class SuperusersUserAdmin(ChangedBySuperusers, UserAdmin):
    """Users."""


class SuperusersGroupAdmin(ChangedBySuperusers, GroupAdmin):
    """Groups of users."""


class SuperusersTokenAdmin(ChangedBySuperusers, TokenAdmin):
    """Tokens, each of which is as good as its user's password."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


IN_PLACE_OF_DJANGOS_OWN = {
    User: SuperusersUserAdmin,
    Group: SuperusersGroupAdmin,
    TokenProxy: SuperusersTokenAdmin,
}
"""What stands for each of the tables of accounts."""
