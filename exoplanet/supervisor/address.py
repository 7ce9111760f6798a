"""Where the web server listens and how one reaches it."""

from __future__ import annotations

import errno
import http.client
import socket
from dataclasses import dataclass

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  compared with, not bound to


class AddressError(Exception):
    """The web server cannot listen there; the text is one sentence for the operator."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WebAddress:
    """The web server's address."""

    host: str
    """The name or number that it binds to."""
    port: int
    """Its TCP port."""

    @property
    def url(self) -> str:
        """What to open in a browser on this machine, without a slash at the end."""
        here = self.host in _LOOPBACK or self.host in _EVERYWHERE
        name = "localhost" if here else self.host
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    def check_free(self) -> None:
        """Refuse an address where another program listens, or the operating system forbids it."""
        # A browser's "localhost" may mean either loopback address: both have to be free.
        for host in ("127.0.0.1", "::1") if self.host in _LOOPBACK else (self.host,):
            self._check_free(host)

    def _check_free(self, host: str) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, self.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise AddressError(
                    f"Port {self.port} is taken: stop the program that uses it, "
                    "or set EXOPLANET_PORT to another port."
                ) from error
            if error.errno == errno.EACCES:
                raise AddressError(
                    f"Port {self.port} is reserved to root: set EXOPLANET_PORT to 1024 or more."
                ) from error
            # A machine without IPv6 has no ::1; that is no reason not to serve 127.0.0.1.
            if host != "::1" or self.host == "::1":
                raise AddressError(
                    f'EXOPLANET_HOST must be an address of this machine, and not "{self.host}".'
                ) from error

    def connected(self) -> socket.socket:
        """Return a new connection to the server; that nobody listens is an OSError."""
        host = _EVERYWHERE.get(self.host, self.host)
        return socket.create_connection((host, self.port), timeout=1)

    def status(self, path: str, *, as_host: str) -> int | None:
        """Return the HTTP status that a GET of a path answers, or None for no answer.

        The host name to ask for has to be one of those that the server allows.
        """
        connection = http.client.HTTPConnection(
            _EVERYWHERE.get(self.host, self.host), self.port, timeout=10
        )
        try:
            connection.request("GET", path, headers={"Host": as_host})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
