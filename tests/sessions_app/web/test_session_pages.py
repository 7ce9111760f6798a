"""The pages that start sessions and show their results, asked as a browser without scripts asks."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import uuid
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mlcore import MODELS
from mlcore.analyses.names import Analysis
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.jobs.run import train_job
from mlcore.prediction.physical_checks import CHECKS
from mlcore.prediction.stored import prediction_rows
from sessions_app import lifecycle, services
from sessions_app.access.identity import COOKIE
from sessions_app.execution import worker
from sessions_app.files.storage import artifact_folder
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, ObjectPrediction, Session, TrainingSession
from sessions_app.web.formatting import figure
from tests.mlcore.evaluation.told_figures import splits_of, untold
from tests.sessions_app.real_rows import HEADER, drawn, kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pandas as pd
    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db

MARK = "Uses label-derived columns: koi_score"
ROWS = {"data_source": "nasa", "mission": "kepler", "task": "vetting"}
TREE = ROWS | {"model_type": "decision_tree", "feature_set": "measured"}


@pytest.fixture
def media(settings: SettingsWrapper, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    (folder / "incoming").mkdir(parents=True)
    settings.MEDIA_ROOT = folder
    settings.FILE_UPLOAD_TEMP_DIR = folder / "incoming"
    return folder


@pytest.fixture
def kepler(media: Path, tmp_path: Path) -> DatasetSnapshot:
    file = kepler_file(tmp_path / "cumulative.csv")
    return services.load_dataset("kepler", file=file, folder=None)[0]


@pytest.fixture(scope="module")
def jobs() -> Iterator[None]:
    """End the process that jobs are forked from when the last test is done."""
    yield
    worker.close()


def with_score(draw: str, rows: int) -> pd.DataFrame:
    """Return real rows with a score that gives the disposition away."""
    frame = drawn(draw, rows)
    planet = (frame["koi_disposition"] == "CONFIRMED").to_numpy()
    return frame.assign(koi_score=0.1 + 0.8 * planet)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    """Return a function that trains once for each kind of result and returns what the job did."""
    kept: dict[str, dict[str, Any]] = {}
    folder = tmp_path_factory.mktemp("pages")
    for name, rows in (("training", 400), ("testing", 200)):
        frame = with_score(name, rows)
        (folder / name).write_text(HEADER + frame.to_csv(index=False), encoding="utf-8")

    def run(kind: str) -> dict[str, Any]:
        if kind not in kept:
            to = folder / kind
            to.mkdir()
            argument = {
                "dataset": "kepler",
                "model_type": "decision_tree",
                "hyperparameters": {"max_depth": 4},
                "seed": 1,
                "folder": str(to),
                "task": "disposition" if kind == "three classes" else "vetting",
                "feature_set": "measured",
                "label_derived": ["koi_score"] if kind == "marked" else [],
                "protocols": ["cross_validated"],
                "training_file": str(folder / "training"),
                "testing_file": str(folder / "testing"),
            }
            result = train_job(argument, lambda _: None)
            rows = list(prediction_rows(to / PREDICTIONS))
            kept[kind] = {"result": result, "rows": rows, "artifact": to / ARTIFACT}
        return deepcopy(kept[kind])

    return run


@pytest.fixture
def completed(media: Path, done: Callable[[str], dict[str, Any]]) -> Callable[..., TrainingSession]:
    """Return a function that writes a completed session with a real result."""

    def make(kind: str = "vetting", owner_key: str = "", **changes: Any) -> TrainingSession:
        found = done(kind)
        result = found["result"]
        result["report"] |= changes
        session = TrainingSession.objects.create(
            kind="training",
            status=Status.COMPLETED,
            mission="kepler",
            data_source="user",
            model_type="decision_tree",
            hyperparameters={"max_depth": 4},
            feature_set="measured",
            owner_key=owner_key,
            **{name: result[name] for name in ("metrics", "report", "model", "warnings")},
            task=result["model"]["task"],
        )
        ObjectPrediction.objects.bulk_create(
            ObjectPrediction(session=session, **row) for row in found["rows"]
        )
        return session

    return make


def page(client: Client, address: str, *, status: int = 200, **query: Any) -> str:
    """Return a page's text without tags, each run of blanks as one."""
    answer = client.get(address, query)
    assert answer.status_code == status, answer.content
    return words(answer)


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode()))
    return plain(text)


