"""The pages of the published models in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from mlcore.pretrained import PUBLISHED, card

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster, pytest.mark.usefixtures("quiet")]


def test_the_first_page_leads_to_the_list_and_the_list_to_a_card(
    page: Page, served: Served
) -> None:
    page.goto(served.url)
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.locator("table tbody tr")).to_have_count(len(PUBLISHED))
    page.get_by_role("link", name=PUBLISHED["k2-vetting"].title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PUBLISHED["k2-vetting"].title)
    expect(page.locator("main")).to_contain_text(card("k2-vetting")["warnings"][0])
    expect(page.get_by_role("table")).to_have_count(len(card("k2-vetting")["figures"]) + 2)


@pytest.mark.sampled("chromium-360-dark")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_neither_page_is_wider_than_the_window(
    page: Page, served: Served, scheme: str, width: int
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    model = served.get("/api/v1/models").body["results"][0]["id"]
    for address in ("/models", f"/models/{model}"):
        page.goto(f"{served.url}{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
