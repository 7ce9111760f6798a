"""The page that holds sessions against each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from mlcore import in_words
from sessions_app.selectors.comparison import compared
from tests.sessions_app.compared_sessions import chances, completed_session, name_of
from tests.sessions_app.web.pages import page, plain, words

if TYPE_CHECKING:
    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


@pytest.fixture
def pair() -> list[TrainingSession]:
    other = chances(off=0.3) | {name_of(3): 0.02}
    return [
        completed_session(chances(), name="the good one"),
        completed_session(other, hyperparameters={"max_depth": 9}),
    ]


def query(sessions: list[TrainingSession]) -> str:
    return "&".join(f"session={session.pk}" for session in sessions)


def test_figures_stand_side_by_side_with_paired_intervals_of_their_differences(
    client: Client, pair: list[TrainingSession]
) -> None:
    found = compared(pair)
    assert found.figures is not None
    text = page(client, f"/compare?{query(pair)}")
    for figures in found.figures.figures.values():
        for one in figures:
            assert plain(in_words.figure(one.value, one.low, one.high, in_words.TABLE)) in text
    for one in found.figures.differences:
        shown = in_words.figure(one.value, one.low, one.high, in_words.TABLE_CHANGE)
        assert plain(shown) in text
    assert "B: Decision tree on Kepler objects of interest is surely worse in " in text
    assert "B minus A" in text


def test_only_settings_that_differ_are_rows(client: Client, pair: list[TrainingSession]) -> None:
    text = page(client, f"/compare?{query(pair)}")
    assert "Max depth 4 9" in text
    assert (
        "The same in all of them: what it is, question, mission, model, columns and seed." in text
    )


def test_each_object_on_which_they_disagree_leads_to_its_pages(
    client: Client, pair: list[TrainingSession]
) -> None:
    shown = client.get(f"/compare?{query(pair)}").content.decode()
    disagreement = compared(pair).disagreements[0]
    assert disagreement.name == name_of(3)
    for session, said in zip(pair, disagreement.said, strict=True):
        address = f"/sessions/{session.pk}/objects/{said.number}"
        assert f'href="{address}"' in shown
        assert name_of(3) in page(client, address)


def test_its_plot_is_served_drawn_and_told_in_numbers(
    client: Client, pair: list[TrainingSession]
) -> None:
    shown = client.get(f"/compare?{query(pair)}").content.decode()
    address = f"/api/v1/comparisons/plots/roc?{query(pair)}"
    assert f'data-plot="{address.replace("&", "&amp;")}"' in shown
    spec = json.loads(client.get(address).content)
    assert "A: the good one" in json.dumps(spec)
    assert client.get(address, {"as": "svg"}).status_code == 400
    assert client.get(f"{address}&as=svg").content.startswith(b"<svg")
    text = page(client, f"/compare/plots/roc?{query(pair)}")
    assert "A: the good one" in text
    assert client.get(f"/compare/plots/other?{query(pair)}").status_code == 404
    assert client.get(f"/api/v1/comparisons/plots/other?{query(pair)}").status_code == 404


def test_what_cannot_be_compared_says_why_and_leads_back(
    client: Client, pair: list[TrainingSession]
) -> None:
    other = completed_session(chances(), mission="k2")
    own = completed_session(chances(), owner_key="user:7")
    for address, status, said in (
        ("/compare", 400, "0 sessions were chosen, but 2 to 5 can be compared."),
        (f"/compare?{query([pair[0], other])}", 400, "they share no objects"),
        (f"/compare?{query([pair[0], own])}", 404, f"There is no session '{own.pk}'."),
        (f"/compare?session={pair[0].pk}&session=x", 404, "There is no session 'x'."),
    ):
        answer = client.get(address)
        assert answer.status_code == status
        assert said in words(answer)
        assert "Choose among my sessions" in words(answer)
    for address in ("/api/v1/comparisons/plots/roc", "/compare/plots/roc"):
        answer = client.get(f"{address}?{query([pair[0], other])}")
        assert answer.status_code == 400
        assert "they share no objects" in answer.content.decode()


def test_the_api_names_the_parameter_that_is_wrong(client: Client) -> None:
    for asked in ("", "?session=x&session=y"):
        answer = client.get(f"/api/v1/comparisons/plots/roc{asked}")
        assert answer.status_code == 400
        assert answer.json()["field"].startswith("session")


def test_objects_without_a_disposition_have_no_figures(client: Client) -> None:
    sessions = [completed_session(chances(), actual={}) for _ in range(2)]
    text = page(client, f"/compare?{query(sessions)}")
    assert "so that there are no figures" in text
    assert "0 of 30 objects get different verdicts" in text