def plain(text: str) -> str:
    return " ".join(text.split())


# Starting


def test_the_form_has_every_model_with_its_hyperparameters_and_asks_for_vetting(client: Client):
    text = client.get("/train").content.decode()
    for entry in MODELS.values():
        assert f'data-model="{entry.name}"' in text
        for row in entry.hyperparameters:
            assert f'name="{entry.name}.{row.name}"' in text
            assert html.escape(f"{row.help} Must be {row.allowed}") in text
    assert re.search(r'value="vetting"[^>]*checked', text)
    assert not re.search(r'value="disposition"[^>]*checked', text)
    assert "koi_score" in text
    # Nothing that the content policy would stop.
    assert not re.search(r"<script(?![^>]*src)|<style|\sstyle=|\son\w+=", text)


def test_a_model_is_trained_from_the_form_and_its_page_shows_the_result(
    client: Client, kepler: DatasetSnapshot, jobs: None
):
    answer = client.post("/train", TREE | {"decision_tree.max_depth": "3", "seed": "7"})
    session = TrainingSession.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/sessions/{session.pk}")
    assert (session.task, session.feature_set, session.seed) == ("vetting", "measured", 7)
    assert session.hyperparameters["max_depth"] == 3
    assert session.owner_key.startswith("anonymous:")
    assert COOKIE in answer.cookies

    waiting = client.get(f"/sessions/{session.pk}")
    assert f'data-address="/api/v1/training-sessions/{session.pk}/progress"' in str(waiting.content)
    assert '<meta http-equiv="refresh"' in waiting.content.decode()
    assert "Waiting for a worker" in words(waiting)

    worker.execute(session.pk)
    text = page(client, f"/sessions/{session.pk}")
    session.refresh_from_db()
    assert session.report is not None
    auc = next(
        each for each in session.report["measurement"]["figures"] if each["name"] == "roc_auc"
    )
    assert plain(f"ROC-AUC {figure(auc)}") in text
    assert "Decision tree on Kepler" in page(client, "/sessions/")
    assert "Object 1 of" in page(client, f"/sessions/{session.pk}/objects/1")


def test_hyperparameters_of_another_model_do_not_matter(client: Client, kepler: DatasetSnapshot):
    answer = client.post("/train", TREE | {"svm.C": "-5", "xgboost.max_depth": "many"})
    assert answer.status_code == 302
    assert set(TrainingSession.objects.get().hyperparameters) == {
        row.name for row in MODELS["decision_tree"].hyperparameters
    }


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        (
            {"decision_tree.max_depth": "0"},
            "decision_tree.max_depth",
            "max_depth was '0', but it must be a whole number from 1 to",
        ),
        ({"mission": "k2"}, "mission", "mission: the k2 table is not loaded on this server"),
        (
            {"data_source": "user"},
            "training_file",
            "training_file is missing: with data_source user",
        ),
        (
            {"label_derived_columns": "kepler.koi_fpflag_nt"},
            "label_derived_columns",
            "Only for a file of your own can you choose it all the same.",
        ),
    ],
)
def test_a_refusal_stands_beside_its_field(
    client: Client, kepler: DatasetSnapshot, sent: dict[str, str], field: str, sentence: str
):
    answer = client.post("/train", TREE | sent)
    assert 400 <= answer.status_code < 500
    fields = html.unescape(answer.content.decode()).split('<div class="field')
    (wrong,) = [each for each in fields if 'class="problem" role="alert"' in each]
    assert f'name="{field}"' in wrong
    assert sentence in wrong
    assert not TrainingSession.objects.exists()


def test_files_of_ones_own_with_a_column_that_follows_the_label(client: Client, media: Path):
    files = {
        f"{name}_file": SimpleUploadedFile(
            "mine.csv", (HEADER + with_score(name, 300).to_csv(index=False)).encode()
        )
        for name in ("training", "testing")
    }
    own = {"data_source": "user", "label_derived_columns": ["kepler.koi_score", "tess.none"]}
    answer = client.post("/train", TREE | own | files)
    # A choice that does not exist is refused; with those that do the session starts.
    assert answer.status_code == 400
    for file in files.values():
        file.seek(0)
    answer = client.post(
        "/train", TREE | own | files | {"label_derived_columns": "kepler.koi_score"}
    )
    assert answer.status_code == 302, words(answer)
    assert TrainingSession.objects.get().label_derived == ["koi_score"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    client: Client, media: Path, settings: SettingsWrapper
):
    settings.EXOPLANET_UPLOAD_LIMIT_MB = 1
    for size in (1_200_000, 6_000_000):
        large = SimpleUploadedFile("mine.csv", b"#" * size)
        answer = client.post("/train", TREE | {"data_source": "user", "training_file": large})
        assert answer.status_code == 413
        assert "a file may have at most 1 MB" in words(answer)


