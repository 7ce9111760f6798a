"""An ensemble of fitted classifiers whose score is the weighted sum of theirs.

The members' outputs that are added are those that explanations add up to, so the ensemble's
Shapley values are exactly the weighted sum of its members' own.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.errors import ArtifactError
from mlcore.models.classifier import Classifier, fit_classifier, known_medians
from mlcore.models.model_types import MODELS
from mlcore.models.outputs import class_outputs
from mlcore.models.stack_weights import StackWeights, probabilities_of
from mlcore.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.progress import ProgressCallback

__all__ = ["StackedEnsemble", "load", "refit", "save", "stacked_classifier"]

_FILE = "stack.json"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class StackedEnsemble:
    """What a classifier made of classifiers predicts with.

    Its rows are the raw matrix of the feature columns, shape ``(n, p)``, NaN where a value is
    missing: each member has its own preparation.
    """

    members: tuple[Classifier, ...]
    stack: StackWeights

    def outputs(self, X: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return each member's outputs of each class, shape ``(n, k)`` each."""
        return [
            class_outputs(member, self.prepared(place, X))
            for place, member in enumerate(self.members)
        ]

    def prepared(self, place: int, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the matrix that the estimator of the member at `place` sees of raw rows."""
        preparation = self.members[place].preparation
        return X if preparation is None else np.asarray(preparation.transform(X))

    def decision_function(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each class, shape ``(n, k)``.

        Of two classes only the second's, its log-odds, shape ``(n,)``.
        """
        return self.stack.scores(self.outputs(X))

    def predict_proba(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each class, shape ``(n, k)``."""
        return probabilities_of(self.decision_function(X))


def stacked_classifier(
    members: Sequence[Classifier | None],
    stack: StackWeights,
    *,
    features: pd.DataFrame,
    hyperparameters: dict[str, Any],
    seed: int,
) -> Classifier:
    """Return an ensemble as a classifier.

    Parameters
    ----------
    members
        Fitted on the same rows and columns; None for any that is dropped.
    stack
        Weight of each; members without one are dropped, all but the first if none has one.
    features
        The training rows, shape ``(n, p)``: explanations start from their median.
    hyperparameters
        Of the model type ``auto``.
    seed
        Seed of the search that found the members.
    """
    # Where nothing helps, the score is a constant, and still something has to have that score.
    worthy = [weight > 0 for weight in stack.weights] if any(stack.weights) else [True]
    kept = {
        place: member
        for place, (member, worth) in enumerate(zip(members, worthy, strict=False))
        if member is not None and worth
    }
    first = next(iter(kept.values()))
    X = features.loc[:, list(first.columns)].to_numpy(dtype=np.float64)
    return Classifier(
        model_type=MODELS["auto"],
        hyperparameters=hyperparameters,
        columns=first.columns,
        classes=first.classes,
        preparation=None,
        estimator=StackedEnsemble(
            members=tuple(kept.values()),
            stack=replace(
                stack,
                weights=tuple(stack.weights[place] for place in kept),
                shares=tuple(stack.shares[place] for place in kept),
            ),
        ),
        baseline=known_medians(X),
        seed=seed,
        task=first.task,
        warnings=tuple(
            f"{member.model_type.label}: {sentence}"
            for member in kept.values()
            for sentence in member.warnings
        ),
    )


def refit(
    classifier: Classifier,
    rows: LabelledRows,
    *,
    seed: int,
    progress: ProgressCallback = silent,
) -> Classifier:
    """Refit an ensemble's members on other rows or columns; their weights stay.

    Parameters
    ----------
    classifier
        An ensemble.
    rows, seed, progress
        As in `mlcore.models.fit_classifier`; the rows must hold the same classes.

    Returns
    -------
    Classifier
        What the same search would have led to, as far as one can know without searching again.
    """
    ensemble: StackedEnsemble = classifier.estimator
    members = []
    for place, member in enumerate(ensemble.members):

        def advance(fraction: float, detail: str, place: int = place) -> None:
            progress((place + fraction) / len(ensemble.members), detail)

        members.append(
            fit_classifier(
                member.model_type,
                member.hyperparameters,
                rows,
                seed=seed,
                task=classifier.task,
                progress=advance,
            )
        )
    return stacked_classifier(
        members,
        ensemble.stack,
        features=rows.features,
        hyperparameters=dict(classifier.hyperparameters),
        seed=seed,
    )


def save(
    ensemble: StackedEnsemble, folder: Path, save_member: Callable[[Classifier, Path], object]
) -> None:
    """Write an ensemble to a folder that exists.

    Parameters
    ----------
    ensemble
        What to write.
    folder
        Gets ``stack.json`` with the weights, and ``member-0`` and so on.
    save_member
        Writes a member to a new folder.
    """
    for place, member in enumerate(ensemble.members):
        save_member(member, folder / f"member-{place}")
    saved = {"members": len(ensemble.members), **asdict(ensemble.stack)}
    (folder / _FILE).write_text(json.dumps(saved, indent=1, allow_nan=False), encoding="utf-8")


def load(folder: Path, load_member: Callable[[Path], Classifier]) -> StackedEnsemble:
    """Read an ensemble that `save` wrote.

    Parameters
    ----------
    folder
        Where it was written.
    load_member
        Reads a member from its folder.

    Raises
    ------
    ArtifactError
        When the weights are damaged.
    """
    damaged = ArtifactError("The saved ensemble is damaged.")
    try:
        saved = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        count = int(saved["members"])
        stack = StackWeights(
            **{field.name: tuple(map(float, saved[field.name])) for field in fields(StackWeights)}
        )
    except (OSError, KeyError, TypeError, ValueError):
        raise damaged from None
    numbers = np.array([*stack.weights, *stack.intercepts, *stack.shares])
    if (
        count < 1
        or not np.isfinite(numbers).all()
        or min((*stack.weights, *stack.shares)) < 0
        or not count == len(stack.weights) == len(stack.shares)
    ):
        raise damaged
    members = tuple(load_member(folder / f"member-{place}") for place in range(count))
    classes = len(members[0].classes)
    if len(stack.intercepts) != (1 if classes == 2 else classes):
        raise damaged
    return StackedEnsemble(members=members, stack=stack)
