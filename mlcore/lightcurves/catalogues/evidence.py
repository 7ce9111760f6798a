"""What is said of a signal that a catalogue has: by its light curve, by its row, by both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets.spec import Disposition
from mlcore.in_words import number, percent
from mlcore.lightcurves.catalogues.carried import carried_weights
from mlcore.lightcurves.catalogues.row import MISSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.lightcurves.catalogues.together import Weights
    from mlcore.lightcurves.catalogues.told import InCatalogues
    from mlcore.lightcurves.records import SignalRecord

__all__ = ["RowEvidence", "contamination", "evidence_of"]

_LACKING = (
    "In K2's table, which values a row lacks tells the disposition nearly as well as the values do:"
    " what the row says rests on what was published."
)
_PERIOD_ALONE = (
    "The row was told by star and period alone: one of the two epochs is not known, or is too"
    " uncertain by now."
)
_NEARLY = 0.995
_LEAST = 0.0005
"""Below which a probability would be rounded to none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RowEvidence:
    """Probabilities of a planet, each calibrated."""

    object: str
    """The row's, such as ``KOI-351.06``."""
    mission: str
    """Whose catalogue it is: ``kepler``, ``k2`` or ``tess``."""
    disposition: str
    """What the catalogue states; no model sees it of this star."""
    by_epoch: bool
    """Whether the row's epoch was compared, and not its period alone."""
    curve: float
    """By the light curve alone."""
    row: float | None
    """By the catalogue's row, from models of other stars; by a model that was trained on objects
    of the star where the sentences say so; None where no model can say it."""
    together: float | None
    """By both; None where nobody measured how they go together, as with a row of which no model
    of other stars speaks."""
    sentences: tuple[str, ...]
    """The same in words, what each is by first."""
    in_sample: bool = False
    """Whether the model that stated `row` was trained on objects of the star."""

    @property
    def row_of_others(self) -> float | None:
        """`row` where models of other stars stated it, for tables without sentences."""
        return None if self.in_sample else self.row


def evidence_of(
    signal: SignalRecord | InCatalogues,
    curve: float,
    *,
    weights: Mapping[str, Weights] | None = None,
) -> RowEvidence | None:
    """Return what a signal's row adds to its light curve; None where it is no catalogue's.

    Parameters
    ----------
    signal
        With its row.
    curve
        Probability of a planet by the light curve alone.
    weights
        How much both count, by mission; by default the carried ones.
    """
    row = signal.catalogue_probability
    if not signal.catalogue_object:
        return None
    known = (carried_weights() if weights is None else weights).get(signal.catalogue_mission)
    learnt = signal.catalogue_in_sample
    together = None if known is None or row is None or learnt else known.together(curve, row)
    return RowEvidence(
        object=signal.catalogue_object,
        mission=signal.catalogue_mission,
        disposition=signal.catalogue_disposition,
        by_epoch=signal.catalogue_by_epoch,
        curve=curve,
        row=row,
        together=together,
        sentences=tuple(_said(signal, curve, row, together)),
        in_sample=learnt,
    )


def contamination(signal: SignalRecord | InCatalogues) -> str:
    """Return which other star has its events when this one dips, as a sentence; empty: none."""
    if not signal.other_object:
        return ""
    apart = signal.other_separation or 0.0
    return (
        f"{signal.other_object} of {signal.other_star}, {number(apart)} arcseconds away, has its"
        " events at the same times."
    )


def _said(
    signal: SignalRecord | InCatalogues, curve: float, row: float | None, together: float | None
) -> list[str]:
    title = MISSIONS.get(signal.catalogue_mission, signal.catalogue_mission)
    stated = signal.catalogue_disposition
    states = f"{title}'s catalogue " + (
        f"states {Disposition(stated).words}." if stated else "does not say what it is."
    )
    if row is None:
        alone = (
            f"By the light curve alone {_percent(curve)}; the signal is the catalogue's row"
            f" {signal.catalogue_object}, of which no model says anything."
        )
        return [alone, states, *_by_period_alone(signal)]
    if signal.catalogue_in_sample:
        both = "both are not put together."
    elif together is None:
        both = f"how both go together was not measured on {title}."
    else:
        both = f"both together {_percent(together)}."
    all_three = (
        f"By the light curve alone {_percent(curve)}; by the catalogue's row"
        f" {signal.catalogue_object} {_percent(row)}; {both}"
    )
    return [
        all_three,
        f"{states} {_from_whom(signal)}",
        *([_LACKING] if signal.catalogue_mission == "k2" else []),
        *_by_period_alone(signal),
    ]


def _from_whom(signal: SignalRecord | InCatalogues) -> str:
    """Return what stated the probability of a row."""
    if signal.catalogue_in_sample:
        return (
            f"The row's probability comes from the published model {signal.catalogue_model}, which"
            " was trained on objects of this star, so that it flatters it."
        )
    others = (
        f"the published model {signal.catalogue_model}, which learnt from other stars"
        if signal.catalogue_model
        else "models that learnt from other stars"
    )
    return f"None of the probabilities sees that of this row: the row's comes from {others}."


def _by_period_alone(signal: SignalRecord | InCatalogues) -> list[str]:
    return [] if signal.catalogue_by_epoch else [_PERIOD_ALONE]


def _percent(share: float) -> str:
    """Return a probability in percent, with a tenth where it is near 0 or 1; never all or none.

    Examples
    --------
    >>> _percent(0.934), _percent(0.998), _percent(0.0042), _percent(0.9997), _percent(0.0002)
    ('93%', '99.8%', '0.4%', 'over 99.9%', 'under 0.1%')
    """
    if not _LEAST < share < 1 - _LEAST:
        return "over 99.9%" if share > _LEAST else "under 0.1%"
    sure = not 1 - _NEARLY < share < _NEARLY
    return percent(share, digits=1 if sure else 0)
