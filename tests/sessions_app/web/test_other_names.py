"""Objects of missions' tables are found by their planets' names, and shown with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessions_app import services
from sessions_app.models import DatasetSnapshot, ObjectName, TrainingSession
from sessions_app.selectors.dataset_columns import columns_of
from sessions_app.selectors.dataset_rows import rows_of
from sessions_app.selectors.verdicts import named, verdicts_of
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.web.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from sessions_app.selectors.dataset_rows import DatasetRow

pytestmark = pytest.mark.django_db
ROWS = "/api/v1/datasets/kepler/rows"


@pytest.fixture
def planets(kepler: DatasetSnapshot) -> list[DatasetRow]:
    """Two objects of one star, which have planets' names."""
    rows = rows_of(kepler, page_size=500).rows
    hosts = [row.host for row in rows]
    star = next(host for host in hosts if hosts.count(host) == 2)
    objects = [row for row in rows if row.host == star]
    for row, letter in zip(objects, "bc", strict=True):
        ObjectName.objects.create(
            snapshot=kepler,
            row=row.number,
            object_key=row.name,
            name=f"Kepler-9227 {letter}",
            key=f"Kepler-9227 {letter}",
            star_key="Kepler-9227",
        )
    return objects


@pytest.mark.parametrize(
    "spelled", ["Kepler-9227 c", "kepler 9227c", "KEPLER-9227 C", " Kepler-9227C ", "kepler_9227 c"]
)
def test_a_planets_name_in_any_spelling_leads_to_its_object(
    client: Client, planets: list[DatasetRow], spelled: str
) -> None:
    answer = client.get("/search", {"q": spelled})
    assert answer["Location"] == f"/missions/kepler/objects/{planets[1].name}"


def test_a_planet_hosts_name_lists_its_objects_with_their_names(
    client: Client, planets: list[DatasetRow]
) -> None:
    text = page(client, "/search", q="kepler-9227")
    for row, name in zip(planets, ("Kepler-9227 b", "Kepler-9227 c"), strict=True):
        assert f"{row.name} {name}" in text
    assert "Kepler-9227 b" not in page(client, "/search", q="Kepler-922", status=404)


def test_an_objects_page_begins_with_its_planets_name_and_has_one_address(
    client: Client, planets: list[DatasetRow]
) -> None:
    address = f"/missions/kepler/objects/{planets[0].name}"
    assert f"{planets[0].name} · Kepler-9227 b" in page(client, address)
    assert client.get("/missions/kepler/objects/kepler-9227b")["Location"] == address
    # A star's name is no object's.
    assert client.get("/missions/kepler/objects/Kepler-9227").status_code == 404
    assert "Kepler-9227 b" in page(client, "/missions/kepler", search="Kepler-9227 b")


def test_the_api_finds_by_every_name_and_tells_them(
    client: Client, planets: list[DatasetRow]
) -> None:
    found = client.get(ROWS, {"search": "kepler 9227 c"}).json()["results"]
    assert [(row["name"], row["other_names"]) for row in found] == [
        (planets[1].name, ["Kepler-9227 c"])
    ]
    both = client.get(ROWS, {"search": f"KIC {planets[0].host}"}).json()["results"]
    assert [row["other_names"] for row in both] == [["Kepler-9227 b"], ["Kepler-9227 c"]]


@pytest.mark.parametrize(
    "asked",
    [{"columns": "kepler_name"}, {"ordering": "kepler_name"}, {"kepler_name_min": "1"}],
    ids=lambda asked: next(iter(asked)),
)
def test_a_planets_name_is_no_column_of_the_table(
    client: Client, kepler: DatasetSnapshot, planets: list[DatasetRow], asked: dict[str, str]
) -> None:
    assert "kepler_name" not in columns_of(kepler)
    assert client.get(ROWS, asked).status_code == 400
    assert "kepler_name" not in client.get("/api/v1/datasets/kepler").content.decode()


def test_a_models_verdict_is_found_by_a_planets_name(
    spoken_of: TrainingSession, planets: list[DatasetRow]
) -> None:
    found = named(verdicts_of(spoken_of), spoken_of, "kepler 9227b")
    assert [verdict.name for verdict in found] == [planets[0].name]
    of_star = named(verdicts_of(spoken_of), spoken_of, "Kepler-9227")
    assert {verdict.name for verdict in of_star} == {row.name for row in planets}


def test_a_results_object_is_shown_with_its_planets_name(
    client: Client, kepler: DatasetSnapshot, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    row: Any = client.get(f"/api/v1/training-sessions/{session.pk}/objects/1").json()
    ObjectName.objects.create(
        snapshot=kepler, row=1, object_key=row["name"], name="Kepler-9 d", key="Kepler-9 d"
    )
    assert f"{row['name']} · Kepler-9 d" in page(client, f"/sessions/{session.pk}/objects/1")


def test_a_results_objects_are_found_by_every_name_in_any_spelling(
    client: Client,
    admin_client: Client,
    kepler: DatasetSnapshot,
    completed: Callable[..., TrainingSession],
) -> None:
    session = completed()
    address = f"/api/v1/training-sessions/{session.pk}/predictions"
    first: Any = client.get(address).json()["results"][0]
    key, host = first["name"], first["host"]
    ObjectName.objects.create(
        snapshot=kepler, row=1, object_key=key, name="Kepler-9 d", key="Kepler-9 d"
    )
    spelled = ("kepler 9D", f"koi-{int(key[1:6])}.{key[-2:]}", f"KIC {host}", f"kic0{host}")
    for words in spelled:
        found = client.get(address, {"search": words}).json()["results"]
        assert first["number"] in [one["number"] for one in found], words
        assert {one["host"] for one in found} == {host}, words
        assert (
            f">{key}"
            in client.get(f"/sessions/{session.pk}/objects", {"search": words}).content.decode()
        )
        listed = f"/admin/sessions_app/trainingsession/{session.pk}/predictions/"
        assert key in admin_client.get(listed, {"q": words}).content.decode()
    assert client.get(address, {"search": "Kepler-9 e"}).json()["count"] == 0


def test_a_table_that_was_loaded_before_gets_its_names_by_being_loaded_again(
    client: Client, media: Path, tmp_path: Path
) -> None:
    frame = drawn("a", 60)
    path = tmp_path / "named.csv"
    frame.assign(kepler_name=["Kepler-9227 b", *[""] * (len(frame) - 1)]).to_csv(path, index=False)
    snapshot, _, _ = services.load_dataset("kepler", file=path, folder=None)
    ObjectName.objects.all().delete()
    name = frame["kepoi_name"].iloc[0]
    assert page(client, f"/missions/kepler/objects/{name}").startswith(f"{name} · Kepler · ")
    assert client.get("/search", {"q": "Kepler-9227 b"}).status_code == 404
    for _ in range(2):
        again, _, created = services.load_dataset("kepler", file=path, folder=None)
        assert (again, created) == (snapshot, False)
        assert [one.name for one in snapshot.object_names.all()] == ["Kepler-9227 b"]
    answer = client.get("/search", {"q": "Kepler-9227 b"})
    assert answer["Location"] == f"/missions/kepler/objects/{name}"
