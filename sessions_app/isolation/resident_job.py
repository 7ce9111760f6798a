"""Inside a job that stays: answer one question after the other, and end when that is wiser.

What answers keeps what it has read. The job ends between two questions when nobody has asked for a
while, when it holds too much although it let go of what it kept, and after some hours; whoever asks
next starts another one, in milliseconds.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import time
import traceback
from typing import TYPE_CHECKING, Any, Protocol

import psutil

from mlcore.errors import MlcoreError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessions_app.isolation.protocol import Emit

__all__ = ["Answers", "serve"]

_REQUESTS = 0
_CHUNK = 1 << 16


class Answers(Protocol):
    """What a job that stays asks for an answer."""

    def answer(self, question: Mapping[str, Any]) -> Any:
        """Return JSON values; an `mlcore.errors.MlcoreError` refuses the question."""

    def let_go(self) -> None:
        """Forget what was kept, and give its memory back."""


def serve(argument: Mapping[str, Any], emit: Emit) -> dict[str, Any]:
    """Answer what comes in on standard input, a question a line.

    Parameters
    ----------
    argument
        ``answers``: what makes an `Answers`, as "package.module:name". ``enough_memory_bytes``:
        from which resident size on it lets go of what it keeps. ``idle_seconds`` and
        ``longest_seconds``: after how long without a question, and altogether, it ends.
    emit
        Receives ``{"ready": True}`` and, for each question, ``{"id": …}`` with ``value``, with
        ``refused`` (``sentence``, ``field``, ``allowed``) or with ``failed``, a traceback.
    """
    module, _, name = argument["answers"].partition(":")
    answers: Answers = getattr(importlib.import_module(module), name)()
    until = time.monotonic() + argument["longest_seconds"]
    itself = psutil.Process()
    emit({"ready": True})
    for question in _questions(argument["idle_seconds"]):
        emit({"id": question["id"], **_answered(answers, question["question"])})
        if itself.memory_info().rss > argument["enough_memory_bytes"]:
            answers.let_go()
            if itself.memory_info().rss > argument["enough_memory_bytes"]:
                break
        if time.monotonic() > until:
            break
    return {}


def _questions(idle_seconds: float) -> Iterator[dict[str, Any]]:
    """Yield what is asked, until nobody is there or has asked for a while."""
    rest = b""
    while select.select([_REQUESTS], [], [], idle_seconds)[0]:
        chunk = os.read(_REQUESTS, _CHUNK)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield json.loads(line)


def _answered(answers: Answers, question: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {"value": answers.answer(question)}
    except MlcoreError as error:
        return {
            "refused": {
                "sentence": str(error),
                "field": getattr(error, "field", ""),
                "allowed": list(getattr(error, "allowed", ())),
            }
        }
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the next question may be a better one
        return {"failed": traceback.format_exc()}
