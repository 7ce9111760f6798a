"""Tables that lack columns: the model that answers beside one trained on exactly these columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mlcore.benchmark.protocol import FULL, Effort, mean_of_seeds, unmeasured
from mlcore.benchmark.rows import COVERAGE, Aim, Bar
from mlcore.datasets.snapshot import fixed_test_rows
from mlcore.features.feature_sets import Inputs
from mlcore.metrics import Figure, measure
from mlcore.metrics.resampling import StarResamples
from mlcore.model_selection.train_test import FIXED_SPLIT
from mlcore.model_selection.training_rows import labels_of
from mlcore.pretrained import load_published
from mlcore.run import RunContext
from mlcore.tasks import find_task
from mlcore.training.common_columns import on_common_columns
from mlcore.training.learning import fit_model
from mlcore.training.refit_without import RefitRows, refit_without, unreadable
from mlcore.training.setup import TrainingSetup

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel

__all__ = ["fewer_columns"]

_METRICS = ("roc_auc", "f1")
_WITHIN = 0.01
"""How far below the exact model a figure may lie."""
_COVERED = 0.93
"""Share of the rows whose set of answers must hold the true class."""
_BARS = (
    f"The bar is {_WITHIN:g} below a model trained on a table that never had the other columns;"
    f" sets cover {_COVERED:.0%} at least."
)

_TWELVE = (
    *("koi_period", "koi_impact", "koi_duration", "koi_depth", "koi_prad", "koi_teq", "koi_insol"),
    *("koi_model_snr", "koi_steff", "koi_slogg", "koi_srad", "koi_kepmag"),
)
_NINE = (
    *("koi_period", "koi_time0bk", "koi_impact", "koi_duration", "koi_depth", "koi_teq"),
    *("koi_steff", "koi_slogg", "koi_srad"),
)
_EIGHT = (
    *("kepoi_name", "koi_period", "koi_duration", "koi_depth", "koi_prad", "koi_teq", "koi_insol"),
    *("koi_steff", "koi_srad"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cut:
    name: str
    words: str
    mission: str
    kept: tuple[str, ...] = ()
    """All columns that stay beside the label; empty where `gone` says it."""
    gone: tuple[str, ...] = ()

    def of(self, table: Table) -> Table:
        stay = [
            name
            for name in table.frame
            if name == table.dataset.label
            or (name in self.kept if self.kept else name not in self.gone)
        ]
        return replace(table, frame=table.frame[stay])


_CUTS = (
    _Cut(
        name="twelve",
        words="12 values without errors",
        mission="kepler",
        kept=("kepid", "kepoi_name", *_TWELVE),
    ),
    _Cut(name="nine", words="9 values, neither star nor name", mission="kepler", kept=_NINE),
    _Cut(name="eight", words="8 values and the name", mission="kepler", kept=_EIGHT),
    _Cut(name="no-position", words="no position", mission="kepler", gone=("ra", "dec")),
    _Cut(name="no-epoch", words="no epoch", mission="kepler", gone=("koi_time0bk",)),
    _Cut(
        name="no-star",
        words="no star columns",
        mission="k2",
        gone=("st_teff", "st_rad", "st_mass", "st_met", "st_logg"),
    ),
    _Cut(
        name="no-distance",
        words="neither distance nor proper motion",
        mission="tess",
        gone=("st_dist", "st_pmra", "st_pmdec"),
    ),
)


def fewer_columns(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Take columns away from the fixed test rows and ask the published models."""
    whole = {"kepler": tables.kepler, "k2": tables.k2, "tess": tables.tess}
    rows: list[BenchmarkRow] = []
    for cut in _CUTS:
        for task in ("vetting", "disposition"):
            rows += _of_cut(cut, task, whole[cut.mission], effort)
    return tuple(rows)


def _of_cut(cut: _Cut, task: str, table: Table | None, effort: Effort) -> tuple[BenchmarkRow, ...]:
    aim = Aim(
        name=f"{cut.mission}-{task}-{cut.name}",
        task=f"{cut.mission}-{task} on the fixed test rows",
        features=cut.words,
        bars=tuple(Bar(metric=metric) for metric in (*_METRICS, COVERAGE)),
        needs="the mission's table",
        note=_BARS,
    )
    if table is None:
        return unmeasured(aim)
    published = load_published(f"{cut.mission}-{task}")
    trees = {} if effort is FULL else {"n_estimators": effort.recipe.rounds}
    values = {**published.classifier.hyperparameters, **trees}
    published = replace(published, classifier=replace(published.classifier, hyperparameters=values))
    tested = fixed_test_rows(table)
    learnt = labels_of(table).notna().to_numpy() & ~tested
    source = RefitRows(
        training=table.take(learnt),
        testing=None,
        catalogue=table,
        words="the training rows",
        split=FIXED_SPLIT,
    )
    testing = cut.of(table.take(tested))
    answering, _ = refit_without(
        published, unreadable(published, [testing]), [source], RunContext()
    )
    exact = _exact(cut, table, learnt, published)
    hosts = table.take(tested).hosts
    here, there = (
        _figures(model, testing, catalogue, hosts)
        for model, catalogue in ((answering, table), (exact, cut.of(table)))
    )
    bars = {metric: _known(figure.value) - _WITHIN for metric, figure in there.items()}
    bars[COVERAGE] = max(bars[COVERAGE], _COVERED)
    held_to = tuple(Bar(metric=metric, value=bar) for metric, bar in bars.items())
    return mean_of_seeds(replace(aim, bars=held_to), [here])


def _exact(
    cut: _Cut, table: Table, learnt: NDArray[np.bool_], published: TrainedModel
) -> TrainedModel:
    """Train on a table that never had the other columns."""
    classifier = published.classifier
    training = cut.of(table.take(learnt))
    setup, _ = on_common_columns(
        TrainingSetup(
            model_type=classifier.model_type.name,
            tables=[training],
            task=find_task(published.task.name),
            hyperparameters=classifier.hyperparameters,
            inputs=Inputs(feature_set=published.inputs.feature_set),
            references={cut.mission: cut.of(table)},
        ),
        [training],
    )
    return fit_model(setup, run=RunContext(seed=classifier.seed)).model


def _figures(
    model: TrainedModel, testing: Table, catalogue: Table, hosts: pd.Series[str]
) -> dict[str, Figure]:
    task = model.task
    labels = labels_of(testing)
    decided = task.decided(labels)
    scores = task.probabilities(
        model.classifier.predict_proba(model.features(testing, reference=catalogue))
    )[decided]
    measured = measure(
        labels[decided],
        scores,
        hosts[decided],
        task=task,
        split=FIXED_SPLIT,
        metrics=_METRICS,
    )
    if model.conformal is None:
        raise ValueError("too few stars to make sets of answers")
    held = [
        label in set(map(str, answer.possible))
        for label, answer in zip(labels[decided], model.conformal.answers(scores), strict=True)
    ]
    covered = StarResamples(hosts[decided], seed=0).means(np.array(held, dtype=float)[:, None])
    low, high = covered.bounds()
    coverage = Figure(
        name=COVERAGE,
        value=float(covered.values[0]),
        low=float(low[0]),
        high=float(high[0]),
        rows=measured.rows,
        stars=measured.stars,
        split=FIXED_SPLIT,
    )
    return {name: measured.figure(name) for name in _METRICS} | {COVERAGE: coverage}


def _known(value: float | None) -> float:
    if value is None:
        raise ValueError("the test rows have too few stars")
    return value
