"""A figure that says what it is of: which rows, how many stars, which split, how sure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mlcore.datasets.spec import Disposition
from mlcore.in_words import level
from mlcore.levels import INTERVAL_LEVEL
from mlcore.metrics.resampling import RESAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "METRICS",
    "Confusion",
    "Figure",
    "Measurement",
    "Metric",
    "interval_in_words",
]


def interval_in_words(resamples: int) -> str:
    """Return how the intervals were made."""
    return f"{level(INTERVAL_LEVEL)}, {resamples} resamples of the host stars"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """What a figure measures."""

    name: str
    title: str
    meaning: str
    """One sentence for the person who reads the figure, with its source where it needs one."""
    lower_is_better: bool = False
    per_class: bool = False
    """Whether it is given for each class too, one class against the others."""
    grows_with_noise: bool = False
    """Whether it is never negative and chance alone raises it: see `mlcore.metrics.resampling`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured number with its interval, and what it was measured on."""

    name: str
    """Name of its `Metric`."""
    of: Disposition | None = None
    """The class that it is about; None: the whole task."""
    value: float | None
    """None where it is not defined; `note` says why."""
    low: float | None
    """Bounds of the 95 % interval, resampled by host star; None where there is none."""
    high: float | None
    rows: int
    stars: int
    split: str
    """Which rows, in words."""
    note: str | None = None
    """Why the value or the interval is missing, as a sentence."""

    def as_json(self) -> dict[str, Any]:
        """Return the figure as JSON values."""
        return asdict(self) | {"of": None if self.of is None else str(self.of)}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Figure:
        """Return the figure that `as_json` described."""
        of = saved["of"]
        return cls(**{**saved, "of": None if of is None else Disposition(of)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Confusion:
    """How often each true class (row) was given each predicted class (column)."""

    classes: tuple[Disposition, ...]
    counts: tuple[tuple[int, ...], ...]
    low: tuple[tuple[float, ...], ...] | None
    """Bounds of the 95 % interval of each count; None where there is none."""
    high: tuple[tuple[float, ...], ...] | None
    note: str | None = None
    """Why there is no interval, as a sentence."""

    def as_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return {
            "classes": [str(each) for each in self.classes],
            "counts": [list(row) for row in self.counts],
            "low": None if self.low is None else [list(row) for row in self.low],
            "high": None if self.high is None else [list(row) for row in self.high],
            "note": self.note,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Confusion:
        """Return the counts that `as_json` described."""
        found: dict[str, Any] = {
            name: None if saved[name] is None else tuple(tuple(row) for row in saved[name])
            for name in ("counts", "low", "high")
        }
        classes = tuple(Disposition(each) for each in saved["classes"])
        return cls(classes=classes, note=saved.get("note"), **found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """All figures on one set of rows."""

    task: str
    classes: tuple[Disposition, ...]
    rows: int
    stars: int
    split: str
    resamples: int
    seed: int
    figures: tuple[Figure, ...]
    confusion: Confusion

    def figure(self, name: str, of: Disposition | None = None) -> Figure:
        """Return a figure by its metric's name and, where it is of one class, that class.

        Raises
        ------
        KeyError
            When it was not measured.
        """
        for each in self.figures:
            if each.name == name and each.of == of:
                return each
        raise KeyError(name if of is None else f"{name} of {of}")

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "task": self.task,
            "classes": [str(each) for each in self.classes],
            "rows": self.rows,
            "stars": self.stars,
            "split": self.split,
            "resamples": self.resamples,
            "interval": interval_in_words(self.resamples),
            "seed": self.seed,
            "figures": [each.as_json() for each in self.figures],
            "confusion_matrix": self.confusion.as_json(),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Measurement:
        """Return the measurement that `as_json` described."""
        return cls(
            **{name: saved[name] for name in ("task", "rows", "stars", "split", "seed")},
            classes=tuple(Disposition(each) for each in saved["classes"]),
            resamples=int(saved.get("resamples", RESAMPLES)),
            figures=tuple(Figure.from_json(each) for each in saved["figures"]),
            confusion=Confusion.from_json(saved["confusion_matrix"]),
        )


_METRICS = (
    Metric(
        name="accuracy",
        title="Accuracy",
        meaning="Share of the rows whose most probable class is the true one.",
    ),
    Metric(
        name="precision",
        title="Precision",
        meaning="Share of the rows given a class that are of it; over classes, the plain mean of"
        " those that occur.",
        per_class=True,
    ),
    Metric(
        name="recall",
        title="Recall",
        meaning="Share of the rows of a class that were given it; over classes, the plain mean of"
        " those that occur.",
        per_class=True,
    ),
    Metric(
        name="f1",
        title="F1",
        meaning="Harmonic mean of precision and recall; over classes, the plain mean of those that"
        " occur.",
        per_class=True,
    ),
    Metric(
        name="roc_auc",
        title="ROC-AUC",
        meaning="Probability that a row of the class scores above one of another class; for three"
        " classes the plain mean of each against the others.",
        per_class=True,
    ),
    Metric(
        name="average_precision",
        title="Average precision",
        meaning="Precision averaged over the steps of recall, for planets; for three classes the"
        " plain mean of each against the others.",
        per_class=True,
    ),
    Metric(
        name="brier",
        title="Brier score",
        meaning="Mean squared distance of the probabilities from the truth, summed over the"
        " classes and halved when there are two (Brier 1950).",
        lower_is_better=True,
    ),
    Metric(
        name="log_loss",
        title="Log loss",
        meaning="Mean negative natural logarithm of the probability given to the true class.",
        lower_is_better=True,
    ),
    Metric(
        name="expected_calibration_error",
        title="Expected calibration error",
        meaning="Mean distance between stated and observed probability over ten equally wide bins,"
        " weighted by rows: of the probability of a planet for two classes, of the"
        " probability of the predicted class for three (Naeini et al. 2015, Guo et al. 2017).",
        lower_is_better=True,
        grows_with_noise=True,
    ),
    Metric(
        name="recall_at_95_precision",
        title="Recall at 95 % precision",
        meaning="Largest share of the planets that some threshold finds with at most one in twenty"
        " of its finds wrong; 0 where no threshold does.",
    ),
    Metric(
        name="recall_at_99_precision",
        title="Recall at 99 % precision",
        meaning="Largest share of the planets that some threshold finds with at most one in a"
        " hundred of its finds wrong; 0 where no threshold does.",
    ),
    Metric(
        name="recall_at_1_false_positive_rate",
        title="Recall at 1 % false positive rate",
        meaning="Largest share of the planets that some threshold finds while it takes at most one"
        " in a hundred of the other rows for a planet.",
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _METRICS})
"""What is measured, by name, in the order in which it is shown."""
