"""Answering a repeated request with the first one's answer."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from sessions_app.exceptions import RefusedError
from sessions_app.models import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet

__all__ = ["Answer", "RepeatableRequest", "expired_keys", "fingerprint", "once"]

KEPT = timedelta(hours=24)
"""How long an answer is given again."""

_LOCK = 0x45585049
"""First half of the locks' key; the second half is a hash of who sent which key."""
_FIELD = "Idempotency-Key"
_SANE = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatableRequest:
    """A request that may be sent again when its answer was lost."""

    owners: tuple[str, ...]
    """Keys under which its sender may have sent it before; it is recorded under the first."""
    key: str
    """What its sender calls it."""
    target: str
    """Method and path."""
    fingerprint: str
    """What is equal for equal fields and files alone."""

    def __post_init__(self) -> None:
        if not _SANE.fullmatch(self.key):
            raise RefusedError(
                f"{_FIELD} must be 1 to 255 printable ASCII characters without spaces, such as a"
                " UUID.",
                field=_FIELD,
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a request was answered."""

    status: int
    body: dict[str, Any]
    repeated: bool = False
    """Whether it is the answer to an earlier request."""


def fingerprint(fields: Any, files: Mapping[str, Any]) -> str:
    """Return a hash of a request's fields and of its files' names and contents.

    Parameters
    ----------
    fields
        What JSON can write.
    files
        Received files by the name of their field.
    """
    digest = hashlib.sha256(json.dumps(fields, sort_keys=True).encode())
    for name in sorted(files):
        content = hashlib.sha256()
        for chunk in files[name].chunks():
            content.update(chunk)
        digest.update(json.dumps([name, files[name].name, content.hexdigest()]).encode())
    return digest.hexdigest()


def once(request: RepeatableRequest, answer: Callable[[], Answer]) -> Answer:
    """Answer a request, or return what the same request was answered before.

    What `answer` writes and the record of it are one transaction: either both are there or neither
    is. A refusal is not recorded, so that a request that was refused can be corrected.

    Parameters
    ----------
    request
        The request.
    answer
        Does what is asked.

    Raises
    ------
    RefusedError
        With 422 when the key came with another request before, with 409 when the first request
        is still being answered.
    """
    with transaction.atomic():
        _claim(request)
        its_own = {"owner_key__in": request.owners, "key": request.key}
        expired_keys().filter(**its_own).delete()
        earlier = IdempotencyKey.objects.filter(**its_own).first()
        if earlier is not None:
            if (earlier.target, earlier.fingerprint) != (request.target, request.fingerprint):
                raise RefusedError(
                    f"This {_FIELD} came with another request before; send a new one with a new"
                    " request.",
                    field=_FIELD,
                    status=HTTPStatus.UNPROCESSABLE_ENTITY,
                )
            return Answer(status=earlier.status, body=earlier.body, repeated=True)
        given = answer()
        IdempotencyKey.objects.create(
            owner_key=request.owners[0],
            key=request.key,
            target=request.target,
            fingerprint=request.fingerprint,
            status=given.status,
            body=given.body,
        )
    return given


def expired_keys() -> QuerySet[IdempotencyKey]:
    """Return the answers that are given no more."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT)


def _claim(request: RepeatableRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))",
            [_LOCK, f"{request.owners[0]} {request.key}"],
        )
        (claimed,) = cursor.fetchone()
    if not claimed:
        raise RefusedError(
            f"The first request with this {_FIELD} is still being answered; ask again in a moment.",
            field=_FIELD,
            status=HTTPStatus.CONFLICT,
            retry_after=1,
        )
