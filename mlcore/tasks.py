"""What a classifier is asked: which dispositions it tells apart, and which rows it ranks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from mlcore.datasets.spec import CLASSES, Disposition, Kind
from mlcore.errors import HyperparameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.datasets.spec import Dataset

__all__ = [
    "DISPOSITION",
    "PLANET",
    "TASKS",
    "TRIAGE",
    "VETTING",
    "Labels",
    "Task",
    "check_asks",
    "find_task",
    "tasks_of",
    "usual_task",
]

Labels: TypeAlias = "pd.Series[str] | Sequence[str | None]"
"""A `Disposition` value for each row, missing (None, NaN) where there is none."""

PLANET = Disposition.CONFIRMED
"""The disposition that figures on finding planets are about, in every task."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A question to a classifier, as facts about dispositions."""

    name: str
    """Name in requests."""
    title: str
    """Name for people."""
    question: str
    """What it answers, as a sentence."""
    classes: tuple[Disposition, ...]
    """What it tells apart, in canonical order: rows with these labels are trained on and tested."""
    ranked: frozenset[Disposition] = frozenset()
    """Dispositions that are undecided under this task: such rows are never trained on and never
    tested, they are scored and ranked as the follow-up list, as are rows without a label."""
    kind: Kind = Kind.CANDIDATES
    """Of which tables it is asked."""

    def __post_init__(self) -> None:
        if PLANET not in self.classes or len(self.classes) < 2:
            raise ValueError(f"{self.name} must tell {PLANET} apart from something")
        if self.ranked & set(self.classes):
            raise ValueError(f"{self.name} cannot both learn and rank the same disposition")

    def among(self, labels: Labels) -> Task:
        """Return the task of telling apart those of its classes that occur.

        The task itself where planets are not among them or they are fewer than two: it is then
        another question.
        """
        targets = self.targets(labels)
        present = tuple(kind for i, kind in enumerate(self.classes) if (targets == i).any())
        if PLANET not in present or len(present) < 2:
            return self
        return replace(self, classes=present)

    def called(self, kind: Disposition) -> str:
        """Return what a class is called as an answer of a model.

        "Confirmed" is the catalogue's word: beside candidates an answer says what the catalogue
        would call an object, otherwise what the object is.

        Examples
        --------
        >>> VETTING.called(PLANET), DISPOSITION.called(PLANET)
        ('planet', 'confirmed')
        """
        if kind is PLANET and Disposition.CANDIDATE not in self.classes:
            return "planet"
        return kind.words

    def decided(self, labels: Labels) -> NDArray[np.bool_]:
        """Tell for each row whether it is trained on or, when held out, tested; shape ``(n,)``."""
        return self.targets(labels) >= 0

    def followed_up(self, labels: Labels) -> NDArray[np.bool_]:
        """Tell for each row whether it belongs in the follow-up list; shape ``(n,)``."""
        if not self.ranked:
            return np.zeros(len(labels), dtype=bool)
        return ~self.decided(labels)

    def targets(self, labels: Labels) -> NDArray[np.int64]:
        """Return each row's label as a position in `classes`, -1 for any other; shape ``(n,)``."""
        # Iterating over a column of words takes longer than a list of them.
        words = np.asarray(labels, dtype=object).tolist()
        places: dict[str | None, int] = {str(kind): i for i, kind in enumerate(self.classes)}
        return np.array([places.get(label, -1) for label in words], dtype=np.int64)

    def probabilities(self, of_all: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each of the task's classes, shape ``(n, k)``.

        Parameters
        ----------
        of_all
            Probability of each `Disposition` in canonical order, shape ``(n, 3)``.

        Returns
        -------
        ndarray
            Rows that sum to 1: the probabilities given that one of the task's classes is true.
            A row that gives none of them any probability has equal ones.
        """
        chosen = np.asarray(of_all, dtype=np.float64)[:, self._places]
        total = chosen.sum(axis=1, keepdims=True)
        equal = np.full_like(chosen, 1 / len(self.classes))
        return np.asarray(np.divide(chosen, total, out=equal, where=total > 0))

    def of_all(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of each `Disposition`, shape ``(n, 3)``: 0 for other classes.

        Parameters
        ----------
        probabilities
            Probability of each of the task's classes, shape ``(n, k)``.
        """
        every = np.zeros((len(probabilities), len(CLASSES)))
        every[:, self._places] = probabilities
        return every

    @property
    def _places(self) -> list[int]:
        return [CLASSES.index(kind) for kind in self.classes]

    def follow_up(
        self, listed: NDArray[np.bool_], probabilities: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return the positions of the rows in the follow-up list, the likeliest planet first.

        Parameters
        ----------
        listed
            Whether each row is on it, see `followed_up`, shape ``(n,)``.
        probabilities
            Probability of each of the task's classes, shape ``(n, k)``.
        """
        rows = np.flatnonzero(listed)
        planet = probabilities[rows, self.classes.index(PLANET)]
        return rows[np.argsort(-planet, kind="stable")]


DISPOSITION = Task(
    name="disposition",
    title="Disposition",
    question="Which of the three dispositions does the catalogue give this object?",
    classes=CLASSES,
)
VETTING = Task(
    name="vetting",
    title="Vetting",
    question="Is this object a planet or a false positive?",
    classes=(Disposition.FALSE_POSITIVE, Disposition.CONFIRMED),
    ranked=frozenset({Disposition.CANDIDATE}),
)

TRIAGE = replace(
    VETTING,
    name="triage",
    title="Triage",
    question="Is this event a planet, or a false positive or no transit at all?",
    kind=Kind.EVENTS,
)

TASKS: Mapping[str, Task] = MappingProxyType(
    {task.name: task for task in (DISPOSITION, VETTING, TRIAGE)}
)
"""The tasks by name, in the order in which they are shown.

Examples
--------
>>> import mlcore
>>> mlcore.TASKS["vetting"].question
'Is this object a planet or a false positive?'
"""


def find_task(name: str) -> Task:
    """Return the task of this name.

    Raises
    ------
    HyperparameterError
        When there is none.
    """
    if name not in TASKS:
        raise HyperparameterError(
            f"task was {str(name)[:60]!r}, but it must be one of {', '.join(TASKS)}."
        )
    return TASKS[name]


def tasks_of(dataset: Dataset) -> tuple[Task, ...]:
    """Return the tasks that can be asked of a table's rows."""
    return tuple(task for task in TASKS.values() if task.kind is dataset.kind)


def usual_task(dataset: Dataset) -> Task:
    """Return the task that is taken where none is named: planets against all else."""
    return next(task for task in tasks_of(dataset) if task.ranked)


def check_asks(task: Task, dataset: Dataset) -> None:
    """Refuse a task that makes no sense for a table.

    Raises
    ------
    HyperparameterError
        When the task is asked of another kind of table.
    """
    if task.kind is not dataset.kind:
        allowed = " or ".join(other.name for other in tasks_of(dataset))
        raise HyperparameterError(
            f"task was {task.name!r}, but of {dataset.title} it must be {allowed}."
        )
