"""How the vetting tests of a light curve's signal, and the stretches of its fold, are given."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.datasets.missions.light_curves.stretches import NOT_A_SUM, STRETCHES

if TYPE_CHECKING:
    from mlcore.datasets.missions.light_curves.spec import TestResult

__all__ = [
    "BY_ROW",
    "SPEAKS",
    "VETTED",
    "FoldStretchSerializer",
    "RowEvidenceSerializer",
    "VettingTestSerializer",
]

BY_ROW = (
    "What a catalogue's row adds where a signal of a light curve is one: the model's probability is"
    " that of the curve alone. Null for what is no such signal, or in no catalogue."
)

VETTED = (
    "How the tests ended that vetters make of a signal in a light curve, those that failed first:"
    " rules of thumb, on which no probability rests. Null for what is no such signal."
)
SPEAKS = (
    "Which part of the curve speaks: of each stretch of a signal's fold, what the model says once"
    f" it is replaced by what a planet's curve would show there. {NOT_A_SUM} Null for what is no"
    " such signal, and for one whose stretches were not looked at."
)

_NUMBER = serializers.FloatField(allow_null=True)


class VettingTestSerializer(serializers.Serializer[Any]):
    """How one vetting test ended."""

    test = serializers.CharField(source="test.name")
    title = serializers.CharField(source="test.title")
    question = serializers.CharField(source="test.question", help_text="What it asks.")
    outcome = serializers.ChoiceField(choices=[str(outcome) for outcome in Outcome])
    sentence = serializers.CharField(help_text="Why it ended so, or what it lacks.")
    value = serializers.SerializerMethodField(
        help_text="What is compared with the limits; null where it could not be measured."
    )
    decides = serializers.CharField(source="test.decides", help_text="Column of the value.")
    least = serializers.SerializerMethodField(help_text="Passed from this value; null: from any.")
    most = serializers.SerializerMethodField(help_text="Passed up to this value; null: to any.")
    formula = serializers.CharField(source="test.formula", help_text="How the value is made.")
    sources = serializers.SerializerMethodField(help_text="DOIs of the papers that it is from.")

    @extend_schema_field(_NUMBER)
    def get_value(self, result: TestResult) -> float | None:
        """Return the deciding value."""
        return _finite(result.value)

    @extend_schema_field(_NUMBER)
    def get_least(self, result: TestResult) -> float | None:
        """Return the lower limit."""
        return _finite(result.test.least)

    @extend_schema_field(_NUMBER)
    def get_most(self, result: TestResult) -> float | None:
        """Return the upper limit."""
        return _finite(result.test.most)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_sources(self, result: TestResult) -> list[str]:
        """Return where the test is from."""
        return [source.doi for source in result.test.sources if source.doi]


class FoldStretchSerializer(serializers.Serializer[Any]):
    """What a stretch of a fold does to the probability of a planet."""

    stretch = serializers.ChoiceField(source="stretch.name", choices=list(STRETCHES))
    title = serializers.CharField(source="stretch.title")
    begin = serializers.FloatField(help_text="Where it begins [periods from mid-transit].")
    end = serializers.FloatField(help_text="Where it ends; beyond 0.5 it goes on at -0.5.")
    probability = serializers.FloatField(
        source="otherwise", help_text="Of a planet, once the stretch is replaced."
    )
    change = serializers.FloatField(
        help_text="Probability as it is, less that: positive where the stretch speaks for a planet."
    )
    sentence = serializers.CharField(help_text="The same in words.")


class RowEvidenceSerializer(serializers.Serializer[Any]):
    """What a light curve, a catalogue's row of the same signal, and both say."""

    object = serializers.CharField(help_text="Name of the row, such as KOI-351.06.")
    mission = serializers.CharField(help_text="kepler, k2 or tess: whose catalogue it is.")
    disposition = serializers.CharField(
        help_text="What the catalogue states of it; no model sees that of its star."
    )
    by_epoch = serializers.BooleanField(
        help_text="Whether the row's epoch was compared, and not its period alone."
    )
    curve = serializers.FloatField(help_text="Probability of a planet by the light curve alone.")
    row = serializers.FloatField(
        allow_null=True,
        help_text="Probability of a planet by the row, from models of other stars unless"
        " in_sample; null where no model can say it.",
    )
    together = serializers.FloatField(
        allow_null=True,
        help_text="Probability of a planet by both; null where it was not measured how they go"
        " together, as for K2, in_sample, or where row is null.",
    )
    in_sample = serializers.BooleanField(
        help_text="Whether a published model that was trained on objects of the star stated row."
    )
    sentences = serializers.ListField(child=serializers.CharField(), help_text="The same in words.")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
