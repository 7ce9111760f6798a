"""How the benchmark speaks with a server: over HTTP, as any script would."""

from __future__ import annotations

import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sessions_app.benchmark.private_server import ServerError, direct

if TYPE_CHECKING:
    from collections.abc import Mapping

    import requests

__all__ = ["Answered", "Client", "Facts", "Training"]

_TRAININGS = "/api/v1/training-sessions"
_POLL_SECONDS = 0.02
_PATIENCE = 1800.0
"""How long anything may take before it counts as what never ends [s]."""
_BUSY = re.compile(
    r"^exoplanet_(?:workers_busy|queue_length|evidence_busy|evidence_length) (\S+)$", re.MULTILINE
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Training:
    """A request to train on the Kepler table."""

    model_type: str
    hyperparameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A session that has its first answer."""

    session_id: str
    seconds: float
    """From before the POST until it was seen completed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a session did, for whoever wants to do the same."""

    hyperparameters: Mapping[str, Any]
    columns: tuple[str, ...]
    train_rows: int
    test_rows: int
    accuracy: float


class Client:
    """Starts sessions on a server and waits for them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._wire = direct()

    def first_answer(self, training: Training) -> Answered:
        """Start a session and wait until it is seen completed."""
        began = time.perf_counter()
        session_id = self._post(training)
        while not self._completed(session_id):
            self._pause(began)
        return Answered(session_id=session_id, seconds=time.perf_counter() - began)

    def first_answers(self, training: Training, count: int) -> float:
        """Start sessions at once; return the seconds until the last one is seen completed.

        They are asked for in turn, so that eight cost the server no more polls a second than one.
        """
        began = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            waiting = list(pool.map(self._post, itertools.repeat(training, count)))
        while waiting:
            first, *others = waiting
            waiting = others if self._completed(first) else [*others, first]
            self._pause(began)
        return time.perf_counter() - began

    def facts(self, session_id: str) -> Facts:
        """Return what a completed session did."""
        session = self._get(f"{_TRAININGS}/{session_id}")
        result = self._get(f"{_TRAININGS}/{session_id}/result")
        model = result["model_info"]
        return Facts(
            hyperparameters=session["hyperparameters"],
            columns=tuple(model["columns"]),
            train_rows=model["train_rows"],
            test_rows=model["test_rows"],
            accuracy=result["metrics"]["accuracy"],
        )

    def prediction(self) -> str:
        """Predict the Kepler table with the published model; return the completed session's id."""
        return self._through("prediction-sessions", {"data_source": "nasa", "mission": "kepler"})

    def analysis(self, session_id: str) -> str:
        """Ask why the first object has its probability; return the completed analysis' id."""
        asked = {"session": session_id, "analysis": "probability", "object_number": 1}
        return self._through("analyses", asked)

    def download(self, session_id: str) -> None:
        """Read a completed session's result as the first frontend does, and as a file."""
        self._get(f"/api/custom/result/{session_id}")
        _accepted(self._wire.get(f"{self._url}{_TRAININGS}/{session_id}/export", timeout=60))

    def _through(self, kind: str, body: Mapping[str, Any]) -> str:
        began = time.perf_counter()
        answer = self._wire.post(f"{self._url}/api/v1/{kind}", json=body, timeout=60)
        session_id = str(_accepted(answer).json()["id"])
        while not self._completed(session_id, f"/api/v1/{kind}"):
            self._pause(began)
        return session_id

    def wait_until_idle(self) -> None:
        """Wait until no session waits or runs: not what deepens an answer either."""
        began = time.perf_counter()
        while True:
            answer = self._wire.get(f"{self._url}/metrics", timeout=60)
            counts = _BUSY.findall(_accepted(answer).text)
            if len(counts) == 4 and not any(map(float, counts)):
                return
            self._pause(began, seconds=0.25)

    def _post(self, training: Training) -> str:
        body = {
            "model_type": training.model_type,
            "hyperparameters": dict(training.hyperparameters),
            "data_source": "nasa",
            "mission": "kepler",
            "task": "disposition",
        }
        # Not over the one connection: a script that starts eight at once has eight.
        with direct() as wire:
            answer = wire.post(f"{self._url}{_TRAININGS}", json=body, timeout=60)
        return str(_accepted(answer).json()["id"])

    def _completed(self, session_id: str, kind: str = _TRAININGS) -> bool:
        standing = self._get(f"{kind}/{session_id}/progress")
        if standing["status"] in {"failed", "cancelled"}:
            raise ServerError(f"A session has {standing['status']}: {standing['step']}")
        return bool(standing["status"] == "completed")

    def _get(self, path: str) -> Any:
        return _accepted(self._wire.get(f"{self._url}{path}", timeout=60)).json()

    def _pause(self, began: float, *, seconds: float = _POLL_SECONDS) -> None:
        if time.perf_counter() - began > _PATIENCE:
            raise ServerError(f"The server did not come to an end within {_PATIENCE:.0f} seconds.")
        time.sleep(seconds)


def _accepted(answer: requests.Response) -> requests.Response:
    if not answer.ok:
        raise ServerError(f"The server answered {answer.status_code}: {answer.text[:500]}")
    return answer
