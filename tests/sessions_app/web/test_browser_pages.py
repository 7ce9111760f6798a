"""The project's own pages in a real browser: the first page, the API's page, the admin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect

from tests.archive_tables import ARCHIVED, whole
from tests.served import OPERATOR
from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

TABLES = {
    "Training sessions": "trainingsession",
    "Prediction sessions": "predictionsession",
    "Progress entries": "progressentry",
    "Uploaded files": "uploadedfile",
    "Dataset snapshots": "datasetsnapshot",
}


# The first page


@pytest.mark.usefixtures("quiet")
class TestTheFirstPage:
    def test_it_draws_what_is_known_and_leads_to_what_is_loaded(
        self, page: Page, served: Served, served_archive: Path
    ) -> None:
        page.goto(served.url)
        expect(page.locator("figure.plot[data-drawn] canvas")).to_be_visible(timeout=20_000)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.get_by_role("link", name="Explore", exact=True).click()
        cards = page.locator("article.card")
        expect(cards).to_have_count(5)
        expect(cards.nth(3)).to_contain_text("threshold-crossing events")
        expect(cards.last).to_contain_text("Light-curve transit signals")
        for card, mission in zip(cards.all()[:3], ARCHIVED, strict=True):
            expect(card).to_contain_text(str(len(whole(served_archive, mission))))
            expect(card).to_contain_text("4 October 2025")
            figure = re.compile(r"XGBoost, .+ 0\.\d+ \(0\.\d+ to .+\) on \d+ rows")
            expect(card).to_contain_text(figure)

    def test_its_links_lead_somewhere(self, page: Page, served: Served) -> None:
        page.goto(served.url)
        addresses = [link.get_attribute("href") for link in page.get_by_role("link").all()]
        assert {"/api/v1/docs", "/admin/", "/glossary", "/missions"} <= set(addresses)
        for address in addresses:
            answer = page.request.get(urljoin(served.url, address))
            assert answer.status == 200, address

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("width", [360, 1280])
    def test_it_is_never_wider_than_the_window(
        self, page: Page, served: Served, scheme: str, width: int
    ) -> None:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(served.url)
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    def test_a_page_that_is_nowhere_is_a_plain_404(self, page: Page, served: Served) -> None:
        assert page.request.get(f"{served.url}/nowhere").status == 404


def test_the_apis_page_works_with_no_network_is_light_and_keeps_nobody_out(
    page: Page, served: Served, quiet: list[str]
) -> None:
    sizes: dict[str, int] = {}
    page.on(
        "requestfinished",
        lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}),
    )
    page.goto(f"{served.url}/api/v1/docs")
    operations = page.locator(".opblock-summary-path")
    expect(operations.first).to_be_visible(timeout=60_000)
    shown = {text.replace("\u200b", "") for text in operations.all_inner_texts()}
    assert {"/api/v1/training-sessions", "/api/v1/prediction-sessions"} <= shown
    expect(page.locator(".errors-wrapper")).to_have_count(0)
    assert len(sizes) >= 6
    assert sum(sizes.values()) < 400_000, sizes
    # The other sections are like the first.
    further = [".opblock-tag-section:nth-child(n+2)"]
    page.locator(".opblock-summary-control").first.click()
    expect(page.get_by_role("combobox", name="model_type")).to_be_visible(timeout=60_000)
    assert barriers(page, apart_from=further) == []
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html.dark-mode")).to_be_attached()
    assert barriers(page, rules=["color-contrast"], apart_from=further) == []


# The admin


@pytest.fixture(scope="module")
def operator(served: Served) -> tuple[str, str]:
    """Make an operator, and something for them to see."""
    served.make_operator()
    for fields in (
        {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "k2"},
        {"model_type": "pca", "data_source": "nasa", "dataset_name": "tess"},
    ):
        served.result(served.begin("/api/custom/train", json=fields))
    return OPERATOR


@pytest.fixture
def admin(page: Page, served: Served, operator: tuple[str, str], quiet: list[str]) -> Page:
    page.goto(f"{served.url}/admin/")
    page.get_by_label("Username").fill(operator[0])
    page.get_by_label("Password").fill(operator[1])
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#user-tools")).to_contain_text(operator[0])
    return page


# One that may be changed in part, and one that may not at all.
@pytest.mark.parametrize(
    "table",
    [
        table
        if table in {"Training sessions", "Uploaded files"}
        else pytest.param(table, marks=pytest.mark.long)
        for table in TABLES
    ],
)
def test_each_table_can_be_looked_at_and_not_changed(
    admin: Page, served: Served, table: Any
) -> None:
    admin.get_by_role("link", name=table, exact=True).first.click()
    expect(admin.locator("#searchbar")).to_be_visible()
    expect(admin.locator("#changelist-filter")).to_be_visible()
    expect(admin.locator("#content .addlink")).to_have_count(0)
    expect(admin.locator("select[name=action] option[value=delete_selected]")).to_have_count(0)
    here = f"{served.url}/admin/sessions_app/{TABLES[table]}"
    assert admin.request.get(f"{here}/add/").status == 403


def test_the_training_sessions_list_shows_the_runs(admin: Page, served: Served) -> None:
    admin.goto(f"{served.url}/admin/sessions_app/trainingsession/")
    first = admin.locator("#result_list tbody tr").first
    expect(first).to_contain_text("completed")
    expect(first).to_contain_text("100 %")
    expect(first).to_contain_text("Principal components")
    expect(first).to_contain_text("TESS")


def test_a_run_can_be_searched_for_by_its_id(admin: Page, served: Served) -> None:
    admin.goto(f"{served.url}/admin/sessions_app/trainingsession/")
    wanted = admin.locator("#result_list tbody tr").nth(1).locator("th").inner_text()
    admin.locator("#searchbar").fill(wanted)
    admin.locator("#changelist-search [type=submit]").click()
    expect(admin.locator("#result_list tbody tr")).to_have_count(1)
    expect(admin.locator("#result_list tbody th")).to_have_text(wanted)


def test_runs_can_be_filtered(admin: Page, served: Served) -> None:
    admin.goto(f"{served.url}/admin/sessions_app/trainingsession/")
    admin.locator("#changelist-filter").get_by_role("link", name="Decision tree").click()
    kinds = admin.locator("#result_list td.field-model_type")
    expect(admin).to_have_url(re.compile("model_type__exact=decision_tree"))
    expect(kinds.first).to_be_visible()
    assert set(kinds.all_inner_texts()) == {"Decision tree"}


def test_a_run_opens_read_only_and_leads_to_its_rows(admin: Page, served: Served) -> None:
    admin.goto(f"{served.url}/admin/sessions_app/trainingsession/")
    admin.locator("#result_list tbody th a").first.click()
    here = admin.url.removesuffix("change/")
    expect(admin.locator("[name=_save], .deletelink")).to_have_count(0)
    assert admin.locator("main form input:not([type=hidden])").count() == 0
    assert admin.request.get(f"{here}delete/").status == 403
    admin.get_by_role("link", name="Progress reports").click()
    expect(admin.locator("#result_list tbody tr").first).to_contain_text("Completed")
    admin.go_back()
    admin.locator(".ways").get_by_role("link", name="Predictions").click()
    expect(admin.locator("#result_list tbody tr").first).to_contain_text("TOI ")


def test_an_operators_password_is_asked_for(page: Page, served: Served, quiet: list[str]) -> None:
    page.goto(f"{served.url}/admin/sessions_app/trainingsession/")
    expect(page.get_by_label("Password")).to_be_visible()
    assert "/admin/login/" in page.url
