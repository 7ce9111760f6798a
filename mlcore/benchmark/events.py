"""Kepler's threshold-crossing events: planets against all else, beside the mission's Robovetter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.benchmark.protocol import (
    BY_STAR,
    FULL,
    Effort,
    blend,
    columns_and_features,
    mean_of_seeds,
    measured_by_seed,
    unmeasured,
)
from mlcore.benchmark.rows import Aim, Bar
from mlcore.datasets.opinion import Opinion, OpinionKind
from mlcore.evaluation.second_opinion import COMBINED, MODEL, OPINION, second_opinion
from mlcore.model_selection.folds import out_of_fold
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import TRIAGE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.datasets.table import Table
    from mlcore.evaluation.second_opinion import SecondOpinion
    from mlcore.metrics import Figure

__all__ = ["kepler_events"]

_AUC, _R99, _AP = "roc_auc", "recall_at_99_precision", "average_precision"
_PRECISION, _RECALL = "precision", "recall"

_SCORE = Opinion(column="robovetter_score", kind=OpinionKind.SCORE)
_DISPOSITION = Opinion(
    column="robovetter_disposition", kind=OpinionKind.DISPOSITION, planet=("PC",)
)

_EVENTS = Aim(
    name="tce",
    task="TCE, planet against false positive and no transit",
    features="strict columns, derived features",
    bars=(Bar(metric=_AUC, value=0.9996), Bar(metric=_R99, value=0.936), Bar(metric=_AP)),
    needs="the table of threshold-crossing events",
    note="Neither the star's values nor what is computed from them. ExoMiner publishes a recall of"
    " 0.936 at 99 % precision on this population, with light curves (Valizadegan et al. 2022, ApJ"
    " 926, 120).",
)
_ROBOVETTER = replace(
    _EVENTS,
    name="tce-robovetter-score",
    features="no model: the Robovetter's score",
    bars=(Bar(metric=_AUC), Bar(metric=_AP)),
    needs="the table of threshold-crossing events with the Robovetter's words",
    note="Thompson et al. 2018, ApJS 235, 38, on the same rows.",
)
_ROBOVETTER_WORD = replace(
    _ROBOVETTER,
    name="tce-robovetter-disposition",
    features="no model: the Robovetter's disposition, figures of planets",
    bars=(Bar(metric=_PRECISION), Bar(metric=_RECALL)),
)
_TOGETHER = replace(
    _ROBOVETTER,
    name="tce-with-robovetter",
    features="the model and the Robovetter's score together",
    bars=(Bar(metric=_AP), Bar(metric=_AUC), Bar(metric=_R99)),
    note="Calibrated and combined by host star.",
)
_GAINS = {
    against: replace(
        _TOGETHER,
        name=f"tce-with-robovetter-less-{name}",
        features=f"the model and the Robovetter's score together, less {words}",
        bars=(Bar(metric=_AP, value=0.0),),
        note="A difference: both are measured on the same resamples of the stars.",
    )
    for against, name, words in (
        (MODEL, "model", "the model alone"),
        (OPINION, "robovetter", "the score alone"),
    )
}


def kepler_events(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Tell planets from everything else that the pipeline found, and ask the Robovetter too."""
    table = tables.events
    others = (_ROBOVETTER, _ROBOVETTER_WORD, _TOGETHER, *_GAINS.values())
    if table is None:
        return tuple(row for aim in (_EVENTS, *others) for row in unmeasured(aim))
    rows = LabelledRows.of([table], columns_and_features(table))
    decided = TRIAGE.decided(rows.labels)
    rows, table = rows.take(decided), table.take(decided)
    fit = blend(effort.recipe, TRIAGE)
    scores = {seed: out_of_fold(fit, rows, task=TRIAGE, seed=seed) for seed in effort.seeds}
    model = measured_by_seed(
        _EVENTS, effort, scores.__getitem__, rows.labels, rows.hosts, task=TRIAGE, split=BY_STAR
    )
    if not {_SCORE.name, _DISPOSITION.name} <= set(table.frame):
        return (*model, *(row for aim in others for row in unmeasured(aim)))
    by_score, by_word = (
        [_beside(opinion, table, scores[seed], seed) for seed in effort.seeds]
        for opinion in (_SCORE, _DISPOSITION)
    )
    return (
        *model,
        *mean_of_seeds(_ROBOVETTER, [_figures(one, OPINION) for one in by_score]),
        *mean_of_seeds(_ROBOVETTER_WORD, [_figures(one, OPINION) for one in by_word]),
        *mean_of_seeds(_TOGETHER, [_figures(one, COMBINED) for one in by_score]),
        *(
            row
            for against, aim in _GAINS.items()
            for row in mean_of_seeds(aim, [_gains(one, against) for one in by_score])
        ),
    )


def _beside(
    opinion: Opinion, table: Table, scores: NDArray[np.float64], seed: int
) -> SecondOpinion:
    # The words of a disposition are those of the table itself, and need no file.
    column = table.frame[opinion.name]
    said = column.isin(opinion.planet).astype("float64") if opinion.planet else column
    return second_opinion(
        opinion, said, TRIAGE.of_all(scores), table, task=TRIAGE, split=BY_STAR, seed=seed
    )


def _figures(measured: SecondOpinion, voice: str) -> dict[str, Figure]:
    return {figure.name: figure for whose, figure in measured.figures if whose == voice}


def _gains(measured: SecondOpinion, against: str) -> dict[str, Figure]:
    """Return by how much both together are above one of them alone, as figures."""
    return {
        one.name: replace(
            measured.figure(COMBINED, one.name), value=one.value, low=one.low, high=one.high
        )
        for one in measured.differences
        if (one.of, one.against) == (COMBINED, against)
    }
