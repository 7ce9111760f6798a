"""Every object of a mission has a verdict, found by its name in any spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlcore.pretrained import card
from sessions_app import services
from sessions_app.models import ObjectVerdict, TrainingSession

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> TrainingSession:
    session = services.install("k2-vetting")
    assert session is not None
    return session


def listed(client: Client, model: TrainingSession, **asked: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/models/{model.pk}/verdicts", asked)
    assert answer.status_code == 200
    return dict(answer.json())


def test_every_object_of_the_mission_has_a_verdict_of_a_model_that_never_saw_its_star(
    client: Client, model: TrainingSession
) -> None:
    assert ObjectVerdict.objects.filter(session=model).count() == 1806
    answer = listed(client, model, page_size=500)
    assert answer["count"] == 1806
    for row in answer["results"]:
        assert set(row["probabilities"]) == {"false_positive", "confirmed"}
        assert sum(row["probabilities"].values()) == pytest.approx(1.0)
        assert row["verdict"] in {"likely planet", "likely false positive", "undecided"}
    # The stars that were trained on are scored by folds, the test rows' by the model itself.
    decided = ObjectVerdict.objects.filter(
        session=model, disposition__in=["confirmed", "false_positive"]
    )
    rows = {data["tested_on"]["rows"] for data in card("k2-vetting")["data"]}
    assert {decided.filter(fold=None).count()} == rows
    of_star = dict(decided.exclude(fold=None).values_list("star_key", "fold"))
    assert set(of_star.values()) == {1, 2, 3, 4, 5}
    assert all(
        of_star[star] == fold
        for star, fold in decided.exclude(fold=None).values_list("star_key", "fold")
    )


@pytest.mark.parametrize("name", ["K2-3 b", "k2-3b", "K2-3 B", " K2-3  b"])
def test_an_object_is_found_by_its_name_in_any_spelling(
    client: Client, model: TrainingSession, name: str
) -> None:
    answer = listed(client, model, object=name)
    assert [row["name"] for row in answer["results"]] == ["K2-3 b"]


@pytest.mark.parametrize("name", ["K2-3", "k2 - 3"])
def test_a_stars_name_finds_its_objects(client: Client, model: TrainingSession, name: str) -> None:
    answer = listed(client, model, object=name)
    assert [row["name"] for row in answer["results"]] == ["K2-3 b", "K2-3 c", "K2-3 d"]
    assert {row["host"] for row in answer["results"]} == {"K2-3"}
    assert len({row["scored_by"] for row in answer["results"]}) == 1


def test_an_unknown_object_has_none(client: Client, model: TrainingSession) -> None:
    assert listed(client, model, object="K2-99999 z")["count"] == 0


def test_an_unknown_model_has_none(client: Client) -> None:
    address = "/api/v1/models/00000000-0000-0000-0000-000000000000/verdicts"
    assert client.get(address).status_code == 404


def test_a_name_that_is_too_long_is_refused(client: Client, model: TrainingSession) -> None:
    answer = client.get(f"/api/v1/models/{model.pk}/verdicts", {"object": "K" * 101})
    assert answer.status_code == 400
    assert "object" in answer.json()["detail"]
