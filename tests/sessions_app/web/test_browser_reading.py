"""A newcomer looks an object up and reads its verdict, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster, pytest.mark.usefixtures("quiet")]

PATIENCE = 20_000
SIZES = [(1280, "light"), (390, "dark")]


def test_an_object_is_found_and_its_verdict_is_read_within_three_clicks(
    page: Page, served: Served
) -> None:
    page.goto(served.url)
    page.get_by_label("Object or star, in any spelling").fill("koi 752.01")
    page.get_by_role("button", name="Find").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("K00752.01")
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("Likely planet")
    expect(verdict.get_by_role("img", name="Probability of a planet")).to_be_visible()
    expect(page.locator("figure.plot[data-drawn]")).to_have_count(2, timeout=PATIENCE)
    page.get_by_text("The same in numbers").first.click()
    expect(page.locator("figure.plot table").first).to_contain_text("K00752.01")
    page.get_by_role("link", name="K00752.02").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("K00752.02")


def test_a_name_that_nothing_has_is_told_with_what_can_be_looked_for(
    page: Page, served: Served
) -> None:
    # A page that says that there is none is answered as one, which the browser reports.
    answer = page.request.get(f"{served.url}/search?q=K99999.01")
    assert answer.status == 404
    assert "Nothing is called" in answer.text()


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_pages_to_read_keep_nobody_out_and_fit_the_window(
    page: Page, served: Served, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        *("/", "/missions", "/search", "/glossary", "/features", "/models"),
        *("/missions/kepler/objects/K00752.01", "/missions/all/plots/sky"),
    ):
        page.goto(f"{served.url}{address}")
        for figure in page.locator("figure.plot").all():
            figure.scroll_into_view_if_needed()
            expect(figure.locator(".drawing :is(svg, canvas)")).to_be_visible(timeout=PATIENCE)
        assert barriers(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_the_keyboard_reaches_the_content_first(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/glossary")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_page_with_its_plots_transfers_less_than_400_kilobytes(
    page: Page, served: Served
) -> None:
    sizes: list[int] = []
    page.on(
        "requestfinished",
        lambda request: sizes.append(request.sizes()["responseBodySize"]),
    )
    page.goto(served.url)
    expect(page.locator("figure.plot[data-drawn]")).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 5
    assert sum(sizes) < 400_000
