"""Single objects at once: what is answered, what is refused, and who may ask."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.jobs.messages import ARTIFACT, RESULTS
from mlcore.jobs.run import train_job
from mlcore.prediction.stored import prediction_rows
from sessions_app.files import storage
from sessions_app.models import TrainingSession
from sessions_app.selectors import at_once
from sessions_app.services import publishing
from tests.sessions_app.real_rows import KEPLER, carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.contrib.auth.models import User
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def answering() -> Iterator[None]:
    """End the process that answers when the last test is done."""
    yield
    at_once.close()


@pytest.fixture
def publish(media: Path, settings: SettingsWrapper, tmp_path: Path) -> Callable[[str], str]:
    """Return what publishes a carried model and returns its address."""
    settings.EXOPLANET_STATE_DIR = tmp_path / "state"
    settings.EXOPLANET_STATE_DIR.mkdir()

    def install(name: str) -> str:
        made = publishing.install(name)
        assert made is not None
        return f"/api/v1/models/{made.pk}"

    return install


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Keep what the job left: it is the same for every test."""
    return {"folder": tmp_path_factory.mktemp("trained") / "job"}


@pytest.fixture
def session(
    kepler: DatasetSnapshot,
    media: Path,
    settings: SettingsWrapper,
    tmp_path: Path,
    done: dict[str, Any],
) -> Callable[..., TrainingSession]:
    """Return what writes a completed session on the small snapshot, with a real result."""
    settings.EXOPLANET_STATE_DIR = tmp_path / "state"
    settings.EXOPLANET_STATE_DIR.mkdir()
    folder = done["folder"]
    if not folder.exists():
        folder.mkdir()
        told = {
            "dataset": "kepler",
            "model_type": "decision_tree",
            "hyperparameters": {},
            "seed": 1,
            "task": "vetting",
            "folder": str(folder),
            "snapshot": str(media / kepler.file.name),
            "reference": str(media / kepler.file.name),
            "evidence": False,
        }
        done["result"] = train_job(told, lambda _: None)

    def make(owner_key: str = "", **facts: Any) -> TrainingSession:
        result = done["result"]
        made = TrainingSession.objects.create(
            **{
                "kind": "training",
                "status": "completed",
                "mission": "kepler",
                "data_source": "nasa",
                "model_type": "decision_tree",
                "task": "vetting",
                "seed": 1,
                "snapshot": kepler,
                "reference": kepler,
                "owner_key": owner_key,
                "model": result["model"],
                "report": result["report"],
            }
            | facts
        )
        shutil.copytree(folder / ARTIFACT, storage.artifact_folder(made.pk))
        shutil.copytree(folder / RESULTS, storage.results_folder(made.pk))
        return made

    return make


def asked(client: Client, address: str, body: Any = None) -> Any:
    if body is None:
        return client.get(address)
    return client.post(address, body, content_type="application/json")


def a_planet() -> dict[str, Any]:
    """Return all that a file would have of an object of which everything is known."""
    table = carried()
    rows = table.frame[table.frame["koi_disposition"] == "CONFIRMED"]
    row = rows.dropna(subset=list(KEPLER.feature_names)).iloc[0]
    names = [*KEPLER.feature_names, "koi_time0bk", "ra", "dec"]
    words = {name: row[name] for name in ("kepid", "kepoi_name")}
    return {name: float(row[name]) for name in names} | words


# One object in, its verdict out


