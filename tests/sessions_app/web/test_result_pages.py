"""The pages of a session's result, asked as a browser without scripts asks."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from mlcore.in_words import lowered
from mlcore.prediction.physical_checks import CHECKS
from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession
from sessions_app.web.formatting import figure, figure_of, interval, value
from tests.mlcore.evaluation.told_figures import splits_of, untold
from tests.sessions_app.results import objects
from tests.sessions_app.web.pages import page, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


pytestmark = pytest.mark.django_db

MARK = "Uses label-derived columns: koi_score"


# A result


PARTS = ("", "/figures", "/plots", "/testing", "/settings")


@pytest.mark.parametrize("kind", ["vetting", "three classes", "marked"])
def test_every_figure_stands_with_its_interval_and_its_rows_and_split_are_said_once(
    client: Client, completed: Callable[..., TrainingSession], kind: str
) -> None:
    session = completed(kind)
    assert session.report is not None
    first, figures, _, testing, _ = (page(client, f"/sessions/{session.pk}{at}") for at in PARTS)
    measured = session.report["measurement"]
    for measured_figure in measured["figures"]:
        assert plain(figure(measured_figure)) in figures
    rows = f"{measured['rows']} objects of {measured['stars']} host stars: {measured['split']}"
    assert figures.count(rows) == 1
    assert measured["interval"] in figures
    for loss in session.report["importance"]["permutation"]["losses"]:
        assert loss["quantity"].lower() in figures.lower()
    for protocol in session.report["protocols"]:
        assert protocol["split"] in testing
    for probe in session.report["probes"]["probes"]:
        assert probe["title"] in testing
        assert probe["meaning"] in testing
    for part in session.report["slices"]:
        assert part["title"] in testing
    assert set(session.report["probes"]["warnings"]) <= set(session.warnings)
    for sentence in (*session.warnings, *session.report["notes"]):
        assert first.count(sentence) == 1


def test_a_result_begins_with_what_it_means_and_the_one_figure_beside_what_knows_nothing(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    assert session.report is not None
    text = page(client, f"/sessions/{session.pk}")
    auc = figure_of(session.report["measurement"], "roc_auc")
    baseline, *probes = session.report["probes"]["probes"]
    assert f"ROC-AUC {value(auc)} 95 % interval: {interval(auc)} Baseline 0.5000" in text
    assert f"Class frequencies alone Strongest probe {strongest(probes)}" in text
    assert baseline["name"] == "baseline"
    rows = session.report["measurement"]["rows"]
    assert f"The model that was trained was tested on {rows} objects" in text
    assert "Its probabilities can be read as they stand to within" in text
    counts = Counter(row.verdict for row in objects(session))
    for verdict, count in counts.items():
        assert f"{verdict} {count}" in text


def strongest(probes: list[dict[str, Any]]) -> str:
    reached = {
        probe["title"]: found["value"]
        for probe in probes
        if probe["name"] != "row_split" and (found := figure_of(probe["measurement"], "roc_auc"))
    }
    title = max(reached, key=lambda name: reached[name])
    return f"{reached[title]:.4f} {title}"


def test_the_parts_of_a_result_lead_to_each_other_and_to_the_list_of_sessions(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    here = f"/sessions/{session.pk}"
    for part in (*PARTS, "/objects"):
        text = client.get(f"{here}{part}").content.decode()
        (current,) = re.findall(r'<a href="([^"]+)" aria-current="page">(?!My)', text)
        assert current == f"{here}{part}"
        assert set(re.findall(rf'href="({here}[^"?#]*)"', text)) >= {
            f"{here}{other}" for other in (*PARTS, "/objects")
        }
        assert 'href="/sessions/"' in text


def test_a_part_of_a_result_that_is_not_there_yet_leads_to_the_session(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    TrainingSession.objects.filter(pk=session.pk).update(status=Status.RUNNING)
    for part in (*PARTS[1:], "/objects"):
        answer = client.get(f"/sessions/{session.pk}{part}")
        assert (answer.status_code, answer["Location"]) == (302, f"/sessions/{session.pk}")
    assert client.get(f"/sessions/{session.pk}/plots/roc").status_code == 404


def test_a_mark_stands_first_and_beside_every_table(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed("marked")
    captions = []
    for part in PARTS:
        text = page(client, f"/sessions/{session.pk}{part}")
        assert text.index(MARK) < text.index("What it means")
        if part in {"/figures", "/testing"}:
            whole = client.get(f"/sessions/{session.pk}{part}").content.decode()
            captions += re.findall(r"<caption>.*?</caption>", whole)
    assert len(captions) > 10
    assert all(MARK in caption for caption in captions)
    for address in ("/objects", "/objects/1"):
        assert MARK in page(client, f"/sessions/{session.pk}{address}")
    plain = completed()
    assert "label-derived" not in page(client, f"/sessions/{plain.pk}")


def test_a_mark_stands_beside_every_prediction_in_the_api_the_files_and_the_admin(
    client: Client, admin_client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed("marked")
    mark = lowered(MARK)
    assert session.mark == mark
    here = f"/api/v1/training-sessions/{session.pk}"
    result = json.loads(client.get(f"{here}/result?include=predictions").getvalue())
    listed = client.get(f"{here}/predictions").json()["results"]
    one = client.get(f"{here}/objects/1").json()
    assert result["mark"] == mark
    assert {row["mark"] for row in (*result["predictions"], *listed, one)} == {mark}
    shown = {"report": result["report"], "metrics": result["metrics"]}
    assert [split for split in splits_of(shown) if mark not in split] == []
    text = b"".join(client.get(f"{here}/export").streaming_content).decode()
    assert {row["mark"] for row in csv.DictReader(io.StringIO(text))} == {mark}
    content = b"".join(client.get(f"{here}/export", {"as": "parquet"}).streaming_content)
    assert set(pq.read_table(io.BytesIO(content))["mark"].to_pylist()) == {mark}
    for address in (
        "trainingsession/",
        f"trainingsession/{session.pk}/change/",
        f"trainingsession/{session.pk}/predictions/",
        f"trainingsession/{session.pk}/predictions/1/",
    ):
        assert mark in html.unescape(
            admin_client.get(f"/admin/sessions_app/{address}").content.decode()
        )


def test_each_figure_of_a_result_in_the_api_names_its_rows_its_split_and_its_interval(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    result = json.loads(client.get(f"/api/v1/training-sessions/{completed().pk}/result").getvalue())
    figures = {name: result.pop(name) for name in ("metrics", "metrics_before", "report")}
    assert untold(figures | {"model": result.pop("model_info")}) == []
    # What is said of a single object is no figure of rows; whatever else there is, is words.
    assert set(result) == {"id", "task", "mark", "warnings", "reading", "evidence"}


def test_a_physical_check_shows_its_value_its_limit_and_its_source(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    one = client.get(f"/api/v1/training-sessions/{session.pk}/objects/1").json()
    made = [*one["checks"]["passed"], *one["checks"]["failed"]]
    (check,) = (check for check in made if check["check"] == "planet_radius")
    assert check["limit"] == pytest.approx(22.4, abs=0.1)
    assert (check["unit"], check["formula"]) == ("R_earth", "R_p ≤ 2 R_Jup")
    assert check["source"].startswith("Chabrier and Baraffe 2000")
    text = page(client, f"/sessions/{session.pk}/objects/1")
    for shown in (f"{check['value']:.4g} Earth radii", "22.42 Earth radii", check["source"]):
        assert shown in text


def test_features_and_checks_are_listed_with_unit_formula_and_source(client: Client) -> None:
    declared = client.get("/api/v1/features", {"mission": "tess"}).json()
    (ratio,) = (
        feature for feature in declared["features"] if feature["column"] == "depth_over_photons"
    )
    assert ratio["source"] == "Poisson statistics"
    assert ratio["computed_from"] == ["pl_trandep", "pl_trandurh", "st_tmag"]
    assert {feature["mission"] for feature in declared["features"]} == {"tess"}
    assert all(feature["source"] and feature["title"] for feature in declared["features"])
    assert [declaration["check"] for declaration in declared["checks"]] == [
        check.name for check in CHECKS
    ]
    assert client.get("/api/v1/features", {"mission": "plato"}).status_code == 400
    text = page(client, "/features")
    for shown in ("depth_over_photons", "Poisson statistics", CHECKS[0].formula, CHECKS[0].source):
        assert shown in text


def test_what_an_automatic_search_tried_is_shown(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    values = {"roc_auc": 0.95, "log_loss": 0.29, "average_precision": 0.87, "accuracy": 0.9}
    figures = {
        name: {"value": value, "low": value - 0.01, "high": value + 0.01}
        for name, value in values.items()
    }
    trial = {
        "number": 1,
        "rank": 1,
        "model_type": "svm",
        "label": "Support vector machine",
        "hyperparameters": {"C": 2.0},
        "state": "finished",
        "note": None,
        "figures": figures,
        "seconds": 3.2,
        "weight": 0.61,
    }
    stopped = trial | {
        "number": 2,
        "rank": None,
        "state": "given_up",
        "note": "Worse than half.",
        "figures": None,
        "weight": 0.0,
    }
    search = {
        "trials": [trial, stopped],
        "ensemble": figures,
        "folds": 5,
        "rows": 316,
        "seconds": 20.0,
        "notes": ["The time was enough."],
    }
    text = page(client, f"/sessions/{completed(search=search).pk}/testing")
    assert "1. Support vector machine C 2.0 1 0.290 [0.280, 0.300] 0.950 [0.940, 0.960]" in text
    assert "C 2.0 Worse than half. given up – – – – 0 % 3 s" in text
    assert "The time was enough." in text


def test_fine_tuning_shows_before_and_after_and_what_was_forgotten(
    client: Client, completed: Callable[..., TrainingSession], done: Callable[..., Any]
) -> None:
    measured = done("vetting")["result"]["report"]["measurement"]
    old = {"before": measured, "after": measured, "warning": "The old domain is forgotten."}
    session = completed(before_fine_tuning=measured, old_domain=old)
    assert "The old domain is forgotten." in page(client, f"/sessions/{session.pk}")
    text = page(client, f"/sessions/{session.pk}/figures")
    assert text.count("Before, as published") == 2


def test_figures_without_rows_that_are_no_fair_test_stand_beside_the_main_ones(
    client: Client, completed: Callable[..., TrainingSession], done: Callable[..., Any]
) -> None:
    measured = done("vetting")["result"]["report"]["measurement"]
    subset = {
        "name": "without_learned_rows",
        "title": "Without rows that were trained on",
        "warning": "Some were seen before.",
        "measurement": measured | {"rows": 17, "stars": 16},
    }
    text = page(client, f"/sessions/{completed(subsets=[subset]).pk}/testing")
    assert "Without rows that are no fair test" in text
    assert text.index("All tested rows") < text.index("Without rows that were trained on")
    unmeasured = completed(subsets=[subset | {"measurement": None}])
    there = f"/sessions/{unmeasured.pk}/testing"
    assert "Without rows that were trained on" not in page(client, there)
    # Sessions that ended before there were subsets are shown as ever.
    older = completed()
    assert older.report is not None
    del older.report["subsets"]
    older.save()
    assert "Without rows that are no fair test" not in page(client, f"/sessions/{older.pk}/testing")


def test_rows_without_a_disposition_have_no_figures(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed(measurement=None, curves=None, slices=[], probes=None, protocols=[])
    assert "so that there are no figures" in page(client, f"/sessions/{session.pk}/figures")
    assert "how good it is on them cannot be measured" in page(client, f"/sessions/{session.pk}")
    plots = client.get(f"/sessions/{session.pk}/plots").content.decode()
    assert "/plots/contributions" in plots
    assert "/plots/roc" not in plots
