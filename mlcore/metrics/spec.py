"""What a metric is: its words, its function, and where it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mlcore.datasets.spec import Disposition
    from mlcore.metrics.weighted import WeightedScores

__all__ = ["Metric"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """What a figure measures, how, and where it is shown.

    Each function returns the figure under each of `b` weightings of the rows, shape ``(b,)``, and
    NaN where it is not defined.
    """

    name: str
    title: str
    meaning: str
    """One sentence for the person who reads the figure, with its source where it needs one."""
    whole: Callable[[WeightedScores], NDArray[np.float64]] | None = None
    """Of the whole task; None: the plain mean of `of_class` over the classes that occur."""
    of_class: Callable[[WeightedScores, int], NDArray[np.float64]] | None = None
    """Of the class at this position, one against the others; None: it is not of a class."""
    planets_of_two: bool = False
    """Whether the figure of a task of two classes is that of the planets, and no mean."""
    lower_is_better: bool = False
    grows_with_noise: bool = False
    """Whether it is never negative and chance alone raises it: see `mlcore.metrics.resampling`."""
    sliced: bool = False
    """Whether it is measured by kind of object too."""
    summarised: bool = False
    """Whether it stands among the few figures beside a session in a list."""
    sentence: int = 0
    """Place among the figures that a report's sentences name, from 1; 0: it is not named."""
    inspected_as: str | None = None
    """Its name where it is measured without each quantity, by permutation and by ablation;
    None: it is not."""

    def __post_init__(self) -> None:
        if (self.whole is None) == (self.of_class is None):
            raise ValueError(f"{self.name} must be of the whole task or of each class")
        if self.inspected_as is not None and self.grows_with_noise:
            raise ValueError(f"{self.name} grows with noise, which a change of it would not tell")

    @property
    def per_class(self) -> bool:
        """Whether it is given for each class too."""
        return self.of_class is not None

    def of_task(self, scores: WeightedScores) -> NDArray[np.float64]:
        """Return the figure of the whole task."""
        return self._measured(scores, by_class=False)[None]

    def figures(self, scores: WeightedScores) -> dict[Disposition | None, NDArray[np.float64]]:
        """Return the figure of the whole task (None) and, where it is of a class, of each."""
        return self._measured(scores, by_class=True)

    def _measured(
        self, scores: WeightedScores, *, by_class: bool
    ) -> dict[Disposition | None, NDArray[np.float64]]:
        if self.whole is not None:
            return {None: self.whole(scores)}
        assert self.of_class is not None  # noqa: S101 - one of the two is given
        rows = scores.rows
        # A resample that happens to lack one of them has no mean: it would be of something else.
        averaged = (
            [rows.planet]
            if self.planets_of_two and len(rows.classes) == 2
            else rows.occurring.tolist()
        )
        places = range(len(rows.classes)) if by_class else averaged
        values = {place: self.of_class(scores, place) for place in places}
        whole = {None: np.mean([values[place] for place in averaged], axis=0)}
        return whole | {rows.classes[place]: values[place] for place in places}