@pytest.mark.parametrize("address", ["/train", "/predict"])
def test_a_form_of_another_site_starts_nothing(address: str, kepler: DatasetSnapshot):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, TREE).status_code == 403
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', str(strict.get(address).content))
    assert found
    if address == "/train":
        sent = TREE | {"csrfmiddlewaretoken": found[1]}
        assert strict.post(address, sent).status_code == 302


def test_predicting_with_a_published_model(client: Client, kepler: DatasetSnapshot):
    models = {each.card["name"]: each for each in services.install_carried()}
    assert models["kepler-vetting"].card["title"] in page(client, "/predict")
    answer = client.post("/predict", ROWS)
    assert answer.status_code == 302
    started = Session.objects.exclude(kind="training").get()
    assert started.predictionsession.published_model == models["kepler-vetting"]
    assert "Prediction for Kepler" in page(client, f"/sessions/{started.pk}")

    wrong = client.post("/predict", ROWS | {"model": models["tess-vetting"].pk})
    assert wrong.status_code == 400
    assert "model: it reads the columns of" in words(wrong)


def test_too_many_requests_are_told_to_wait(
    client: Client, kepler: DatasetSnapshot, settings: SettingsWrapper
):
    settings.EXOPLANET_STARTS_PER_MINUTE = 1
    assert client.post("/train", TREE).status_code == 302
    answer = client.post("/train", TREE)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "too many requests" in words(answer)


def test_where_everybody_needs_an_account_the_form_says_so(
    client: Client, kepler: DatasetSnapshot, settings: SettingsWrapper
):
    settings.EXOPLANET_ANONYMOUS = False
    answer = client.post("/train", TREE)
    assert answer.status_code == 401
    assert "Only users who are signed in can do this" in words(answer)
    client.force_login(User.objects.create_user("ada"))
    assert client.post("/train", TREE).status_code == 302


def test_the_first_page_counts_sessions_and_shows_nothing_of_others(
    client: Client, kepler: DatasetSnapshot
):
    assert client.post("/train", TREE).status_code == 302
    shown = client.get("/").text.split('id="running"')[1].split("</section>")[0]
    assert "1 queued" in shown
    assert "Kepler" not in shown
    assert "<li>" not in shown


# A session


def test_only_its_owner_sees_and_lists_a_users_session(
    client: Client, completed: Callable[..., TrainingSession]
):
    ada = User.objects.create_user("ada")
    session = completed(owner_key=f"user:{ada.pk}")
    addresses = [f"/sessions/{session.pk}{rest}" for rest in ("", "/objects", "/objects/1")]
    for address in [*addresses, f"/sessions/{session.pk}/charts/roc.svg"]:
        assert client.get(address).status_code == 404
    assert client.post(f"/sessions/{session.pk}/cancel").status_code == 404
    assert "None yet." in page(client, "/sessions/")
    client.force_login(ada)
    for address in addresses:
        assert client.get(address).status_code == 200
    assert "Decision tree on Kepler" in page(client, "/sessions/")


def test_a_session_is_cancelled_and_run_again(client: Client, kepler: DatasetSnapshot):
    address = client.post("/train", TREE)["Location"]
    assert client.post(f"{address}/retry").status_code == 409
    assert client.post(f"{address}/cancel")["Location"] == address
    assert "The session was cancelled." in page(client, address)
    refused = client.post(f"{address}/cancel")
    assert refused.status_code == 409
    assert "The session has ended and cannot be cancelled: it is cancelled." in words(refused)
    assert client.post(f"{address}/retry")["Location"] == address
    assert TrainingSession.objects.get().status == Status.QUEUED


