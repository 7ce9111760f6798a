"""The pictures of the tutorial: `python -m tests.pictures ADDRESS` goes the newcomer's way.

On a running server, with the Kepler table loaded, it looks an object up, brings a table whose
headings are its own, and compares two sessions, and writes what it sees to ``docs/images``.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

from mlcore.datasets.missions.kepler import DR25

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PATIENCE = 120_000
_HEADINGS = {
    "kepoi_name": "Name",
    "kepid": "KIC ID",
    "koi_period": "Period [hours]",
    "koi_duration": "Transit duration (min)",
    "koi_depth": "Depth (%)",
    "koi_prad": "Planet radius [R_Jup]",
    "koi_steff": "Teff",
    "koi_slogg": "log g",
    "koi_srad": "R* [Rsun]",
    "koi_kepmag": "Kepmag",
    "koi_model_snr": "SNR",
}
_FACTORS = {"koi_period": 24.0, "koi_duration": 60.0, "koi_depth": 1e-4, "koi_prad": 1 / 11.209}


def table_of_ones_own(path: Path) -> None:
    """Write forty objects of the carried table under headings, and in units, of one's own."""
    import pandas as pd

    rows = pd.read_parquet(DR25.path).iloc[200:240]
    frame = pd.DataFrame(
        {
            heading: rows[name] * _FACTORS[name] if name in _FACTORS else rows[name]
            for name, heading in _HEADINGS.items()
            if name in rows
        }
    )
    frame.to_csv(path, index=False)


def shown(page: Page, name: str, height: int = 1000) -> None:
    """Keep what the window shows."""
    for figure in page.locator("figure.plot").all():
        if figure.is_visible():
            figure.scroll_into_view_if_needed()
            expect(figure.locator(".drawing :is(svg, canvas)")).to_be_visible(timeout=PATIENCE)
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_timeout(400)
    page.set_viewport_size({"width": 1280, "height": height})
    page.screenshot(path=IMAGES / f"{name}.png")


def main(address: str) -> None:
    """Go the newcomer's way."""
    IMAGES.mkdir(exist_ok=True)
    browser_path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        look_an_object_up(page, address)
        own = Path(folder) / "my-candidates.csv"
        table_of_ones_own(own)
        bring_ones_own(page, address, own)
        compare(page, address)
        browser.close()


def look_an_object_up(page: Page, address: str) -> None:
    """From the start to one object's verdict."""
    page.goto(address)
    shown(page, "start", 1050)
    page.get_by_label("Object or star, in any spelling").fill("KOI-752.01")
    page.get_by_role("button", name="Find").last.click()
    expect(page.get_by_role("heading", name="What would change the verdict")).to_be_visible(
        timeout=PATIENCE
    )
    shown(page, "object", 1500)


def bring_ones_own(page: Page, address: str, own: Path) -> None:
    """A table with headings of one's own: what was understood, and what came of it."""
    page.goto(f"{address}/predict")
    page.get_by_label("Files of my own").check()
    page.get_by_label("Testing file").set_input_files(own)
    expect(page.get_by_text("Planet radius [R_Jup]").first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    shown(page, "preview", 1700)
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page).to_have_url(re.compile(r"/sessions/[0-9a-f-]{36}$"), timeout=PATIENCE)
    expect(page.get_by_role("link", name="See the objects")).to_be_visible(timeout=PATIENCE)
    shown(page, "result", 900)
    page.get_by_role("link", name="See the objects").click()
    shown(page, "objects", 900)


def compare(page: Page, address: str) -> None:
    """Two models, trained on the same rows, side by side."""
    for model in ("decision_tree", "random_forest"):
        page.goto(f"{address}/train")
        page.get_by_label("Model", exact=True).select_option(model)
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_role("link", name="See the objects")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Plots", exact=True).click()
    shown(page, "plots", 1500)
    page.goto(f"{address}/sessions/")
    shown(page, "sessions", 700)
    boxes = page.get_by_role("checkbox", name=re.compile("Compare|Choose", re.IGNORECASE))
    for place in (0, 1):
        boxes.nth(place).check()
    page.get_by_role("button", name=re.compile("Compare")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("side by side|Compar"))
    shown(page, "compare", 1400)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
