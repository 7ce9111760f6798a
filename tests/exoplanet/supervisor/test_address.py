"""The web server's address."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.supervisor.address import AddressError, WebAddress

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def taken() -> Iterator[Any]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://localhost:5000"),
        ("localhost", "http://localhost:5000"),
        ("0.0.0.0", "http://localhost:5000"),
        ("::", "http://localhost:5000"),
        ("192.0.2.7", "http://192.0.2.7:5000"),
        ("2001:db8::7", "http://[2001:db8::7]:5000"),
    ],
)
def test_the_url_is_what_opens_in_a_browser_here(host: str, url: str) -> None:
    assert WebAddress(host=host, port=5000).url == url


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_taken_port_is_refused(host: str, taken: Any) -> None:
    with pytest.raises(AddressError) as refusal:
        WebAddress(host=host, port=taken).check_free()
    assert str(refusal.value) == (
        f"Port {taken} is taken: stop the program that uses it, "
        "or set EXOPLANET_PORT to another port."
    )


def test_a_port_that_is_taken_on_the_other_loopback_address_is_refused() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server, pytest.raises(AddressError, match="is taken"):
        WebAddress(host="127.0.0.1", port=server.getsockname()[1]).check_free()


def test_a_free_port_is_free(taken: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert port != taken
    WebAddress(host="127.0.0.1", port=port).check_free()


@pytest.mark.parametrize("host", ["192.0.2.7", "no such host"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(AddressError) as refusal:
        WebAddress(host=host, port=5000).check_free()
    assert str(refusal.value) == (
        f'EXOPLANET_HOST must be an address of this machine, and not "{host}".'
    )


def test_nobody_answers_on_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert WebAddress(host="127.0.0.1", port=port).status("/", as_host="localhost") is None