def test_the_servers_own_sessions_are_not_for_everybody_to_change(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed()
    assert client.post(f"/sessions/{session.pk}/cancel").status_code == 403
    assert "Run again" not in page(client, f"/sessions/{session.pk}")


def test_a_failed_session_says_why(client: Client, media: Path):
    session = TrainingSession.objects.create(
        kind="training",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        owner_key="anonymous:a",
    )
    lifecycle.fail(Session.objects.all(), session.pk, error="The table <b>vanished</b>.")
    text = client.get(f"/sessions/{session.pk}").content.decode()
    assert "The table &lt;b&gt;vanished&lt;/b&gt;." in text
    assert "Run again" in text
    assert "http-equiv" not in text
    assert client.get(f"/sessions/{session.pk}/objects").status_code == 302
    assert client.get(f"/sessions/{session.pk}/objects/1").status_code == 404


def test_what_is_nowhere_is_a_plain_404(client: Client, completed: Callable[..., TrainingSession]):
    session = completed()
    for address in (
        f"/sessions/{uuid.uuid4()}",
        f"/sessions/{session.pk}/objects/100000",
        f"/sessions/{session.pk}/charts/other.svg",
    ):
        assert client.get(address).status_code == 404
    assert client.get(f"/sessions/{session.pk}/cancel").status_code == 405
    assert client.get("/sessions")["Location"] == "/sessions/"


# A result


@pytest.mark.parametrize("kind", ["vetting", "three classes", "marked"])
def test_every_figure_stands_with_its_interval_rows_and_split(
    client: Client, completed: Callable[..., TrainingSession], kind: str
):
    session = completed(kind)
    text = page(client, f"/sessions/{session.pk}")
    assert session.report is not None
    measured = session.report["measurement"]
    for each in measured["figures"]:
        assert plain(figure(each)) in text
    assert (
        f"{measured['rows']} objects of {measured['stars']} host stars: {measured['split']}" in text
    )
    assert measured["interval"] in text
    for protocol in session.report["protocols"]:
        assert protocol["split"] in text
    for probe in session.report["probes"]["probes"]:
        assert probe["title"] in text
        assert probe["meaning"] in text
    assert set(session.report["probes"]["warnings"]) <= set(session.warnings)
    for sentence in (*session.warnings, *session.report["notes"]):
        assert text.count(sentence) == 1
    for part in session.report["slices"]:
        assert part["title"] in text
    for loss in session.report["importance"]["permutation"]["losses"]:
        assert loss["quantity"].lower() in text.lower()


def test_a_mark_stands_first_and_beside_every_table(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed("marked")
    text = page(client, f"/sessions/{session.pk}")
    assert text.index(MARK) < text.index("How good it is")
    tables = re.findall(
        r"<caption>.*?</caption>", str(client.get(f"/sessions/{session.pk}").content)
    )
    assert len(tables) > 10
    assert all(MARK in caption for caption in tables)
    for address in ("/objects", "/objects/1"):
        assert MARK in page(client, f"/sessions/{session.pk}{address}")
    plain = completed()
    assert "label-derived" not in page(client, f"/sessions/{plain.pk}")


def test_a_mark_stands_beside_every_prediction_in_the_api_the_files_and_the_admin(
    client: Client, admin_client: Client, completed: Callable[..., TrainingSession]
):
    session = completed("marked")
    mark = MARK[0].lower() + MARK[1:]
    assert session.mark == mark
    here = f"/api/v1/training-sessions/{session.pk}"
    result = json.loads(client.get(f"{here}/result").getvalue())
    listed = client.get(f"{here}/predictions").json()["results"]
    one = client.get(f"{here}/objects/1").json()
    assert result["mark"] == mark
    assert {each["mark"] for each in (*result["predictions"], *listed, one)} == {mark}
    told = {"report": result["report"], "metrics": result["metrics"]}
    assert [each for each in splits_of(told) if mark not in each] == []
    text = b"".join(client.get(f"{here}/export").streaming_content).decode()
    assert {row["mark"] for row in csv.DictReader(io.StringIO(text))} == {mark}
    content = b"".join(client.get(f"{here}/export", {"as": "parquet"}).streaming_content)
    assert set(pq.read_table(io.BytesIO(content))["mark"].to_pylist()) == {mark}
    for address in (
        "trainingsession/",
        f"trainingsession/{session.pk}/change/",
        "objectprediction/",
        f"objectprediction/{session.predictions.first().pk}/change/",
    ):
        assert mark in html.unescape(
            admin_client.get(f"/admin/sessions_app/{address}").content.decode()
        )


def test_each_figure_of_a_result_in_the_api_names_its_rows_its_split_and_its_interval(
    client: Client, completed: Callable[..., TrainingSession]
):
    result = json.loads(client.get(f"/api/v1/training-sessions/{completed().pk}/result").getvalue())
    told = {name: result[name] for name in ("metrics", "metrics_before", "report", "model")}
    assert untold(told) == []
    # What is said of a single object is no figure of rows; whatever else there is, is words.
    assert set(result) - set(told) == {"id", "task", "mark", "warnings", "predictions"}


def test_a_physical_check_shows_its_value_its_limit_and_its_source(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed()
    one = client.get(f"/api/v1/training-sessions/{session.pk}/objects/1").json()
    (check,) = (each for each in one["judgement"]["checks"] if each["check"] == "planet_radius")
    assert check["limit"] == pytest.approx(22.4, abs=0.1)
    assert (check["unit"], check["formula"]) == ("R_earth", "R_p ≤ 2 R_Jup")
    assert check["source"].startswith("Chabrier and Baraffe 2000")
    text = page(client, f"/sessions/{session.pk}/objects/1")
    for shown in (f"{check['value']:.4g} Earth radii", "22.42 Earth radii", check["source"]):
        assert shown in text


def test_features_and_checks_are_listed_with_unit_formula_and_source(client: Client):
    told = client.get("/api/v1/features", {"mission": "tess"}).json()
    (ratio,) = (each for each in told["features"] if each["name"] == "depth_over_photons")
    assert ratio["source"] == "Poisson statistics"
    assert ratio["computed_from"] == ["pl_trandep", "pl_trandurh", "st_tmag"]
    assert {each["mission"] for each in told["features"]} == {"tess"}
    assert all(each["source"] and each["meaning"] for each in told["features"])
    assert [each["check"] for each in told["checks"]] == [check.name for check in CHECKS]
    assert client.get("/api/v1/features", {"mission": "plato"}).status_code == 400
    text = page(client, "/features")
    for shown in ("depth_over_photons", "Poisson statistics", CHECKS[0].formula, CHECKS[0].source):
        assert shown in text


def test_what_an_automatic_search_tried_is_shown(
    client: Client, completed: Callable[..., TrainingSession]
):
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
    text = page(client, f"/sessions/{completed(search=search).pk}")
    assert "1. Support vector machine C 2.0 1 0.290 [0.280, 0.300] 0.950 [0.940, 0.960]" in text
    assert "C 2.0 Worse than half. given up – – – – 0 % 3 s" in text
    assert "The time was enough." in text


def test_fine_tuning_shows_before_and_after_and_what_was_forgotten(
    client: Client, completed: Callable[..., TrainingSession], done: Callable[..., Any]
):
    measured = done("vetting")["result"]["report"]["measurement"]
    old = {"before": measured, "after": measured, "warning": "The old domain is forgotten."}
    session = completed(before_fine_tuning=measured, old_domain=old)
    text = page(client, f"/sessions/{session.pk}")
    assert "The old domain is forgotten." in text
    assert text.count("Before, as published") == 2


def test_rows_without_a_disposition_have_no_figures(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed(measurement=None, curves=None, slices=[], probes=None, protocols=[])
    assert "so that there are no figures" in page(client, f"/sessions/{session.pk}")


@pytest.mark.parametrize("kind", ["vetting", "three classes"])
def test_curves_are_pictures_that_load_nothing(
    client: Client, completed: Callable[..., TrainingSession], kind: str
):
    session = completed(kind)
    text = client.get(f"/sessions/{session.pk}").content.decode()
    for name in ("roc", "precision-recall", "reliability"):
        assert f"/sessions/{session.pk}/charts/{name}.svg" in text
        answer = client.get(f"/sessions/{session.pk}/charts/{name}.svg")
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
        drawing = answer.content.decode()
        assert drawing.startswith("<svg")
        assert "<script" not in drawing
        assert not re.search(r'(href|src)="(?!#)', drawing)


# Objects


def numbers(client: Client, session: TrainingSession, **query: Any) -> list[int]:
    text = client.get(f"/sessions/{session.pk}/objects", query).content.decode()
    return [int(found) for found in re.findall(r"/objects/(\d+)", text)]


def test_objects_come_in_pages_of_fifty_in_the_order_that_was_asked_for(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed()
    rows = list(session.predictions.order_by("number"))
    ranked = sorted((row for row in rows if row.follow_up_rank), key=lambda row: row.follow_up_rank)
    rest = [row for row in rows if not row.follow_up_rank]
    expected = [row.number for row in [*ranked, *rest]]
    assert len(expected) > 100
    assert numbers(client, session) == expected[:50]
    assert numbers(client, session, page=2) == expected[50:100]
    assert numbers(client, session, sort="number") == list(range(1, 51))
    likeliest = sorted(rows, key=lambda row: (-row.probabilities[2], row.number))
    assert numbers(client, session, sort="planet") == [row.number for row in likeliest[:50]]
    planets = [row.number for row in rows if row.label == "confirmed"]
    assert numbers(client, session, sort="number", label="confirmed") == planets[:50]
    assert client.get(f"/sessions/{session.pk}/objects", {"sort": "size"}).status_code == 400


def test_probabilities_are_also_given_at_another_rate_of_planets(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed()
    address = f"/sessions/{session.pk}/objects"
    assert "Planet, at a rate of 0.01" in page(client, address, planet_rate="0.01")
    assert "At a planet rate of 0.01" in page(client, f"{address}/1", planet_rate="0.01")
    wrong = page(client, address, planet_rate="1.5", status=400)
    assert "planet_rate" in wrong
    assert "Enter a number." in page(client, address, planet_rate="many", status=400)


def test_an_object_says_what_the_model_says_and_why(
    client: Client, completed: Callable[..., TrainingSession]
):
    session = completed("three classes")
    rows = list(session.predictions.order_by("number"))
    chosen = [
        next(row for row in rows if row.judgement["failed_checks"]),
        next(row for row in rows if row.judgement["conformal"]["answer"] == "abstain"),
        rows[-1],
    ]
    for row in chosen:
        text = page(client, f"/sessions/{session.pk}/objects/{row.number}")
        judged = row.judgement
        assert row.name in text
        assert judged["conformal"]["reason"] in text
        assert judged["domain"]["sentence"] in text
        assert judged["score_interval_sentence"] in text
        assert ("Abstains." in text) is (judged["conformal"]["answer"] == "abstain")
        for sentence in (*row.reasons, *(each["sentence"] for each in judged["failed_checks"])):
            assert sentence in text
        for each in judged["analogues"]:
            assert each["name"] in text
        for name in session.model["columns"]:
            assert name in text


# Analyses


def test_an_analysis_of_an_object_is_started_and_its_answer_is_shown(
    client: Client,
    completed: Callable[..., TrainingSession],
    done: Callable[[str], dict[str, Any]],
    kepler: DatasetSnapshot,
):
    session = completed()
    # Its own rows are those of files that are not kept here.
    TrainingSession.objects.filter(pk=session.pk).update(snapshot=kepler)
    shutil.copytree(done("vetting")["artifact"], artifact_folder(session.pk))
    text = page(client, f"/sessions/{session.pk}/objects/3")
    assert Analysis.DECISION_PATH.meaning in text
    sent = {"analysis": "decision_path", "object_number": "3", "wanted": ""}
    answer = client.post(f"/sessions/{session.pk}/analyses", sent)
    asked = AnalysisSession.objects.get()
    assert answer["Location"] == f"/sessions/{asked.pk}"
    assert (asked.object_number, asked.of_id) == (3, session.pk)
    waiting = page(client, f"/sessions/{asked.pk}")
    assert "Analysis of object 3: decision path" in waiting
    assert f"/sessions/{asked.pk}" in str(client.get(f"/sessions/{session.pk}/objects/3").content)

    refused = client.post(f"/sessions/{session.pk}/analyses", sent | {"object_number": "x"})
    assert refused.status_code == 400
    assert "object_number is missing" in words(refused)

    AnalysisSession.objects.filter(pk=asked.pk).update(
        status=Status.COMPLETED,
        answer={
            "analysis": "decision_path",
            "meaning": Analysis.DECISION_PATH.meaning,
            "mark": None,
            "object": {"name": "K00001.01"},
            "sentences": ["It asked once."],
        },
    )
    assert "It asked once." in page(client, f"/sessions/{asked.pk}")
