"""The published models in the modern API: what is offered, and each one's card."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from mlcore.pretrained import PUBLISHED, card
from sessions_app import services
from sessions_app.models import TrainingSession
from sessions_app.services.publishing import published_id

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

LIST = "/api/v1/models"


@pytest.fixture
def installed(settings: SettingsWrapper, tmp_path: Path) -> list[TrainingSession]:
    settings.MEDIA_ROOT = tmp_path
    return services.install_carried()


def other(**facts: object) -> TrainingSession:
    given = {"kind": "training", "data_source": "nasa", "mission": "kepler", "model_type": "svm"}
    return TrainingSession.objects.create(**(given | facts))


@pytest.mark.usefixtures("installed")
def test_the_list_names_each_model_with_its_figure_and_interval(client: Client) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 200
    body = answer.json()
    assert body["count"] == len(PUBLISHED)
    assert [model["name"] for model in body["results"]] == list(PUBLISHED)
    for model in body["results"]:
        model_card = card(model["name"])
        assert model["id"] == str(published_id(model_card))
        assert model["title"] == model_card["title"]
        assert model["task"] == model_card["task"]["name"]
        assert model["feature_set"] == model_card["feature_set"]["name"]
        assert model["intended_use"] == model_card["intended_use"]
        assert model["warnings"] == model_card["warnings"]
        shown = {"name", "title", "value", "low", "high", "rows", "stars", "split"}
        assert model["headline"] == {name: model_card["headline"][name] for name in shown}
        assert model["headline"]["low"] < model["headline"]["value"] < model["headline"]["high"]
        assert [part["sha256"] for part in model["trained_on"]] == [
            part["sha256"] for part in model_card["data"]
        ]
        assert "card" not in model


@pytest.mark.sampled(every=4)
@pytest.mark.usefixtures("media")
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_model_has_its_whole_card(client: Client, name: str) -> None:
    services.install(name)
    answer = client.get(f"{LIST}/{published_id(card(name))}")
    assert answer.status_code == 200
    assert answer.json()["card"] == card(name)
    assert answer.json()["hyperparameters"] == card(name)["model"]["hyperparameters"]


@pytest.mark.usefixtures("installed")
def test_only_the_newest_of_a_kind_is_listed_and_the_older_can_still_be_asked_for(
    client: Client,
) -> None:
    older = published_id(card("kepler-vetting"))
    newer = other(task="vetting")
    newer.status = "completed"
    newer.save()
    services.publish(newer)
    TrainingSession.objects.filter(pk=newer.pk).update(finished_at="2100-01-01T00:00Z")
    ids = [model["id"] for model in client.get(LIST).json()["results"]]
    assert str(newer.pk) in ids
    assert str(older) not in ids
    assert client.get(f"{LIST}/{older}").status_code == 200


def test_a_model_without_a_card_is_listed_by_what_is_known_of_it(client: Client) -> None:
    made = other(status="completed", published=True)
    (model,) = client.get(LIST).json()["results"]
    assert model["id"] == str(made.pk)
    assert model["title"].endswith(": Disposition")
    assert model["name"] is None
    assert model["headline"] is None
    assert model["trained_on"] == []
    assert client.get(f"{LIST}/{made.pk}").json()["card"] is None


def test_what_is_not_published_is_no_model(client: Client) -> None:
    hidden = other(status="completed")
    failed = other(status="failed", published=True)
    assert client.get(LIST).json() == {"count": 0, "next": None, "previous": None, "results": []}
    for model_id in (hidden.pk, failed.pk, uuid.uuid4()):
        answer = client.get(f"{LIST}/{model_id}")
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nobody_changes_a_model(client: Client, method: str) -> None:
    made = other(status="completed", published=True)
    for address in (LIST, f"{LIST}/{made.pk}"):
        assert getattr(client, method)(address).status_code in {403, 405}
    assert TrainingSession.objects.filter(pk=made.pk, published=True).exists()


def test_the_old_address_still_lists_model_types(client: Client) -> None:
    assert "xgboost" in client.get("/api/models").json()["models"]
