"""What sentences say of the values that vetting tests measure."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from mlcore.datasets.missions.light_curves.dataset import MEASURED_SIGNALS
from mlcore.datasets.missions.light_curves.registry import VETTING_TESTS, declared, feature_names
from mlcore.features.light_curves import OF_SIGNALS
from mlcore.features.observation import Leaning, Observation, Row
from tests.mlcore.inspection.sentences import flaws

TYPICAL = {
    "period": 10.05,
    "duration": 2.6,
    "depth": 310.0,
    "strength": 24.0,
    "scatter_inside": 1.1,
    "searched": 0.0,
    "uniqueness": 15.0,
    "secondary_strength": 2.0,
    "secondary_phase": 0.3,
    "secondary_depth_ratio": 0.05,
    "half_phase_strength": 1.0,
    "local_secondary": 2.5,
    "odd_even_over_spread": 0.7,
    "strength_without_one": 20.0,
    "depth_chi_square": 1.2,
    "template_chi_square": 0.9,
    "trapezoid_ingress": 0.1,
    "ingress_asymmetry": -1.5,
    "two_waves_strength": 2.0,
    "half_period_strength": 0.5,
    "search_strength": 23.0,
    "other_strength": 9.0,
    "log_scatter": math.log10(2e-4),
    "core_depth": 1.05,
    "core_strength": -30.0,
}
"""Of a small planet's signal."""


def said(name: str, **values: float) -> Observation | None:
    says = OF_SIGNALS[name].of_row
    assert says is not None
    return says(Row(TYPICAL | values))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("period", "Orbital period of 10.1 days"),
        ("duty_cycle", "Transit duration of 2.6 hours in an orbit of 10.1 days"),
        ("log_depth", "Transit depth of 310 ppm"),
        ("searched", "An ephemeris that was stated and not searched for"),
        ("white_strength", "Strength of all transits together of 24 standard errors"),
        (
            "scatter_over_depth",
            "Scatter of the points in transit over their noise of 1.1",
        ),
        (
            "bump_strength",
            "Strength of the transit above what noise makes at other phases of 15",
        ),
        (
            "secondary_phase",
            ("The strongest dip at another phase has 2 standard errors, as noise makes it"),
        ),
        ("half_phase_ratio", "No dip half a period after the transit stands out"),
        ("local_secondary", "Strength of the strongest dip elsewhere in the orbit of 2.5"),
        ("odd_even_ratio", "Difference between odd and even transits of 0.7 standard errors"),
        ("depth_chi_square", "Reduced chi square of 1.2 of the single transits' depths"),
        (
            "template_chi_square",
            "Reduced chi square of 0.9 of the single transits' fitted depths",
        ),
        ("v_over_u", "Share of ingress in the transit's duration of 0.1"),
        (
            "ingress_asymmetry",
            "Difference between ingress and egress of 1.5 standard errors",
        ),
        ("one_wave_sine", "Waves of the orbit out of transit of 2 standard errors"),
        (
            "half_period_strength",
            "Strength of another transit half a period after each of 0.5",
        ),
        (
            "search_rank",
            "The strongest other signal of this light curve has a strength of 9",
        ),
        ("noise_kurtosis", "Points out of transit scatter by 200 ppm"),
        (
            "core_strength",
            (
                "From 0 to 0.2 durations off mid-transit the flux is 105 % of the transit's depth"
                " below its level, 30 standard errors"
            ),
        ),
    ],
)
def test_a_typical_value_is_said_in_an_astronomers_words(name: str, words: str) -> None:
    observed = said(name)
    assert observed is not None
    assert (observed.words, observed.leaning) == (words, None)


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        (
            "strength",
            {"strength": 5.0},
            "The transits together have a strength below 7: noise can make that",
        ),
        (
            "uniqueness",
            {"uniqueness": -2.0},
            "Noise makes events as strong as the transit at other phases: it may be one of them",
        ),
        (
            "odd_even_ratio",
            {"odd_even_over_spread": 12.0},
            (
                "Odd and even transits differ in depth by 12 standard errors: two stars that"
                " eclipse each other"
            ),
        ),
        (
            "depth_chi_square",
            {"strength_without_one": 1.0},
            (
                "Without its strongest transit the signal is 1 times its error deep: one event"
                " makes it"
            ),
        ),
        (
            "trapezoid_ingress",
            {"trapezoid_ingress": 0.5},
            ("Ingress takes a share of 0.5 of the transit: a V, as of stars that graze each other"),
        ),
        (
            "two_waves_strength",
            {"two_waves_strength": 30.0},
            (
                "Out of transit the flux waves with the orbit, by 30 standard errors: two stars"
                " that draw each other out, or spots"
            ),
        ),
    ],
)
def test_what_a_planet_does_not_do_speaks_against_one(
    name: str, values: dict[str, float], sentence: str
) -> None:
    observed = said(name, **values)
    assert observed is not None
    assert observed.leaning is Leaning.FALSE_POSITIVE
    assert f"{observed.words}{observed.because}" == sentence


def test_a_second_eclipse_is_told_with_its_phase_and_depth() -> None:
    observed = said("secondary_strength", secondary_strength=9.0)
    assert observed is not None
    assert observed.words == (
        "At phase 0.3 the flux dips by 9 standard errors, to 5 % of the transit's depth"
    )
    later = said("half_phase_ratio", half_phase_strength=6.0)
    assert later is not None
    assert later.words == "Half a period after the transit the flux dips by 6 standard errors"


def test_nothing_else_in_the_curve_is_said_to_be_nothing() -> None:
    observed = said("search_strength", other_strength=math.nan)
    assert observed is not None
    assert observed.words == "The search finds nothing else in this light curve"


@pytest.mark.parametrize(
    ("depth", "part"),
    [(1.0, "the whole"), (0.998, "more than 99 %"), (1.02, "102 %"), (2.1, "210 %")],
)
def test_a_part_of_the_depth_is_no_whole_that_it_is_not(depth: float, part: str) -> None:
    observed = said("core_depth", core_depth=depth)
    assert observed is not None
    assert observed.words.startswith(
        f"From 0 to 0.2 durations off mid-transit the flux is {part} of the transit's depth below"
    )


def test_the_flux_may_lie_above_its_level() -> None:
    observed = said("core_depth", core_depth=-0.2, core_strength=3.0)
    assert observed is not None
    assert observed.words.endswith("20 % of the transit's depth above its level, 3 standard errors")


def test_what_is_not_known_is_not_spoken_of() -> None:
    for name, measured in OF_SIGNALS.items():
        assert measured.of_row is not None
        assert measured.of_row(Row({})) is None, name


def test_only_declared_columns_are_spoken_of_and_those_of_a_test_as_one_thing() -> None:
    assert set(OF_SIGNALS) <= {column.name for column in declared()}
    # Of the strength, the shadow of the gaps and what is told apart single values are said.
    apart = {"signal", "profile"}
    for test in VETTING_TESTS.values():
        groups = {OF_SIGNALS[one.name].group for one in test.columns if one.name in OF_SIGNALS}
        assert len(groups) <= 1 or test.name in apart


def test_no_real_signal_spoils_a_sentence() -> None:
    signals = pd.read_parquet(MEASURED_SIGNALS.path)
    names = [name for name in feature_names() if name in OF_SIGNALS and name in signals]
    assert len(names) > 50
    for values in signals.iloc[::8].to_dict("records"):
        row = Row({name: float(values[name]) for name in feature_names() if name in values})
        for name in names:
            says = OF_SIGNALS[name].of_row
            assert says is not None
            if (observed := says(row)) is not None:
                assert flaws(f"{observed.words}{observed.because}") == []
