"""A request's body, read with patience that has an end."""

from __future__ import annotations

import io
from contextlib import suppress
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from exoplanet.middleware.slow_clients.places import Place

_PIECE = 1 << 16

_TOO_SLOW = "The request's body comes too slowly; send it again over a faster connection."
_NOT_WHOLE = "The request's body ended before it was whole."


class PatientBody(io.RawIOBase):
    """Reads a body of a known length, which whoever has the place sends.

    The server's stream waits for the client without an end; that of a client who is silent comes
    when its connection is cut. `when_whole` is called as soon as nobody has to be waited for.
    """

    def __init__(
        self, stream: IO[bytes], *, length: int, place: Place, when_whole: Callable[[], None]
    ) -> None:
        super().__init__()
        self._stream = stream
        self._missing = length
        self._place = place
        self._when_whole = when_whole
        self.failure: RefusedError | None = None
        """Why it could not be read to its end."""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read some bytes, none at the end; that they do not come is an OSError."""
        size = min(len(buffer), self._missing)
        piece = self._piece(size) if size else b""
        buffer[: len(piece)] = piece
        return len(piece)

    def skip_rest(self, *, at_most: int) -> None:
        """Read what nobody wanted, if it is not too much.

        A sender who is still sending when the connection ends may never see the answer.
        """
        if self._missing <= at_most:
            with suppress(OSError):
                while self._missing:
                    self._piece(min(self._missing, _PIECE))

    def _piece(self, size: int) -> bytes:
        piece = b""
        if self.failure is None:
            self._place.wait()
            with suppress(OSError):
                piece = self._stream.read(size)
            self._place.work(len(piece))
            self._missing -= len(piece)
            if self._missing and self._place.patience < 0:
                self.failure = RefusedError(_TOO_SLOW, status=HTTPStatus.REQUEST_TIMEOUT)
            elif not piece:
                self.failure = RefusedError(_NOT_WHOLE)
        if self.failure is not None:
            # Django takes an error of this kind, and no other, for the client's.
            raise OSError(self.failure.sentence)
        if not self._missing:
            self._when_whole()
        return piece
