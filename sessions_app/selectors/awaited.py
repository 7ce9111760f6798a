"""Where a session stands, as soon as that is news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessions_app.lifecycle import FINAL
from sessions_app.queue.watching import WAITED_FOR
from sessions_app.selectors.evidence import coming_evidence, standing_with_evidence
from sessions_app.selectors.sessions import standing

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sessions_app.selectors.sessions import Standing

__all__ = ["standing_once_changed"]


def standing_once_changed(
    session_id: UUID,
    found: Standing,
    *,
    with_evidence: bool,
    is_known: Callable[[Standing], bool],
    who: str,
    seconds: float,
) -> tuple[Standing | None, bool]:
    """Return where a session stands when that is news, and whether it could be waited for that.

    None stands for a session that is gone. What has ended brings no more news.

    Parameters
    ----------
    session_id
        The session.
    found
        Where it stands now; the caller may know that.
    with_evidence
        Whether it counts as running until its evidence is there.
    is_known
        Tells whether the caller knows of a standing already.
    who
        Who waits; each caller has few places.
    seconds
        How long to wait at most [s].
    """
    look = standing_with_evidence if with_evidence else standing
    latest: Standing | None = found
    with WAITED_FOR.place(who, seconds=seconds) as place:
        while latest is not None and latest.status not in FINAL and is_known(latest):
            if place is None:
                return latest, False
            behind = coming_evidence(session_id) if with_evidence else []
            has_time = place.wait_for_change([session_id, *behind])
            latest = look(session_id)
            if not has_time:
                break
    return latest, True
