"""How many sessions one owner may have active, and how much room their files may take."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from sessions_app import lifecycle
from sessions_app.exceptions import RefusedError
from sessions_app.models import Session, UploadedFile
from sessions_app.monitoring.health import free_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.access.ownership import Owner

_MB = 10**6

_LOCK = 0x45585041
"""First half of the locks' key; the second half is a hash of whose sessions are counted."""
_PEOPLE_AT_AN_ADDRESS = 5
"""How many callers with a cookie may have all their sessions active at one address: a cookie
costs nothing, so that they cannot be what bounds an address."""


def refuse_when_full(owner: Owner) -> None:
    """Refuse an owner who has no room now, before anything is read for them.

    With 429, when as many of their sessions as may be are active; with 507, when the server's disks
    are full.
    """
    if min(free_bytes().values()) < settings.EXOPLANET_FREE_DISK_MB * _MB:
        raise RefusedError(
            "The server has no room for another session at the moment; ask again later.",
            status=HTTPStatus.INSUFFICIENT_STORAGE,
        )
    for field, key, limit in _bounds(owner):
        # Found among those that are active, which are few, and not among all that one ever had.
        active = Session.objects.filter(
            **{field: key}, in_background=False, status__in=lifecycle.UNFINISHED
        ).count()
        if active >= limit:
            raise RefusedError(
                f"{active} of your sessions are active, and at most {limit} may wait or run at the"
                " same time: wait until one has ended, or cancel one.",
                status=HTTPStatus.TOO_MANY_REQUESTS,
            )


def make_room(owner: Owner) -> None:
    """Make sure that an owner has room for one more session until the transaction ends.

    Of two requests at the same time the second waits here for the first, and counts its session.
    """
    # In one order, so that two requests never wait for each other.
    for key in sorted(key for _, key, _ in _bounds(owner)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, key])
    refuse_when_full(owner)


def refuse_too_many_bytes(owner: Owner, more: int) -> None:
    """Refuse so many bytes of new files that the owner's would take more room than one's may.

    Called after `make_room`, so that two requests at the same time cannot both be the last one.
    """
    if not _is_bounded(owner):
        return
    limit = settings.EXOPLANET_KEPT_UPLOADS_MB
    # Cookies cost nothing: an address has one allowance, whoever is there.
    kept = UploadedFile.objects.filter(session__origin=owner.address or owner.counted_as)
    bytes_kept = kept.aggregate(sum=Sum("size"))["sum"] or 0
    if bytes_kept + more > limit * _MB:
        raise RefusedError(
            f"Your files would take {(bytes_kept + more) / _MB:.0f} MB with those of your earlier"
            f" sessions, and at most {limit} MB are kept: delete a session with files first.",
            status=HTTPStatus.INSUFFICIENT_STORAGE,
        )


def _is_bounded(owner: Owner) -> bool:
    return not owner.staff and owner.counted_as != ""


def _bounds(owner: Owner) -> Iterator[tuple[str, str, int]]:
    if not _is_bounded(owner):
        return
    limit = settings.EXOPLANET_ACTIVE_SESSIONS
    yield "counted_as", owner.counted_as, limit
    if owner.address and owner.address != owner.counted_as:
        yield "address_key", owner.address, _PEOPLE_AT_AN_ADDRESS * limit