def test_one_object_gets_its_verdict_at_once(publish: Callable[[str], str], client: Client) -> None:
    address = f"{publish('kepler-vetting')}/predict"
    planet = a_planet()
    period = planet.pop("koi_period")
    # In another unit, under another name, by a name that tells the star.
    answer = asked(client, address, {"values": planet | {"Period [h]": 24 * period}})
    assert answer.status_code == 200
    said = answer.json()
    assert said["object"]["name"] == planet["kepoi_name"]
    assert said["verdict"] == "likely planet"
    assert sum(said["probabilities"].values()) == pytest.approx(1)
    assert said["probabilities"]["confirmed"] > 0.8
    assert said["understood"]["refit"] is None
    assert said["conformal"]["answer"] == "confirmed"
    assert said["values"].keys() == said["contributions"].keys() == said["columns"].keys()
    total = said["explained"]["base"] + sum(said["contributions"].values())
    assert total == pytest.approx(said["explained"]["output"])
    assert said["columns"]["koi_period"] == {
        "title": "Orbital period",
        "unit": "d",
        "unit_in_words": "days",
    }
    (read,) = (one for one in said["understood"]["headings"] if one["heading"] == "Period [h]")
    assert (read["column"], read["converted_from"]) == ("koi_period", "hours")
    assert 3 <= len(said["reasons"]) <= 5


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({}, "values", "values is missing; it must be a JSON object of names"),
    ({"values": 3}, "values", "it must be a JSON object of names and values"),
    (
        {"values": {"koi_period": 3}, "mision": "kepler"},
        "mision",
        "'mision' is no field of this request: it takes values, mission, columns, seed.",
    ),
    (
        {"values": {"koi_period": -3, "koi_depth": 90}},
        "values.koi_period",
        "it must be a number from 0.02 to 1000000 days",
    ),
    (
        {"values": {"koi_period": 3}, "mission": "tess"},
        "mission",
        "mission was 'tess'; it must be one of kepler, which the model serves.",
    ),
    ({"values": {"koi_period": 3}, "columns": {"koi_period": "nothing"}}, "columns", "columns: "),
)


def test_a_wrong_field_is_named_with_what_is_allowed(
    publish: Callable[[str], str], client: Client
) -> None:
    address = f"{publish('kepler-vetting')}/predict"
    for body, field, words in WRONG:
        answer = asked(client, address, body)
        problem = answer.json()
        assert (answer.status_code, problem["field"]) == (400, field), problem
        assert words in problem["detail"]


def test_a_form_is_told_what_to_ask_for(publish: Callable[[str], str], client: Client) -> None:
    address = f"{publish('joint-vetting')}/asked-values"
    missing = asked(client, address)
    assert (missing.status_code, missing.json()["allowed"]) == (400, ["kepler", "k2", "tess"])
    values = asked(client, f"{address}?mission=tess&page=1").json()["results"]
    assert 6 <= len(values) <= 12
    (depth,) = (value for value in values if value["column"] == "pl_trandep")
    assert (depth["title"], depth["unit"], depth["minimum"]) == ("Transit depth", "ppm", 0.5)


def test_an_object_of_the_catalogue_is_asked_about_without_a_session(
    publish: Callable[[str], str], client: Client
) -> None:
    address, name = publish("kepler-vetting"), "koi-7.01"
    body = {"object": name, "changes": {"koi_model_snr": 8.0}}
    said = asked(client, f"{address}/what-if", body).json()
    assert said["object"]["name"] == "K00007.01"
    assert (said["before"]["verdict"], said["verdict"]) == ("likely planet", "undecided")
    moved = asked(client, f"{address}/movable-quantities?object={name}").json()
    assert "koi_model_snr" in [quantity["column"] for quantity in moved["quantities"]]
    turned = asked(client, f"{address}/what-would-change?object={name}").json()
    assert turned["sentences"][0].endswith("would make it undecided.")
    nothing = asked(client, f"{address}/what-if", {"object": "K99999.01", "changes": {}})
    assert (nothing.status_code, nothing.json()["field"]) == (400, "object")


# What if


