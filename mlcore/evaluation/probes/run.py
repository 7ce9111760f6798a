"""Run the probes on the rows that a model was tested on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from xgboost import XGBClassifier

from mlcore.datasets.spec import CLASSES, Disposition, Role
from mlcore.errors import DataError
from mlcore.evaluation.probes.report import (
    ROW_SPLIT,
    STAR_KNOWLEDGE,
    Probe,
    ProbeReport,
    warnings_of,
    with_share,
)
from mlcore.in_words import names
from mlcore.metrics.figures import Measurement
from mlcore.metrics.measure import measure
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.models.classifier import Classifier
from mlcore.models.model_types import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.model_selection.folds import Fit
    from mlcore.run import RunContext
    from mlcore.tasks import Task

__all__ = [
    "Refit",
    "bookkeeping_numbers",
    "fit_small_booster",
    "run_probes",
    "star_uncertainties",
    "with_row_split",
]

_TRAINING_ROWS = "The probes learnt from the rows that the model was trained on."
_MOST_LEARNT = 40_000
"""Rows that a probe learns from at most: what a hundred shallow trees find, they find in these."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refit:
    """How a model is refitted for the comparison of a split by row with the split by star."""

    whose: str = "the same model"
    """What is fitted, in words."""
    fit: Fit | None = None
    """Called once; keeps the model's calibration. None where it cannot be done."""
    refusal: str | None = None
    """Then why, as a sentence."""
    known: Probe | None = None
    """What is known of it already, where it was done before on the same rows."""
    mark: str | None = None
    """What must stand beside every figure of the model."""


def run_probes(
    training: LabelledRows,
    testing: LabelledRows,
    model: Measurement,
    *,
    task: Task,
    frequencies: Sequence[float] | None = None,
    fitted_on: str = _TRAINING_ROWS,
    run: RunContext,
) -> ProbeReport:
    """Test how far almost nothing leads on the rows that a model was tested on.

    Parameters
    ----------
    training, testing
        What the model was trained and tested on; rows that the task does not tell apart are left
        out.
    model
        The model's figures on `testing`.
    task
        What is told apart.
    frequencies
        Share of each of the task's classes among the rows that the model was trained on, where
        `training` does not hold them.
    fitted_on
        Which rows `training` are, as a sentence.
    run
        Its seed is that of fits and intervals; what is the same for every model is kept where it
        says.

    Returns
    -------
    ProbeReport
        The four probes that know nothing of the model; one that is not possible on these rows says
        why. See `with_row_split` for the fifth.
    """
    probing = _probing(training, testing, task, model.split, fitted_on, run, frequencies)
    run.progress(0.0, "class frequencies")
    probes = [probing.baseline()]
    run.progress(0.1, "missing values alone")
    probes.append(with_share(probing.missingness(), model))
    run.progress(0.4, "bookkeeping columns alone")
    probes.append(with_share(probing.bookkeeping(), model))
    run.progress(0.7, "how well the star is known")
    probes.append(probing.star_knowledge(model))
    run.progress(1.0, "all probes done")
    if probing.learnt is not probing.training:
        fitted_on += (
            f" Those that are fitted saw {len(probing.learnt)} of these rows, of stars drawn at"
            " random."
        )
    return ProbeReport(
        probes=tuple(probes), warnings=warnings_of(probes, model), fitted_on=fitted_on
    )


def with_row_split(
    report: ProbeReport,
    training: LabelledRows,
    testing: LabelledRows,
    model: Measurement,
    *,
    task: Task,
    refit: Refit,
    run: RunContext,
) -> ProbeReport:
    """Add what the model itself would claim under a split by row, for which it is fitted anew.

    Parameters
    ----------
    report
        The other probes.
    training, testing, model, task, run
        As in `run_probes`.
    refit
        How the model itself is refitted.
    """
    probing = _probing(training, testing, task, model.split, report.fitted_on, run)
    probes = (*report.probes, probing.row_split(refit))
    return replace(report, probes=probes, warnings=warnings_of(probes, model))


