"""Figures on rows that differ from those trained on: another mission, a later time.

What may be learnt of the rows to score is learnt before a single one of their labels is known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from astropy import units
from astropy.coordinates import SkyCoord
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from mlcore.benchmark.protocol import (
    FULL,
    LEARNT_TOO,
    Effort,
    blend,
    columns_and_features,
    measured_by_seed,
    unmeasured,
)
from mlcore.benchmark.rows import Aim, Bar
from mlcore.calibration.prior_shift import prior_corrected
from mlcore.features import harmonise
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.training_rows import labels_of
from mlcore.tasks import VETTING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.benchmark.rows import BenchmarkRow
    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.datasets.table import Table

__all__ = ["between_missions", "estimated_frequencies", "likeness_weights", "time_forward"]

_AUC, _ECE = "roc_auc", "expected_calibration_error"
_SAME_STAR = 20.0
"""Angular distance [arcsec] below which objects of two missions are taken to share a star: a
pixel of TESS."""
_TIMES = 4
"""How often the recipe is fitted: from mission to mission chance moves a figure most."""
_WEIGHED_BY = ["period", "duration", "depth", "radius", "stellar_temperature", "stellar_radius"]
"""Columns in which the rows trained on are weighed by their likeness to those scored."""
_SURE = 0.01
"""Probabilities of the target mission stay this far from 0 and 1, and weights thereby finite."""
_MOST_STEPS = 1000

_TO_TESS = Aim(
    name="kepler-to-tess",
    task="KOI → TOI, planet against false positive",
    features="harmonised columns, derived features",
    bars=(Bar(metric=_AUC, value=0.878),),
    needs="the Kepler table cumulative or the TESS table toi",
    note="Stars of both missions are not scored; rows trained on are weighed by likeness."
    f" {LEARNT_TOO}",
)
_TO_KEPLER = replace(
    _TO_TESS,
    name="tess-to-kepler",
    task="TOI → KOI, planet against false positive",
    bars=(Bar(metric=_AUC, value=0.946),),
)
_LATER = Aim(
    name="forward-in-time",
    task="Candidates of 2017 resolved since, trained on labels of 2017",
    features="default columns with the transit's errors, derived features",
    bars=(Bar(metric=_AUC, value=0.96), Bar(metric=_ECE, value=0.05, at_most=True)),
    needs="a newer Kepler table cumulative",
    note="The rate of planets is estimated from all candidates of 2017, without a label of them;"
    " nothing else is learnt from them.",
)
_LATER_WIDE = replace(
    _LATER,
    name="forward-in-time-wide",
    features="wide columns with the transit's errors, derived features",
    bars=(Bar(metric=_AUC, value=0.979), Bar(metric=_ECE, value=0.03, at_most=True)),
)


def between_missions(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Train on Kepler and score TESS, and the other way round, on harmonised columns.

    Rows whose star the other mission's decided objects include are not scored.
    """
    kepler, tess = tables.kepler, tables.tess
    return _mission(_TO_TESS, kepler, tess, effort) + _mission(_TO_KEPLER, tess, kepler, effort)


def _mission(
    aim: Aim, source: Table | None, target: Table | None, effort: Effort
) -> tuple[BenchmarkRow, ...]:
    if source is None or target is None:
        return unmeasured(aim)
    X, unknown = harmonise(source, source), harmonise(target, target)
    labels = labels_of(target)
    trained = VETTING.decided(labels_of(source))
    weights = likeness_weights(X[_WEIGHED_BY], unknown[_WEIGHED_BY])
    scored = VETTING.decided(labels) & ~_shares_star(target, source.take(trained))
    # What is undecided helps, but not of a star that is scored.
    kept = trained | ~_shares_star(source, target)
    learnt = LabelledRows.of([source], X).take(kept)
    fit = blend(effort.recipe, VETTING, weights[kept], times=_TIMES)
    return measured_by_seed(
        aim,
        effort,
        lambda seed: VETTING.probabilities(fit(learnt, seed).predict_proba(unknown[scored])),
        labels[scored],
        target.hosts[scored],
        task=VETTING,
        split="stars that the mission trained on has not decided",
    )


def time_forward(tables: BenchmarkTables, *, effort: Effort = FULL) -> tuple[BenchmarkRow, ...]:
    """Train on the labels of 2017 and score the candidates that were resolved since."""
    return _later(tables, _LATER, effort, wide=False) + _later(
        tables, _LATER_WIDE, effort, wide=True
    )


