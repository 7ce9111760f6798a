"""The shape of a transit: a trapezoid's ingress, its two sides, and its profile."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["PROFILE", "PROFILE_OF_FOLD", "SHAPE", "SIDES", "SYMMETRY"]

PROFILE = {
    "core": (0.0, 0.2),
    "middle": (0.2, 0.35),
    "edge": (0.35, 0.5),
    "near_shoulder": (0.55, 0.75),
    "shoulder": (0.8, 1.2),
    "far_shoulder": (1.2, 2.0),
}
"""Parts of the fold, from and to how many durations from mid-transit."""

SIDES = {"inside": (0.0, 0.5), "ingress": (0.3, 0.8), "shoulder": (0.7, 1.5)}
"""Parts of which the time before mid-transit is held against the time after."""

SHAPE = VettingTest(
    name="shape",
    title="V shape",
    question="Has the transit a floor, as a planet's has?",
    formula="Part of the duration that ingress takes, of the trapezoid that fits best when it is"
    " averaged over an exposure",
    columns=(
        columns.number(
            name="trapezoid_duration", meaning="Fitted duration over the ephemeris' duration"
        ),
        columns.number(name="trapezoid_ingress", meaning="Part of the duration that ingress takes"),
        columns.number(
            name="trapezoid_floor", meaning="Length of the fitted floor in the ephemeris' durations"
        ),
        columns.number(
            name="trapezoid_depth", meaning="Depth of the fitted floor over the mean depth"
        ),
        columns.number(
            name="trapezoid_log_depth", meaning="Logarithm of the depth of the fitted floor"
        ),
        columns.number(
            name="trapezoid_shift", meaning="Shift of the fitted mid-transit in durations"
        ),
        columns.number(name="trapezoid_strength", meaning="Strength of the fitted transit"),
        columns.number(
            name="trapezoid_gain", meaning="Squares that the fitted transit saves, in the noise's"
        ),
        columns.number(name="trapezoid_residual", meaning="Squares that it leaves for each point"),
        columns.number(
            name="trapezoid_log_duration", meaning="Logarithm of the fitted duration in hours"
        ),
        columns.number(
            name="trapezoid_duration_index",
            meaning="Logarithm of the fitted duration over the cube root of the period, in days",
        ),
        columns.number(
            name="v_over_u", meaning="Squares that the best V leaves above the best U's"
        ),
        columns.number(
            name="v_over_u_share", meaning="The same over the squares that the transit saves"
        ),
        columns.number(
            name="v_over_best", meaning="Squares that the best V leaves above the best trapezoid's"
        ),
        columns.number(
            name="u_over_best", meaning="Squares that the best U leaves above the best trapezoid's"
        ),
        columns.number(
            name="likely_ingress",
            meaning="Part of the duration that ingress takes, over all that fit",
        ),
        columns.number(
            name="likely_duration",
            meaning="Duration over the ephemeris' duration, over all that fit",
        ),
        columns.number(
            name="duration_uncertainty", meaning="Spread of the durations that fit, in durations"
        ),
        columns.number(
            name="density_index",
            meaning="Logarithm of what the star's density follows: period over the cube of the"
            " duration, times the depth to three quarters",
        ),
    ),
    sources=(papers.ROBOVETTER, papers.EXPOSURES),
    decides="trapezoid_ingress",
    most=0.4,
    passed="Ingress takes {value} of the duration: the transit has a floor.",
    failed="Ingress takes {value} of the duration: the transit is a V, as of grazing stars.",
    needs="eight points around the transits",
)

PROFILE_OF_FOLD = VettingTest(
    name="profile",
    title="Profile",
    question="How deep is each part of the fold?",
    formula="Mean of the points in a range of phase, over the depth and over its error",
    columns=tuple(
        column
        for part, (low, high) in PROFILE.items()
        for column in (
            columns.number(
                name=f"{part}_depth",
                meaning=f"Dip between {low:g} and {high:g} durations from mid-transit, in depths",
            ),
            columns.number(
                name=f"{part}_strength",
                meaning=f"Flux between {low:g} and {high:g} durations from mid-transit, in errors",
            ),
        )
    ),
)

SYMMETRY = VettingTest(
    name="symmetry",
    title="Symmetry",
    question="Is the time before mid-transit like the time after?",
    formula="Difference between the means before and after mid-transit, over its error",
    columns=tuple(
        columns.number(
            name=f"{part}_asymmetry",
            meaning=f"Flux before less flux after mid-transit, {low:g} to {high:g} durations away,"
            " in errors",
        )
        for part, (low, high) in SIDES.items()
    ),
    sources=(papers.ROBOVETTER,),
    decides="ingress_asymmetry",
    least=-5.0,
    most=5.0,
    passed="Ingress and egress are alike ({value} standard errors).",
    failed="Ingress and egress differ by {value} standard errors, which no transit does.",
    needs="points on both sides of mid-transit",
)
