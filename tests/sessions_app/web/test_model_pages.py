"""The pages of the published models, and what the first page and the admin say of them."""

from __future__ import annotations

import html
import uuid
from typing import TYPE_CHECKING

import pytest

from mlcore.pretrained import PUBLISHED, card
from sessions_app import services
from sessions_app.models import TrainingSession
from sessions_app.web.formatting import interval, value

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def installed(media: Path) -> dict[str, TrainingSession]:
    return {model.card["name"]: model for model in services.install_carried()}


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def test_the_list_leads_to_each_model_and_shows_its_figure_with_its_interval(
    client: Client, installed: dict[str, TrainingSession]
) -> None:
    page = text(client, "/models")
    for name, model in installed.items():
        headline = card(name)["headline"]
        assert f'<a href="/models/{model.pk}">{PUBLISHED[name].title}</a>' in page
        shown = f'<td class="amount"><strong>{value(headline)}</strong> ({interval(headline)})</td>'
        assert shown in page
        assert f"{headline['rows']} objects of {headline['stars']} stars" in page
    # How they were tested is said once.
    (split,) = {card(name)["headline"]["split"] for name in installed}
    assert page.count(split) == 1


def test_without_a_model_the_list_says_how_to_get_them(client: Client) -> None:
    assert "<code>manage.py install_pretrained</code>" in text(client, "/models")


@pytest.mark.sampled(every=4)
@pytest.mark.usefixtures("media")
@pytest.mark.parametrize("name", PUBLISHED)
def test_a_card_shows_its_figures_limits_data_and_hashes(client: Client, name: str) -> None:
    shown, model = card(name), services.install(name)
    assert model is not None
    page = text(client, f"/models/{model.pk}")
    assert shown["intended_use"] in page
    for sentence in (*shown["limits"], *shown["warnings"]):
        assert sentence in page
    for measured in shown["figures"]:
        assert f"{measured['rows']} objects of {measured['stars']} host stars" in page
        for figure in measured["figures"]:
            assert f"<td>{value(figure)}</td><td>{interval(figure)}</td>" in page
    for probe in shown["probes"]["probes"]:
        assert probe["title"] in page
    for table in shown["data"]:
        assert table["sha256"] in page
    for digest in shown["artifact"]["sha256"].values():
        assert digest in page


def test_a_warning_of_the_probes_stands_out(
    client: Client, installed: dict[str, TrainingSession]
) -> None:
    warning = card("k2-vetting")["probes"]["warnings"][0]
    shown = f'<p class="problem">{warning}</p>'
    assert text(client, f"/models/{installed['k2-vetting'].pk}").count(shown) == 1
    assert shown in text(client, "/models")


def test_a_model_without_a_card_says_so(client: Client) -> None:
    made = TrainingSession.objects.create(
        kind="training",
        status="completed",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        published=True,
    )
    assert "published without a card" in text(client, f"/models/{made.pk}")
    assert "It has no card." in text(client, "/models")


def test_what_is_not_published_has_no_page(client: Client) -> None:
    hidden = TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )
    for model_id in (hidden.pk, uuid.uuid4()):
        assert client.get(f"/models/{model_id}").status_code == 404
    assert client.post("/models").status_code == 405


def test_the_first_page_names_the_models_of_a_mission_that_is_not_loaded(
    client: Client, installed: dict[str, TrainingSession]
) -> None:
    page = text(client, "/")
    for name, model in installed.items():
        if name != "joint-vetting":
            assert f'<a href="/models/{model.pk}">{PUBLISHED[name].title}</a>' in page


def test_the_admin_shows_the_card(
    admin_client: Client, installed: dict[str, TrainingSession]
) -> None:
    address = f"/admin/sessions_app/trainingsession/{installed['k2-vetting'].pk}/change/"
    page = text(admin_client, address)
    assert card("k2-vetting")["limits"][0] in page
    assert card("k2-vetting")["data"][0]["sha256"] in page
