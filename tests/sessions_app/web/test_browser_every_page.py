"""Every page that there is, at each size and in each scheme, in a real browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import pytest
import requests
from django.urls import reverse
from playwright.sync_api import expect

from sessions_app.web.urls import urlpatterns
from tests.sessions_app.web.accessible import barriers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster, pytest.mark.long]

PATIENCE = 120_000
SIZES = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NO_PAGES = {
    *("preview_train", "preview_predict", "session_progress", "sign_out"),
    *("cancel", "retry", "analyse", "review"),
}
"""What answers with a part of a page, or leads to one."""
API_PAGE = "docs"
"""The one page that is none of the site's own."""
OF_RESULTS = (
    "session",
    "objects",
    "session_stars",
    "session_figures",
    "session_plots",
    "session_testing",
)
MOST_BYTES = 400_000


@pytest.fixture(scope="module")
def visitor(served: Served) -> dict[str, Any]:
    """Complete sessions of each kind as one visitor; return their ids and the visitor's cookie."""
    wire = requests.Session()
    rows = {"data_source": "nasa", "mission": "kepler", "task": "vetting", "wait_for": "evidence"}
    tree = rows | {"model_type": "decision_tree", "protocols": ["cross_validated"]}
    search = {"model_type": "auto", "hyperparameters": {"time_budget": 30, "max_trials": 2}}
    ids = {}
    for name, kind, asked in (
        ("tree", "training", tree),
        ("searched", "training", rows | search),
        ("predicted", "prediction", rows | {"mission": "tess"}),
    ):
        address = f"{served.url}/api/v1/{kind}-sessions"
        answer = wire.post(address, json=asked, timeout=60)
        assert answer.status_code == 202, answer.text
        ids[name] = answer.json()["id"]
        deadline = time.monotonic() + PATIENCE / 1000
        while (status := wire.get(f"{address}/{ids[name]}").json()["status"]) != "completed":
            assert status in {"queued", "running"}
            assert time.monotonic() < deadline
            time.sleep(0.2)
    asked = {"session": ids["tree"], "analysis": "needed_columns"}
    answer = wire.post(f"{served.url}/api/v1/analyses", json=asked, timeout=60)
    ids["asked"] = answer.json()["id"]
    (cookie,) = wire.cookies
    return ids | {
        "cookie": {"name": cookie.name, "value": str(cookie.value), "url": served.url},
        "model": served.get("/api/v1/models?mission=kepler").body["results"][0]["id"],
        "object": next(
            row["name"]
            for row in served.get("/api/v1/datasets/kepler/rows?page_size=50").body["results"]
            if row["verdict"]
        ),
    }


def pages(visitor: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each page with an address of it."""

    def page(name: str, asked: str = "", /, **parameters: Any) -> tuple[str, str]:
        return name, reverse(name, kwargs=parameters) + asked

    kepler, listed = {"mission": "kepler"}, {"mission": "kepler", "name": visitor["object"]}
    tree, searched, predicted = (visitor[name] for name in ("tree", "searched", "predicted"))
    for name in ("home", "explore", "glossary", "features_page", "models", "sign_in", "sessions"):
        yield page(name)
    for name in ("train", "predict", "predict_object", "search", API_PAGE):
        yield page(name)
    for name in ("mission", "mission_columns", "mission_snapshots"):
        yield page(name, **kepler)
    # There is one snapshot alone, so that it says what cannot be compared.
    yield page("mission_differences", **kepler)
    yield page("mission_plot", **kepler, name="sky")
    for name in ("catalogue_object", "why_listed", "what_if_listed"):
        yield page(name, **listed)
    of_object = {"mission": "kepler", "object_name": visitor["object"]}
    yield page("catalogue_object_plot", **of_object, name="waterfall")
    yield page("model", model_id=visitor["model"])
    yield page("compare", f"?session={tree}&session={searched}")
    yield page("compare_plot", f"?session={tree}&session={searched}", name="roc")
    for session in (tree, searched, predicted):
        for name in (*OF_RESULTS, "session_report", "session_settings"):
            yield page(name, session_id=session)
        yield page("object", session_id=session, number=1)
        yield page("session_plot", session_id=session, name="roc")
    yield page("session", session_id=visitor["asked"])
    for name in ("session_name", "session_delete"):
        yield page(name, session_id=tree)
    yield page("session_search", session_id=searched)
    yield page("what_if", session_id=tree, number=1)
    yield page("object_plot", session_id=tree, number=1, name="waterfall")


def test_the_list_has_every_page() -> None:
    ids = ("tree", "searched", "predicted", "asked", "model")
    visitor = dict.fromkeys(ids, str(uuid4())) | {"object": "K00001.01"}
    named = {pattern.name for pattern in urlpatterns if pattern.name}
    assert {name for name, _ in pages(visitor)} == named - NO_PAGES | {API_PAGE}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", SIZES)
def test_every_page_keeps_nobody_out_fits_its_window_and_is_light(
    page: Page,
    served: Served,
    visitor: dict[str, Any],
    quiet: list[str],
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    page.context.add_cookies([visitor["cookie"]])
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    sizes: dict[str, int] = {}
    page.on(
        "requestfinished",
        lambda request: sizes.update({request.url: request.sizes()["responseBodySize"]}),
    )
    found: list[str] = []
    for name, address in pages(visitor):
        sizes.clear()
        page.goto(f"{served.url}{address}")
        for figure in page.locator("figure.plot:visible").all():
            figure.scroll_into_view_if_needed()
            expect(figure.locator(":is(svg, canvas, img)").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        faults = [*barriers(page), *barriers(page, rules=["target-size"])]
        found += [f"{name} {address}: {fault}" for fault in faults]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{name} {address} is wider than its window")
        if (size := sum(sizes.values())) > MOST_BYTES:
            found.append(f"{name} {address} takes {size} bytes")
        if quiet and name != "mission_differences":
            found.append(f"{name} {address} says {quiet}")
        quiet.clear()
    assert found == []
