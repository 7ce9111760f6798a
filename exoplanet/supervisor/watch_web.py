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

_LOOK_SECONDS = 2.0


class WebWatch:
    """Asks the server for its health, one request after another, and waits for none of them.

    Each comes over a connection of its own, so that each of the server's processes is met, and may
    stay without any answer for as long as the patience [s].
    """

    def __init__(
        self, address: WebAddress, *, patience: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address, self._patience, self._clock = address, patience, clock
        self._connection: socket.socket | None = None
        self._since = 0.0

    def reset(self) -> None:
        """Forget the last request: the server has just been started, or does not run."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._since = self._clock()

    def complaint(self) -> str:
        """Return why the server has to be started again, as the end of a sentence, or "".

        Asked as often as one likes; it never waits.
        """
        now = self._clock()
        if self._connection is None:
            if now - self._since >= _LOOK_SECONDS:
                self._ask(now)
            return ""
        if select.select([self._connection], [], [], 0)[0]:
            # Whatever it says, it says something; so does a connection that it closes.
            self.reset()
            return ""
        if now - self._since < self._patience:
            return ""
        self.reset()
        return f"has not answered for {self._patience:.0f} s"

    def _ask(self, now: float) -> None:
        self._since = now
        # That nobody listens is seen by whoever watches the process.
        with contextlib.suppress(OSError):
            self._connection = self._address.connected()
            self._connection.sendall(
                b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
