"""A request's body, read with patience that has an end."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from exoplanet.middleware.slow_clients.places import Place

__all__ = ["BrokenBodyError", "PatientBody", "SlowBodyError"]


_PIECE = 1 << 16


class SlowBodyError(OSError):
    """The body comes too slowly."""


class BrokenBodyError(OSError):
    """The body ended before it was whole."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class PatientBody(io.RawIOBase):
    """Reads a body of a known length.

    Parameters
    ----------
    stream
        What the server reads it from. It waits for the client without an end; that of a client
        who is silent comes when its connection is cut.
    length
        How many bytes the request announces.
    place
        Who sends it.
    when_whole
        Called as soon as nobody has to be waited for any more.
    """

    def __init__(
        self, stream: _Readable, *, length: int, place: Place, when_whole: Callable[[], None]
    ) -> None:
        super().__init__()
        self._stream = stream
        self._missing = length
        self._place = place
        self._when_whole = when_whole
        self.failure: SlowBodyError | BrokenBodyError | None = None
        """Why it could not be read to its end."""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read some bytes, none at the end.

        Raises
        ------
        SlowBodyError, BrokenBodyError
            If they do not come.
        """
        size = min(len(buffer), self._missing)
        piece = self._piece(size) if size else b""
        buffer[: len(piece)] = piece
        return len(piece)

    def skip_rest(self, *, at_most: int) -> None:
        """Read what nobody wanted, if it is not too much.

        A sender who is still sending when the connection ends may never see the answer.
        """
        if self._missing <= at_most:
            with suppress(SlowBodyError, BrokenBodyError):
                while self._missing:
                    self._piece(min(self._missing, _PIECE))

    def _piece(self, size: int) -> bytes:
        if self.failure is not None:
            raise self.failure
        self._place.wait()
        try:
            piece = self._stream.read(size)
        except OSError:
            piece = b""
        self._place.work(len(piece))
        self._missing -= len(piece)
        if self._missing and self._place.patience < 0:
            self.failure = SlowBodyError("The body comes too slowly.")
        elif not piece:
            self.failure = BrokenBodyError("The body is not whole.")
        if self.failure is not None:
            raise self.failure
        if not self._missing:
            self._when_whole()
        return piece
