"""The same figures by kind of object, such as short and long periods, faint and bright stars."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from mlcore.datasets import DATASETS
from mlcore.datasets.membership import are_among
from mlcore.datasets.quantities import QUANTITIES
from mlcore.datasets.units import unit_in_words
from mlcore.features import compute, features_of
from mlcore.features.converting import measured_quantities
from mlcore.metrics.measure import measure
from mlcore.metrics.registry import METRICS
from mlcore.metrics.resampling import RESAMPLES
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.metrics.figures import Measurement
    from mlcore.tasks import Task

__all__ = [
    "KIND_OF_LABEL",
    "MULTIPLICITY",
    "SLICINGS",
    "Slice",
    "SlicedMeasurements",
    "Slicing",
    "measure_slices",
]

_FEW_STARS = 20
"""Stars of each class below which a slice is called small."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slicing:
    """A quantity by which rows are sorted into slices."""

    name: str
    title: str
    edges: tuple[float, ...]
    """Rising bounds between slices; a value on a bound belongs to the upper slice."""
    quantity: str | None = None
    """Its name in `mlcore.datasets.quantities`, where missions measure it; edges have its unit."""
    feature: str | None = None
    """Name of the derived feature that it is, where no mission has a column with it."""
    words: tuple[str, ...] = ()
    """The slices in words, in rising order; made from the edges by default."""

    def __post_init__(self) -> None:
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError(f"the edges of {self.name} do not rise")
        if self.quantity is not None and self.quantity not in QUANTITIES:
            msg = f"{self.name} is sorted by {self.quantity}, of which nothing is declared"
            raise ValueError(msg)
        if self.words and len(self.words) != len(self.edges) + 1:
            raise ValueError(f"{self.name} needs words for {len(self.edges) + 1} slices")

    @property
    def ranges(self) -> tuple[str, ...]:
        """The slices in words, in rising order."""
        if self.words:
            return self.words
        unit = f" {unit_in_words(QUANTITIES[self.quantity].unit)}".rstrip() if self.quantity else ""
        between = [f"{low:g} to {high:g}{unit}" for low, high in pairwise(self.edges)]
        return (f"below {self.edges[0]:g}{unit}", *between, f"{self.edges[-1]:g}{unit} or more")


KIND_OF_LABEL = "kind_of_label"
"""Name of the slicing by what else than a planet an object is, where labels have several words."""

MULTIPLICITY = "multiplicity"
"""Name of the slicing by the number of the star's objects, which is counted and no column."""


def _measured(name: str, quantity: str, *edges: float) -> Slicing:
    title = QUANTITIES[quantity].meaning
    return Slicing(name=name, title=title, edges=edges, quantity=quantity)


_SLICINGS = (
    _measured("period", "period", 1.0, 3.0, 10.0, 30.0, 100.0),
    _measured("radius", "radius", 1.5, 4.0, 10.0, 20.0),
    _measured("signal_to_noise", "snr", 10.0, 20.0, 50.0, 200.0),
    Slicing(
        name="depth_over_photons",
        title="Transit depth against the photon noise of its duration",
        edges=(3.0, 10.0, 30.0, 100.0),
        feature="depth_over_photons",
    ),
    Slicing(
        name="magnitude",
        title="Magnitude in the mission's band",
        edges=(10.0, 12.0, 14.0, 15.0),
        quantity="magnitude",
    ),
    Slicing(
        name=MULTIPLICITY,
        title="Objects of the same star",
        edges=(2.0, 3.0),
        words=("a single one", "two", "three or more"),
    ),
)

SLICINGS: Mapping[str, Slicing] = MappingProxyType({slicing.name: slicing for slicing in _SLICINGS})
"""The slicings by name, in the order in which they are shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """The figures of one kind of object."""

    range: str
    """Which rows of the split, in words."""
    measurement: Measurement
    small: str | None
    """A sentence that says so where the slice has too few stars to conclude from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SlicedMeasurements:
    """The figures by one quantity."""

    name: str
    title: str
    column: str | None
    slices: tuple[Slice, ...]
    """Slices that have rows; one for rows without a value comes last."""
    note: str | None = None
    """Why there are no slices, as a sentence."""

    def as_json(self) -> dict[str, Any]:
        """Return the slices as JSON values."""
        return {
            "name": self.name,
            "title": self.title,
            "column": self.column,
            "note": self.note,
            "slices": [
                {"range": part.range, "small": part.small, **part.measurement.as_json()}
                for part in self.slices
            ],
        }


