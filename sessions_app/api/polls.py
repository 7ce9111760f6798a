"""A poll of where a session stands: what both interfaces tell of it, without a request around it.

Every open page polls once a second, so that the web server answers the plain case before it makes a
request of it; see `exoplanet.middleware.polls`.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import md5
from typing import TYPE_CHECKING

from django.utils.http import parse_etags

from sessions_app import selectors
from sessions_app.access.ownership import is_private

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Collection
    from uuid import UUID

    from sessions_app.models import SessionKind
    from sessions_app.selectors import Standing

__all__ = ["SESSION_ID", "Poll", "etag_of", "is_known", "public_standing"]

SESSION_ID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
"""How addresses are written that are polled: as the server itself writes ids."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """An address that tells where a session stands."""

    address: re.Pattern[str]
    """What a whole path is like; its group is the session's id."""
    kinds: Collection[SessionKind]
    """The sessions of which it tells."""
    body: Callable[[Standing], bytes]
    """Returns the answer's body, as its view makes it."""


def public_standing(session_id: UUID, kinds: Collection[SessionKind]) -> Standing | None:
    """Return where a session stands of which everybody with its id may know; None of any other."""
    standing = selectors.standing(session_id)
    if standing is None or standing.kind not in kinds or is_private(standing.owner_key):
        return None
    return standing


def etag_of(body: bytes) -> str:
    """Return an answer's ETag, the same that Django's middleware gives it."""
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'


def is_known(etag: str, if_none_match: str) -> bool:
    """Tell whether a request's If-None-Match names an ETag: its sender has that answer."""
    if if_none_match == etag:
        return True
    known = parse_etags(if_none_match)
    return known == ["*"] or etag in {one.removeprefix("W/") for one in known}
