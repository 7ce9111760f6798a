"""Train and Predict in a real browser: what would happen is seen before it does, files are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.sessions_app.real_rows import drawn
from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]
RENAMED = {
    "koi_period": "Period [hours]",
    "koi_depth": "Transit Dpeth",
    "koi_prad": "R_p",
    "koi_disposition": "label",
}
FIVE = ["kepid", "kepoi_name", *RENAMED]
STARTED = re.compile(r"/sessions/[0-9a-f-]{36}(#|$)")
AS_NUMBERS = {"CONFIRMED": "1", "CANDIDATE": "2", "FALSE POSITIVE": "0"}


@pytest.fixture(autouse=True, scope="module")
def patient() -> Iterator[None]:
    """Wait longer than usual: the first file of a server's waits for its reader to start."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table under somebody's own headings and words, and a broken one."""
    made = tmp_path_factory.mktemp("renamed")
    for name, draw in (("train.csv", "a"), ("test.csv", "b")):
        frame = drawn(draw)[FIVE].rename(columns=RENAMED)
        frame["Period [hours]"] *= 24
        frame.replace({"label": AS_NUMBERS}).to_csv(made / name, index=False)
    (made / "broken.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    return made


def show(page: Page, served: Served, address: str) -> Locator:
    page.goto(f"{served.url}/{address}")
    page.get_by_label("Files of my own").check()
    return page.locator("#preview")


def send(page: Page, field: str, path: Path) -> None:
    """Choose a file and wait until the server has it, so that the browser lets go of it."""
    chosen = page.locator(f"input[name={field}]")
    chosen.set_input_files(path)
    expect(page.locator(f"#{field}_file")).to_contain_text(path.name)
    expect(chosen).to_have_value("")


def test_a_table_with_other_headings_is_understood_settled_and_predicted(
    page: Page, served: Served, folder: Path, quiet: list[str]
) -> None:
    preview = show(page, served, "predict")
    expect(preview).to_contain_text("training_file is missing")
    send(page, "testing_file", folder / "test.csv")
    expect(page.get_by_role("status").first).to_contain_text("5 of 6 headings understood")
    expect(preview).to_contain_text("Converted from hours to days")
    expect(preview).to_contain_text("2 things would be refused")
    assert barriers(page) == []
    preview.get_by_role("link", name="Go to it").first.click()
    assert re.search(r"#means-\d+-\d+$", page.url)
    preview.get_by_label("What Transit Dpeth is").select_option("koi_depth")
    expect(preview).to_contain_text("1 thing would be refused")
    for word, meaning in (("1", "planet"), ("0", "false_positive"), ("2", "candidate")):
        preview.get_by_label(f"What {word} means", exact=True).select_option(meaning)
        expect(preview.locator(f"[name='word:{word}']")).to_have_value(meaning)
    expect(preview).to_contain_text("Nothing would be refused.")
    expect(preview).to_contain_text("About")
    expect(preview).to_contain_text("fitted anew on the columns at hand")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page).to_have_url(STARTED)


@pytest.mark.long
def test_a_form_with_errors_keeps_its_files_begins_at_the_first_and_says_so_in_the_title(
    page: Page, served: Served, folder: Path
) -> None:
    preview = show(page, served, "train")
    send(page, "training_file", folder / "train.csv")
    send(page, "testing_file", folder / "broken.csv")
    expect(preview).to_contain_text("The file is not a table")
    page.get_by_label("Model", exact=True).select_option("decision_tree")
    depth = page.locator("[name='decision_tree.max_depth']")
    depth.fill("0")
    depth.blur()
    expect(preview).to_contain_text("max_depth was '0'")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).to_have_title(re.compile("^Error: Train"))
    expect(page.locator("[aria-invalid=true]").first).to_be_focused()
    described = page.locator("[aria-invalid=true]").first.get_attribute("aria-describedby")
    assert described
    expect(page.locator(f"#{described.split()[0]}")).to_contain_text("training_file:")
    for field, name in (("training_file", "train.csv"), ("testing_file", "broken.csv")):
        expect(page.locator(f"#{field}_file")).to_contain_text(name)
    expect(depth).to_have_value("0")
    assert barriers(page) == []
    # Corrected without any file being chosen again but the broken one.
    depth.fill("3")
    send(page, "testing_file", folder / "test.csv")
    preview = page.locator("#preview")
    for name, value in (
        ("means:Transit Dpeth", "koi_depth"),
        ("word:1", "planet"),
        ("word:0", "false_positive"),
        ("word:2", "-"),
    ):
        choice = preview.locator(f"[name='{name}']").first
        choice.select_option(value)
        expect(preview.locator(f"[name='{name}']").first).to_have_value(value)
    expect(preview).to_contain_text("Nothing would be refused.")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).to_have_url(STARTED)


def test_a_file_that_is_dropped_is_taken_and_can_be_taken_back(
    page: Page, served: Served, folder: Path, quiet: list[str]
) -> None:
    preview = show(page, served, "predict")
    text = (folder / "test.csv").read_text()
    dropped = page.evaluate_handle(
        "text => { const data = new DataTransfer();"
        " data.items.add(new File([text], 'dropped.csv')); return data; }",
        text,
    )
    page.dispatch_event("[data-field=testing_file]", "drop", {"dataTransfer": dropped})
    expect(page.locator("#testing_file_file")).to_contain_text("dropped.csv")
    page.get_by_role("button", name="Remove dropped.csv").click()
    expect(page.locator("#testing_file_file")).not_to_contain_text("dropped.csv")
    expect(preview).to_contain_text("training_file is missing")


def test_a_file_that_is_too_large_is_not_even_sent(
    page: Page, served: Served, tmp_path: Path, quiet: list[str]
) -> None:
    large = tmp_path / "large.csv"
    large.write_bytes(b"#" * 7 * 10**6)
    show(page, served, "train")
    page.locator("input[name=training_file]").set_input_files(large)
    said = page.get_by_text("The file is larger than the 6.0 MB that it may be")
    expect(said.first).to_be_visible()
    expect(page.locator("input[name=training_file]")).to_have_value("")


def test_an_object_is_typed_in_and_answered_on_the_same_page(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/predict")
    page.get_by_role("link", name="One object, typed in").click()
    page.get_by_label("Orbital period [days]").fill("deep")
    page.get_by_role("button", name="What is it?").click()
    wrong = page.get_by_label("Orbital period [days]")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    wrong.fill("9.488")
    for label, value in (
        ("Transit duration [hours]", "2.9575"),
        ("Stellar radius [solar radii]", "0.927"),
        ("Transit depth [ppm]", "615.8"),
        ("Transit signal-to-noise ratio", "35.8"),
        ("Planet radius [Earth radii]", "2.26"),
    ):
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="What is it?").click()
    expect(page.locator("#answer .word").first).to_be_visible()
    expect(page.locator("#answer")).to_be_focused()
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    assert barriers(page) == []
