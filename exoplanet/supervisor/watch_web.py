"""Whether the web server really answers: a process that lives may do nothing all the same."""

from __future__ import annotations

import contextlib
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from exoplanet.supervisor.address import WebAddress

__all__ = ["WebWatch"]

_LOOK_SECONDS = 2.0


class WebWatch:
    """Asks the server for its health, one request after another, and waits for none of them.

    Each comes over a connection of its own, so that each of the server's processes is met.

    Parameters
    ----------
    address
        Where the server listens.
    patience
        How long one request may stay without any answer [s].
    clock
        The time [s].
    """

    def __init__(
        self,
        address: WebAddress,
        *,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._patience, self._clock = address, patience, clock
        self._asked: socket.socket | None = None
        self._asked_at = 0.0

    def begin_anew(self) -> None:
        """Forget what was asked: the server has just been started, or does not run."""
        if self._asked is not None:
            self._asked.close()
            self._asked = None
        self._asked_at = self._clock()

    def complaint(self) -> str:
        """Return why the server has to be started again, as the end of a sentence, or "".

        Asked as often as one likes; it never waits.
        """
        now = self._clock()
        if self._asked is None:
            if now - self._asked_at >= _LOOK_SECONDS:
                self._ask(now)
            return ""
        if select.select([self._asked], [], [], 0)[0]:
            # Whatever it says, it says something; so does a connection that it closes.
            self.begin_anew()
            return ""
        if now - self._asked_at < self._patience:
            return ""
        self.begin_anew()
        return f"has not answered for {self._patience:.0f} s"

    def _ask(self, now: float) -> None:
        self._asked_at = now
        # That nobody listens is seen by whoever watches the process.
        with contextlib.suppress(OSError):
            self._asked = self._address.connected()
            self._asked.sendall(
                b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
