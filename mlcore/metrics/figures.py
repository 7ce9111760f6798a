"""A figure that says what it is of: which rows, how many stars, which split, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore._json import json_of
from mlcore.datasets.spec import Disposition
from mlcore.in_words import level
from mlcore.levels import INTERVAL_LEVEL
from mlcore.metrics.resampling import RESAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Confusion", "Figure", "Measurement", "interval_in_words"]


def interval_in_words(resamples: int) -> str:
    """Return how the intervals were made."""
    return f"{level(INTERVAL_LEVEL)}, {resamples} resamples of the host stars"


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured number with its interval, and what it was measured on."""

    name: str
    """Name of its metric."""
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
        return json_of(self)

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
        return json_of(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Confusion:
        """Return the counts that `as_json` described."""
        cells: dict[str, Any] = {
            name: None if saved[name] is None else tuple(tuple(row) for row in saved[name])
            for name in ("counts", "low", "high")
        }
        classes = tuple(Disposition(disposition) for disposition in saved["classes"])
        return cls(classes=classes, note=saved.get("note"), **cells)


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
        for figure in self.figures:
            if figure.name == name and figure.of == of:
                return figure
        raise KeyError(name if of is None else f"{name} of {of}")

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        saved = json_of(self) | {"interval": interval_in_words(self.resamples)}
        return saved | {"confusion_matrix": saved.pop("confusion")}

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Measurement:
        """Return the measurement that `as_json` described."""
        return cls(
            **{name: saved[name] for name in ("task", "rows", "stars", "split", "seed")},
            classes=tuple(Disposition(disposition) for disposition in saved["classes"]),
            resamples=int(saved.get("resamples", RESAMPLES)),
            figures=tuple(Figure.from_json(figure) for figure in saved["figures"]),
            confusion=Confusion.from_json(saved["confusion_matrix"]),
        )
