"""A real browser and what it must never meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.served import Served

# What a page shows in half a second takes twenty times as long while all cores fit models.
expect.set_options(timeout=30_000)
OWN_ADDRESSES = ("http://localhost:", "http://127.0.0.1:", "data:", "blob:")


@pytest.fixture(scope="session")
def base_url(served: Served) -> str:
    """Return what an address without a host means; in place of a fixture that pytest deprecates."""
    return served.url


@pytest.fixture
def quiet(page: Page) -> Iterator[list[str]]:
    """Fail on an error that the page reports and on a request that leaves this machine."""
    complaints: list[str] = []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(OWN_ADDRESSES)
            else complaints.append(f"asked for {request.url}")
        ),
    )
    yield complaints
    assert complaints == []
