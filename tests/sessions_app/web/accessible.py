"""What axe-core finds of what keeps people out of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

_MATTERS = {"serious", "critical"}


def barriers(page: Page) -> list[str]:
    """Return the serious faults of the page as it is, each with the element that has it."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in _MATTERS
        for node in fault["nodes"]
    ]
