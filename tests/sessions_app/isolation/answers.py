"""What a process that stays answers in the tests."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Answers:
    """Does what it is asked to, and remembers how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.kept: list[bytearray] = []
        self.let_go_of = 0

    def answer(self, question: Mapping[str, Any]) -> Any:
        from mlcore.datasets.possible_values import FieldError

        self.asked += 1
        match question["do"]:
            case "tell":
                return {"asked": self.asked, "pid": os.getpid(), "let_go_of": self.let_go_of}
            case "sleep":
                time.sleep(question["seconds"])
            case "hold":
                self.kept.append(bytearray(os.urandom(1)) * (question["megabytes"] * 10**6))
            case "abort":
                os.abort()
            case "loop":
                while True:
                    pass
            case "raise":
                raise KeyError("secret detail")
            case "refuse":
                raise FieldError("x was 1, but it must be 2.", field="x", allowed=("2",))
        return {"asked": self.asked, "long": "x" * question.get("characters", 0)}

    def let_go(self) -> None:
        self.let_go_of += len(self.kept)
        self.kept.clear()
