"""Which part of a signal's curve speaks: its model's answers with each stretch replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlcore.datasets.missions.light_curves.stretches import STRETCHES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.datasets.missions.light_curves.stretches import FoldStretch
    from sessions_app.files.curves import CurveRecords

__all__ = ["SaidOfStretch", "stretches_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidOfStretch:
    """A stretch of a fold, and what it does to the probability of a planet."""

    stretch: FoldStretch
    begin: float
    end: float
    """From and to which phase it is [periods from mid-transit]."""
    probability: float
    """Of the signal as it is."""
    otherwise: float
    """With the stretch replaced."""

    @property
    def change(self) -> float:
        """What it does to the probability: positive where it speaks for a planet."""
        return self.probability - self.otherwise

    @property
    def noticed(self) -> bool:
        """Whether that is enough to be told of."""
        return self.stretch.noticed(self.probability, self.otherwise)

    @property
    def sentence(self) -> str:
        """The same in words."""
        return self.stretch.sentence(self.probability, self.otherwise)


def stretches_of(curves: CurveRecords | None, number: int) -> Sequence[SaidOfStretch]:
    """Return what is said of the stretches of a signal's fold, along the orbit.

    Parameters
    ----------
    curves
        What a session keeps of its curves; None: it has none, and there is nothing to say.
    number
        Of the signal among its objects.
    """
    said = None if curves is None or curves.said is None else curves.said.numbered(number)
    signal = curves.signals.numbered(number) if curves is not None and said is not None else None
    if said is None or signal is None:
        return ()
    where = {
        name: (begin, end)
        for name, begin, end in zip(
            signal.stretch_name, signal.stretch_begin, signal.stretch_end, strict=True
        )
    }
    return tuple(
        SaidOfStretch(
            stretch=STRETCHES[name],
            begin=where[name][0],
            end=where[name][1],
            probability=said.probability,
            otherwise=otherwise,
        )
        for name, otherwise in zip(said.names, said.probabilities, strict=True)
        if name in STRETCHES and name in where
    )
