from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import DATASETS
from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.units import parse_unit
from mlcore.prediction.check_outcomes import Outcome, check_columns, physical_checks
from mlcore.prediction.physical_checks import CHECKS
from tests.mlcore.hand_made import kepler_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table
    from mlcore.prediction.check_outcomes import CheckResult

_FAILED = {Outcome.FAILED: 1.0, Outcome.PASSED: 0.0, Outcome.UNCHECKED: np.nan}

# The Earth as Kepler would see it cross the Sun.
EARTH = {
    "kepid": "1",
    "koi_disposition": "CONFIRMED",
    "koi_period": 365.25,
    "koi_duration": 13.0,
    "koi_depth": 84.0,
    "koi_ror": 0.00916,
    "koi_prad": 1.0,
    "koi_impact": 0.1,
    "koi_teq": 255.0,
    "koi_insol": 1.0,
    "koi_slogg": 4.438,
    "koi_srad": 1.0,
    "koi_model_snr": 12.0,
    "koi_bin_oedp_sig": 0.6,
    "koi_dikco_msky": 0.2,
    "koi_dikco_msky_err": 0.1,
}


def checked(**changes: float) -> dict[str, CheckResult]:
    (results,) = physical_checks(kepler_table(pd.DataFrame([EARTH | changes])))
    return {result.check: result for result in results}


def failed(**changes: float) -> set[str]:
    return {name for name, result in checked(**changes).items() if result.outcome is Outcome.FAILED}


def test_the_earth_passes_every_check() -> None:
    assert {result.outcome for result in checked().values()} == {Outcome.PASSED}
    assert set(checked()) == {check.name for check in CHECKS}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # 22.4 Earth radii are two Jupiter radii.
        ({"koi_prad": 22.3}, set()),
        ({"koi_prad": 22.5}, {"planet_radius"}),
        # The Earth's longest transit lasts 13.1 h.
        ({"koi_duration": 26.0}, set()),
        ({"koi_duration": 26.5}, {"transit_duration"}),
        ({"koi_depth": 2.1 * 83.9}, {"transit_depth"}),
        ({"koi_depth": 0.45 * 83.9}, {"transit_depth"}),
        ({"koi_impact": 0.98}, set()),
        ({"koi_impact": 1.0}, {"grazing"}),
        ({"koi_teq": 278.3}, set()),
        ({"koi_teq": 340.0}, {"equilibrium_temperature"}),
        ({"koi_teq": 190.0}, {"equilibrium_temperature"}),
        ({"koi_bin_oedp_sig": 0.002}, {"odd_even_depth"}),
        ({"koi_dikco_msky": 0.9}, set()),
        ({"koi_dikco_msky": 1.1}, {"source_offset"}),
        ({"koi_dikco_msky": 1.1, "koi_dikco_msky_err": 0.4}, set()),
        ({"koi_model_snr": 7.0}, {"signal_to_noise"}),
        # The Sun's surface is orbited in 0.116 d, 1.5 solar radii away in 0.213 d.
        ({"koi_period": 0.22, "koi_duration": 1.0}, set()),
        ({"koi_period": 0.21, "koi_duration": 1.0}, {"orbit_outside_star"}),
        ({"koi_period": 0.22, "koi_duration": 1.1}, {"duty_cycle"}),
        # 10 g/cm³ withstand tides down to 3.98 h.
        ({"koi_period": 3.9 / 24, "koi_duration": 0.5}, {"roche_limit", "orbit_outside_star"}),
    ],
)
def test_an_object_fails_exactly_the_checks_that_it_should(
    changes: dict[str, float], expected: set[str]
) -> None:
    assert failed(**changes) == expected


def test_a_larger_planet_is_disrupted_farther_out() -> None:
    # Three Jupiter masses in two Jupiter radii have 0.49 g/cm³ and are disrupted within 18 h.
    giant = {"koi_prad": 22.4, "koi_ror": 0.205, "koi_depth": 42000.0, "koi_duration": 2.0}
    assert "roche_limit" not in failed(koi_period=18.5 / 24, **giant)
    assert "roche_limit" in failed(koi_period=17.5 / 24, **giant)


