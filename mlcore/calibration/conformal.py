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

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from crepes.extras import hinge

from mlcore._json import json_of
from mlcore.calibration.answers import ABSTAIN, ConformalAnswer
from mlcore.datasets.spec import Disposition
from mlcore.errors import ArtifactError, DataError, HyperparameterError
from mlcore.levels import COVERAGE
from mlcore.metrics.measure import check_probabilities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mlcore.tasks import Labels, Task

__all__ = ["ABSTAIN", "ConformalAnswer", "ConformalPredictor", "calibrate_conformal"]

_ROUNDING = 1e-12
_DECIMALS = 6
"""To how many decimals scores are compared and saved."""


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
        return np.column_stack(
            [
                # The scores rise: how many look as strange follows from where the row's belongs.
                (len(scores) - np.searchsorted(scores, column, side="left") + 1) / (len(scores) + 1)
                for column, scores in zip(strange.T, map(np.asarray, self.scores), strict=True)
            ]
        )

    def sets(
        self, p_values: NDArray[np.float64], *, coverage: float = COVERAGE
    ) -> NDArray[np.bool_]:
        """Return which classes cannot be ruled out for each row, shape ``(n, k)``.

        Parameters
        ----------
        p_values
            What `p_values` returned.
        coverage
            As in `answers`.

        Raises
        ------
        HyperparameterError
            When `coverage` is out of bounds.
        """
        if not 0 < coverage < 1:
            raise HyperparameterError(
                f"coverage was {coverage:g}, but it must be a number between 0 and 1."
            )
        return np.asarray(p_values > 1 - coverage + _ROUNDING)

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
        p_values = self.p_values(probabilities)
        sets = self.sets(p_values, coverage=coverage)
        return [
            ConformalAnswer(
                possible=tuple(
                    kind for kind, holds in zip(self.classes, held, strict=True) if holds
                ),
                p_values=tuple(row),
                coverage=coverage,
                classes=self.classes,
            )
            for row, held in zip(p_values.tolist(), sets.tolist(), strict=True)
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