def _probing(
    training: LabelledRows,
    testing: LabelledRows,
    task: Task,
    split: str,
    fitted_on: str,
    run: RunContext,
    frequencies: Sequence[float] | None = None,
) -> _Probing:
    decided = training.take(task.decided(training.labels))
    return _Probing(
        training=decided,
        learnt=_of_some_stars(decided, run.seed),
        testing=testing.take(task.decided(testing.labels)),
        task=task,
        split=split,
        frequencies=frequencies,
        fitted_on=fitted_on,
        run=run,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Probing:
    training: LabelledRows
    learnt: LabelledRows
    """Those of them that the fitted probes learn from."""
    testing: LabelledRows
    task: Task
    split: str
    frequencies: Sequence[float] | None
    fitted_on: str
    run: RunContext

    def baseline(self) -> Probe:
        targets = self.task.targets(self.training.labels)
        probe = Probe(
            name="baseline",
            title="Class frequencies alone",
            meaning="It sees nothing: each object gets the class frequencies of the training rows.",
        )
        if self.frequencies is not None:
            shares = np.asarray(self.frequencies, dtype=np.float64)
        elif len(targets):
            shares = np.bincount(targets, minlength=len(self.task.classes)) / len(targets)
        else:
            return replace(probe, note="There is no training row.")
        return self._measured(
            probe, np.tile(shares, (len(self.testing), 1)), self.testing, self.split
        )

    def missingness(self) -> Probe:
        probe = Probe(
            name="missingness",
            title="Missing values alone",
            meaning="It sees of each of the model's columns only whether the value is missing.",
        )
        return self._seeing(
            probe,
            self.learnt.features.isna().astype("float64"),
            self.testing.features.isna().astype("float64"),
            nothing="Each column is known in all training rows or in none.",
        )

    def bookkeeping(self) -> Probe:
        training, testing = (
            _of_tables(rows, bookkeeping_numbers) for rows in (self.learnt, self.testing)
        )
        names = (training if len(training) else testing).dropna(axis=1, how="all").columns
        probe = Probe(
            name="bookkeeping",
            title="Bookkeeping columns alone",
            meaning="It sees the numbers that the archive keeps beside the measurements:"
            f" {', '.join(names) or 'here none'}.",
        )
        return self._seeing(
            probe,
            training,
            testing,
            nothing="The table has no bookkeeping column of numbers that differ.",
        )

    def star_knowledge(self, model: Measurement) -> Probe:
        training, testing = (
            _of_tables(rows, star_uncertainties) for rows in (self.learnt, self.testing)
        )
        seen = tuple(map(str, self.testing.features.columns.intersection(testing.columns)))
        probe = self._seeing(
            Probe(
                name=STAR_KNOWLEDGE,
                title="How well the star is known, alone",
                meaning="It sees the uncertainties of what is measured of the host star, which"
                " follow the follow-up that planets got"
                f"{'' if seen else '; the model sees none of them'}.",
                shared_columns=seen,
            ),
            training,
            testing,
            nothing="The table has no uncertainty of a star's value that differs.",
        )
        # Of what the model cannot see its score takes no share.
        return with_share(probe, model) if seen else probe

    def row_split(self, refit: Refit) -> Probe:
        probe = Probe(
            name=ROW_SPLIT,
            title=f"{refit.whose[0].upper()}{refit.whose[1:]} under a split by row",
            meaning="It is trained and tested on as many of the same rows, drawn without regard to"
            " their stars, and keeps the model's calibration: what a split that divides stars would"
            " claim.",
        )
        if refit.known is not None:
            return refit.known
        if refit.fit is None:
            return replace(probe, note=refit.refusal)
        if (other := _other_columns(self.training, self.testing)) is not None:
            return replace(probe, note=other)
        every = LabelledRows.joined([self.training, self.testing])
        fewest = every.labels.value_counts().min() if len(every) else 0
        if len(self.testing) < len(self.task.classes) or fewest < 2:
            return replace(probe, note="There are too few rows for a split by row.")
        places = np.arange(len(every))
        _, drawn = train_test_split(
            places,
            test_size=len(self.testing),
            random_state=self.run.seed,
            stratify=every.labels.to_numpy(),
        )
        tested = np.isin(places, drawn)
        train, test = every.take(~tested), every.take(tested)
        try:
            model = refit.fit(train, self.run.seed)
        except DataError as refusal:
            return replace(probe, note=f"It cannot be fitted on these rows: {refusal}")
        probabilities = self.task.probabilities(model.predict_proba(test.features))
        split = "rows drawn at random: a star may be on both sides"
        if refit.mark is not None:
            split += f"; {refit.mark}"
        return self._measured(probe, probabilities, test, split)

    def _seeing(
        self, probe: Probe, train: pd.DataFrame, test: pd.DataFrame, *, nothing: str
    ) -> Probe:
        if not len(self.training):
            return replace(probe, note=self.fitted_on)
        differing = train.columns[train.nunique(dropna=False) > 1]
        if differing.empty:
            return replace(probe, note=nothing)
        if self.learnt.labels.nunique() < 2:
            return replace(probe, note="The training rows have fewer than two dispositions.")
        measured = self.run.computed.json(
            "probe",
            [
                [train[differing], self.learnt.labels],
                [test[differing], self.testing.labels, self.testing.hosts],
                [self.task, self.split, self.run.seed],
            ],
            lambda: self._fitted_probe(train[differing], test[differing]).as_json(),
        )
        return replace(probe, measurement=Measurement.from_json(measured))

    def _fitted_probe(self, train: pd.DataFrame, test: pd.DataFrame) -> Measurement:
        model = fit_small_booster(replace(self.learnt, features=train), self.run.seed)
        probabilities = self.task.probabilities(model.predict_proba(test))
        return self._measurement(probabilities, self.testing, self.split)

    def _measured(
        self, probe: Probe, probabilities: NDArray[np.float64], rows: LabelledRows, split: str
    ) -> Probe:
        return replace(probe, measurement=self._measurement(probabilities, rows, split))

    def _measurement(
        self, probabilities: NDArray[np.float64], rows: LabelledRows, split: str
    ) -> Measurement:
        return measure(
            rows.labels, probabilities, rows.hosts, task=self.task, split=split, seed=self.run.seed
        )


def _of_some_stars(rows: LabelledRows, seed: int) -> LabelledRows:
    """Return all rows, or of very many those of stars that are drawn at random."""
    if len(rows) <= _MOST_LEARNT:
        return rows
    codes, stars = pd.factorize(rows.hosts)
    order = np.random.default_rng(seed).permutation(len(stars))
    # Star after star, as long as their rows fit.
    drawn = np.cumsum(np.bincount(codes)[order]) <= _MOST_LEARNT
    chosen = np.zeros(len(stars), dtype=bool)
    chosen[order[drawn]] = True
    return rows.take(chosen[codes])


def _of_tables(rows: LabelledRows, numbers: Callable[[Table], pd.DataFrame]) -> pd.DataFrame:
    if not rows.tables:
        return pd.DataFrame(index=range(len(rows)))
    return pd.concat([numbers(table) for table in rows.tables], ignore_index=True)


def star_uncertainties(table: Table) -> pd.DataFrame:
    """Return the uncertainties of what is measured of the host stars, shape ``(n, q)``.

    No model sees them of its own accord; one that the table lacks is missing everywhere.
    """
    known = [column.name for column in table.dataset.star_uncertainties]
    whole = pd.concat([table.frame, table.withheld_errors], axis=1)
    return whole.reindex(columns=known).astype("float64")


def _other_columns(training: LabelledRows, testing: LabelledRows) -> str | None:
    """Return why a split by row says nothing of stars: a side lacks columns that the other has."""
    told = []
    for side, rows, other in (("testing", testing, training), ("training", training, testing)):
        lacking = sorted(_given(other) - _given(rows))
        if lacking and rows.tables and other.tables:
            told.append(f"the {side} rows lack {names(lacking)}")
    if not told:
        return None
    return (
        f"Training and testing rows do not have the same columns ({'; '.join(told)}): how the"
        " figures of a split by row differ from these says nothing of stars that are known again."
    )


def _given(rows: LabelledRows) -> set[str]:
    """Return the columns of the rows' tables of which something that a model sees is made."""
    given: set[str] = set()
    for table in rows.tables:
        dataset = table.dataset
        used = {name for name in map(str, rows.features) if dataset.knows(name)}
        if len(used) < len(rows.features.columns):
            # What is derived is made of the quantities, and of who shares a star.
            used |= {dataset.host, *dataset.quantities.values()}
        given |= used & set(table.given_columns)
    return given


def bookkeeping_numbers(table: Table) -> pd.DataFrame:
    """Return the numbers of a table that are bookkeeping, shape ``(n, q)``.

    They are what the archive keeps beside the measurements, such as counters, epochs and limb
    darkening coefficients; one that the table lacks is missing everywhere. Columns that state or
    follow the label are not among them: no model sees these.
    """
    names = [
        column.name
        for column in table.dataset.columns
        if column.role is Role.BOOKKEEPING and column.leak is None and not column.text
    ]
    return table.frame.reindex(columns=names).astype("float64")


def fit_small_booster(rows: LabelledRows, seed: int) -> Classifier:
    """Fit a hundred shallow boosted trees: enough to find a shortcut, in a fraction of a second.

    Parameters
    ----------
    rows
        Of at least two dispositions, none missing; values may be missing.
    seed
        The same seed and rows give the same model.
    """
    classes = tuple(kind for kind in CLASSES if (rows.labels == kind).any())
    booster = XGBClassifier(
        n_estimators=100,
        max_depth=4,
        learning_rate=0.1,
        min_child_weight=2,
        tree_method="hist",
        n_jobs=1,
        random_state=seed,
    )
    codes, words = pd.factorize(rows.labels)
    target = np.array([classes.index(Disposition(word)) for word in words])[codes]
    booster.fit(rows.features.to_numpy(dtype=np.float64), target)
    return Classifier(
        model_type=MODELS["xgboost"],
        hyperparameters=booster.get_params(),
        columns=tuple(map(str, rows.features)),
        classes=classes,
        preparation=None,
        estimator=booster,
        baseline=np.empty(0),
        seed=seed,
    )
