"""Whose a session is, and what that allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["ADDRESS", "ANONYMOUS", "SERVER", "USER", "Act", "Owner", "is_private"]

USER = "user:"
"""What the owner key of a session begins with that belongs to a signed-in user."""
ANONYMOUS = "anonymous:"
"""The same for one that a caller without an account started, whose cookie holds the rest."""
ADDRESS = "address:"
"""The same for one whose caller had no cookie either; the rest stands for their address."""


class Act(StrEnum):
    """What is done to a session, as Django's permissions call it."""

    CHANGE = "change"
    """Cancelling it, or running it again."""
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Who asks, as the sessions know them."""

    key: str = ""
    """What their sessions are recorded under; empty for an anonymous caller without a cookie."""
    user_id: int | None = None
    staff: bool = False
    """Whether they operate the server: they see everything, and may do what is permitted them."""
    permissions: frozenset[str] = frozenset()
    """Django's permissions of an operator, as the admin asks for them."""
    counted_as: str = ""
    """Under what their active sessions are counted: their key, or their address."""
    address: str = ""
    """The key of an anonymous caller's address; users are known without."""

    @classmethod
    def of(cls, session: Any, *, staff: bool) -> Owner:
        """Return whom a session was started by, with the rights of whoever asks for it now."""
        return cls(
            key=session.owner_key,
            user_id=session.owner_id,
            staff=staff,
            counted_as=session.counted_as,
            address=session.address_key,
        )

    def own(self, sessions: QuerySet[Any]) -> QuerySet[Any]:
        """Return the sessions that they may list."""
        if self.staff:
            return sessions
        return sessions.filter(owner_key=self.key) if self.key else sessions.none()

    def may_read(self, owner_key: str) -> bool:
        """Tell whether they may read a session of this owner, of which they know the id."""
        return self.staff or not is_private(owner_key) or owner_key == self.key

    def may(self, act: Act, session: Any) -> bool:
        """Tell whether they may do something to a session of which they know the id.

        An anonymous session belongs to whoever knows its id. One without an owner is the
        server's own, such as a published model, whose id everybody can see. Operators are shown
        every id, so that to know one gives them nothing: they need the permission.
        """
        if self.key and session.owner_key == self.key:
            return True
        if self.staff:
            return f"sessions_app.{act}_{session.kind}session" in self.permissions
        return session.owner_key != "" and not is_private(session.owner_key)

    def recorded(self) -> dict[str, Any]:
        """Return what a session keeps of its owner."""
        return {
            "owner_id": self.user_id,
            "owner_key": self.key,
            "counted_as": self.counted_as,
            "address_key": self.address,
        }


SERVER = Owner(staff=True)
"""Who starts what no request asked for: the server itself, or whoever runs its commands."""


def is_private(owner_key: str) -> bool:
    """Tell whether a session is its owner's alone, so that knowing its id is not enough."""
    return owner_key.startswith(USER)
