"""What a session is called, wherever it is shown."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from sessions_app.models import Session, SessionKind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KINDS", "kind_row", "lettered", "plain_title", "session_title"]

KINDS = tuple(f"{kind}session" for kind in SessionKind)
"""What a session is joined with to know all of it."""


def kind_row(session: Session) -> Any:
    """Return a session as the kind of session that it is."""
    return getattr(session, f"{session.kind}session")


def session_title(session: Session) -> str:
    """Return what a session is called: the name that somebody gave it, or what it does."""
    return session.name or plain_title(session)


def plain_title(session: Session) -> str:
    """Return what a session does."""
    where = session.get_mission_display()
    if session.kind == SessionKind.PREDICTION:
        return f"Prediction for {where}"
    row = kind_row(session)
    if session.kind == SessionKind.TRAINING:
        return f"{row.get_model_type_display()} on {where}"
    of = f" of object {row.object_number}" if row.object_number else ""
    return f"Analysis{of}: {row.analysis.replace('_', ' ')}"


def lettered(sessions: Sequence[Session]) -> list[str]:
    """Return what sessions are called beside each other, each with a letter of its own."""
    return [
        f"{letter}: {session_title(session)}"
        for letter, session in zip(ascii_uppercase, sessions, strict=False)
    ]
