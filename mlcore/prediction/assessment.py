"""What is said of single objects beside the most probable class and its reasons.

A conformal set says what cannot be ruled out, a novelty check whether the model knows such objects
at all, an interval how far the catalogue's own errors move the score, named checks what physics
says without any model, and nearest neighbours which labelled objects the model finds alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.spec import CLASSES
from mlcore.inspection.nearest_neighbours import NearestNeighbours
from mlcore.prediction.check_outcomes import Outcome, physical_checks
from mlcore.prediction.error_propagation import DRAWS, FEWEST_DRAWS, score_intervals
from mlcore.prediction.verdict import transit_measured, verdict_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.calibration.conformal import ConformalAnswer
    from mlcore.datasets.table import Table
    from mlcore.inspection import Explanation
    from mlcore.inspection.nearest_neighbours import Neighbour
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.novelty import NoveltyCheck
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.check_outcomes import CheckResult
    from mlcore.prediction.error_propagation import ScoreIntervals
    from mlcore.prediction.verdict import Verdict
    from mlcore.run import RunContext

__all__ = ["Assessment", "assess", "interval_as_json", "intervals_of_scores"]

_SHARE_OF_DRAWS = 0.25
"""Share of the time left that the draws may take."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What is said of one object."""

    verdict: Verdict
    """What the model can say of the object."""
    conformal: ConformalAnswer | None
    novelty: NoveltyCheck
    interval: tuple[tuple[float, float], ...] | None
    """5th and 95th percentile of the probability of each of `CLASSES` under the catalogue's own
    errors; None where it gives none."""
    interval_sentence: str
    checks: tuple[CheckResult, ...]
    nearest_neighbours: tuple[Neighbour, ...]
    """Nearest labelled objects that the model was trained on; empty where they are not at hand."""
    measured: bool = True
    """Whether anything measured of the transits was at hand, of this object or another."""

    @property
    def failed_checks(self) -> tuple[str, ...]:
        """What physics holds against a planet, as sentences."""
        return tuple(check.sentence for check in self.checks if check.outcome is Outcome.FAILED)

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        ended = {
            outcome: [check for check in self.checks if check.outcome is outcome]
            for outcome in Outcome
        }
        return {
            "verdict": str(self.verdict),
            "conformal": None
            if self.conformal is None
            else {
                "answer": self.conformal.answer,
                "possible": [str(kind) for kind in self.conformal.possible],
                "p_values": list(self.conformal.p_values),
                "coverage": self.conformal.coverage,
                "reason": self.conformal.reason,
            },
            "domain": {
                "outside": self.novelty.outside,
                "columns": [cause.column for cause in self.novelty.causes],
                "sentence": self.novelty.sentence,
            },
            "score_interval": interval_as_json(self.interval),
            "score_interval_sentence": self.interval_sentence,
            "checks": [
                {
                    "check": check.check,
                    "outcome": str(check.outcome),
                    "value": check.value,
                    "limit": check.limit,
                }
                for check in self.checks
                if check.outcome is not Outcome.UNCHECKED
            ],
            "failed_checks": [
                {"check": check.check, "sentence": check.sentence}
                for check in ended[Outcome.FAILED]
            ],
            "passed_checks": [check.check for check in ended[Outcome.PASSED]],
            "unchecked": [check.check for check in ended[Outcome.UNCHECKED]],
            "analogues": [
                {
                    "name": neighbour.name,
                    "host": neighbour.host,
                    "disposition": neighbour.disposition,
                    "distance": round(neighbour.distance, 4),
                }
                for neighbour in self.nearest_neighbours
            ],
        }


def interval_as_json(
    interval: tuple[tuple[float, float], ...] | None,
) -> dict[str, dict[str, float]] | None:
    """Return the interval of the probability of each of `CLASSES` as JSON values."""
    if interval is None:
        return None
    return {
        str(kind): {"low": low, "high": high}
        for kind, (low, high) in zip(CLASSES, interval, strict=True)
    }


