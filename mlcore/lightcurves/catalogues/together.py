"""What a light curve and a catalogue's row say together of one signal."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["LEAST", "Weights", "log_odds"]

LEAST = 1e-4
"""Nearest to 0 and to 1 that a probability is taken for: no evidence is endless."""


def log_odds(probability: float) -> float:
    """Return the logarithm of a probability's odds, cut off where it is nearly certain.

    Examples
    --------
    >>> log_odds(0.5), round(log_odds(1.0), 2)
    (0.0, 9.21)
    """
    taken = min(max(probability, LEAST), 1 - LEAST)
    return math.log(taken / (1 - taken))


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """A logistic regression on the log-odds of both, fitted on objects of known disposition.

    Both probabilities that it learnt from were stated by models of other stars. It is logistic
    regression as in stacked generalisation (Wolpert 1992, Neural Networks 5, 241).
    """

    offset: float
    curve: float
    """Of the log-odds that the light curve's model states."""
    row: float
    """Of those that the catalogue's model states."""
    objects: int
    """On how many it was fitted."""
    stars: int

    def together(self, curve: float, row: float) -> float:
        """Return the probability of a planet that both give together.

        Parameters
        ----------
        curve, row
            What the light curve's model and the catalogue's state, in [0, 1].

        Examples
        --------
        >>> weights = Weights(offset=0.0, curve=0.5, row=1.0, objects=100, stars=90)
        >>> round(weights.together(0.5, 0.9), 3)
        0.9
        """
        score = self.offset + self.curve * log_odds(curve) + self.row * log_odds(row)
        return 1 / (1 + math.exp(-score))
