"""What is said of a signal by its curve, by its row and by both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mlcore.lightcurves.catalogues.carried import CARRIED_ROWS, carried_rows, carried_weights
from mlcore.lightcurves.catalogues.evidence import contamination, evidence_of
from mlcore.lightcurves.catalogues.row import called
from mlcore.lightcurves.catalogues.together import Weights
from mlcore.lightcurves.records import SignalRecord

SIGNAL = SignalRecord(
    number=1,
    star=1,
    of_star=1,
    given=False,
    detected=True,
    period=10.0,
    epoch=155.0,
    duration=4.8,
    depth=1000.0,
    strength=20.0,
)
KNOWN = replace(
    SIGNAL,
    catalogue_object="KOI-351.06",
    catalogue_mission="kepler",
    catalogue_disposition="confirmed",
    catalogue_period=10.0,
    catalogue_by_epoch=True,
    catalogue_probability=0.9,
)
EVEN = {"kepler": Weights(offset=0.0, curve=1.0, row=1.0, objects=10, stars=10)}


def test_a_signal_of_no_catalogue_is_left_as_it_is() -> None:
    assert evidence_of(SIGNAL, 0.5, weights=EVEN) is None
    assert contamination(SIGNAL) == ""


def test_the_first_sentence_says_which_probability_is_which() -> None:
    evidence = evidence_of(KNOWN, 0.9, weights=EVEN)
    assert evidence is not None
    assert evidence.together == pytest.approx(81 / 82)
    assert evidence.sentences == (
        "By the light curve alone 90%; by the catalogue's row KOI-351.06 90%; both together 99%.",
        (
            "Kepler's catalogue states confirmed. None of the probabilities sees that of this row:"
            " the row's comes from models that learnt from other stars."
        ),
    )


def test_what_was_not_measured_is_not_put_together() -> None:
    k2 = replace(KNOWN, catalogue_mission="k2", catalogue_object="K2-3 b", catalogue_by_epoch=False)
    evidence = evidence_of(k2, 0.9, weights=EVEN)
    assert evidence is not None
    assert evidence.together is None
    assert evidence.sentences[0].endswith("how both go together was not measured on K2.")
    assert "rests on what was published" in evidence.sentences[-2]
    assert "by star and period alone" in evidence.sentences[-1]


def test_a_row_of_even_odds_says_nothing_new() -> None:
    weights = Weights(offset=0.0, curve=1.0, row=0.7, objects=10, stars=10)
    assert weights.together(0.8, 0.5) == pytest.approx(0.8)
    assert weights.together(1.0, 1.0) < 1


def test_another_star_is_named_with_its_distance() -> None:
    other = replace(SIGNAL, other_object="KOI-1.01", other_star="KIC 1", other_separation=23.4)
    assert contamination(other) == (
        "KOI-1.01 of KIC 1, 23.4 arcseconds away, has its events at the same times."
    )


def test_the_carried_rows_are_small_and_of_three_missions() -> None:
    assert CARRIED_ROWS.stat().st_size < 1_000_000
    rows = carried_rows()
    assert len(rows) == 9564 + 1806 + 7703
    assert set(carried_weights()) == {"kepler", "tess"}
    assert all(one.curve > 0 and one.row > 0 for one in carried_weights().values())
    (toi,) = rows.of_star("TIC 260271203")
    assert (called(toi.name), toi.disposition) == ("TOI 207.01", "false_positive")
    assert toi.period == pytest.approx(5.649, abs=1e-3)
    assert toi.epoch > 2457000
    assert 0 < toi.planet < 1


def test_a_row_that_a_published_model_judged_says_so_and_whether_it_learnt_from_the_star() -> None:
    judged = replace(KNOWN, catalogue_model="kepler-vetting")
    evidence = evidence_of(judged, 0.9, weights=EVEN)
    assert evidence is not None
    assert evidence.sentences[1].endswith(
        "the row's comes from the published model kepler-vetting, which learnt from other stars."
    )
    evidence = evidence_of(replace(judged, catalogue_in_sample=True), 0.9, weights=EVEN)
    assert evidence is not None
    assert evidence.sentences[1].endswith(
        "The row's probability comes from the published model kepler-vetting, which was trained on"
        " objects of this star, so that it flatters it."
    )
    assert "None of the probabilities" not in " ".join(evidence.sentences)
    assert evidence.sentences[0].endswith("KOI-351.06 90%; both are not put together.")
    assert (evidence.row, evidence.row_of_others, evidence.together) == (0.9, None, None)


def test_a_row_of_which_no_model_says_anything_is_named_with_what_the_catalogue_states() -> None:
    evidence = evidence_of(replace(KNOWN, catalogue_probability=None), 0.9, weights=EVEN)
    assert evidence is not None
    assert (evidence.row, evidence.together) == (None, None)
    assert evidence.sentences[0].endswith(
        f"the signal is the catalogue's row {KNOWN.catalogue_object}, of which no model says"
        " anything."
    )
    assert "catalogue states" in evidence.sentences[1]
