"""What a sentence says of one quantity of one object, in an astronomer's words.

Each derived feature's row holds the function that says it (`Feature.says`), each measured quantity
has a row in `mlcore.features.measured`. What is said is an observation alone; which way it speaks
is the model's to say, and where physics gives a reason for a way, the reason comes along for the
case that the model agrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from mlcore.datasets.units import amount_in_words
from mlcore.in_words import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Leaning", "Observation", "Row", "Says", "amount", "clause", "phrase"]


class Leaning(StrEnum):
    """Which way physics says that an observation speaks."""

    PLANET = "planet"
    FALSE_POSITIVE = "false positive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What is seen of a quantity of one object."""

    words: str
    """A noun phrase that can begin a sentence, such as "Transit depth of 603 ppm"."""
    is_clause: bool = False
    """Whether the words have a verb of their own: "The whole body crosses the star's disc"."""
    leaning: Leaning | None = None
    """Which way it speaks by physics; None where physics alone does not say."""
    because: str = ""
    """Why, with the mark that joins it to the words, such as ": contamination"."""

    def followed_by(self, predicate: str) -> str:
        """Return a sentence of the words and what is said of what they say."""
        if not self.is_clause:
            return f"{self.words} {predicate}"
        # After a comma "which" would be about the last part alone.
        return f"{self.words}{'; that' if ', ' in self.words else ', which'} {predicate}"


@dataclass(frozen=True, slots=True)
class Row:
    """What a model sees of one object, by the names of quantities and derived features."""

    values: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        """Return a value in its quantity's unit, NaN where it is missing or not seen."""
        return self.values.get(name, math.nan)

    def factor(self, name: str) -> float:
        """Return the ratio that a value holds the logarithm of."""
        return float(10.0 ** self[name])


Says: TypeAlias = "Callable[[Row], Observation | None]"
"""From what is known of an object to what is said; None where this value alone says nothing."""


def clause(words: str, leaning: Leaning | None = None, because: str = "") -> Observation:
    """Return an observation that has a verb of its own."""
    return Observation(words=words, is_clause=True, leaning=leaning, because=because)


def phrase(words: str, leaning: Leaning | None = None, because: str = "") -> Observation:
    """Return an observation that is a noun phrase."""
    return Observation(words=words, leaning=leaning, because=because)


def amount(
    name: str, template: str, unit: str = "", *, digits: int = 3, scale: float = 1.0
) -> Says:
    """Return what says a value within a noun phrase, without a leaning.

    Parameters
    ----------
    name
        Of the feature or quantity.
    template
        The phrase, with ``{}`` for the number and its unit.
    unit
        The value's unit, after it was multiplied by `scale`.
    digits
        Significant digits.
    scale
        What the value is multiplied by.
    """
    return lambda row: phrase(
        template.format(amount_in_words(row[name] * scale, unit, digits=digits))
    )


def share(part: float) -> str:
    """Return a measured share in percent, two digits and never a whole that it is not."""
    percent = 100 * part
    if percent == 0:
        return "next to nothing"
    if 100 <= percent < 100.5:
        return "the whole"
    if 99.5 <= percent < 100:
        return "more than 99 %"
    return f"{number(percent, digits=2)} %"
