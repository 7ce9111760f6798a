"""A signal that was found in a light curve, and its star, in a real browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import pytest
import requests
from playwright.sync_api import expect

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES, MEASURED_SIGNALS
from sessions_app.files.store import RESULTS
from sessions_app.plots.light_curves.figures import FIGURES
from tests.sessions_app.curves import a_refused_star, a_signal, a_star, write_records
from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

PATIENCE = 60_000
SIZES: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (390, "dark"))


@pytest.fixture(scope="module")
def own(served: Served) -> tuple[dict[str, Any], str]:
    """Complete a session of two signals of one star; return a visitor's cookie and its address."""
    wire = requests.Session()
    rows = pd.read_parquet(MEASURED_SIGNALS.path).iloc[:2].drop(columns="disposition")
    address = f"{served.url}/api/v1/prediction-sessions"
    answer = wire.post(
        address,
        data={"mission": LIGHT_CURVES.name, "data_source": "user", "task": "triage"},
        files={"testing_file": ("signals.csv", rows.to_csv(index=False))},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text
    session_id = answer.json()["id"]
    deadline = time.monotonic() + 180
    while (status := wire.get(f"{address}/{session_id}").json()["status"]) != "completed":
        assert status in {"queued", "running"}
        assert time.monotonic() < deadline
        time.sleep(0.2)
    write_records(
        served.media_folder / RESULTS / session_id,
        [a_star(1, numbers=[1, 2]), a_refused_star(2)],
        [a_signal(1), a_signal(2, of_star=2, detected=False)],
    )
    (cookie,) = wire.cookies
    return (
        {"name": cookie.name, "value": str(cookie.value), "url": served.url},
        f"{served.url}/sessions/{session_id}",
    )


@pytest.mark.sampled("chromium-1280-light")
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_signal_is_looked_at_as_a_vetter_does(
    page: Page,
    own: tuple[dict[str, Any], str],
    quiet: list[str],
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    cookie, address = own
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address)
    page.get_by_role("link", name="Stars", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("This curve could not be used.")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("table").get_by_role("link").first.click()
    figures = page.locator("figure.plot:visible")
    expect(figures).to_have_count(1 + len(FIGURES))
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".drawing :is(svg, canvas)")).to_be_visible(timeout=PATIENCE)
    test = page.get_by_role("row", name="Odd and even")
    test.get_by_text("Formula and source").click()
    expect(test).to_contain_text("Difference of the mean depths")
    page.wait_for_load_state("networkidle")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#light-curve ~ .card").get_by_role("link").first.click()
    expect(page.get_by_role("note").first).to_contain_text("stronger than the limit")
    assert quiet == []


def test_a_part_of_the_curve_is_chosen_in_the_strip_below_it(
    page: Page, own: tuple[dict[str, Any], str], quiet: list[str]
) -> None:
    cookie, address = own
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{address}/objects/1/plots/curve")
    drawn = page.locator(".drawing :is(svg, canvas)")
    expect(drawn).to_be_visible(timeout=PATIENCE)
    box = drawn.bounding_box()
    assert box is not None
    before = drawn.screenshot()
    strip = box["y"] + box["height"] - 60
    page.mouse.move(box["x"] + 300, strip)
    page.mouse.down()
    page.mouse.move(box["x"] + 420, strip, steps=5)
    page.mouse.up()
    axis = page.locator(".role-axis-label text", has_text="6.5").first
    expect(axis).to_be_attached()
    assert drawn.screenshot() != before
    assert quiet == []