def _later(
    tables: BenchmarkTables, aim: Aim, effort: Effort, *, wide: bool
) -> tuple[BenchmarkRow, ...]:
    old, new = tables.kepler_2017, tables.kepler
    if old is None or new is None:
        return unmeasured(aim)
    labels_then = labels_of(old)
    labels_now = old.names.map(dict(zip(new.names, labels_of(new), strict=True)))
    trained, candidate = VETTING.decided(labels_then), VETTING.followed_up(labels_then)
    scored = VETTING.decided(labels_now)[candidate]
    X = columns_and_features(old, wide=wide)
    X = X.loc[:, X[trained].notna().any()]
    share = np.bincount(VETTING.targets(labels_then[trained])) / trained.sum()
    # The candidates of 2017 are what is scored: to learn from them too that they are undecided
    # was tried and gave less.
    learnt = LabelledRows.of([old], X).take(trained)

    def score(seed: int) -> NDArray[np.float64]:
        model = blend(effort.recipe, VETTING)(learnt, seed)
        stated = VETTING.probabilities(model.predict_proba(X[candidate]))
        # Planets are more common among candidates than among what was decided by 2017; how much
        # more is estimated from all of them, whether or not they were resolved since.
        expected = estimated_frequencies(stated, tuple(share))
        return prior_corrected(stated, trained=tuple(share), expected=expected)[scored]

    return measured_by_seed(
        aim,
        effort,
        score,
        labels_now[candidate][scored],
        old.hosts[candidate][scored],
        task=VETTING,
        split="candidates of 2017 that were resolved since",
    )


def _shares_star(table: Table, other: Table) -> NDArray[np.bool_]:
    places = [
        SkyCoord(part.frame["ra"].to_numpy() * units.deg, part.frame["dec"].to_numpy() * units.deg)
        for part in (table, other)
    ]
    _, apart, _ = places[0].match_to_catalog_sky(places[1])
    return np.asarray(apart < _SAME_STAR * units.arcsec)


def likeness_weights(
    source: pd.DataFrame, target: pd.DataFrame, *, power: float = 0.5, seed: int = 0
) -> NDArray[np.float64]:
    """Weigh rows to train on by how much they look like the rows to score.

    The weights are the ratio of the densities of both sets of rows, estimated by a classifier
    that tells the sets apart (Bickel, Brückner & Scheffer 2009, JMLR 10, 2137), to a power that
    trades bias for variance (Shimodaira 2000, J. Stat. Plan. Inference 90, 227). No label is used.

    Parameters
    ----------
    source, target
        The same columns of both, shapes ``(n, p)`` and ``(m, p)``, NaN where missing.
    power
        From 0, which weighs all the same, to 1.
    seed
        Of the classifier and its folds.

    Returns
    -------
    ndarray, shape ``(n,)``
        With mean 1.
    """
    X = np.vstack([source.to_numpy(), target.to_numpy()])
    domain = np.repeat([0, 1], [len(source), len(target)])
    classifier = HistGradientBoostingClassifier(
        max_iter=150, max_leaf_nodes=8, early_stopping=False, random_state=seed
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    of_target = cross_val_predict(classifier, X, domain, cv=folds, method="predict_proba")[:, 1]
    alike = np.clip(of_target[: len(source)], _SURE, 1 - _SURE)
    weights = (alike / (1 - alike)) ** power
    return np.asarray(weights / weights.mean())


def estimated_frequencies(
    probabilities: NDArray[np.float64], trained: Sequence[float]
) -> tuple[float, ...]:
    """Estimate how frequent each class is among rows without labels.

    Expectation maximisation of Saerens, Latinne & Decaestecker 2002, Neural Computation 14, 21:
    the frequencies under which the corrected probabilities have themselves as their mean.

    Parameters
    ----------
    probabilities
        Of the rows, calibrated, shape ``(n, k)``.
    trained
        Share of each class among the training rows.

    Returns
    -------
    tuple of float
        Share of each class, summing to 1.
    """
    frequencies = np.asarray(trained, dtype=np.float64)
    for _ in range(_MOST_STEPS):
        corrected = prior_corrected(
            probabilities, trained=trained, expected=tuple(frequencies)
        ).mean(axis=0)
        settled = np.abs(corrected - frequencies).max() < 1e-6
        frequencies = corrected
        if settled:
            break
    return tuple(frequencies.tolist())
