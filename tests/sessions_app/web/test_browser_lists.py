"""A mission's rows, one's own sessions, their comparison and their report, in a real browser."""

from __future__ import annotations

import re
import time
from itertools import cycle
from typing import TYPE_CHECKING, Any, Literal

import pytest
import requests
from playwright.sync_api import expect

from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

PATIENCE = 60_000
SIZES: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (390, "dark"))
ASKED: tuple[dict[str, Any], ...] = (
    {"model_type": "decision_tree", "hyperparameters": {"max_depth": 2}},
    {"model_type": "decision_tree", "hyperparameters": {"max_depth": 6}},
    {"model_type": "auto", "hyperparameters": {"time_budget": 30, "max_trials": 2}},
)


@pytest.fixture(scope="module")
def own(served: Served) -> tuple[dict[str, Any], list[str]]:
    """Complete a few sessions as one visitor, and return their cookie and the sessions' ids."""
    wire, ids = requests.Session(), []
    address = f"{served.url}/api/v1/training-sessions"
    for asked in ASKED:
        body = {"data_source": "nasa", "mission": "k2", "task": "vetting"} | asked
        answer = wire.post(address, json=body, timeout=60)
        assert answer.status_code == 202, answer.text
        ids.append(answer.json()["id"])
    deadline = time.monotonic() + 180
    for session_id in ids:
        while (status := wire.get(f"{address}/{session_id}").json()["status"]) != "completed":
            assert status in {"queued", "running"}
            assert time.monotonic() < deadline
            time.sleep(0.2)
    (cookie,) = wire.cookies
    return {"name": cookie.name, "value": str(cookie.value), "url": served.url}, ids


@pytest.fixture
def visitor(page: Page, own: tuple[dict[str, Any], list[str]]) -> list[str]:
    """Let the page be the visitor's, and return their sessions' ids."""
    page.context.add_cookies([own[0]])  # type: ignore[list-item]
    return own[1]


def stays(page: Page) -> None:
    """Mark the page, so that one that was loaded anew can be told."""
    page.evaluate("window.stays = true")


def check_stayed(page: Page) -> None:
    assert page.evaluate("window.stays") is True


def test_rows_are_sorted_filtered_and_turned_without_loading_the_page_anew(
    page: Page, served: Served, quiet: list[str]
) -> None:
    page.goto(f"{served.url}/missions/kepler")
    stays(page)
    page.get_by_role("link", name="Orbital period").click()
    expect(page).to_have_url(re.compile(r"sort=koi_period"))
    period = page.get_by_role("columnheader", name="Orbital period")
    expect(period).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Orbital period").click()
    expect(period).to_have_attribute("aria-sort", "descending")

    page.get_by_role("checkbox", name="confirmed").check()
    page.get_by_role("checkbox", name="likely planet").check()
    page.get_by_text("Ranges of the columns shown").click()
    page.get_by_label("Planet radius [Earth radii], at most").fill("2")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page).to_have_url(re.compile(r"koi_prad_max=2"))
    # What was asked for before is still asked for.
    expect(page).to_have_url(re.compile(r"sort=-koi_period"))
    rows = page.locator("#rows tbody tr")
    expect(rows.first).to_contain_text("confirmed")
    page.get_by_role("link", name="Later").click()
    expect(page.locator("#rows nav")).to_contain_text("Page 2 of")
    expect(page).to_have_url(re.compile(r"koi_prad_max=2"))
    check_stayed(page)
    page.go_back()
    expect(page.locator("#rows nav")).to_contain_text("Page 1 of")

    rows.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/missions/kepler/objects/K"))
    assert quiet == []


def test_a_range_that_holds_nothing_is_said_beside_the_rows(
    page: Page, served: Served, quiet: list[str]
) -> None:
    page.goto(f"{served.url}/missions/kepler")
    page.get_by_text("Ranges of the columns shown").click()
    page.get_by_label("Orbital period [days], at least").fill("5")
    page.get_by_label("Orbital period [days], at most").fill("3")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("from 5 to 3")
    page.get_by_label("Orbital period [days], at most").fill("6")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("objects")
    expected_to_be_reported(quiet, 400)


