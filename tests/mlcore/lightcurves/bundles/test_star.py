"""One star's files become its signals' rows, and what is drawn of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES
from mlcore.lightcurves.bundles.bundle import StarFiles
from mlcore.lightcurves.bundles.listing import Listed
from mlcore.lightcurves.bundles.star import MeasuredStar, measured_star, numbered
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.search.transits import DETECTION_LIMIT
from tests.mlcore.lightcurves.bundles.made_files import PLANET, TOO_FEW, csv_of

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = KnownSignal(period=PLANET.period, epoch=PLANET.epoch, duration=24 * PLANET.duration)
JULIAN = KnownSignal(
    period=PLANET.period, epoch=PLANET.epoch + 2454833, duration=24 * PLANET.duration
)
FOUND, GIVEN = "as a search found it", "at a given ephemeris"


def measured(content: bytes, *known: KnownSignal, listed: tuple[Listed, ...] = ()) -> MeasuredStar:
    files = StarFiles(name="HD 1", files=("x/a.csv",), listed=listed)
    return measured_star(files, [("a.csv", content)], known=known)


def test_a_planet_is_found_and_measured() -> None:
    star = measured(csv_of())
    (signal,), (row,) = star.signals, star.rows
    assert star.star.refusal == ""
    assert (star.star.name, star.star.file, star.star.numbers) == ("HD 1", "x/a.csv", [1])
    assert (signal.given, signal.detected, signal.of_star) == (False, True, 1)
    assert signal.period == pytest.approx(PLANET.period, abs=2e-3)
    assert star.star.periods
    assert {name: row[name] for name in ("signal", "star", "file", "disposition", "origin")} == {
        "signal": "HD 1 signal 1",
        "star": "HD 1",
        "file": "x/a.csv",
        "disposition": None,
        "origin": FOUND,
    }
    assert (row["number"], row["time_zero"], row["points"]) == (1.0, 2454833, star.star.points)
    # A search weighs the points of a grid of phases, the test those of the refined ephemeris, and
    # each measures the noise of averages anew.
    assert row["strength"] == pytest.approx(signal.strength, rel=0.2)
    assert set(row) <= set(LIGHT_CURVES.column_names)


def test_a_given_ephemeris_is_measured_in_place_of_what_a_search_finds() -> None:
    star = measured(csv_of(), KNOWN)
    (signal,), (row,) = star.signals, star.rows
    assert (signal.given, signal.detected) == (True, True)
    assert (signal.period, signal.epoch) == (PLANET.period, PLANET.epoch)
    assert (row["origin"], row["period"], row["epoch"]) == (GIVEN, PLANET.period, PLANET.epoch)
    assert (star.star.periods, star.star.strengths) == ([], [])


def test_a_julian_date_means_the_same_transit() -> None:
    own, julian = measured(csv_of(), KNOWN), measured(csv_of(), JULIAN)
    assert julian.signals[0].epoch == pytest.approx(PLANET.epoch, abs=1e-8)
    assert julian.rows[0]["depth"] == pytest.approx(own.rows[0]["depth"], rel=1e-4)
    assert julian.rows[0]["strength"] == pytest.approx(own.rows[0]["strength"], rel=1e-4)


def test_the_tables_signals_count_beside_the_requests_and_keep_their_words() -> None:
    other = KnownSignal(period=3.3, epoch=133.0, duration=2.0)
    listed = (Listed(file="a.csv", known=other, disposition="FALSE POSITIVE"),)
    star = measured(csv_of(), KNOWN, listed=listed)
    assert [(signal.period, signal.of_star) for signal in star.signals] == [(2.1, 1), (3.3, 2)]
    assert [row["disposition"] for row in star.rows] == [None, "FALSE POSITIVE"]
    assert [row["signal"] for row in star.rows] == ["HD 1 signal 1", "HD 1 signal 2"]


def test_a_word_of_the_star_alone_is_its_strongest_signals() -> None:
    word = Listed(file="a.csv", disposition="CONFIRMED")
    for listed in ((word,), (word, word)):
        star = measured(csv_of(), listed=listed)
        assert [row["disposition"] for row in star.rows] == ["CONFIRMED"]
    against = Listed(file="a.csv", disposition="FALSE POSITIVE")
    assert [row["disposition"] for row in measured(csv_of(), listed=(word, against)).rows] == [None]


def test_a_quiet_curves_strongest_peak_is_measured_as_no_detection() -> None:
    star = measured(csv_of(None))
    (signal,) = star.signals
    assert (signal.given, signal.detected) == (False, False)
    assert signal.strength < DETECTION_LIMIT
    assert 0 < star.rows[0]["strength"] < DETECTION_LIMIT


def test_a_curve_that_cannot_be_used_says_why() -> None:
    star = measured(TOO_FEW)
    assert (star.signals, star.rows) == ((), ())
    assert (star.star.name, star.star.file, star.star.points) == ("HD 1", "a.csv", 0)
    assert star.star.refusal.endswith(".")
    assert "100" in star.star.refusal


UNSEEN = KnownSignal(period=500.0, epoch=300.0, duration=2.0)


def test_a_given_ephemeris_without_points_in_transit_says_so() -> None:
    star = measured(csv_of(), UNSEEN)
    assert star.rows == ()
    assert star.star.refusal.endswith(".")
    assert star.star.untested == []


def test_a_signal_that_cannot_be_tested_costs_none_of_the_stars_others() -> None:
    other = KnownSignal(period=3.3, epoch=133.0, duration=2.0)
    listed = tuple(
        Listed(file="a.csv", known=one, disposition=word)
        for one, word in ((UNSEEN, "CANDIDATE"), (other, "FALSE POSITIVE"))
    )
    star = measured(csv_of(), KNOWN, listed=listed)
    assert [(signal.period, signal.of_star) for signal in star.signals] == [(2.1, 1), (3.3, 2)]
    assert [row["disposition"] for row in star.rows] == [None, "FALSE POSITIVE"]
    assert star.star.refusal == ""
    (why,) = star.star.untested
    assert "500 d" in why
    assert numbered(star, star=1, first=1).star.untested == [why]


def test_a_real_planet_is_found_in_its_missions_file(light_curve_samples: Path) -> None:
    name = "EPIC201367065.csv"
    files = StarFiles(name="EPIC 201367065", files=(name,))
    star = measured_star(files, [(name, (light_curve_samples / name).read_bytes())])
    assert star.signals[0].period == pytest.approx(10.054, abs=0.01)
    assert star.signals[0].detected


def test_numbers_count_on_over_the_sessions_stars() -> None:
    star = numbered(measured(csv_of(), KNOWN, JULIAN), star=4, first=7)
    assert (star.star.number, star.star.numbers) == (4, [7, 8])
    assert [(one.number, one.star, one.of_star) for one in star.signals] == [(7, 4, 1), (8, 4, 2)]
