"""The record of who did what: Django's own log of the admin, for whatever people do.

It is about people with an account. What the server does by itself stands in its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType

if TYPE_CHECKING:
    from django.db.models import Model

__all__ = ["ADDITION", "CHANGE", "DELETION", "record"]

_LONGEST_NAME = 200


def record(user_id: int | None, thing: Model, deed: str, *, flag: int = CHANGE) -> None:
    """Note what a user did to something, as a sentence; nobody without an account is noted."""
    if user_id is None:
        return
    about: Any = ContentType.objects.get_for_model(thing)
    LogEntry.objects.create(
        user_id=user_id,
        content_type=about,
        object_id=str(thing.pk),
        object_repr=str(thing)[:_LONGEST_NAME],
        action_flag=flag,
        change_message=deed,
    )
