"""The queue in the admin, so that it cannot be used to run code.

A task and a schedule are the name of any function with any arguments: whoever could write one would
run what they like on the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success

from sessions_app.admin.accounts import ChangedBySuperusers
from sessions_app.admin.read_only import Unchanged

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["IN_PLACE_OF_THE_QUEUES_OWN"]


class _UnchangedAndNotRunAgain(Unchanged):
    """Shows tasks and offers nothing to do with them."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class ReadOnlyQueueAdmin(_UnchangedAndNotRunAgain, QueueAdmin):
    """Tasks that wait."""


class ReadOnlySuccessAdmin(_UnchangedAndNotRunAgain, TaskAdmin):
    """Tasks that ended well."""


class ReadOnlyFailureAdmin(_UnchangedAndNotRunAgain, FailAdmin):
    """Tasks that failed."""


class SuperusersScheduleAdmin(ChangedBySuperusers, ScheduleAdmin):
    """Tasks that are begun by the clock."""


IN_PLACE_OF_THE_QUEUES_OWN = {
    OrmQ: ReadOnlyQueueAdmin,
    Success: ReadOnlySuccessAdmin,
    Failure: ReadOnlyFailureAdmin,
    Schedule: SuperusersScheduleAdmin,
}
"""What stands for each of the queue's tables."""
