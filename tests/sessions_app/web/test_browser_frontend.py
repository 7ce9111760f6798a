"""A page from another origin uses the API in a real browser, as the old frontend does."""

from __future__ import annotations

import os
import threading
from collections import Counter
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.archive_tables import as_csv, drawn, header
from tests.served import UPLOAD_LIMIT_MB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.served import Served

pytestmark = [pytest.mark.browser, pytest.mark.cluster]

PORTS = (3000, 5173)
ORIGIN = "http://localhost:3000"
FURTHER_ORIGINS = ("http://127.0.0.1:3000", "http://localhost:5173", "http://127.0.0.1:5173")
WRITTEN = "http://localhost:5000/api"
PAGE = Path(__file__).with_name("frontend.html")
PATIENCE = 60_000


@pytest.fixture(scope="module")
def frontend(served: Served) -> Iterator[str]:
    """Serve the page where the frontend runs, and where its developers run it."""
    text = PAGE.read_text()
    assert text.count(WRITTEN) == 1
    # Nothing is replaced when the project could have its usual port.
    content = text.replace(WRITTEN, f"{served.url}/api").encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ExitStack() as running:
        for port in PORTS:
            try:
                server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
            except OSError:
                reason = f"port {port}, where the frontend runs, is taken"
                if os.environ.get("CI"):
                    pytest.fail(reason)
                pytest.skip(reason)
            running.callback(server.server_close)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            running.callback(thread.join)
            running.callback(server.shutdown)
        yield ORIGIN


@pytest.fixture
def opened(page: Page, frontend: str, quiet: list[str]) -> Page:
    page.goto(frontend)
    expect(page.get_by_role("status")).to_have_text("The server is healthy.")
    return page


@pytest.fixture
def answers(page: Page) -> dict[str, Any]:
    """Collect what the page was answered by the last word of the address but one."""
    responses: dict[str, Any] = {}

    def keep(response: Any) -> None:
        route = response.url.split("/")[-2]
        if route == "result":
            responses[route] = response

    page.on("response", keep)
    return responses


def check_shown(page: Page, answers: dict[str, Any]) -> dict[str, Any]:
    """Compare what the page shows with what it was answered."""
    expect(page.locator("#rows tr")).to_have_count(10, timeout=PATIENCE)
    result = answers["result"].json()
    counts = Counter(row["prediction"] for row in result["predictions"])
    assert page.locator("#counts dd").all_inner_texts() == [
        str(counts[label]) for label in ("Exoplanet", "Candidate", "False Positive")
    ]
    expect(page.get_by_role("status")).to_have_text(f"{len(result['predictions'])} objects")
    first = result["predictions"][0]
    cells = page.locator("#rows tr").first.locator("td").all_inner_texts()
    assert cells[:3] == ["1", first["name"], first["prediction"]]
    assert cells[5] == "; ".join(first["reasons"])
    return dict(result)


def check_steps(page: Page) -> None:
    percents = [int(text.split()[0]) for text in page.locator("#steps li").all_inner_texts()]
    assert percents == sorted(percents)
    assert percents[-1] == 100


def fill(page: Page, **hyperparameters: str) -> None:
    for name, value in hyperparameters.items():
        page.get_by_label(name, exact=True).fill(value)


def test_train_on_nasas_table_then_poll_then_read(opened: Page, answers: dict[str, Any]) -> None:
    opened.locator("[name=model_type]").select_option("random_forest")
    opened.locator("[name=dataset_name]").select_option("kepler")
    fill(opened, n_estimators="20", max_depth="12", min_samples_leaf="3", criterion="entropy")
    # Cleared again: the frontend sends it as empty text.
    fill(opened, min_samples_leaf="")
    opened.get_by_role("button", name="Train", exact=True).click()
    result = check_shown(opened, answers)
    check_steps(opened)
    assert result["model_info"]["hyperparameters"] == {
        "n_estimators": 20,
        "max_depth": 12,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
    }
    assert result["warnings"][0] == (
        "criterion is no hyperparameter of random_forest and was ignored."
    )
    expect(opened.locator("#accuracy")).to_have_text(f"{result['metrics']['accuracy']:.4f}")


