"""What is not there, and what is wrong, is told by every page in a real browser."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from sessions_app.web.urls import urlpatterns
from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

NOTHING = {
    "mission": "pluto",
    "name": "nothing",
    "object_name": "nothing",
    "model_id": "00000000-0000-4000-8000-000000000000",
    "session_id": "00000000-0000-4000-8000-000000000000",
    "number": 1,
}
ONLY_SENT = {"cancel", "retry", "analyse", "review", "session_name"}
"""What is only ever sent from a page."""


def addresses_of_nothing() -> list[str]:
    """Return the address of each page that is about something, about nothing that there is."""
    told = [
        (route.name, route.pattern.converters)
        for route in urlpatterns
        if route.pattern.converters and route.name not in ONLY_SENT
    ]
    return [reverse(name, kwargs={key: NOTHING[key] for key in about}) for name, about in told]


def test_each_page_about_something_says_when_there_is_none_and_leads_on(
    page: Page, served: Served
) -> None:
    addresses = addresses_of_nothing()
    assert len(addresses) > 20
    for address in addresses:
        answer = page.goto(f"{served.url}{address}")
        assert answer is not None
        assert answer.status == HTTPStatus.NOT_FOUND, address
        expect(page).to_have_title(re.compile("There is nothing here"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 900})
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_wrong_password_is_told_where_one_types(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/sign-in")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page).to_have_title(re.compile("^Error"))
    expect(page.get_by_role("alert")).to_contain_text("correct username and password")
    assert barriers(page) == []


def test_a_form_without_its_mark_is_refused_on_a_page(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/sign-in")
    page.locator("main input[name=csrfmiddlewaretoken]").evaluate("field => field.remove()")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The form was not taken")
    assert barriers(page) == []
