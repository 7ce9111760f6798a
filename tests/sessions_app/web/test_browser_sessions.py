"""A session from its form to one of its objects, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.served import OPERATOR

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster, pytest.mark.usefixtures("quiet")]

PATIENCE = 120_000


def check_fits(page: Page, name: str) -> None:
    """Fail where a page is wider than a phone's or a large window."""
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def fill_in(page: Page) -> None:
    """Choose a decision tree; only what belongs to the choices is shown."""
    expect(page.get_by_label("Vetting")).to_be_checked()
    model = page.get_by_label("Model", exact=True)
    expect(page.get_by_role("group", name="XGBoost")).to_be_visible()
    model.select_option("decision_tree")
    expect(page.get_by_role("group", name="Decision tree")).to_be_visible()
    expect(page.get_by_role("group", name="XGBoost")).to_be_hidden()
    expect(page.get_by_label("Training file")).to_be_hidden()
    page.get_by_label("Max depth").and_(page.locator(":visible")).fill("4")
    check_fits(page, "train")
    page.get_by_label("Files of my own").check()
    page.get_by_text("Columns that follow the label").first.click()
    expect(page.get_by_role("checkbox", name="koi_score")).to_be_visible()
    page.get_by_label("Mission", exact=True).select_option("tess")
    expect(page.get_by_role("checkbox", name="koi_score")).to_be_hidden()
    page.get_by_label("Mission", exact=True).select_option("kepler")
    page.get_by_label("NASA's table").check()


def follow_the_plots(page: Page) -> None:
    """Move the threshold; the line, the counts and the shares go with it."""
    page.get_by_role("link", name="Plots", exact=True).click()
    panel = page.locator("#threshold")
    panel.scroll_into_view_if_needed()
    expect(page.locator("#thresholds figure.plot[data-drawn]")).to_be_visible(timeout=PATIENCE)
    slider = panel.get_by_role("slider")
    slider.fill("0.99")
    expect(panel.get_by_role("status")).to_have_text("0.99")
    few = int(panel.locator("[data-count=found]").inner_text())
    slider.fill("0.01")
    assert int(panel.locator("[data-count=found]").inner_text()) > few
    assert float(panel.locator("[data-share=recall]").inner_text()) > 0.9
    page.get_by_role("combobox", name="Quantity").select_option(index=1)
    for figure in page.locator("figure.plot").all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".drawing :is(svg, canvas)")).to_be_visible(timeout=PATIENCE)
    check_fits(page, "plots")


def test_a_tree_is_trained_from_the_form_watched_and_asked_about_an_object(
    page: Page, served: Served
) -> None:
    page.goto(served.url)
    page.get_by_role("link", name="Train", exact=True).click()
    fill_in(page)
    # As many people do; the list of sessions below has one of it all the same.
    page.get_by_role("button", name="Train", exact=True).dblclick()

    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}$"))
    expect(page.get_by_role("progressbar")).to_be_visible()
    means = page.get_by_role("region", name="Is this object a planet or a false positive?")
    expect(means).to_be_visible(timeout=PATIENCE)
    expect(means).to_contain_text(re.compile(r"ROC-AUC\s*0\.\d{4}\s*95 % interval: 0\.\d{4} to"))
    expect(means).to_contain_text(re.compile(r"\d+ objects of \d+ host stars"))
    check_fits(page, "session")
    page.get_by_role("link", name="Figures", exact=True).click()
    expect(page.get_by_role("row", name="ROC-AUC").first).to_contain_text(
        re.compile(r"0\.\d{2,3}\s\[0\.\d{2,3},\s0\.\d{2,3}\]")
    )
    check_fits(page, "figures")
    follow_the_plots(page)

    page.get_by_role("link", name="Objects", exact=True).click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first.locator("td").first).to_have_text("1")
    page.get_by_label("Rate of planets that you expect").fill("0.05")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("columnheader", name="at a rate of 0.05")).to_be_visible()
    check_fits(page, "objects")

    name = rows.first.get_by_role("link").inner_text()
    rows.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    expect(page.locator("figure.plot[data-drawn] svg").first).to_be_visible(timeout=PATIENCE)
    check_fits(page, "object")
    page.get_by_label("Analysis", exact=True).select_option("decision_path")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Answer")).to_be_visible(timeout=PATIENCE)
    answer = page.get_by_role("region", name="Answer")
    expect(answer.locator("li").first).to_contain_text("The model is one tree")
    check_fits(page, "analysis")

    page.get_by_role("link", name="My sessions").first.click()
    expect(page.locator("tbody tr")).to_have_count(2)
    check_fits(page, "sessions")
    page.get_by_role("link", name="Predict", exact=True).click()
    check_fits(page, "predict")


def test_a_user_signs_in_sees_the_same_form_and_signs_out(page: Page, served: Served) -> None:
    served.make_operator()
    name, password = OPERATOR
    page.goto(f"{served.url}/train")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    check_fits(page, "sign in")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{served.url}/train")
    fill_in(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