@pytest.mark.parametrize(
    "mission", ["kepler", *(pytest.param(name, marks=pytest.mark.long) for name in ("k2", "tess"))]
)
def test_predict_with_the_published_model_then_poll_then_read(
    opened: Page, answers: dict[str, Any], mission: Any
) -> None:
    opened.locator("[name=dataset_name]").select_option(mission)
    opened.get_by_role("button", name="Predict", exact=True).click()
    result = check_shown(opened, answers)
    check_steps(opened)
    assert result["model_info"]["dataset"] == mission
    expect(opened.locator("#accuracy")).to_have_text(f"{result['metrics']['accuracy']:.4f}")


@pytest.fixture
def choose(served_archive: Path) -> Callable[..., None]:
    """Return a function that chooses the two files as a user does."""

    def run(page: Page, *, name: str = "行星.csv") -> None:
        lines = header(served_archive, "tess")
        for field, table in zip(
            ("#training", "#testing"), drawn(served_archive, "tess"), strict=True
        ):
            content = as_csv(table, header=lines)
            page.locator(field).set_input_files(
                {"name": name, "mimeType": "text/csv", "buffer": content}
            )

    return run


# Rows of one's own are predicted below.
@pytest.mark.parametrize("button", ["Train", pytest.param("Predict", marks=pytest.mark.long)])
def test_files_of_ones_own(
    opened: Page, answers: dict[str, Any], choose: Callable[..., None], button: str
) -> None:
    opened.locator("[name=model_type]").select_option("xgboost")
    opened.locator("[name=dataset_name]").select_option("tess")
    fill(opened, n_estimators="10")
    choose(opened)
    opened.get_by_role("button", name=button, exact=True).click()
    result = check_shown(opened, answers)
    check_steps(opened)
    assert len(result["predictions"]) == 80
    assert result["model_info"]["data_source"] == "user"
    assert result["predictions"][0]["name"].startswith("TOI ")


@pytest.mark.parametrize("origin", FURTHER_ORIGINS)
def test_the_page_may_come_from_where_developers_serve_it(
    page: Page, frontend: str, quiet: list[str], origin: str
) -> None:
    page.goto(origin)
    expect(page.get_by_role("status")).to_have_text("The server is healthy.")


@pytest.mark.long
def test_rows_without_labels_in_the_only_field_are_predicted_and_the_page_tells_what_they_lack(
    opened: Page, answers: dict[str, Any], served_archive: Path
) -> None:
    _, table = drawn(served_archive, "tess")
    lacking = table.drop(columns=["tfopwg_disp", "st_dist"])
    opened.locator("[name=dataset_name]").select_option("tess")
    opened.locator("#training").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": as_csv(lacking, header=b"")}
    )
    opened.get_by_role("button", name="Predict", exact=True).click()
    result = check_shown(opened, answers)
    assert len(result["predictions"]) == len(lacking)
    expect(opened.locator("#accuracy")).to_have_text("unknown")
    (predicted,) = (line for line in result["warnings"] if "has no dispositions" in line)
    assert predicted.startswith("The training_file has no dispositions, so that its rows are")
    assert "The table has no st_dist" in opened.locator("#steps li").last.inner_text()
    headers = answers["result"].headers
    assert headers["content-encoding"] == "gzip"
    assert headers["etag"]


def test_a_refusal_reaches_the_page_as_a_sentence(page: Page, frontend: str) -> None:
    # Not `quiet`: the browser itself reports every answer of 400 on its console.
    page.goto(frontend)
    expect(page.get_by_role("status")).to_have_text("The server is healthy.")
    page.locator("[name=model_type]").select_option("svm")
    fill(page, C="0")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("status")).to_have_text(
        "Refused: C was '0', but it must be a number from 0.1 to 100."
    )


@pytest.mark.long
def test_a_file_that_is_too_large_is_refused_in_a_sentence_too(page: Page, frontend: str) -> None:
    page.goto(frontend)
    expect(page.get_by_role("status")).to_have_text("The server is healthy.")
    page.locator("#testing").set_input_files(
        {
            "name": "large.csv",
            "mimeType": "text/csv",
            "buffer": b"#" * (UPLOAD_LIMIT_MB * 10**6 + 1),
        }
    )
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(page.get_by_role("status")).to_have_text(
        f"Refused: testing_file is too large: a file may have at most {UPLOAD_LIMIT_MB} MB.",
        timeout=PATIENCE,
    )
