"""The queue, the accounts and the tokens in the admin, so that it cannot be used to run code.

A task and a schedule are the name of any function with any arguments. Whoever could write one, or
make themselves a user who may, would run what they like on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success
from rest_framework.authtoken.admin import TokenAdmin
from rest_framework.authtoken.models import TokenProxy

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest

__all__ = ["register"]


class _Unchanged:
    """Shows records and lets nobody change them or run them again."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class _ChangedBySuperusers:
    """Lets nobody but superusers change records, whatever permissions they were given."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


class ReadOnlyQueueAdmin(_Unchanged, QueueAdmin):
    """Tasks that wait."""


class ReadOnlySuccessAdmin(_Unchanged, TaskAdmin):
    """Tasks that ended well."""


class ReadOnlyFailureAdmin(_Unchanged, FailAdmin):
    """Tasks that failed."""


class SuperusersScheduleAdmin(_ChangedBySuperusers, ScheduleAdmin):
    """Tasks that are begun by the clock."""


class SuperusersUserAdmin(_ChangedBySuperusers, UserAdmin):
    """Users."""


class SuperusersGroupAdmin(_ChangedBySuperusers, GroupAdmin):
    """Groups of users."""


class SuperusersTokenAdmin(_ChangedBySuperusers, TokenAdmin):
    """Tokens, each of which is as good as its user's password."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_superuser)


def register() -> None:
    """Put these in the place of what the apps registered themselves."""
    for model, kind in (
        (OrmQ, ReadOnlyQueueAdmin),
        (Success, ReadOnlySuccessAdmin),
        (Failure, ReadOnlyFailureAdmin),
        (Schedule, SuperusersScheduleAdmin),
        (User, SuperusersUserAdmin),
        (Group, SuperusersGroupAdmin),
        (TokenProxy, SuperusersTokenAdmin),
    ):
        if admin.site.is_registered(model):
            admin.site.unregister(model)
        admin.site.register(model, kind)
