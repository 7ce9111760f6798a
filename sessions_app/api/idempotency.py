"""The Idempotency-Key header: a request that is sent again is answered as it was the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from sessions_app.services.idempotency import RepeatableRequest, fingerprint, once

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    from sessions_app.access.ownership import Owner
    from sessions_app.services.idempotency import Answer

__all__ = ["REPEATED", "answer_once"]

REPEATED = "Idempotency-Replayed"
"""The header of an answer that was given before."""


def answer_once(
    request: HttpRequest, fields: Any, owner: Owner, answer: Callable[[], Answer]
) -> Answer:
    """Answer a request, only once for each key that came with it.

    Parameters
    ----------
    request
        The request.
    fields
        What it sent, without files.
    owner
        Who sent it.
    answer
        Does what is asked.

    Raises
    ------
    sessions_app.exceptions.RefusedError
        When the key cannot be used.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return answer()
    if isinstance(fields, QueryDict):
        fields = {name: fields.getlist(name) for name in fields if name not in request.FILES}
    return once(
        RepeatableRequest(
            # Who had no cookie at the first time may have one at the second. New visitors have a
            # key that nobody sent anything under.
            owners=tuple(filter(None, dict.fromkeys((owner.counted_as, owner.address)))),
            key=key,
            target=f"{request.method} {request.path}"[:200],
            fingerprint=fingerprint(fields, request.FILES),
        ),
        answer,
    )