def test_sessions_are_renamed_found_compared_and_deleted(
    page: Page, served: Served, visitor: list[str], quiet: list[str]
) -> None:
    shallow, deep, _ = visitor
    page.goto(f"{served.url}/sessions/")
    stays(page)
    for session_id, name in ((shallow, "shallow"), (deep, "deep")):
        row = page.locator("tr", has=page.locator(f"a[href='/sessions/{session_id}']"))
        row.get_by_role("link", name="Rename").click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.get_by_label("Name has").fill("shal")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("1 session.")
    check_stayed(page)
    page.get_by_role("link", name="Show all").click()

    page.get_by_label("Compare shallow").check()
    page.get_by_label("Compare deep").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparison")
    expect(page.locator("main")).to_contain_text(re.compile("B: (shallow|deep) is .*sure"))
    expect(page.locator("figure.plot .drawing svg")).to_be_visible(timeout=PATIENCE)
    page.get_by_text("The same in numbers").click()
    expect(page.locator("figure.plot table")).to_contain_text("A: ")
    address = page.locator("a.said").first.get_attribute("href")
    assert page.request.get(f"{served.url}{address}").status == 200

    page.goto(f"{served.url}/sessions/")
    row = page.locator("tr", has=page.get_by_role("link", name="shallow", exact=True))
    row.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete “shallow”?")
    page.get_by_role("button", name="Delete it").click()
    expect(page).to_have_url(f"{served.url}/sessions/")
    expect(page.get_by_role("link", name="deep", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="shallow", exact=True)).to_have_count(0)
    assert quiet == []


def test_one_session_cannot_be_compared_and_says_why(
    page: Page, served: Served, visitor: list[str], quiet: list[str]
) -> None:
    page.goto(f"{served.url}/sessions/")
    page.get_by_role("checkbox", name=re.compile("^Compare ")).first.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("alert")).to_contain_text("2 to 5 can be compared")
    page.get_by_role("link", name="Choose among my sessions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My sessions")
    expected_to_be_reported(quiet, 400)


def test_a_report_is_saved_and_read_without_a_network(
    page: Page, served: Served, visitor: list[str], quiet: list[str], tmp_path: Path
) -> None:
    page.goto(f"{served.url}/sessions/{visitor[1]}/report")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as one file").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    # A page without the site's own policy, as a file is one.
    page.goto("about:blank")
    page.set_content(path.read_text(encoding="utf-8"))
    expect(page.get_by_role("heading", name="Where it comes from")).to_be_visible()
    expect(page.locator("figure svg").first).to_be_visible()
    assert "http" not in path.read_text(encoding="utf-8")
    assert barriers(page) == []
    assert quiet == []


@pytest.mark.long
def test_lists_keep_nobody_out_and_fit_the_window(
    page: Page, served: Served, visitor: list[str], quiet: list[str]
) -> None:
    _, deep, searched = visitor
    for (width, scheme), address in zip(
        cycle(SIZES),
        (
            *("/sessions/", f"/compare?session={deep}&session={searched}"),
            *(f"/sessions/{searched}/search", f"/sessions/{deep}/delete"),
            *(f"/sessions/{deep}/name", "/missions/k2/columns", "/missions/k2/snapshots"),
        ),
        strict=False,
    ):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{served.url}{address}")
        assert barriers(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert quiet == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nowhere", 404),
        ("/missions/k2/differences?older=x", 400),
        ("/sessions/?kind=x", 400),
        ("/compare?session=x", 404),
    ],
)
def test_what_is_wrong_is_said_on_a_page_that_leads_on(
    page: Page, served: Served, quiet: list[str], address: str, status: int
) -> None:
    answer = page.goto(f"{served.url}{address}")
    assert answer is not None
    assert answer.status == status
    expect(page.get_by_role("navigation", name="Way back")).to_be_visible()
    assert barriers(page) == []
    expected_to_be_reported(quiet, status)


def expected_to_be_reported(complaints: list[str], status: int) -> None:
    """Take away what the browser says of an answer that is no success, and nothing else."""
    assert len(complaints) == 1
    assert f"the server responded with a status of {status}" in complaints.pop()
