"""How one tree comes to its answer for one object, split by split, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.tree import DecisionTreeClassifier

from mlcore.datasets.units import amount_in_words
from mlcore.errors import DataError
from mlcore.features.described import subject_of
from mlcore.in_words import counted, percent
from mlcore.inspection.reasons import CLASS_NOUNS
from mlcore.models.leaf_shares import training_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Disposition
    from mlcore.models.classifier import Classifier

__all__ = ["DecisionPath", "Step", "decision_path"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One question that a tree asks of an object."""

    column: str
    value: float | None
    """The object's value in the column's unit; None where it is not known."""
    threshold: float
    at_most: bool
    """Whether the value, or what stands in for it, is at most the threshold."""
    probability: float
    """Of the predicted class among the training rows that answered alike so far."""
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionPath:
    """The way of one object from the root of a tree to a leaf."""

    tree: int
    """Number of the tree in its forest, from 1."""
    trees: int
    """How many trees the model has."""
    prediction: Disposition
    """The answer of this tree."""
    probability: float
    """Of the answer by this tree: the share in its leaf, which a single tree draws towards that of
    the branch above, see `mlcore.models.leaf_shares`."""
    steps: tuple[Step, ...]
    conclusion: str
    """The leaf in a sentence."""


def decision_path(
    classifier: Classifier, features: pd.DataFrame, columns: Sequence[Column], *, tree: int = 1
) -> DecisionPath:
    """Return how a decision tree, or one tree of a forest, decides on one object.

    Parameters
    ----------
    classifier
        A decision tree, random forest or extra trees classifier.
    features
        One row, in the columns' declared units.
    columns
        Declarations of the classifier's columns, in its order.
    tree
        Number of the tree, from 1.

    Raises
    ------
    DataError
        When the model is of another type, has no such tree, or there is not exactly one row.
    """
    estimator = classifier.estimator
    if not isinstance(
        estimator, DecisionTreeClassifier | RandomForestClassifier | ExtraTreesClassifier
    ) or not _in_units(classifier):
        raise DataError(
            f"A {classifier.model_type.label} has no decision path; a decision tree, a random"
            " forest or extra trees have."
        )
    members = getattr(estimator, "estimators_", [estimator])
    if not 1 <= tree <= len(members):
        raise DataError(f"tree was {tree}, but it must be a whole number from 1 to {len(members)}.")
    if len(features) != 1:
        raise DataError(f"A decision path is of one object, but {len(features)} were given.")
    nodes = members[tree - 1].tree_
    prepared = classifier.prepare(features)[0]
    values = features.loc[:, list(classifier.columns)].to_numpy(dtype=np.float64)[0]
    # Nodes are numbered from the root downwards, so along one path in order.
    path = np.sort(nodes.decision_path(prepared[None, :].astype(np.float32)).indices)
    shares = training_shares(members[tree - 1])
    stated = nodes.value[path[-1], 0] / nodes.value[path[-1], 0].sum()
    best = int(stated.argmax())
    prediction = classifier.classes[best]
    steps = []
    for node, following in pairwise(path):
        place, threshold = int(nodes.feature[node]), float(nodes.threshold[node])
        at_most, probability = following == nodes.children_left[node], shares[following, best]
        column, value = columns[place], float(values[place])
        bound = f"{'at most' if at_most else 'more than'} {amount_in_words(threshold, column.unit)}"
        steps.append(
            Step(
                column=column.name,
                value=None if math.isnan(value) else value,
                threshold=threshold,
                at_most=bool(at_most),
                probability=float(probability),
                sentence=f"{_compared(column, value, float(prepared[place]), bound)}:"
                f" {percent(probability)} of such training rows are"
                f" {_many(CLASS_NOUNS[prediction])}",
            )
        )
    return DecisionPath(
        tree=tree,
        trees=len(members),
        prediction=prediction,
        probability=float(stated[best]),
        steps=tuple(steps),
        conclusion=_conclusion(
            classifier, shares[path[-1]], stated, int(nodes.n_node_samples[path[-1]])
        ),
    )


def _in_units(classifier: Classifier) -> bool:
    """Tell whether thresholds are in the columns' units: nothing but imputation before the tree."""
    preparation = classifier.preparation
    return preparation is None or all(isinstance(s, SimpleImputer) for _, s in preparation.steps)


def _compared(column: Column, value: float, stand_in: float, bound: str) -> str:
    """Return how a value, or what stands in for one that is not known, lies to a bound."""
    if not math.isnan(value):
        return f"{subject_of(column)} of {amount_in_words(value, column.unit)} is {bound}"
    if math.isnan(stand_in):
        return f"{subject_of(column)} is not known, which goes the way of {bound}"
    return (
        f"{subject_of(column)} is not known; the training median of"
        f" {amount_in_words(stand_in, column.unit)} stands in and is {bound}"
    )


def _conclusion(
    classifier: Classifier, shares: NDArray[np.float64], stated: NDArray[np.float64], rows: int
) -> str:
    outcomes = [
        f"{percent(share)} {_many(CLASS_NOUNS[disposition])}"
        # The classes of a fit are in the canonical order.
        for disposition, share in zip(classifier.classes, shares, strict=True)
        if share > 0
    ]
    ended = (
        f"The tree ends in a leaf of {counted(rows, 'different training row')}:"
        f" {', '.join(outcomes)}"
    )
    if np.allclose(shares, stated, rtol=0, atol=1e-9):
        return ended
    best = int(stated.argmax())
    noun = CLASS_NOUNS[classifier.classes[best]]
    return f"{ended}; with the branch above it the tree gives {noun} {percent(stated[best])}"


def _many(noun: str) -> str:
    """Return the plural of a noun with its article: "a planet" becomes "planets"."""
    return f"{noun.removeprefix('a ')}s"
