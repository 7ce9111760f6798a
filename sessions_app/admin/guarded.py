"""Accounts, tokens and the queue in the admin, so that they cannot be used to run code.

A task and a schedule are the name of any function with any arguments. Whoever could write one, or
make themselves a user with more rights, could run what they like on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from rest_framework.authtoken.admin import TokenAdmin
from rest_framework.authtoken.models import TokenProxy

from sessions_app.admin.read_only import Unchanged

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

__all__ = ["IN_PLACE_OF_THEIR_OWN"]


class _ChangedBySuperusers:
    """Lets nobody but superusers change records, whatever permissions they were given."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    has_change_permission = has_delete_permission = has_add_permission


class _UnchangedAndNotRunAgain(Unchanged):
    """Shows tasks and offers nothing to do with them."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class SuperusersUserAdmin(_ChangedBySuperusers, UserAdmin):
    """Users."""


class SuperusersGroupAdmin(_ChangedBySuperusers, GroupAdmin):
    """Groups of users."""


class SuperusersTokenAdmin(_ChangedBySuperusers, TokenAdmin):
    """Tokens, each of which is as good as its user's password."""

    has_view_permission = _ChangedBySuperusers.has_add_permission


class SuperusersScheduleAdmin(_ChangedBySuperusers, ScheduleAdmin):
    """Tasks that are begun by the clock."""


class ReadOnlyQueueAdmin(_UnchangedAndNotRunAgain, QueueAdmin):
    """Tasks that wait."""


class ReadOnlySuccessAdmin(_UnchangedAndNotRunAgain, TaskAdmin):
    """Tasks that ended well."""


class ReadOnlyFailureAdmin(_UnchangedAndNotRunAgain, FailAdmin):
    """Tasks that failed."""


IN_PLACE_OF_THEIR_OWN = {
    User: SuperusersUserAdmin,
    Group: SuperusersGroupAdmin,
    TokenProxy: SuperusersTokenAdmin,
    Schedule: SuperusersScheduleAdmin,
    OrmQ: ReadOnlyQueueAdmin,
    Success: ReadOnlySuccessAdmin,
    Failure: ReadOnlyFailureAdmin,
}
"""What stands for each of the tables that Django and the queue show themselves."""
