"""Where a session stands, as soon as that has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.lifecycle import FINAL
from sessions_app.queue.watching import WAITED_FOR
from sessions_app.selectors.evidence import coming_evidence

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sessions_app.selectors.sessions import Standing

__all__ = ["standing_once_changed"]


def standing_once_changed(
    session_id: UUID,
    look: Callable[[UUID], Standing | None],
    *,
    is_known: Callable[[Standing], bool],
    who: str,
    seconds: float,
) -> tuple[Standing | None, bool]:
    """Return where a session stands when that is news, and whether it could be waited for that.

    Parameters
    ----------
    session_id
        The session.
    look
        Returns where it stands; None when it is gone.
    is_known
        Tells whether the caller knows of a standing already.
    who
        Who waits; each caller has few places.
    seconds
        How long to wait at most [s].
    """
    standing = look(session_id)
    with WAITED_FOR.place(who, seconds=seconds) as place:
        while standing is not None and standing.status not in FINAL and is_known(standing):
            if place is None:
                return standing, False
            has_time = place.wait_for_change([session_id, *coming_evidence(session_id)])
            standing = look(session_id)
            if not has_time:
                break
    return standing, True