def assess(
    model: TrainedModel,
    table: Table,
    features: pd.DataFrame,
    probabilities: NDArray[np.float64],
    explanation: Explanation,
    *,
    learned_from: Sequence[LabelledRows] = (),
    draws: int | None = None,
    run: RunContext,
) -> list[Assessment]:
    """Assess each row of a table.

    Parameters
    ----------
    model
        The fitted model.
    table
        The rows.
    features
        What the model sees of them, shape ``(n, p)``.
    probabilities
        What it says of them, of each of `CLASSES`, shape ``(n, 3)``.
    explanation
        Of the same rows: its mean sizes weigh the columns in which neighbours are sought.
    learned_from
        What the model was trained on, as far as it is at hand.
    draws
        As in `intervals_of_scores`.
    run
        Its seed is that of the draws within the errors; without time left the intervals of the
        scores are left out.
    """
    dataset = table.dataset
    columns = model.columns(dataset)
    answers: list[ConformalAnswer | None] = [None] * len(table)
    task, of_classes = model.task, model.task.probabilities(probabilities)
    if model.conformal is not None:
        answers = list(model.conformal.answers(of_classes))
    sets = [None if answer is None else answer.possible for answer in answers]
    novelties = model.novelty.check(features, columns)
    checks = physical_checks(table)
    run.progress(0.2, "errors of the catalogue")
    intervals = intervals_of_scores(
        model,
        table,
        features,
        draws=draws,
        run=run.reporting(lambda done, detail: run.progress(0.2 + 0.6 * done, f"errors, {detail}")),
    )
    run.progress(0.8, "similar objects")
    nearest_neighbours = _nearest_neighbours(model, table, features, explanation, learned_from)
    best = probabilities.argmax(axis=1)
    measured = transit_measured(table)
    return [
        Assessment(
            verdict=verdict_of(
                task,
                dict(zip(task.classes, stated, strict=True)),
                possible,
                measured=measured,
            ),
            measured=measured,
            conformal=answers[i],
            novelty=novelties[i],
            interval=intervals.of(i),
            interval_sentence=intervals.sentence(i, int(best[i])),
            checks=checks[i],
            nearest_neighbours=nearest_neighbours[i],
        )
        for i, (stated, possible) in enumerate(zip(of_classes.tolist(), sets, strict=True))
    ]


def intervals_of_scores(
    model: TrainedModel,
    table: Table,
    features: pd.DataFrame,
    *,
    draws: int | None = None,
    run: RunContext,
) -> ScoreIntervals:
    """Draw the values of each row within their errors and ask the model again.

    Parameters
    ----------
    model, table, features
        As in `assess`.
    draws
        How many at most; None: as many as a model of the kind is asked.
    run
        Its seed is that of the draws; without time left there are no intervals.
    """
    # The number of draws belongs to the result: the clock may not decide it.
    slow = model.classifier.model_type.explainer.asks_slowly
    most = FEWEST_DRAWS if slow else DRAWS
    return score_intervals(
        model.classifier,
        table,
        features_of=lambda drawn: model.features_drawn(
            drawn, features.iloc[np.arange(len(drawn)) % len(table)].reset_index(drop=True)
        ),
        drawn_by=[repr(model.inputs), features],
        errors=pd.concat([table.frame, table.withheld_errors], axis=1),
        draws=most if draws is None else min(draws, most),
        longest=_SHARE_OF_DRAWS * run.budget.left,
        run=run,
    )


def _nearest_neighbours(
    model: TrainedModel,
    table: Table,
    features: pd.DataFrame,
    explanation: Explanation,
    learned_from: Sequence[LabelledRows],
) -> list[tuple[Neighbour, ...]]:
    # A model of several missions is compared with the object's own: names and units agree there.
    same = [rows for rows in learned_from if rows.tables[0].dataset.name == table.dataset.name]
    if not same:
        return [()] * len(table)
    index = NearestNeighbours(
        training=same[0].tables[0],
        training_features=same[0].features,
        columns=model.columns(table.dataset),
        importance=np.abs(explanation.contributions).mean(axis=0),
    )
    return index.of(table, features)
