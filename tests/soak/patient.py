"""A client of several web hosts, any of which may be away: it asks another one, and again."""

from __future__ import annotations

import itertools
import json
import random
import time
import uuid
from typing import TYPE_CHECKING, Any

import requests

from tests.served import Answer, strict_json

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "playground.example"
"""Under which all of them are known, as behind a balancer, so that a cookie is theirs together."""

_PATIENCE = 240.0
"""How long nobody may answer [s]: a store that is away for a minute, and what follows from it."""
_TIMEOUTS = (3.05, 30.0)
_PAUSE = 1.0


class Patient:
    """Asks until somebody answers; what changes something has a key, and so is done once."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = itertools.cycle(random.sample(urls, len(urls)))
        self._url = next(self._urls)
        self._wire = requests.Session()

    def ask(self, method: str, path: str, **keywords: Any) -> Answer:
        """Send a request, to whoever answers, and read the JSON of the answer."""
        headers = {"Host": NAME, **keywords.pop("headers", {})}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        deadline = time.monotonic() + _PATIENCE
        was_lost = False
        while True:
            try:
                answer = self._asked(method, path, headers=headers, **keywords)
            except (requests.RequestException, json.JSONDecodeError):
                if time.monotonic() > deadline:
                    raise
                was_lost = True
            else:
                if not _is_to_be_asked_again(answer) or time.monotonic() > deadline:
                    return _as_the_first_time(method, answer) if was_lost else answer
            self._url = next(self._urls)
            time.sleep(_PAUSE)

    def _asked(self, method: str, path: str, **keywords: Any) -> Answer:
        answer = self._wire.request(
            method, self._url + path, allow_redirects=False, timeout=_TIMEOUTS, **keywords
        )
        body = strict_json(answer.text) if answer.content else None
        return Answer(status=answer.status_code, body=body, headers=answer.headers)


def _is_to_be_asked_again(answer: Answer) -> bool:
    # The second is that of a request whose first sending is still being answered.
    return answer.status == 503 or (answer.status == 409 and "Retry-After" in answer.headers)


def _as_the_first_time(method: str, answer: Answer) -> Answer:
    """Return what a deletion was answered whose first answer was lost."""
    if method == "DELETE" and answer.status == 404:
        return Answer(status=204, body=None, headers=answer.headers)
    return answer
