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
from mlcore.inspection.nearest_neighbours import LearntPlaces, NearestNeighbours
from mlcore.prediction.check_outcomes import Outcome, physical_checks
from mlcore.prediction.error_propagation import DRAWS, FEWEST_DRAWS, score_intervals
from mlcore.prediction.verdict import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mlcore.calibration.conformal import ConformalAnswer
    from mlcore.datasets.spec import Dataset
    from mlcore.datasets.table import Table
    from mlcore.inspection.nearest_neighbours import Neighbour
    from mlcore.model_selection.labelled_rows import LabelledRows
    from mlcore.models.novelty import NoveltyCheck
    from mlcore.models.trained_model import TrainedModel
    from mlcore.prediction.check_outcomes import CheckResult
    from mlcore.prediction.error_propagation import ScoreIntervals
    from mlcore.prediction.scoring import Scored
    from mlcore.prediction.verdict import Verdict
    from mlcore.run import RunContext

__all__ = ["Assessment", "assess", "interval_as_json", "intervals_of_scores", "learnt_places"]

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
            "conformal": self.conformal and self.conformal.as_json(),
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


def assess(  # noqa: PLR0913 - what all rows of a table share, beside the rows
    model: TrainedModel,
    table: Table,
    features: pd.DataFrame,
    scored: Scored,
    *,
    learnt: LearntPlaces | None,
    importance: NDArray[np.float64],
    measured: bool,
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
    scored
        What it says of them.
    learnt
        The objects that the model was trained on; None where they are not at hand.
    importance
        Mean absolute contribution of each column: it weighs them where neighbours are sought.
    measured
        Whether anything measured of the transits is at hand in the whole table.
    draws
        As in `intervals_of_scores`.
    run
        Its seed is that of the draws within the errors; without time left the intervals of the
        scores are left out.
    """
    answers: list[ConformalAnswer | None] = [None] * len(table)
    if model.conformal is not None:
        answers = list(model.conformal.answers(model.task.probabilities(scored.probabilities)))
    novelties = model.novelty.check(features, model.columns(table.dataset))
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
    nearest: list[tuple[Neighbour, ...]] = [()] * len(table)
    if learnt is not None:
        nearest = NearestNeighbours(learnt, importance).of(table.names, table.hosts, features)
    best = scored.labels.tolist()
    return [
        Assessment(
            verdict=VERDICTS[verdict],
            measured=measured,
            conformal=answers[i],
            novelty=novelties[i],
            interval=intervals.of(i),
            interval_sentence=intervals.sentence(i, best[i]),
            checks=checks[i],
            nearest_neighbours=nearest[i],
        )
        for i, verdict in enumerate(scored.verdicts.tolist())
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


def learnt_places(
    model: TrainedModel, dataset: Dataset, learned_from: Sequence[LabelledRows]
) -> LearntPlaces | None:
    """Return the objects among which a mission's objects have their neighbours.

    Parameters
    ----------
    model
        The fitted model.
    dataset
        The mission.
    learned_from
        What the model was trained on, as far as it is at hand.
    """
    # A model of several missions is compared with the object's own: names and units agree there.
    same = [rows for rows in learned_from if rows.tables[0].dataset.name == dataset.name]
    if not same:
        return None
    return LearntPlaces.of(same[0].tables[0], same[0].features, model.columns(dataset))
