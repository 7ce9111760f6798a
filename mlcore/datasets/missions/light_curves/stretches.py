"""The named stretches of a fold, and what a planet's curve would show in each."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOT_A_SUM", "STRETCHES", "FoldStretch"]

NOT_A_SUM = (
    "Each is what the same model would say of another curve, in which that stretch is as a planet's"
    " curve would be there and all else is as it was. They don't add up to the probability."
)
"""What has to be said beside all of them."""
_NOTICED = 0.02
"""Of a probability; what changes it by less is not said to speak."""

_FLAT = "were the curve flat there"
_FITTED = "were it as the fitted transit is"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldStretch:
    """A stretch of a fold, whose points are replaced by what a planet's curve would show."""

    name: str
    title: str
    """A noun phrase that can begin a sentence."""
    otherwise: str
    """What the curve is like once it is replaced, as a clause."""

    def sentence(self, probability: float, otherwise: float) -> str:
        """Return what it does to the probability of a planet.

        Parameters
        ----------
        probability
            Of the signal as it is.
        otherwise
            With the stretch replaced.

        Examples
        --------
        >>> one = STRETCHES["half"].sentence(0.4, 0.91)
        >>> one.partition(", ")[0]
        'Half a period later speaks against a planet: were the curve flat there'
        >>> one.partition(", ")[2]
        'the probability would be 0.91 rather than 0.40.'
        >>> STRETCHES["egress"].sentence(0.4, 0.41).partition(":")[0]
        'The egress hardly matters'
        """
        speaks = "hardly matters"
        if self.noticed(probability, otherwise):
            speaks = f"speaks {'for' if probability > otherwise else 'against'} a planet"
        return (
            f"{self.title} {speaks}: {self.otherwise}, the probability would be"
            f" {otherwise:.2f} rather than {probability:.2f}."
        )

    @staticmethod
    def noticed(probability: float, otherwise: float) -> bool:
        """Tell whether a change of probability is large enough to be told of."""
        return abs(probability - otherwise) >= _NOTICED


STRETCHES: Mapping[str, FoldStretch] = MappingProxyType(
    {
        one.name: one
        for one in (
            FoldStretch(name="before", title="Before the transit", otherwise=_FLAT),
            FoldStretch(name="ingress", title="The ingress", otherwise=_FITTED),
            FoldStretch(name="floor", title="The floor of the transit", otherwise=_FITTED),
            FoldStretch(name="egress", title="The egress", otherwise=_FITTED),
            FoldStretch(name="after", title="After the transit", otherwise=_FLAT),
            FoldStretch(name="half", title="Half a period later", otherwise=_FLAT),
            FoldStretch(name="secondary", title="The deepest other dip", otherwise=_FLAT),
            FoldStretch(name="rest", title="The rest of the orbit", otherwise=_FLAT),
            FoldStretch(name="outside", title="All that is beside the transit", otherwise=_FLAT),
            FoldStretch(
                name="shape",
                title="The shape of the whole transit",
                otherwise="had it the steep sides of a planet's central transit",
            ),
            FoldStretch(
                name="odd_even",
                title="What odd and even transits differ by",
                otherwise="were both as the fitted transit is",
            ),
        )
    }
)
"""By name: along the orbit, then what several of them are together."""
