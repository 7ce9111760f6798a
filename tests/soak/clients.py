"""The soak's clients: each asks for sessions, follows them, and notes what it was told."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import requests

from tests.soak.errands import TRAINING, BadRequest, Errand, Fate
from tests.soak.facts import Noted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.served import Answer
    from tests.soak.installation import Reach

ENDED = frozenset({"completed", "failed", "cancelled", "error"})

_POLL = 0.5
_ONE_IN = 3
"""One in so many sessions is followed by a request that has to be refused."""


class OutOfTimeError(Exception):
    """The soak has taken as long as it may."""


class UnexpectedError(Exception):
    """The server answered what it should not have."""


@dataclass(kw_only=True)
class Client:
    """One of many at the same time: a user with a token, or somebody with or without a cookie."""

    number: int
    reach: Reach
    began: float
    deadline: float
    """On the monotonic clock [s]."""
    token: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    accepted: list[Noted] = field(default_factory=list, init=False)
    refused: Counter[str] = field(default_factory=Counter, init=False)
    trouble: list[str] = field(default_factory=list, init=False)
    doing: str = field(default="nothing", init=False)

    def run(self, errands: Sequence[tuple[Errand, Fate]], bad: Sequence[BadRequest]) -> None:
        """Ask for sessions one after another, and for some that are refused in between."""
        drawn = random.Random(self.number)
        for errand, fate in errands:
            self._attempt(f"{errand.name}, {fate}", lambda e=errand, f=fate: self._see(e, f))
            if bad and drawn.randrange(_ONE_IN) == 0:
                request = drawn.choice(bad)
                self._attempt(request.name, lambda r=request: self._be_refused(r))
        self.doing = "nothing"

    def _attempt(self, doing: str, do: Callable[[], None]) -> None:
        self.doing = doing
        try:
            do()
        except OutOfTimeError:
            raise
        except (UnexpectedError, AssertionError, requests.RequestException) as error:
            self.trouble.append(f"Client {self.number} ({doing}): {error!r}")

    # Its sessions

    def begin(self, errand: Errand) -> Noted:
        """Start a session and note its id."""
        files = {
            name: (f"{draw}.csv", self.files[draw], "text/csv")
            for name, draw in errand.files.items()
        }
        if errand.old or files:
            sent = {"data": errand.fields, "files": files or None}
        else:
            fields = dict(errand.fields)
            if "hyperparameters" in fields:
                fields["hyperparameters"] = json.loads(fields["hyperparameters"])
            sent = {"json": fields}
        body = self._ask("POST", errand.address, {202}, **sent).body
        noted = Noted(
            id=str(body["session_id" if errand.old else "id"]),
            errand=errand.name,
            client=self.number,
            at=time.monotonic() - self.began,
        )
        self.accepted.append(noted)
        return noted

    def follow(self, errand: Errand, session_id: str, *, until: frozenset[str] = ENDED) -> str:
        """Poll until a session is in one of the states and return it."""
        pair = "custom" if errand.kind == TRAINING else "pretrained"
        old = f"/api/{pair}/progress/{session_id}"
        address = old if errand.old else f"{_address(errand, session_id)}/progress"
        while (status := self._ask("GET", address, {200}).body["status"]) not in until | ENDED:
            time.sleep(_POLL)
        return str(status)

    def _see(self, errand: Errand, fate: Fate) -> None:
        noted = self.begin(errand)
        if fate is Fate.CANCELLED_RUNNING:
            self.follow(errand, noted.id, until=frozenset({"running"}))
        if fate in {Fate.CANCELLED_WAITING, Fate.CANCELLED_RUNNING, Fate.RETRIED}:
            self._cancel(errand, noted, again=fate is Fate.RETRIED)
        status = self.follow(errand, noted.id)
        if status == "completed":
            self._look_at_result(errand, noted.id)
        if fate is Fate.DELETED:
            self._delete(errand, noted)

    def _cancel(self, errand: Errand, noted: Noted, *, again: bool) -> None:
        address = _address(errand, noted.id)
        # One that has ended meanwhile is refused.
        if self._ask("POST", f"{address}/cancel", {200, 409}).status == 409:
            return
        self._note(noted, cancelled=True)
        if again:
            self._ask("POST", f"{address}/retry", {202})
            self._note(noted, cancelled=False)

    def _delete(self, errand: Errand, noted: Noted) -> None:
        address = _address(errand, noted.id)
        self._ask("DELETE", address, {204})
        self._note(noted, deleted=True)
        self._ask("GET", address, {404})

    def _note(self, noted: Noted, **changes: Any) -> None:
        place = next(n for n, entry in enumerate(self.accepted) if entry.id == noted.id)
        self.accepted[place] = replace(self.accepted[place], **changes)

    def _look_at_result(self, errand: Errand, session_id: str) -> None:
        pair = "custom" if errand.kind == TRAINING else "pretrained"
        if errand.old:
            answer = self._ask("GET", f"/api/{pair}/result/{session_id}", {200}).body["predictions"]
        elif errand.kind in {TRAINING, "prediction-sessions"}:
            answer = self._ask("GET", f"{_address(errand, session_id)}/predictions", {200}).body
        else:
            answer = self._ask("GET", _address(errand, session_id), {200}).body["answer"]
        if not answer:
            raise UnexpectedError(f"session {session_id} has completed with nothing")

    def _be_refused(self, request: BadRequest) -> None:
        self._ask(request.method, request.address, set(range(400, 500)), **request.keywords)
        self.refused[request.name] += 1

    def _ask(self, method: str, path: str, allowed: set[int], **keywords: Any) -> Answer:
        if time.monotonic() > self.deadline:
            raise OutOfTimeError(f"client {self.number} is still busy with: {self.doing}")
        if self.token:
            headers = {"Authorization": f"Token {self.token}", **keywords.pop("headers", {})}
            keywords["headers"] = headers
        answer = self.reach.ask(method, path, **keywords)
        if answer.status not in allowed:
            raise UnexpectedError(
                f"{method} {path} was answered with {answer.status}: {answer.body}"
            )
        return answer


def _address(errand: Errand, session_id: str) -> str:
    return f"/api/v1/{errand.kind}/{session_id}"
