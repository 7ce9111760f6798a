"""What the catalogues' recipes say of each row, by models of other stars, and with the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from mlcore.benchmark.protocol import blend, columns_and_features
from mlcore.calibration.calibrate import cross_calibrated
from mlcore.calibration.methods import CalibrationMethod
from mlcore.lightcurves.catalogues.together import Weights, log_odds
from mlcore.model_selection.folds import scores_of_folds, star_folds
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.tasks import PLANET, VETTING

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.benchmark.protocol import Effort
    from mlcore.benchmark.tables import BenchmarkTables
    from mlcore.datasets.table import Table

__all__ = ["fitted_weights", "kepler_chances", "row_chances", "together_by_star"]

_PLANET = VETTING.classes.index(PLANET)


def row_chances(
    table: Table, seed: int, effort: Effort, *, features: pd.DataFrame | None = None
) -> dict[str, float]:
    """Return the probability of a planet of each row of a mission's table, by its name.

    Rows that are not decided are learnt from too, as a class more, and scored by models of other
    stars as all are. The map that calibrates keeps the ranking: none of its steps makes two alike.

    Parameters
    ----------
    table
        The mission's, with labels.
    seed
        Of the folds and the fits.
    effort
        What is fitted.
    features
        What the recipe sees; by default columns and derived features of the default table.
    """
    rows = LabelledRows.of([table], columns_and_features(table) if features is None else features)
    fold = star_folds(rows.labels, rows.hosts, task=VETTING, seed=seed)
    fit = blend(effort.recipe, VETTING)
    scores = scores_of_folds(fit, rows, fold, task=VETTING, seed=seed, undecided=True)
    calibrated = cross_calibrated(
        scores, rows.labels, fold, task=VETTING, method=CalibrationMethod.SIGMOID
    )
    return dict(zip(map(str, table.names), calibrated[:, _PLANET].tolist(), strict=True))


def kepler_chances(
    tables: BenchmarkTables, seed: int, effort: Effort
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the same of Kepler's table: by its default columns, and by all that is measured.

    The wide columns speak of the rows that the pipeline's last run treated; which of them are
    missing in others states the label there, so that of these the default columns speak.
    """
    if tables.kepler is None:
        raise ValueError("there is no Kepler table")
    default = row_chances(tables.kepler, seed, effort)
    if tables.kepler_wide is None or tables.treated is None:
        return default, default
    X = columns_and_features(tables.kepler_wide, wide=True)[tables.treated]
    X = X.loc[:, X.notna().any()].reset_index(drop=True)
    wide = row_chances(tables.kepler_wide.take(tables.treated), seed, effort, features=X)
    return default, default | wide


def together_by_star(
    curve: NDArray[np.float64],
    row: NDArray[np.float64],
    labels: pd.Series[str],
    hosts: pd.Series[str],
    *,
    seed: int,
) -> NDArray[np.float64]:
    """Return what both say together, each star by weights of other stars, shape ``(n, k)``.

    Parameters
    ----------
    curve, row
        Probability of a planet by the light curve and by the catalogue's row, shape ``(n,)``.
    labels, hosts
        Of each object.
    seed
        Of the folds.
    """
    fold = star_folds(labels, hosts, task=VETTING, seed=seed)
    chance = np.empty(len(fold))
    for place in np.unique(fold):
        here = fold == place
        weights = fitted_weights(curve[~here], row[~here], labels[~here], hosts[~here])
        chance[here] = [
            weights.together(*both) for both in zip(curve[here], row[here], strict=True)
        ]
    both = np.empty((len(chance), 2))
    both[:, _PLANET], both[:, 1 - _PLANET] = chance, 1 - chance
    return both


def fitted_weights(
    curve: NDArray[np.float64],
    row: NDArray[np.float64],
    labels: pd.Series[str],
    hosts: pd.Series[str],
) -> Weights:
    """Fit how much the light curve and the catalogue's row count."""
    X = np.column_stack([[log_odds(one) for one in stated] for stated in (curve, row)])
    fitted = LogisticRegression().fit(X, labels.to_numpy() == str(PLANET))
    (of_curve, of_row), offset = fitted.coef_[0], fitted.intercept_[0]
    return Weights(
        offset=float(offset),
        curve=float(of_curve),
        row=float(of_row),
        objects=len(labels),
        stars=int(hosts.nunique()),
    )
