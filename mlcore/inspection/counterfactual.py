"""What would have to be different about an object for the model to answer otherwise.

Only values that real training objects have are tried, and of a quantity its value, uncertainties
and derived columns together, as one training object has them: nothing is asked that nature and the
catalogue do not do. The nearest such change is found by trying them (Wachter, Mittelstadt and
Russell 2018, "Counterfactual Explanations without Opening the Black Box"; values of real rows as
in Keane and Smyth 2020, "Good Counterfactuals and Where to Find Them").
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.datasets.units import amount_in_words, unit_spelt_out
from mlcore.errors import DataError
from mlcore.features.described import subject_of
from mlcore.features.quantity_groups import columns_of_quantities
from mlcore.features.robust_scaler import RobustScaler
from mlcore.in_words import lowered, number, percent
from mlcore.inspection.reasons import CLASS_NOUNS
from mlcore.models.classifier import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Column, Disposition
    from mlcore.models.classifier import Classifier

__all__ = ["Change", "Counterfactual", "nearest_counterfactual"]

_DONORS = 300
"""Training rows tried for each quantity, evenly spread over all from the nearest on."""
_PAIRED = 6
"""Quantities that are tried in pairs: those that alone came closest to another answer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One quantity with another value."""

    quantity: str
    columns: tuple[str, ...]
    before: tuple[float | None, ...]
    """Of each of the columns, in its unit; None where it is not known."""
    after: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterfactual:
    """The nearest object that the model answers otherwise for, or that there is none."""

    prediction: Disposition
    """What the model says of the object as it is."""
    answer: Disposition
    """What it would say; the same where no change was found."""
    changes: tuple[Change, ...]
    """One or two quantities; none where no such change gives another answer."""
    distance: float | None
    """Size of the change in spreads of the training rows."""
    probability: float
    """Of `answer` after the change."""
    probability_before: float
    """Of `answer` as the object is."""
    sentence: str


def nearest_counterfactual(
    classifier: Classifier,
    features: pd.DataFrame,
    *,
    training_features: pd.DataFrame,
    columns: Sequence[Column],
    quantities: Mapping[str, str],
    wanted: Disposition | None = None,
    derive: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
    derived: Collection[str] = (),
) -> Counterfactual:
    """Find the smallest change of one quantity, else of two, that gives another answer.

    Parameters
    ----------
    classifier
        The fitted model.
    features
        One row, in the columns' declared units.
    training_features
        The rows that the model was trained on: values are taken from them only.
    columns
        Declarations of the classifier's columns, in its order.
    quantities
        Quantity of each of the columns, see `physical_quantities`.
    wanted
        The answer to look for; any other than the model's own by default.
    derive
        Returns rows with the columns recomputed that follow from others, row by row.
    derived
        Names of these columns: none of them is changed by itself.

    Raises
    ------
    DataError
        When there is not exactly one row, or the wanted answer is the model's own or one that
        the model never gives.
    """
    if len(features) != 1:
        raise DataError(f"A counterfactual is of one object, but {len(features)} were given.")
    names = list(classifier.columns)
    row = features.loc[:, names].reset_index(drop=True)
    before = classifier.predict_proba(row)[0]
    own = CLASSES[int(before.argmax())]
    if wanted is not None and wanted not in classifier.classes:
        raise DataError(f"The model never answers {wanted}: no training row had it.")
    if wanted == own:
        raise DataError(f"The model's answer is {wanted} already.")
    training = training_features.loc[:, names]
    search = _Search(
        classifier=classifier,
        row=row,
        training=training,
        space=RobustScaler.fit(training, columns),
        groups=columns_of_quantities(
            {name: quantities[name] for name in names if name not in derived}
        ),
        derive=derive,
        targets=[
            CLASSES.index(disposition)
            for disposition in classifier.classes
            if disposition != own and wanted in {None, disposition}
        ],
    )
    singles = [search.nearest((quantity,)) for quantity in search.groups]
    nearest = _nearest(singles)
    if nearest is None:
        closest = sorted(singles, key=lambda single: -single.lead)[:_PAIRED]
        nearest = _nearest(
            search.nearest(first.quantities + second.quantities)
            for first, second in combinations(closest, 2)
        )
    after = before if nearest is None else nearest.probabilities
    answer = CLASSES[int(after.argmax())]
    changes: tuple[Change, ...] = ()
    if nearest is None:
        sentence = _none_found(own, wanted, len(search.groups))
    else:
        changes = tuple(search.change(quantity, nearest.donor) for quantity in nearest.quantities)
        declared = {column.name: column for column in columns}
        in_words = " and ".join(_change_in_words(change, declared) for change in changes)
        sentence = (
            f"If {in_words}, the answer would be {CLASS_NOUNS[answer]} ({percent(after.max())})"
            f" instead of {CLASS_NOUNS[own]} ({percent(before.max())})"
        )
    return Counterfactual(
        prediction=own,
        answer=answer,
        changes=changes,
        distance=None if nearest is None else nearest.distance,
        probability=float(after.max()),
        probability_before=float(before[CLASSES.index(answer)]),
        sentence=sentence,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trial:
    """The best training row to take some quantities from; by default that there is none."""

    quantities: tuple[str, ...]
    donor: int = -1
    distance: float = math.inf
    probabilities: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    flips: bool = False
    """Whether it gives one of the answers that are looked for."""
    lead: float = -math.inf
    """By how much the best target leads all other classes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Search:
    classifier: Classifier
    row: pd.DataFrame
    training: pd.DataFrame
    space: RobustScaler
    groups: dict[str, tuple[str, ...]]
    derive: Callable[[pd.DataFrame], pd.DataFrame] | None
    targets: list[int]
    """Places of the answers that are looked for."""

    def nearest(self, quantities: tuple[str, ...]) -> _Trial:
        """Return the nearest training row whose quantities give another answer, else the best."""
        names = [name for quantity in quantities for name in self.groups[quantity]]
        donors, distances = self._donors(names)
        if not len(donors):
            return _Trial(quantities=quantities)
        spread = np.unique(np.linspace(0, len(donors) - 1, min(_DONORS, len(donors))).astype(int))
        probabilities, lead, flips = self._try(names, donors[spread])
        best = int(flips.argmax()) if flips.any() else int(lead.argmax())
        if flips.any() and best > 0:
            # Between the last donor that did not do and the first one that did may be nearer ones.
            between = np.arange(spread[best - 1] + 1, spread[best] + 1)
            probabilities, lead, flips = self._try(names, donors[between])
            spread, best = between, int(flips.argmax())
        return _Trial(
            quantities=quantities,
            donor=int(donors[spread[best]]),
            distance=float(distances[spread[best]]),
            probabilities=probabilities[best],
            flips=bool(flips[best]),
            lead=float(lead[best]),
        )

    def change(self, quantity: str, donor: int) -> Change:
        """Return what taking a quantity from a training row changes."""
        names = self.groups[quantity]
        return Change(
            quantity=quantity,
            columns=names,
            before=tuple(_known(self.row[name].iloc[0]) for name in names),
            after=tuple(_known(self.training[name].iloc[donor]) for name in names),
        )

    def _donors(self, names: list[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the training rows that know the quantities and differ, the nearest first."""
        places = [self.space.columns.index(name) for name in names]
        theirs = self.space.transform(self.training)[:, places]
        mine = np.nan_to_num(self.space.transform(self.row)[0, places], nan=0.0)
        # A derived column or an uncertainty may be absent; a row that knows nothing gives nothing.
        usable = ~np.isnan(theirs).all(axis=0)
        complete = ~np.isnan(theirs[:, usable]).any(axis=1) & usable.any()
        distance = np.sqrt(np.mean((np.nan_to_num(theirs, nan=0.0) - mine) ** 2, axis=1))
        candidates = np.flatnonzero(complete & (distance > 0))
        order = candidates[np.argsort(distance[candidates], kind="stable")]
        return order, distance[order]

    def _try(
        self, names: list[str], donors: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """Return each donor's probabilities, the targets' lead, and whether one is the answer."""
        rows = pd.concat([self.row] * len(donors), ignore_index=True)
        rows[names] = self.training[names].to_numpy()[donors]
        if self.derive is not None:
            rows = self.derive(rows)
        probabilities = self.classifier.predict_proba(rows)
        others = [place for place in range(len(CLASSES)) if place not in self.targets]
        lead = probabilities[:, self.targets].max(axis=1) - probabilities[:, others].max(axis=1)
        return probabilities, lead, np.isin(probabilities.argmax(axis=1), self.targets)


def _nearest(trials: Iterable[_Trial]) -> _Trial | None:
    flipped = (trial for trial in trials if trial.flips)
    return min(flipped, key=lambda trial: trial.distance, default=None)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _change_in_words(change: Change, declared: Mapping[str, Column]) -> str:
    """Return a change with the uncertainties that come with the value, as astronomers write it."""
    values = [name for name in change.columns if declared[name].uncertainty_of is None]
    main = values[0] if values else change.columns[0]
    place = change.columns.index(main)
    errors = [i for i, name in enumerate(change.columns) if declared[name].uncertainty_of == main]
    unit = declared[main].unit
    after = _measured(change.after, place, errors, unit)
    before = (
        "being not known"
        if change.before[place] is None
        else _measured(change.before, place, errors, unit)
    )
    return f"the {lowered(subject_of(declared[main]))} were {after} instead of {before}"


def _measured(values: tuple[float | None, ...], place: int, errors: list[int], unit: str) -> str:
    main = values[place]
    if main is None:
        return "not known"
    known = [value for i in errors if (value := values[i]) is not None]
    if len(known) != 2 or unit == "dex":
        return amount_in_words(main, unit, digits=4)
    upper, lower = (number(abs(value), digits=2) for value in known)
    words = f"{number(main, digits=4)} (+{upper} −{lower})"
    return f"{words} {unit_spelt_out(unit)}".rstrip()


def _none_found(own: Disposition, wanted: Disposition | None, quantities: int) -> str:
    paired = min(_PAIRED, quantities)
    other = f"make it {CLASS_NOUNS[wanted]}" if wanted else "change the answer"
    pairs = f", and no pair of the {paired} that came closest," if paired > 1 else ""
    return (
        f"No single one of the {quantities} quantities{pairs} can {other} with values that"
        f" training objects have: the model is set on {CLASS_NOUNS[own]}"
    )