def test_changing_nothing_gives_what_is_stored_and_a_change_something_else(
    session: Callable[..., TrainingSession], client: Client
) -> None:
    made = session("anonymous:somebody")
    (row,) = (
        row
        for row in prediction_rows(storage.results_folder(made.pk) / "predictions.parquet")
        if row["number"] == 2
    )
    address = f"/api/v1/training-sessions/{made.pk}/objects/2"
    said = asked(client, f"{address}/what-if", {"changes": {}}).json()
    assert list(said["probabilities"].values()) == row["probabilities"]
    assert said["verdict"] == row["verdict"]
    other = asked(client, f"{address}/what-if", {"changes": {"koi_depth": 300000}}).json()
    assert other["values"]["koi_depth"] == 300000
    assert other["before"]["probabilities"] == said["probabilities"]
    moved = asked(client, f"{address}/movable-quantities").json()
    assert (
        moved["object"] == said["object"] == {"number": 2, "name": row["name"], "host": row["host"]}
    )
    turned = asked(client, f"{address}/what-would-change").json()
    assert len(turned["sentences"]) == len(turned["quantities"]) == len(moved["quantities"])


def test_what_cannot_be_asked_of_an_object(
    session: Callable[..., TrainingSession], client: Client
) -> None:
    made = session("anonymous:somebody")
    address = f"/api/v1/training-sessions/{made.pk}/objects"
    bad = asked(client, f"{address}/2/what-if", {"changes": {"koi_period": -1}})
    assert (bad.status_code, bad.json()["field"]) == (400, "changes.koi_period")
    unread = asked(client, f"{address}/2/what-if", {"changes": {"koi_score": 1}})
    assert unread.json()["field"] == "changes.koi_score"
    assert "koi_period" in unread.json()["allowed"]
    errors = asked(client, f"{address}/2/what-if", {"change": {}}).json()["errors"]
    assert [error["field"] for error in errors] == ["changes", "change"]
    assert asked(client, f"{address}/99999/what-if", {"changes": {}}).status_code == 404
    assert asked(client, f"{address}/2/what-if").status_code == 405
    running = session("anonymous:somebody", status="running")
    waiting = f"/api/v1/training-sessions/{running.pk}/objects/2/what-if"
    assert asked(client, waiting, {"changes": {}}).status_code == 409


def test_a_users_object_is_nobody_elses_and_the_servers_own_is_everybodys(
    session: Callable[..., TrainingSession], ada: User, bob: User, as_user: Callable[..., Any]
) -> None:
    hers = f"/api/v1/training-sessions/{session(f'user:{ada.pk}').pk}/objects/1/what-if"
    for user, status in ((ada, 200), (bob, 404)):
        assert as_user(user).post(hers, {"changes": {}}, format="json").status_code == status
    own = f"/api/v1/training-sessions/{session('').pk}/objects/1/what-if"
    assert as_user(bob).post(own, {"changes": {}}, format="json").status_code == 200


def test_where_the_server_is_for_its_users_nobody_else_asks(
    publish: Callable[[str], str], client: Client, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_ANONYMOUS = False
    address = publish("kepler-vetting")
    for body, action in (
        ({"values": {"koi_period": 3}}, "predict"),
        ({"object": "K00007.01", "changes": {}}, "what-if"),
    ):
        assert asked(client, f"{address}/{action}", body).status_code == 401


def test_what_takes_too_long_costs_nothing_but_an_answer(
    session: Callable[..., TrainingSession], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = session("anonymous:somebody")
    address = f"/api/v1/training-sessions/{made.pk}/objects/1/what-if"
    with monkeypatch.context() as patch:
        patch.setattr(at_once, "_SECONDS", 1e-6)
        late = asked(client, address, {"changes": {"koi_period": 3.3}})
    assert late.status_code == 503
    assert int(late["Retry-After"]) > 0
    assert asked(client, address, {"changes": {"koi_period": 3.3}}).status_code == 200


def test_rows_that_are_gone_are_told_so(
    session: Callable[..., TrainingSession], client: Client
) -> None:
    made = session("anonymous:somebody")
    shutil.rmtree(storage.artifact_folder(made.pk))
    gone = asked(client, f"/api/v1/training-sessions/{made.pk}/objects/1/what-if", {"changes": {}})
    assert gone.status_code == 410
