"""The analyses that can be asked for after a session, by name; `mlcore.analyses` does them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlcore.models.model_types import MODELS
from mlcore.models.spec import Explainer, OutputScale

__all__ = ["Analysis", "Question", "refusal_of_analysis"]


class Analysis(StrEnum):
    """The name of an analysis of a session's model.

    Examples
    --------
    >>> import mlcore
    >>> mlcore.Analysis("counterfactual").meaning
    'What would have to be different about an object for another answer.'
    """

    DROP_COLUMNS = "drop_columns"
    AVERAGE_REPLACEMENT = "average_replacement"
    COUNTERFACTUAL = "counterfactual"
    DECISION_PATH = "decision_path"
    PROBABILITY = "probability"
    PATH_DEPENDENT = "path_dependent"
    NEEDED_COLUMNS = "needed_columns"

    @property
    def meaning(self) -> str:
        """What it answers, as a sentence."""
        return _MEANINGS[self]

    @property
    def takes_wanted(self) -> bool:
        """Whether it takes a disposition to be about."""
        return self in _TAKE_WANTED

    @property
    def of_one_object(self) -> bool:
        """Whether it is about one of the session's objects and not about the model."""
        return self in _OF_ONE_OBJECT


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of a model, or of what it says of one object.

    Examples
    --------
    >>> import mlcore
    >>> question = mlcore.Question(
    ...     analysis=mlcore.Analysis.COUNTERFACTUAL, number=3, wanted="confirmed"
    ... )
    >>> question.analysis.of_one_object
    True
    """

    analysis: Analysis
    number: int | None = None
    """Place of the object among the rows, from 1, for an analysis of one object."""
    name: str = ""
    """Its name, to make sure; empty: whatever it is called."""
    wanted: str | None = None
    """The `Disposition` to look for, or whose probability to explain."""
    tree: int = 1
    """Number of the tree whose path is told, from 1."""


_MEANINGS = {
    Analysis.DROP_COLUMNS: "What the figures lose when the model is trained without a quantity.",
    Analysis.AVERAGE_REPLACEMENT: "What the figures lose with a quantity's median in its place.",
    Analysis.COUNTERFACTUAL: "What would have to be different about an object for another answer.",
    Analysis.DECISION_PATH: "Which questions a tree asked about an object, in words.",
    Analysis.PROBABILITY: "How much each column moved an object's probability: the same estimand"
    " for every model.",
    Analysis.PATH_DEPENDENT: "The exact path-dependent Shapley values of a forest for an object.",
    Analysis.NEEDED_COLUMNS: "Which columns the model needs, and which of them the table lacks.",
}
_TAKE_WANTED = frozenset({Analysis.COUNTERFACTUAL, Analysis.PROBABILITY})
_OF_TREES = frozenset({Analysis.DECISION_PATH, Analysis.PATH_DEPENDENT})
_OF_ONE_OBJECT = _TAKE_WANTED | _OF_TREES
_TREES = tuple(
    kind.name
    for kind in MODELS.values()
    if kind.explainer is Explainer.TREES and kind.output is OutputScale.PROBABILITY
)
"""Model types whose trees vote, by name."""


def refusal_of_analysis(
    analysis: Analysis, *, model_type: str, fine_tuned: bool, measured: bool
) -> str | None:
    """Return why an analysis does not fit a model, as a sentence; None where it does.

    Parameters
    ----------
    analysis
        What is asked for.
    model_type
        Name of the model's type.
    fine_tuned
        Whether the model is a published one that went on learning.
    measured
        Whether any of the tested rows has a true label.
    """
    if analysis in _OF_TREES and model_type not in _TREES:
        return (
            f"analysis was {analysis}, which needs a model whose trees vote"
            f" ({', '.join(_TREES)}); this session's is {model_type}."
        )
    if analysis is Analysis.DROP_COLUMNS and fine_tuned:
        return (
            f"analysis was {analysis}, which trains the model anew, but a fine-tuned model is the"
            f" work of two trainings; {Analysis.AVERAGE_REPLACEMENT} asks it as it is."
        )
    if analysis in {Analysis.DROP_COLUMNS, Analysis.AVERAGE_REPLACEMENT} and not measured:
        return (
            f"analysis was {analysis}, which compares figures, but none of the session's rows has"
            " a disposition that its model tells apart."
        )
    return None
