"""The record of who did what: Django's own log of the admin, for whatever people do.

It is about people with an account. Of what the server does by itself only what the cleanup deletes
is in it, as the deeds of an account that nobody can sign in with; the rest stands in its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from sessions_app.models import Session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

__all__ = ["ADDITION", "CHANGE", "CLEANUP", "DELETION", "record", "record_cleanup"]

CLEANUP = "the cleanup"
"""Name of the cleanup's account: no form takes one with a blank, so that it is nobody's."""
_LONGEST_NAME = 200


def record(user_id: int | None, thing: Model, deed: str, *, flag: int = CHANGE) -> None:
    """Note what a user did to something, as a sentence; nobody without an account is noted."""
    if user_id is not None:
        _entry(user_id, thing, deed, flag).save()


def record_cleanup(deeds: Iterable[tuple[Model | str, str]]) -> None:
    """Note what the cleanup deleted, each with a sentence; a word for what is no row."""
    account, _ = User.objects.get_or_create(
        username=CLEANUP, defaults={"is_active": False, "password": make_password(None)}
    )
    LogEntry.objects.bulk_create(_entry(account.pk, thing, deed, DELETION) for thing, deed in deeds)


def _entry(user_id: int, thing: Model | str, deed: str, flag: int) -> LogEntry:
    is_row = not isinstance(thing, str)
    return LogEntry(
        user_id=user_id,
        content_type=_type_of(thing) if is_row else None,
        object_id=str(thing.pk) if is_row else None,
        object_repr=str(thing)[:_LONGEST_NAME],
        action_flag=flag,
        change_message=deed,
    )


def _type_of(thing: Model) -> Any:
    if isinstance(thing, Session):
        # Whatever read the row, its page in the admin is that of its kind.
        return ContentType.objects.get_by_natural_key("sessions_app", f"{thing.kind}session")
    return ContentType.objects.get_for_model(thing)
