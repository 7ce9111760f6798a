"""The pages of objects and of analyses, asked as a browser without scripts asks."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from mlcore.analyses.names import Analysis
from sessions_app.files.storage import artifact_folder
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession, ObjectReview, TrainingSession
from sessions_app.web.formatting import quantity
from tests.sessions_app.results import objects
from tests.sessions_app.reviewers import reviewer
from tests.sessions_app.web.pages import page, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


# Objects


def numbers(client: Client, session: TrainingSession, **query: Any) -> list[int]:
    text = client.get(f"/sessions/{session.pk}/objects", query).content.decode()
    return [int(number) for number in re.findall(r"/objects/(\d+)", text)]


def test_objects_come_in_pages_of_fifty_in_the_order_that_was_asked_for(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    rows = objects(session)
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


def test_objects_stand_with_their_values_and_go_in_the_order_of_one_of_them(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    place = session.model["columns"].index("koi_period")
    rows = objects(session)
    periods = {row.number: row.values[place] for row in rows}
    text = page(client, f"/sessions/{session.pk}/objects", sort="number")
    assert "Orbital period days" in text
    assert "Transit depth ppm" in text
    assert "Planet radius Earth radii" in text
    shown = client.get(f"/sessions/{session.pk}/objects", {"sort": "number"}).content.decode()
    assert f'<td class="amount">{quantity(periods[1], "")}</td>' in shown
    by_period = sorted(periods, key=lambda number: (periods[number], number))
    assert numbers(client, session, sort="koi_period") == by_period[:50]
    longest = sorted(periods, key=lambda number: (-periods[number], number))
    assert numbers(client, session, sort="-koi_period", page=2) == longest[50:100]
    planets = [row.number for row in rows if row.label == "confirmed"]
    fitting = [number for number in by_period if number in planets]
    assert numbers(client, session, sort="koi_period", label="confirmed") == fitting[:50]
    # An object's page leads on in the same order.
    there = client.get(f"/sessions/{session.pk}/objects/{by_period[3]}", {"sort": "koi_period"})
    assert f'rel="next" href="/sessions/{session.pk}/objects/{by_period[4]}?sort=' in (
        there.content.decode()
    )


def test_columns_of_values_are_chosen_among_those_that_the_model_sees(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    address = f"/sessions/{session.pk}/objects"
    asked = {"columns": ["koi_prad", "koi_steff"], "sort": "-koi_prad"}
    shown = client.get(address, asked).content.decode()
    heading = 'aria-sort="descending"><a rel="nofollow" href="?columns=koi_prad&amp;columns='
    assert f'{heading}koi_steff&amp;sort=koi_prad">Planet radius</a>' in shown
    assert ">Orbital period</a>" not in shown
    for wrong in ({"columns": "koi_score"}, {"sort": "koi_score"}, {"sort": "--koi_prad"}):
        assert client.get(address, wrong).status_code == 400


def test_probabilities_are_also_given_at_another_rate_of_planets(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    address = f"/sessions/{session.pk}/objects"
    assert "Planet, at a rate of 0.01" in page(client, address, planet_rate="0.01")
    assert "At a planet rate of 0.01" in page(client, f"{address}/1", planet_rate="0.01")
    wrong = page(client, address, planet_rate="1.5", status=400)
    assert "planet_rate" in wrong
    assert "Enter a number." in page(client, address, planet_rate="many", status=400)


def test_a_list_gives_verdicts_and_what_remains_possible_in_words(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    text = client.get(f"/sessions/{session.pk}/objects", {"sort": "number"}).content.decode()
    rows = objects(session)[:50]
    cells = re.findall(r'<td><span class="word [a-z-]+">([a-z ]+)</span></td>', text)
    assert cells == [row.judgement["verdict"] for row in rows]
    assert set(cells) <= {"likely planet", "likely false positive", "undecided"}
    assert "abstain" not in text


def test_an_object_says_what_the_model_says_and_why(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed("three classes")
    rows = objects(session)
    chosen = [
        next(row for row in rows if row.judgement["failed_checks"]),
        next(row for row in rows if row.judgement["conformal"]["answer"] == "abstain"),
        rows[-1],
    ]
    for row in chosen:
        text = page(client, f"/sessions/{session.pk}/objects/{row.number}")
        judgement = row.judgement
        assert row.name in text
        assert judgement["conformal"]["reason"] in text
        assert judgement["domain"]["sentence"] in text
        assert judgement["score_interval_sentence"] in text
        assert judgement["verdict"].capitalize() in text
        assert f"The catalogue says {row.actual.replace('_', ' ')}" in text
        for sentence in (
            *row.reasons,
            *(check["sentence"] for check in judgement["failed_checks"]),
        ):
            assert sentence in text
        for neighbour in judgement["analogues"]:
            assert neighbour["name"] in text
        for name in session.model["columns"]:
            assert name in text


# Reviews


def test_reviewer_says_what_an_object_is_and_everybody_reads_it(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    address = f"/sessions/{session.pk}/objects/3"
    assert "What people who looked say" not in page(client, address)
    signed_in = Client()
    signed_in.force_login(reviewer())
    assert "Nobody has reviewed it yet." in page(signed_in, address)
    sent = {"verdict": "false_positive", "reason": "The source is off the star."}
    answer = signed_in.post(f"{address}/review", sent)
    assert (answer.status_code, answer["Location"]) == (302, address)
    text = page(client, address)
    assert "false positive , " in text
    assert "The source is off the star." in text
    assert "Your verdict" not in text


def test_a_review_without_a_reason_or_by_somebody_else_is_refused_in_one_sentence(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    address = f"/sessions/{session.pk}/objects/3/review"
    sent = {"verdict": "false_positive", "reason": ""}
    assert client.post(address, sent | {"reason": "No."}).status_code == 403
    signed_in = Client()
    signed_in.force_login(reviewer())
    refused = signed_in.post(address, sent)
    assert refused.status_code == 400
    assert "reason" in words(refused)
    assert '<option value="false_positive" selected>' in refused.content.decode()
    assert not ObjectReview.objects.exists()


# Analyses


def test_an_analysis_of_an_object_is_started_and_its_answer_is_shown(
    client: Client,
    completed: Callable[..., TrainingSession],
    done: Callable[[str], dict[str, Any]],
    kepler: DatasetSnapshot,
) -> None:
    session = completed()
    # Its own rows are those of files that are not kept here.
    TrainingSession.objects.filter(pk=session.pk).update(snapshot=kepler)
    shutil.copytree(done("vetting")["artifact"], artifact_folder(session.pk))
    text = page(client, f"/sessions/{session.pk}/objects/3")
    assert Analysis.DECISION_PATH.meaning in text
    sent = {"analysis": "decision_path", "object_number": "3", "wanted": ""}
    answer = client.post(f"/sessions/{session.pk}/analyses", sent)
    analysis = AnalysisSession.objects.get()
    assert answer["Location"] == f"/sessions/{analysis.pk}"
    assert (analysis.object_number, analysis.of_id) == (3, session.pk)
    waiting = page(client, f"/sessions/{analysis.pk}")
    assert "Analysis of object 3: decision path" in waiting
    assert f"/sessions/{analysis.pk}" in str(
        client.get(f"/sessions/{session.pk}/objects/3").content
    )

    refused = client.post(f"/sessions/{session.pk}/analyses", sent | {"object_number": "x"})
    assert refused.status_code == 400
    assert "object_number is missing" in words(refused)

    AnalysisSession.objects.filter(pk=analysis.pk).update(
        status=Status.COMPLETED,
        answer={
            "analysis": "decision_path",
            "meaning": Analysis.DECISION_PATH.meaning,
            "mark": None,
            "object": {"name": "K00001.01"},
            "sentences": ["It asked once."],
        },
    )
    assert "It asked once." in page(client, f"/sessions/{analysis.pk}")