def measure_slices(
    table: Table,
    probabilities: NDArray[np.float64],
    *,
    task: Task,
    split: str,
    reference: Table | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[SlicedMeasurements, ...]:
    """Measure the rows of a table by each of `SLICINGS`.

    Parameters
    ----------
    table
        The predicted rows, with their labels.
    probabilities
        Probability of each of the task's classes, shape ``(n, k)``.
    task, split, resamples, seed
        As in `mlcore.metrics.measure`.
    reference
        The mission's whole catalogue: a star's objects are counted in it and in the table
        together; None: in the table alone, and the slices say so.

    Returns
    -------
    tuple of SlicedMeasurements
        One for each slicing; one without slices says why.
    """
    measured, labels, hosts = measured_quantities(table), table.labels, table.hosts
    sliced = [name for name, metric in METRICS.items() if metric.sliced]
    sliced_by = []
    for slicing in SLICINGS.values():
        column = table.dataset.quantities.get(slicing.quantity or "", slicing.feature)
        title = _title(slicing, reference)
        values, note = _values(slicing, table, measured, reference)
        slices: list[Slice] = []
        if note is None and labels is not None:
            bins = np.digitize(values, slicing.edges)
            bins[np.isnan(values)] = len(slicing.ranges)
            decided = task.decided(labels)
            for place, words in enumerate((*slicing.ranges, "not known")):
                here = (bins == place) & decided
                if not here.any():
                    continue
                measurement = measure(
                    labels[here],
                    probabilities[here],
                    hosts[here],
                    task=task,
                    split=f"{split}; {title}: {words}",
                    metrics=sliced,
                    resamples=resamples,
                    seed=seed,
                )
                small = _small(labels[here], hosts[here], task)
                slices.append(Slice(range=words, measurement=measurement, small=small))
        if note is None and not slices:
            note = "No row has a true label that this task tells apart."
        sliced_by.append(
            SlicedMeasurements(
                name=slicing.name, title=title, column=column, slices=tuple(slices), note=note
            )
        )
    by_label = _by_label(table, probabilities, task, split, resamples, seed, sliced)
    return (*sliced_by, *by_label)


def _by_label(
    table: Table,
    probabilities: NDArray[np.float64],
    task: Task,
    split: str,
    resamples: int,
    seed: int,
    metrics: list[str],
) -> tuple[SlicedMeasurements, ...]:
    """Measure the planets against each kind of the others, as a mission's labels name them."""
    dataset, labels = table.dataset, table.labels
    if not dataset.label_titles or labels is None:
        return ()
    decided = task.decided(labels)
    planet = (labels == str(PLANET)).to_numpy(dtype=bool)
    slices = []
    for word, title in dataset.label_titles.items():
        if dataset.labels[word] is PLANET:
            continue
        here = decided & (planet | (table.frame[dataset.label] == word).to_numpy(dtype=bool))
        if not (here & ~planet).any():
            continue
        words = f"planets against {title} ({word})"
        measurement = measure(
            labels[here],
            probabilities[here],
            table.hosts[here],
            task=task,
            split=f"{split}; {words}",
            metrics=metrics,
            resamples=resamples,
            seed=seed,
        )
        small = _small(labels[here], table.hosts[here], task)
        slices.append(Slice(range=words, measurement=measurement, small=small))
    title = "Planets against each kind of the others"
    return (
        SlicedMeasurements(
            name=KIND_OF_LABEL,
            title=title,
            column=dataset.label,
            slices=tuple(slices),
            note=None if slices else "No row has a true label that this task tells apart.",
        ),
    )


def _title(slicing: Slicing, reference: Table | None) -> str:
    if slicing.name == MULTIPLICITY:
        known = "tested table alone" if reference is None else "catalogue"
        return f"{slicing.title}, counted in the {known}"
    quantity = slicing.quantity or ""
    remarks = [
        dataset.remarks[quantity] for dataset in DATASETS.values() if quantity in dataset.remarks
    ]
    return f"{slicing.title} ({', '.join(remarks)})" if remarks else slicing.title


def _values(
    slicing: Slicing,
    table: Table,
    measured: Mapping[str, NDArray[np.float64]],
    reference: Table | None,
) -> tuple[NDArray[np.float64], str | None]:
    dataset = table.dataset
    nothing = np.full(len(table), np.nan)
    if slicing.name == MULTIPLICITY:
        return _siblings(table, reference), None
    if slicing.feature in {feature.name for feature in features_of(dataset)}:
        derived = compute(table, reference=None, neighbours=False)[slicing.feature]
        return np.asarray(derived, dtype=np.float64), None
    column = dataset.quantities.get(slicing.quantity or "")
    if column is None:
        return nothing, f"{dataset.title} have no column with this quantity."
    if column not in table.frame:
        return nothing, f"The table has no column {column}."
    return measured[slicing.quantity or ""], None


def _siblings(table: Table, reference: Table | None) -> NDArray[np.float64]:
    """Return how many objects each row's star has, itself included."""
    hosts = table.hosts
    counts = hosts.value_counts()
    if reference is not None and table.dataset.host in reference.frame:
        # A row without a star is a star of its own; one that is in both tables counts once.
        named = reference.frame[table.dataset.host].notna()
        others = reference.hosts[named & ~are_among(reference.names, table.names)]
        counts = counts.add(others.value_counts(), fill_value=0)
    return np.asarray(hosts.map(counts), dtype=np.float64)


def _small(labels: pd.Series[str], hosts: pd.Series[str], task: Task) -> str | None:
    stars = hosts.groupby(labels.to_numpy()).nunique()
    fewest = min(task.classes, key=lambda disposition: int(stars.get(str(disposition), 0)))
    count = int(stars.get(str(fewest), 0))
    if count >= _FEW_STARS:
        return None
    owned = "star has" if count == 1 else "stars have"
    return (
        f"Small: only {count} {owned} a row that is {fewest.words};"
        " differences from other slices may be chance."
    )
