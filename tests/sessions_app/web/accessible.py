"""What axe-core finds of what keeps people out of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Page

_MATTERS = {"serious", "critical"}
# Contrast takes nine tenths of the time, text by text; the rows of a table are alike.
_ALIKE = ["tbody tr:nth-child(n+4)"]

# Colours that are still on their way to others have no contrast to speak of.
_SETTLED = """Promise.all(document.getAnimations()
    .filter((one) => one.playState === "running")
    .filter((one) => one.effect.getComputedTiming().endTime < Infinity)
    .map((one) => one.finished.catch(() => null)))"""


def barriers(page: Page, *, rules: Sequence[str] = (), apart_from: Sequence[str] = ()) -> list[str]:
    """Return the serious faults of the page as it is, each with the element that has it.

    Parameters
    ----------
    page
        What is looked at.
    rules
        The only rules of axe-core's that are asked; all where none is named.
    apart_from
        What was looked at on another page already.
    """
    page.evaluate(_SETTLED)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    context = {"exclude": [[selector] for selector in (*_ALIKE, *apart_from)]}
    found = Axe().run(page, context, options).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]}"
        for fault in found
        if fault["impact"] in _MATTERS
        for node in fault["nodes"]
    ]
