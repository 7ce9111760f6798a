"""The admin in a real browser: how long its pages are, who can read them, a review and a load."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.served import OPERATOR
from tests.sessions_app.real_rows import kepler_file
from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

MOST_PIXELS = 6000
FRAME = ("#header", "#nav-sidebar", "#changelist-filter li:nth-child(n+4)")
"""What is the same on every page: it is looked at on the first."""


@pytest.fixture(scope="module")
def session_id(served: Served) -> str:
    """Return the id of a completed session, for an operator who is there."""
    served.make_operator()
    fields = {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "kepler"}
    begun = served.begin("/api/custom/train", json=fields)
    served.result(begun)
    return begun


@pytest.fixture
def admin(page: Page, served: Served, session_id: str, quiet: list[str]) -> Page:
    page.goto(f"{served.url}/admin/")
    page.get_by_label("Username").fill(OPERATOR[0])
    page.get_by_label("Password").fill(OPERATOR[1])
    page.get_by_role("button", name="Log in").click()
    return page


def address(served: Served, model: str, *rest: str) -> str:
    return "/".join([f"{served.url}/admin/sessions_app", model, *rest, ""])


@pytest.mark.sampled("chromium-way to a session")
@pytest.mark.parametrize("pages", ["way to a session", "what is beside it"])
def test_every_page_is_short_and_can_be_read_by_everybody(
    admin: Page, served: Served, session_id: str, pages: str
) -> None:
    places = {
        "way to a session": (
            f"{served.url}/admin/",
            address(served, "trainingsession"),
            address(served, "trainingsession", session_id, "change"),
        ),
        "what is beside it": (
            address(served, "trainingsession", session_id, "predictions"),
            address(served, "trainingsession", session_id, "predictions", "1"),
            address(served, "datasetsnapshot"),
            f"{served.url}/admin/admin/logentry/",
        ),
    }[pages]
    frame: tuple[str, ...] = ()
    for place in places:
        answer = admin.goto(place)
        assert answer is not None
        assert answer.status == 200
        for width in (390, 1280):
            admin.set_viewport_size({"width": width, "height": 900})
            assert admin.evaluate("document.documentElement.scrollWidth") <= width, place
        assert admin.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS, place
        assert barriers(admin, apart_from=frame) == [], place
        # In the dark the same styles hold for all of them.
        if pages == "way to a session":
            admin.emulate_media(color_scheme="dark")
            assert barriers(admin, rules=["color-contrast"], apart_from=frame) == [], place
            admin.emulate_media(color_scheme="light")
        frame = FRAME


def test_a_file_shows_its_first_rows_to_everybody(
    admin: Page, served: Served, tmp_path: Path
) -> None:
    path = kepler_file(tmp_path / "mine.csv", rows=60)
    fields = {"mission": "kepler", "data_source": "user"}
    with path.open("rb") as content:
        answer = served.post(
            "/api/v1/prediction-sessions", data=fields, files={"testing_file": content}
        )
    assert answer.status == 202
    admin.goto(address(served, "uploadedfile"))
    admin.get_by_role("link", name="mine.csv").first.click()
    expect(admin.get_by_role("heading", name="First rows")).to_be_visible()
    expect(admin.locator("main")).to_contain_text("What was read as what")
    assert admin.evaluate("document.documentElement.scrollHeight") <= MOST_PIXELS
    assert barriers(admin) == []


def test_an_object_is_reviewed_and_the_disagreement_is_a_file(
    admin: Page, served: Served, session_id: str
) -> None:
    admin.goto(address(served, "trainingsession", session_id, "predictions", "1"))
    said = admin.locator("dd").nth(1).inner_text()
    verdict = "confirmed" if said == "false positive" else "false positive"
    admin.get_by_role("button", name="Keep the review").click()
    expect(admin.locator(".errorlist").first).to_contain_text("Say what you take the object for.")
    admin.get_by_label("Your verdict").select_option(verdict)
    admin.get_by_label("Reason").fill("Its transits differ in depth.")
    admin.get_by_role("button", name="Keep the review").click()
    expect(admin.locator(".messagelist")).to_contain_text("is kept")
    expect(admin.locator("main")).to_contain_text("Its transits differ in depth.")
    admin.goto(address(served, "objectreview"))
    assert barriers(admin) == []
    with admin.expect_download() as download:
        admin.get_by_role("link", name="disagreements as a training file").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].endswith(verdict.upper())
    admin.get_by_role("link", name=re.compile("K0")).first.click()
    expect(admin.locator("main")).to_contain_text("The object's values")
    assert barriers(admin) == []


def test_a_table_is_loaded_again_while_one_looks_on(admin: Page, served: Served) -> None:
    admin.goto(address(served, "datasetsnapshot"))
    admin.get_by_role("button", name="Load K2 planets").click()
    done = re.compile("the very same table", re.IGNORECASE)
    # A worker starts a process for it, which imports the libraries that read tables.
    expect(admin.locator("#load")).to_contain_text(done, timeout=60_000)
    admin.locator("#load a").click()
    expect(admin.locator("main")).to_contain_text("yes: new sessions use it")
    assert barriers(admin) == []
