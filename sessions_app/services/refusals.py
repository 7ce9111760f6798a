"""One path of checks for two purposes: the first refusal ends a start, a preview wants them all."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Refusals"]


class Refusals:
    """What a request is refused for.

    Parameters
    ----------
    all_of_them
        Whether to go on after a refusal and gather it, and not to raise it.
    """

    def __init__(self, *, all_of_them: bool = False) -> None:
        self.all_of_them = all_of_them
        self.found: list[RefusedError] = []

    @contextmanager
    def of_a_check(self) -> Iterator[None]:
        """Gather what the check within refuses, or raise it.

        What is only so for a moment, such as that the server is busy, says nothing of the request
        and is always raised.
        """
        try:
            yield
        except RefusedError as refusal:
            if not self.all_of_them or refusal.retry_after:
                raise
            self.found.append(refusal)

    def of_these(self, refusals: Iterable[RefusedError]) -> None:
        """Gather refusals that a check returned, or raise the first."""
        for refusal in refusals:
            with self.of_a_check():
                raise refusal
