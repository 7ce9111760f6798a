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

PATIENCE = 60_000
SIZES = [(1280, "light"), (390, "dark")]


def test_an_object_is_found_and_its_verdict_is_read_within_three_clicks(
    page: Page, served: Served
) -> None:
    name, sibling = two_of_one_star(served)
    page.goto(served.url)
    page.get_by_label("Object or star, in any spelling").fill(f"koi {name[1:].lstrip('0')}")
    page.get_by_role("button", name="Find").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    verdict = page.locator(".verdict")
    expect(verdict).to_contain_text("planet")
    expect(verdict.get_by_role("img", name="Probability of a planet")).to_be_visible()
    expect(page.get_by_role("heading", name="What would change the verdict")).to_be_visible(
        timeout=PATIENCE
    )
    lies = page.locator("figure.plot", has=page.get_by_label("Period and radius"))
    lies.scroll_into_view_if_needed()
    expect(lies.locator(".drawing :is(svg, canvas)")).to_be_visible(timeout=PATIENCE)
    lies.get_by_text("The same in numbers").click()
    expect(lies.locator("table")).to_contain_text(name)
    move_a_value(page)
    page.get_by_role("link", name=sibling).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sibling)


def two_of_one_star(served: Served) -> tuple[str, str]:
    """Return the names of two Kepler objects that share a star, of both of which a model speaks."""
    rows = served.get("/api/v1/datasets/kepler/rows?page_size=2000").body["results"]
    of_star: dict[str, str] = {}
    for row in rows:
        if row["verdict"] is not None and row["host"] in of_star:
            return of_star[row["host"]], row["name"]
        if row["verdict"] is not None:
            of_star[row["host"]] = row["name"]
    raise AssertionError("no star has two objects")


def move_a_value(page: Page) -> None:
    """Move a slider to its end: the model answers at once, and again as it was."""
    answer = page.locator("#what-if-answer")
    expect(answer).to_contain_text("With the values that were measured.")
    slider = page.get_by_role("slider", name="Transit depth")
    slider.fill("400")
    expect(answer).to_contain_text("in place of", timeout=PATIENCE)
    page.get_by_role("button", name="As it is").click()
    expect(answer).to_contain_text("With the values that were measured.", timeout=PATIENCE)


def test_a_name_that_nothing_has_is_told_with_what_can_be_looked_for(
    page: Page, served: Served
) -> None:
    # A page that says that there is none is answered as one, which the browser reports.
    answer = page.request.get(f"{served.url}/search?q=K99999.01")
    assert answer.status == 404
    assert "Nothing is called" in answer.text()


@pytest.mark.sampled("chromium-390-dark")
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_pages_to_read_keep_nobody_out_and_fit_the_window(
    page: Page, served: Served, width: int, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        *("/", "/missions", "/search", "/glossary", "/features", "/models"),
        *(f"/missions/kepler/objects/{two_of_one_star(served)[0]}", "/missions/all/plots/sky"),
    ):
        page.goto(f"{served.url}{address}")
        # What comes later moves what is below it out of sight, where nothing is drawn.
        page.wait_for_load_state("networkidle")
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
    sizes: dict[str, int] = {}
    page.on(
        "requestfinished",
        lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}),
    )
    page.goto(served.url)
    expect(page.locator("figure.plot[data-drawn]")).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 5
    assert sum(sizes.values()) < 400_000, sizes
