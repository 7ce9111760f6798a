"""The pages of signals that were found in light curves, and of their stars."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS
from mlcore.lightcurves.record_files import SIGNALS, RecordWriter
from mlcore.lightcurves.records import SignalRecord
from mlcore.lightcurves.stretch_records import STRETCHES_SAID, StretchRecord
from sessions_app.files import storage
from sessions_app.plots.light_curves.figures import FIGURES
from sessions_app.web.tables.stars import NOT_DETECTED
from tests.sessions_app.curves import a_refused_star, a_signal, a_star, keep_records
from tests.sessions_app.results import objects
from tests.sessions_app.web.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db

DECIDING = [test for test in VETTING_TESTS.values() if test.decides]


@pytest.fixture
def searched(signals: TrainingSession) -> TrainingSession:
    """Return a session of 60 stars: two signals of the first, none of the last, one of the rest."""
    stars = [
        a_star(1, numbers=[1, 2]),
        *(a_star(n, numbers=[n + 1]) for n in range(2, 40)),
        *(a_refused_star(n) for n in range(40, 61)),
    ]
    found = [
        a_signal(1, star=1),
        a_signal(2, star=1, of_star=2, detected=False, given=True, false_alarm=None),
        *(a_signal(n, star=n - 1) for n in range(3, 41)),
    ]
    keep_records(signals, stars, found)
    return signals


def test_a_signals_page_shows_the_figures_of_its_light_curve(
    client: Client, searched: TrainingSession
) -> None:
    shown = client.get(f"/sessions/{searched.pk}/objects/1").content.decode()
    drawn = re.findall(r'data-plot="[^"]+/plots/([a-z-]+)"', shown)
    assert drawn == ["waterfall", *FIGURES]
    for name in FIGURES:
        there = page(client, f"/sessions/{searched.pk}/objects/1/plots/{name}")
        assert "In numbers" in there
        drawn_of = f"/api/v1/training-sessions/{searched.pk}/objects/1/plots/{name}"
        assert client.get(drawn_of).json()["title"]
        assert client.get(drawn_of, {"as": "svg", "theme": "dark"}).status_code == 200
    assert client.get(f"/sessions/{searched.pk}/objects/1/plots/sky").status_code == 404


def test_a_signals_page_says_which_part_of_its_curve_speaks(
    client: Client, searched: TrainingSession
) -> None:
    first, second = f"/sessions/{searched.pk}/objects/1", f"/sessions/{searched.pk}/objects/2"
    assert "Which part of the curve speaks" not in page(client, first)
    names, begin, end = ["before", "half"], [-0.1, 0.45], [-0.02, 0.55]
    folder = storage.results_folder(searched.pk)
    with RecordWriter(folder / SIGNALS, SignalRecord) as writer:
        for number in (1, 2):
            one = a_signal(number, stretch_name=names, stretch_begin=begin, stretch_end=end)
            writer.write([one])
    with RecordWriter(folder / STRETCHES_SAID, StretchRecord) as said:
        for number, without in ((1, [0.39, 0.91]), (2, [0.4, 0.4])):
            said.write(
                [StretchRecord(number=number, probability=0.4, names=names, probabilities=without)]
            )
    text = page(client, first)
    assert (
        "Half a period later speaks against a planet: were the curve flat there, the probability"
        " would be 0.91 rather than 0.40."
    ) in text
    assert "Before the transit hardly matters" not in text
    assert "add up to the probability." in text
    assert "No stretch of the fold by itself changes the probability" in page(client, second)
    there = page(client, f"{first}/plots/stretches")
    assert "Half a period later 0.4500 0.5500 0.91 −0.51" in there
    drawn_of = f"/api/v1/training-sessions/{searched.pk}/objects/1/plots/stretches"
    assert client.get(drawn_of, {"as": "svg"}).content.startswith(b"<svg")
    table = client.get(drawn_of, {"as": "csv"})
    assert table["Content-Disposition"] == 'attachment; filename="stretches.csv"'
    assert b"Half a period later" in table.content


def test_a_signals_page_tells_of_its_star_and_leads_to_its_other_signals(
    client: Client, searched: TrainingSession
) -> None:
    text = page(client, f"/sessions/{searched.pk}/objects/1")
    assert "TIC 1001 : 1249 points over 26.98 days, one each 28.8 minutes" in text
    assert "It was found by a search: every 3.5 days for 3 hours, 900 ppm deep" in text
    assert "noise alone would make so strong a peak once in 10⁶ searches." in text
    assert "Period 3.5 days, mid-transit at" in text
    assert "BTJD, which is JD − 2457000." in text
    assert "It dims its star every 3.5 days for 3 hours, by 900 ppm. Its star is TIC 1001." in text
    assert "What was understood of the file star-1.fits" in text
    assert "Times are read as BTJD." in text
    other = objects(searched)[1].name
    assert f"Other signals of this star: {other}" in text
    assert "No other signal of this star is listed." in page(
        client, f"/sessions/{searched.pk}/objects/3"
    )


def test_nothing_is_said_of_what_no_light_curve_could_show(
    client: Client, searched: TrainingSession
) -> None:
    text = page(client, f"/sessions/{searched.pk}/objects/1")
    assert "physical checks not possible" not in text
    assert "The catalogue gives no errors" not in text
    listed = page(client, f"/sessions/{searched.pk}/objects")
    assert ("The catalogue says" in listed) == any(row.actual for row in objects(searched))


def test_values_of_a_signal_stand_with_the_test_that_measured_them(
    client: Client, searched: TrainingSession
) -> None:
    shown = client.get(f"/sessions/{searched.pk}/objects/1").content.decode()
    for title in ("Secondary eclipse", "Noise"):
        assert f"<details><summary>{title}</summary>" in shown
    assert "<details open><summary>Strength</summary>" in shown
    assert "The transit and the planet" not in shown


def test_few_stars_are_listed_with_their_signals_beside_what_a_result_means(
    client: Client, signals: TrainingSession
) -> None:
    keep_records(signals, [a_star(1, numbers=[1]), a_refused_star(2)], [a_signal(1)])
    text = page(client, f"/sessions/{signals.pk}")
    assert "TIC 1001 signal 1 of TIC 1001 , every 9.919 days: undecided , planet 81 %" in text
    assert "TIC 1002 : This curve could not be used. It has only 3 points." in text


def test_many_stars_have_a_page_of_their_own_alone(
    client: Client, searched: TrainingSession
) -> None:
    assert "signal 1 of TIC 1001" not in page(client, f"/sessions/{searched.pk}")


def test_a_signal_that_is_no_stronger_than_noise_says_so_first(
    client: Client, searched: TrainingSession
) -> None:
    text = page(client, f"/sessions/{searched.pk}/objects/2")
    assert NOT_DETECTED in text
    assert text.index(NOT_DETECTED) < text.index("What the model says")
    assert "Its ephemeris was given" in text
    assert NOT_DETECTED not in page(client, f"/sessions/{searched.pk}/objects/1")


def test_tests_of_a_vetter_are_listed_the_failed_ones_first(
    client: Client, signals: TrainingSession
) -> None:
    # Of values that were uploaded there are no curves, and the tests all the same.
    seen = set()
    for row in objects(signals)[:12]:
        shown = client.get(f"/sessions/{signals.pk}/objects/{row.number}").content.decode()
        told = re.findall(r'<span class="sign (good|bad|open)">([a-z ]+)</span></td>', shown)
        words = [word for _, word in told]
        assert len(words) == len(DECIDING)
        order = ["failed", "passed", "not possible"]
        assert words == sorted(words, key=order.index)
        assert all(
            sign == {"failed": "bad", "passed": "good", "not possible": "open"}[word]
            for sign, word in told
        )
        seen |= set(words)
    assert seen == set(order)


def test_each_test_gives_its_value_limit_formula_and_source(
    client: Client, signals: TrainingSession
) -> None:
    text = page(client, f"/sessions/{signals.pk}/objects/1")
    for test in DECIDING:
        assert f"{test.title} {test.question}" in text
        assert f"{test.formula}. After" in text
    assert "at least 7" in text
    assert "−5 to 5" in text
    assert re.search(r"Of 14 tests (\d+ failed)?.*\d+ passed", text)
    shown = client.get(f"/sessions/{signals.pk}/objects/1").content.decode()
    assert '<a href="https://doi.org/10.3847/1538-4365/aab4f9" rel="noreferrer">Thompson' in shown


def test_the_api_gives_the_tests_of_a_signal(
    client: Client, signals: TrainingSession, completed: Callable[..., TrainingSession]
) -> None:
    told = client.get(f"/api/v1/training-sessions/{signals.pk}/objects/1").json()
    assert {test["test"] for test in told["vetting"]} == {test.name for test in DECIDING}
    strength = next(test for test in told["vetting"] if test["test"] == "signal")
    assert strength["value"] == told["values"]["strength"]
    assert (strength["least"], strength["most"]) == (7.0, None)
    assert strength["outcome"] == ("passed" if strength["value"] >= 7 else "failed")
    other = client.get(f"/api/v1/training-sessions/{completed().pk}/objects/1").json()
    assert other["vetting"] is None


def test_stars_are_listed_in_pages_with_their_signals_or_why_there_are_none(
    client: Client, searched: TrainingSession
) -> None:
    address = f"/sessions/{searched.pk}/stars"
    assert f'href="{address}"' in client.get(f"/sessions/{searched.pk}").content.decode()
    shown = client.get(address).content.decode()
    links = re.findall(r"/objects/(\d+)\"", shown)
    assert [int(number) for number in links] == list(range(1, 41))
    text = page(client, address)
    assert "60 stars, 21 of which could not be used." in text
    assert "TIC 1040 few.csv" in text
    assert "This curve could not be used. It has only 3 points." in text
    assert "Page 1 of 2" in text
    assert "TIC 1060" not in text
    assert "TIC 1060" in page(client, address, page=2)


def test_a_known_signal_that_could_not_be_tested_is_told_with_its_star(
    client: Client, signals: TrainingSession
) -> None:
    why = "The light curve has fewer than 2 points in transit at a period of 500 d."
    keep_records(signals, [a_star(1, numbers=[1], untested=[why])], [a_signal(1)])
    assert f"Left out. {why}" in page(client, f"/sessions/{signals.pk}/stars")


def test_a_result_without_light_curves_has_no_stars(
    client: Client, signals: TrainingSession, completed: Callable[..., TrainingSession]
) -> None:
    for session in (signals, completed()):
        answer = client.get(f"/sessions/{session.pk}/stars")
        assert (answer.status_code, answer["Location"]) == (302, f"/sessions/{session.pk}")
        assert "/stars" not in client.get(f"/sessions/{session.pk}").content.decode()
        drawn = f"/api/v1/training-sessions/{session.pk}/objects/1/plots/fold"
        assert client.get(drawn).status_code == 404


def test_stars_of_somebody_else_are_not_shown(client: Client, searched: TrainingSession) -> None:
    searched.owner_key = "user:1"
    searched.save()
    assert client.get(f"/sessions/{searched.pk}/stars").status_code == 404
