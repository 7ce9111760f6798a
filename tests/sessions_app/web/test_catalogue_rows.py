"""What pages, answers and downloads say of a signal that a catalogue has."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from mlcore.lightcurves.catalogues.carried import carried_weights
from mlcore.tasks import PLANET
from sessions_app.selectors.exports import ExportFormat, exported
from tests.sessions_app.curves import a_signal, a_star, keep_records
from tests.sessions_app.results import objects
from tests.sessions_app.web.pages import page

if TYPE_CHECKING:
    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db

ROW = {
    "catalogue_object": "KOI-351.06",
    "catalogue_mission": "kepler",
    "catalogue_disposition": "confirmed",
    "catalogue_period": 3.5,
    "catalogue_by_epoch": True,
    "catalogue_probability": 0.9,
}
OTHER = {"other_object": "KOI-1.01", "other_star": "KIC 1", "other_separation": 23.4}
SHARED = "KOI-1.01 of KIC 1, 23.4 arcseconds away, has its events at the same times."


@pytest.fixture
def known(signals: TrainingSession) -> TrainingSession:
    """Return a session whose first signal has a row, and whose second is another star's."""
    found = [a_signal(1, **ROW), a_signal(2, of_star=2, **OTHER)]
    keep_records(signals, [a_star(1, numbers=[1, 2])], found)
    return signals


def test_the_verdict_says_first_what_is_by_curve_by_row_and_by_both(
    client: Client, known: TrainingSession
) -> None:
    text = page(client, f"/sessions/{known.pk}/objects/1")
    assert "by the light curve alone, likely planet together with the catalogue's row" in text
    assert "By the light curve alone" in text
    assert "by the catalogue's row KOI-351.06 90%; both together" in text
    assert "Kepler's catalogue states confirmed. None of the probabilities sees that" in text
    assert text.index("by the catalogue's row") < text.index("What a vetter would check")
    assert "The catalogue does not say what it is." not in text


def test_another_stars_events_are_a_sign_against_it(client: Client, known: TrainingSession) -> None:
    text = page(client, f"/sessions/{known.pk}/objects/2")
    assert SHARED in text
    assert "together with the catalogue's row" not in text
    assert "By the light curve alone" not in text
    assert SHARED not in page(client, f"/sessions/{known.pk}/objects/1")


def test_the_answer_has_all_three_probabilities_and_keeps_the_curves(
    client: Client, known: TrainingSession
) -> None:
    first, second = (
        client.get(f"/api/v1/training-sessions/{known.pk}/objects/{number}").json()
        for number in (1, 2)
    )
    said = first["catalogue_row"]
    assert (said["object"], said["mission"], said["row"]) == ("KOI-351.06", "kepler", 0.9)
    assert said["curve"] == pytest.approx(first["probabilities"][PLANET])
    both = carried_weights()["kepler"].together(said["curve"], 0.9)
    assert said["together"] == pytest.approx(both)
    assert second["catalogue_row"] is None


def test_downloads_have_the_row_beside_the_curve(known: TrainingSession) -> None:
    content = b"".join(exported(known, ExportFormat.CSV)).decode()
    first, second, *_ = csv.DictReader(io.StringIO(content))
    assert first["catalogue_object"] == "KOI-351.06"
    assert first["catalogue_disposition"] == "confirmed"
    assert float(first["probability_by_row"]) == 0.9
    assert 0 < float(first["probability_together"]) < 1
    assert (second["catalogue_object"], second["other_star"]) == ("", SHARED)


def test_downloads_of_signals_without_curves_have_no_such_columns(
    signals: TrainingSession,
) -> None:
    assert len(objects(signals)) > 0
    content = b"".join(exported(signals, ExportFormat.CSV)).decode()
    assert "catalogue_object" not in content.splitlines()[0]


def test_what_could_not_be_measured_is_left_out_of_a_signals_page(
    client: Client, signals: TrainingSession
) -> None:
    lacking = a_signal(1, measured=["depth", "other_strength"], values=[900.0, float("nan")])
    keep_records(signals, [a_star(1, numbers=[1])], [lacking])
    assert "What was measured" in page(client, f"/sessions/{signals.pk}/objects/1")
