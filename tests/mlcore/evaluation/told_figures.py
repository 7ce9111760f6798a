"""A walk over every number of a result: each is a figure, unless it is declared not to be.

A figure stands beside its interval and below or beside its rows, its stars and its split; where it
has no interval a sentence says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NO_FIGURES", "Told", "splits_of", "told_figures", "untold"]

NO_FIGURES = {
    "how many": (
        *("*.rows", "*.stars", "*.trained_rows", "*.repeats", "*.resamples", "*.folds"),
        *("model.train_rows", "model.test_rows", "model.fine_tuning_rows", "model.added_rounds"),
        "report.fewer_columns.train_rows",
        *(f"report.second_opinion.{name}" for name in ("planets", "without", "disagreeing")),
    ),
    "counts whose shares are the figures": ("metrics*.confusion_matrix.#.#",),
    "what was said of single objects": ("report.second_opinion.disagreements.#.*",),
    "what was learnt of two voices": ("report.second_opinion.weights.*",),
    "what was chosen": (
        *("*.seed", "*.hyperparameters.*", "model.versions.*"),
        *("report.calibration.numbers.*", "report.search.trials.#.weight"),
    ),
    "which and how long": (
        *("report.search.trials.#.number", "report.search.trials.#.rank"),
        *("report.search.trials.#.seconds", "report.search.seconds"),
    ),
    "where on a curve its figure is": (
        *("report.curves.*.x.#", "report.curves.*.threshold.#"),
        *("report.curves.reliability.#.begin", "report.curves.reliability.#.end"),
        "report.curves.reliability.#.stated",
    ),
    "shares among the rows learnt from, which are what was learnt": (
        *("report.calibration.frequencies.#", "model.frequencies.*"),
    ),
    "how much the permutations themselves differ": (
        "report.importance.permutation.losses.#.spread.*",
    ),
    "told again with their intervals under metrics.figures": (
        *(f"metrics*.{name}" for name in ("accuracy", "precision", "recall", "f1")),
        *(f"metrics*.per_class.*.{name}" for name in ("precision", "recall", "f1")),
    ),
}
"""Patterns of the numbers that are no figures, by why they are none; # is a place in a list."""


_BESIDE_LOW_AND_HIGH = {"value", "observed", "y", "counts", "mean"}
"""What ``low`` and ``high`` beside it are the bounds of; any other has bounds by its own name."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A number with what is said of it."""

    path: tuple[str, ...]
    value: float
    low: float | None
    high: float | None
    notes: tuple[str, ...]
    rows: int | None
    stars: int | None
    split: str | None

    @property
    def fault(self) -> str | None:
        """What is missing, None where nothing is."""
        where = ".".join(self.path)
        if self.rows is None or self.stars is None or not self.split:
            return f"{where} does not say its rows, stars and split"
        if self.low is None or self.high is None:
            return None if any(self.notes) else f"{where} has neither an interval nor a reason"
        inside = self.low <= self.value <= self.high
        return None if inside else f"{where} is outside its own interval"


def told_figures(part: dict[str, Any]) -> Iterator[Told]:
    """Yield every number that is not among `NO_FIGURES`, nor a bound of one."""
    for path, value in _numbers(part):
        name = ".".join("#" if isinstance(level, int) else level for level in path)
        if _is_no_figure(name) or _is_bound(path):
            continue
        above = list(_above(part, path))
        low, high = _bounds(above, path)
        said = {
            key: next((level[key] for level in reversed(above) if _says(level, key)), None)
            for key in ("rows", "stars", "split")
        }
        yield Told(
            path=tuple(map(str, path)),
            value=value,
            low=low,
            high=high,
            notes=tuple(str(level["note"]) for level in above if _says(level, "note")),
            **said,
        )


@cache
def _is_no_figure(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for group in NO_FIGURES.values() for pattern in group)


def untold(part: dict[str, Any]) -> list[str]:
    """Return what is missing of any figure."""
    return [figure.fault for figure in told_figures(part) if figure.fault is not None]


def splits_of(part: Any) -> Iterator[str]:
    """Yield what every figure says of its rows, wherever it stands."""
    if isinstance(part, dict):
        if isinstance(part.get("split"), str):
            yield part["split"]
        for child in part.values():
            yield from splits_of(child)
    elif isinstance(part, list):
        for child in part:
            yield from splits_of(child)


def _numbers(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], float]]:
    if isinstance(part, dict):
        for key, child in part.items():
            yield from _numbers(child, (*path, key))
    elif isinstance(part, list):
        for place, child in enumerate(part):
            yield from _numbers(child, (*path, place))
    elif isinstance(part, int | float) and not isinstance(part, bool):
        yield path, part


def _is_bound(path: tuple[Any, ...]) -> bool:
    return any(str(key).endswith(("low", "high")) for key in path)


def _above(part: Any, path: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    for key in path:
        if isinstance(part, dict):
            yield part
        part = part[key]


def _says(holder: dict[str, Any], key: str) -> bool:
    return not isinstance(holder.get(key), dict | list | None)


def _bounds(above: list[dict[str, Any]], path: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return what stands at the same place under ``low`` and ``high``, or ``<name>_low``, …"""
    depths = [depth for depth, key in enumerate(path) if not isinstance(key, int)]
    for holder, depth in zip(reversed(above), reversed(depths), strict=True):
        for low, high in (("low", "high"), (f"{path[depth]}_low", f"{path[depth]}_high")):
            own = low != "low" or path[depth] in _BESIDE_LOW_AND_HIGH
            if own and low in holder and high in holder:
                bounds = [_at(holder[end], path[depth + 1 :]) for end in (low, high)]
                return bounds[0], bounds[1]
    return None, None


def _at(part: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        if part is None:
            return None
        part = part[key]
    return part
