"""The Idempotency-Key header: a request that is sent again is answered as it was the first time."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from sessions_app.exceptions import ConflictError, RefusedError
from sessions_app.models import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from sessions_app.access.ownership import Owner

REPEATED = "Idempotency-Replayed"
"""The header of an answer that was given before."""
KEPT = timedelta(hours=24)
"""How long an answer is given again."""

_LOCK = 0x45585049
"""First half of the locks' key; the second half is a hash of who sent which key."""
_HEADER = "Idempotency-Key"
_SANE = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    body: dict[str, Any]
    repeated: bool = False
    """Whether it is the answer to an earlier request."""

    @property
    def headers(self) -> dict[str, str]:
        """What tells that it was given before."""
        return {REPEATED: "true"} if self.repeated else {}


def answer_once(
    request: HttpRequest, fields: Any, owner: Owner, answer: Callable[[], Answer]
) -> Answer:
    """Answer a request, or return what the same request with the same key was answered before.

    What `answer` writes and the record of it are one transaction: either both are there or neither
    is. A refusal is not recorded, so that a request that was refused can be corrected. Refused is a
    key that came with another request before, with 422, or while the first is still being answered,
    with 409.
    """
    key = request.headers.get(_HEADER)
    if key is None:
        return answer()
    if not _SANE.fullmatch(key):
        raise RefusedError(
            f"{_HEADER} must be 1 to 255 printable ASCII characters without spaces, such as a"
            " UUID.",
            field=_HEADER,
        )
    # Who had no cookie at the first time may have one at the second. New visitors have a key that
    # nobody sent anything under.
    owners = [sender for sender in (owner.counted_as, owner.address) if sender]
    target = f"{request.method} {request.path}"[:200]
    fingerprint = _fingerprint(request, fields)
    with transaction.atomic():
        _claim(f"{owners[0]} {key}")
        its_own = {"owner_key__in": owners, "key": key}
        expired_keys().filter(**its_own).delete()
        earlier = IdempotencyKey.objects.filter(**its_own).first()
        if earlier is not None:
            if (earlier.target, earlier.fingerprint) != (target, fingerprint):
                raise RefusedError(
                    f"This {_HEADER} came with another request before; send a new one with a new"
                    " request.",
                    field=_HEADER,
                    status=HTTPStatus.UNPROCESSABLE_ENTITY,
                )
            return Answer(status=earlier.status, body=earlier.body, repeated=True)
        given = answer()
        IdempotencyKey.objects.create(
            owner_key=owners[0],
            key=key,
            target=target,
            fingerprint=fingerprint,
            status=given.status,
            body=given.body,
        )
    return given


def expired_keys() -> QuerySet[IdempotencyKey]:
    """Return the answers that are given no more."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT)


def _fingerprint(request: HttpRequest, fields: Any) -> str:
    """Return a hash of a request's fields and of its files' names and contents."""
    files = request.FILES
    if isinstance(fields, QueryDict):
        fields = {name: fields.getlist(name) for name in fields if name not in files}
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    for name in sorted(files):
        content = hashlib.sha256()
        for chunk in files[name].chunks():
            content.update(chunk)
        digest.update(json.dumps([name, files[name].name, content.hexdigest()]).encode())
    return digest.hexdigest()


def _claim(sent: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, sent])
        (claimed,) = cursor.fetchone()
    if not claimed:
        raise ConflictError(
            f"The first request with this {_HEADER} is still being answered; ask again in a"
            " moment.",
            field=_HEADER,
            retry_after=1,
        )
