"""Giving a session a name of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.exceptions import RefusedError
from sessions_app.models import Session

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["LONGEST_NAME", "checked_name", "rename_session"]

LONGEST_NAME = int(Session._meta.get_field("name").max_length or 0)  # noqa: SLF001 - ours


def rename_session(session_id: UUID, name: str) -> str:
    """Let a session be called so, and return the name; nothing takes its name away.

    Refused as `checked_name` refuses it.
    """
    name = checked_name(name)
    Session.objects.filter(pk=session_id).update(name=name)
    return name


def checked_name(name: str) -> str:
    """Return a session's name as it is kept, without blanks that say nothing.

    Refused where it is too long, or has characters that are not shown.
    """
    name = " ".join(name.split())
    if len(name) > LONGEST_NAME:
        raise RefusedError(
            f"name has {len(name)} characters, but it can have {LONGEST_NAME} at most.",
            field="name",
        )
    if not name.isprintable():
        raise RefusedError("name has characters that are not shown.", field="name")
    return name
