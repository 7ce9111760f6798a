"""For each object the dispositions that cannot be ruled out, or no answer at all.

A disposition stands in an object's set when the object does not look stranger among objects of
this disposition than all but a few of them do: with 90 % coverage, of every ten planets nine have
"planet" in their set, and of every ten false positives nine have "false positive", whatever the
model and however rare the class (Mondrian, that is class-conditional, conformal prediction: Vovk,
Gammerman & Shafer 2005, section 4.5). How strange an object looks is one minus the probability of
the disposition, compared with the same number of labelled objects whose stars the model had not
seen (cross-conformal: Vovk 2015).

The promise holds for objects drawn as the labelled ones were. It is not kept for another mission,
nor for candidates where those that got decided are not like those that did not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from crepes import ConformalClassifier
from crepes.extras import hinge

from mlcore._json import json_of
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.in_words import joined, level
from mlcore.levels import COVERAGE
from mlcore.metrics.measure import check_probabilities
from mlcore.tasks import DISPOSITION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.tasks import Labels, Task

__all__ = ["ABSTAIN", "ConformalAnswer", "ConformalPredictor", "calibrate_conformal"]

ABSTAIN = "abstain"
"""The answer when a set does not hold exactly one disposition."""
_ROUNDING = 1e-12
_DECIMALS = 6
"""To how many decimals scores are compared and saved."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ConformalAnswer:
    """What can be said of one object at a stated coverage."""

    possible: tuple[Disposition, ...]
    """The dispositions that cannot be ruled out, in canonical order."""
    p_values: tuple[float, ...]
    """For each class of the task, the share of its labelled objects that look as strange."""
    coverage: float
    """Share of each class whose sets hold it."""
    classes: tuple[Disposition, ...]
    """The classes of the task, in canonical order."""

    @property
    def answer(self) -> str:
        """The only possible disposition, or `ABSTAIN`."""
        return str(self.possible[0]) if len(self.possible) == 1 else ABSTAIN

    @property
    def reason(self) -> str:
        """What remains possible, as a sentence."""
        task = replace(DISPOSITION, classes=self.classes)
        remaining = [f"'{task.called(kind)}'" for kind in self.possible]
        at_coverage = f"At {level(self.coverage)} coverage"
        match remaining:
            case []:
                every = " or ".join(f"'{task.called(kind)}'" for kind in self.classes)
                return (
                    f"{at_coverage} nothing remains: as {every} it looks stranger than nearly all"
                    " known objects."
                )
            case [only]:
                return f"{at_coverage} only {only} remains."
            case [first, second]:
                both = f"both {first} and {second} remain"
            case _:
                both = f"{joined(remaining)} all remain"
        return f"{at_coverage} {both}: the model cannot tell."


@dataclass(frozen=True, kw_only=True, slots=True)
class ConformalPredictor:
    """How strange labelled objects look to a model that did not see their stars."""

    classes: tuple[Disposition, ...]
    scores: tuple[tuple[float, ...], ...]
    """For each class the rising scores of its calibration rows."""

    def p_values(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each row and class the share of the class that looks as strange or more.

        Parameters
        ----------
        probabilities
            Of each class, shape ``(n, k)``, from the model that the scores were made for.

        Returns
        -------
        ndarray, shape ``(n, k)``
            The row itself counts as one of the class (so that no value is 0), and ties count
            in full: a set may be too large by that, never too small, and is the same each time.
        """
        check_probabilities(probabilities, rows=len(probabilities), classes=len(self.classes))
        strange = _strangeness(probabilities)
        calibration = np.concatenate(
            [np.asarray(scores, dtype=np.float64) for scores in self.scores]
        )
        kind = np.repeat(np.arange(len(self.classes)), [len(scores) for scores in self.scores])
        assess = ConformalClassifier().fit(calibration, bins=kind)
        return np.column_stack(
            [
                assess.predict_p(column, bins=np.full(len(strange), place), smoothing=False)
                for place, column in enumerate(strange.T)
            ]
        )

    def answers(
        self, probabilities: NDArray[np.float64], *, coverage: float = COVERAGE
    ) -> list[ConformalAnswer]:
        """Return what can be said of each row.

        Parameters
        ----------
        probabilities
            As in `p_values`.
        coverage
            Share of each class whose set is to hold it, in (0, 1).

        Raises
        ------
        HyperparameterError
            When `coverage` is out of bounds.
        """
        if not 0 < coverage < 1:
            raise HyperparameterError(
                f"coverage was {coverage:g}, but it must be a number between 0 and 1."
            )
        return [
            ConformalAnswer(
                possible=tuple(
                    kind
                    for kind, p in zip(self.classes, row, strict=True)
                    if p > 1 - coverage + _ROUNDING
                ),
                p_values=tuple(row.tolist()),
                coverage=coverage,
                classes=self.classes,
            )
            for row in self.p_values(probabilities)
        ]

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads: numbers and names only."""
        return json_of(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> ConformalPredictor:
        """Return the predictor that `as_json` described.

        Raises
        ------
        ArtifactError
            When `saved` is something else.
        """
        try:
            scores = tuple(tuple(map(float, row)) for row in saved["scores"])
            classes = tuple(map(Disposition, saved["classes"]))
        except (KeyError, TypeError, ValueError):
            raise ArtifactError("The saved conformal scores are damaged.") from None
        if len(scores) != len(classes) or not all(0 <= x <= 1 for row in scores for x in row):
            raise ArtifactError("The saved conformal scores are damaged.")
        return cls(classes=classes, scores=scores)


def calibrate_conformal(
    probabilities: NDArray[np.float64], labels: Labels, *, task: Task
) -> ConformalPredictor:
    """Learn how strange labelled objects look.

    Parameters
    ----------
    probabilities
        Of each of the task's classes, shape ``(n, k)``, for rows whose stars the model was not
        trained on (`mlcore.model_selection.folds.out_of_fold`), calibrated as those that are
        assessed later.
    labels
        Disposition of each row; others than the task's classes are left out.
    task
        What is told apart.

    Returns
    -------
    ConformalPredictor
        A class with fewer rows than ``1 / (1 - coverage) - 1`` can never be ruled out.

    Raises
    ------
    DataError
        When no row has a label that the task tells apart.
    """
    check_probabilities(probabilities, rows=len(labels), classes=len(task.classes))
    targets = task.targets(labels)
    if not (targets >= 0).any():
        raise DataError("No row has a disposition to compare with, which conformal sets need.")
    strange = _strangeness(probabilities)
    return ConformalPredictor(
        classes=task.classes,
        scores=tuple(
            tuple(np.sort(strange[targets == place, place]).tolist())
            for place in range(len(task.classes))
        ),
    )


def _strangeness(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    # Rounded, so that a saved score compares as the one that it was.
    return np.asarray(np.clip(np.round(hinge(probabilities), _DECIMALS), 0.0, 1.0))
