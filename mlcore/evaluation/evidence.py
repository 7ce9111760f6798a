"""What deepens a first answer: the parts by name, and which of them there are for a model.

Facts only: whoever asks loads no numerical library.
"""

from __future__ import annotations

from enum import StrEnum

from mlcore.model_selection.protocol import Protocol
from mlcore.models.model_types import MODELS

__all__ = ["EvidencePart", "PartState", "parts_to_gather"]


class EvidencePart(StrEnum):
    """Something that is measured of a tested model after its first answer.

    Examples
    --------
    >>> from mlcore.evaluation.evidence import EvidencePart
    >>> EvidencePart("slices").meaning
    'The figures by kind of object.'
    """

    SLICES = "slices"
    ROW_SPLIT = "row_split"
    PERMUTATION_IMPORTANCE = "permutation_importance"
    SCORE_INTERVALS = "score_intervals"
    PROTOCOLS = "protocols"

    @property
    def meaning(self) -> str:
        """What it says, as a sentence."""
        return _MEANINGS[self]


class PartState(StrEnum):
    """Where a part stands."""

    COMING = "coming"
    THERE = "there"
    FAILED = "failed"


_MEANINGS = {
    EvidencePart.SLICES: "The figures by kind of object.",
    EvidencePart.ROW_SPLIT: "What a split that divides stars would claim.",
    EvidencePart.PERMUTATION_IMPORTANCE: "What the figures lose when a quantity's values are dealt"
    " out among the rows.",
    EvidencePart.SCORE_INTERVALS: "How far each score moves within the errors of the object's"
    " values, from more draws.",
    EvidencePart.PROTOCOLS: "The other ways of testing that were asked for.",
}

_GATHERED_AFTERWARDS = frozenset({Protocol.TIME_FORWARD, Protocol.LEAVE_ONE_MISSION_OUT})


def parts_to_gather(
    model_type: str,
    *,
    measured: bool,
    trained: bool,
    protocols: tuple[str, ...] = (),
) -> tuple[EvidencePart, ...]:
    """Return which parts follow a first answer, in the order in which they are gathered.

    Parameters
    ----------
    model_type
        Name of the model's type.
    measured
        Whether any of the tested rows has a true label.
    trained
        Whether a model was fitted for the session, anew or on from a published one.
    protocols
        Names of the ways of testing that were asked for beside the tested rows.
    """
    parts: list[EvidencePart] = []
    if measured:
        parts.append(EvidencePart.SLICES)
        parts += [EvidencePart.ROW_SPLIT] if trained else []
        parts.append(EvidencePart.PERMUTATION_IMPORTANCE)
    # Of what is asked slowly the draws of the first answer are all there are.
    if not MODELS[model_type].explainer.asks_slowly:
        parts.append(EvidencePart.SCORE_INTERVALS)
    if _GATHERED_AFTERWARDS.intersection(map(Protocol, protocols)):
        parts.append(EvidencePart.PROTOCOLS)
    return tuple(parts)