def test_a_failure_says_the_value_the_limit_and_the_reason() -> None:
    result = checked(koi_prad=42.0)["planet_radius"]
    assert result.value == 42.0
    assert result.limit == pytest.approx(22.418, abs=0.01)
    assert result.sentence == (
        "Planet radius of 42 Earth radii is more than 22.42 Earth radii, 2 Jupiter radii, which"
        " hardly any planet exceeds"
    )
    result = checked(koi_depth=30.0)["transit_depth"]
    assert result.sentence == (
        "Transit depth of 30 ppm is less than 41.95 ppm, a factor of 2 from the square of the"
        " planet-star radius ratio"
    )


def test_a_check_that_lacks_a_value_names_its_column() -> None:
    results = checked(koi_slogg=float("nan"))
    unchecked = {name for name, check in results.items() if check.outcome is Outcome.UNCHECKED}
    assert unchecked == {"transit_duration", "orbit_outside_star"}
    assert results["transit_duration"].missing == ("koi_slogg",)
    assert results["transit_duration"].sentence == (
        "Transit duration cannot be checked without koi_slogg"
    )
    assert results["transit_duration"].value is None


def test_odd_and_even_transits_that_could_not_be_compared_are_not_checked() -> None:
    assert checked(koi_bin_oedp_sig=-1.0)["odd_even_depth"].outcome is Outcome.UNCHECKED


def test_the_two_radii_stand_in_for_a_missing_radius_ratio() -> None:
    assert checked(koi_ror=float("nan"))["grazing"].value == pytest.approx(0.1 + 0.00917, abs=1e-5)
    assert (
        checked(koi_prad=float("nan"), koi_srad=float("nan"))["grazing"].outcome is Outcome.PASSED
    )


def test_every_check_is_declared_with_a_known_unit_and_known_quantities() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    for check in CHECKS:
        parse_unit(check.unit)
        assert set(check.needs) <= set(QUANTITIES)
        assert check.source
        assert check.formula
        assert check.question.endswith(".")


def test_a_mission_without_a_column_cannot_check_what_needs_it(
    whole_table: Callable[[str], Table],
) -> None:
    table = whole_table("k2").take(np.arange(3))
    for results in physical_checks(table):
        by_name = {result.check: result for result in results}
        assert by_name["grazing"].outcome is Outcome.UNCHECKED
        assert "Impact parameter" in by_name["grazing"].missing
        # The mission's full table has it.
        assert "pl_trandep" in by_name["transit_depth"].missing
    depth, grazing = (
        next(check for check in CHECKS if check.name == name)
        for name in ("transit_depth", "grazing")
    )
    assert check_columns(grazing, DATASETS["k2"]) == (None, "pl_rade", "st_rad")
    assert check_columns(depth, DATASETS["tess"]) == ("pl_trandep", "pl_rade", "st_rad")


@pytest.mark.parametrize(
    ("mission", "expected"),
    [
        # Share of false positives that fail, at least, and of confirmed planets, at most.
        (
            "kepler",
            {
                "planet_radius": (0.4, 0.006),
                "transit_duration": (0.15, 0.006),
                "duty_cycle": (0.05, 0.0005),
                "transit_depth": (0.25, 0.006),
                "grazing": (0.4, 0.01),
                "roche_limit": (0.15, 0.003),
                "orbit_outside_star": (0.03, 0.001),
                "odd_even_depth": (0.08, 0.012),
                "source_offset": (0.4, 0.04),
                "signal_to_noise": (0.02, 0.004),
            },
        ),
        (
            "tess",
            {
                "planet_radius": (0.07, 0.01),
                "transit_duration": (0.02, 0.002),
                "transit_depth": (0.1, 0.02),
                "roche_limit": (0.01, 0.001),
            },
        ),
        ("k2", {"planet_radius": (0.3, 0.005), "roche_limit": (0.05, 0.005)}),
    ],
)
def test_false_positives_fail_far_more_often_than_planets(
    mission: str,
    expected: dict[str, tuple[float, float]],
    whole_table: Callable[[str], Table],
) -> None:
    table = whole_table(mission)
    assert table.labels is not None
    labels = table.labels.to_numpy()
    outcomes = pd.DataFrame(
        [
            {check.check: _FAILED[check.outcome] for check in results}
            for results in physical_checks(table)
        ]
    )
    for name, (false_positives, planets) in expected.items():
        shares = outcomes[name].groupby(labels).mean()
        assert shares["false_positive"] >= false_positives, name
        assert shares["confirmed"] <= planets, name
    any_failed = (outcomes.max(axis=1) == 1).groupby(labels).mean()
    assert any_failed["false_positive"] > 5 * any_failed["confirmed"]
