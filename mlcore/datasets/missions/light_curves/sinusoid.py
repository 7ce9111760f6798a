"""Whether the flux out of transit goes up and down with the orbit."""

from __future__ import annotations

from mlcore.datasets.missions.light_curves import columns, papers
from mlcore.datasets.missions.light_curves.spec import VettingTest

__all__ = ["SINUSOID", "WAVES"]

WAVES = {"one_wave": 1, "two_waves": 2}
"""How many waves there are in a period."""

SINUSOID = VettingTest(
    name="sinusoid",
    title="Sinusoid (SWEET)",
    question="Is the flux out of transit steady over the orbit?",
    formula="Amplitude of two waves an orbit that fit the points out of transit, over its error",
    columns=tuple(
        column
        for name, waves in WAVES.items()
        for column in (
            columns.number(
                name=f"{name}_cosine",
                meaning=f"Cosine of {waves} wave{'s' * (waves > 1)} an orbit, in depths",
            ),
            columns.number(
                name=f"{name}_sine",
                meaning=f"Sine of {waves} wave{'s' * (waves > 1)} an orbit, in depths",
            ),
            columns.number(
                name=f"{name}_strength",
                meaning=f"Amplitude of {waves} wave{'s' * (waves > 1)} an orbit, in errors",
            ),
        )
    ),
    sources=(papers.ROBOVETTER,),
    decides="two_waves_strength",
    most=10.0,
    passed="Out of transit no waves of the orbit stand out ({value} standard errors).",
    failed="Out of transit the flux waves with the orbit, by {value} standard errors: two stars"
    " that draw each other out, or spots.",
    needs="twenty points out of transit",
)
