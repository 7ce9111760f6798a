"""Which columns a model needs, and which of them a table lacks or has beyond them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from mlcore.datasets.spec import Role
from mlcore.datasets.units import column_facts
from mlcore.in_words import lowered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlcore.datasets.spec import Column, Dataset
    from mlcore.models.classifier import Classifier

__all__ = ["Excess", "NeededColumn", "NeededColumns", "needed_columns"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NeededColumn:
    """A column that a model needs."""

    column: str
    title: str
    unit: str
    """As astropy writes it; empty without one. Likewise `unit_in_words`."""
    unit_in_words: str
    given: bool
    """Whether the table has it."""
    used_by: tuple[str, ...]
    """The model's own columns that it is or that are computed from it."""
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Excess:
    """A column that a table has and the model does not use."""

    column: str
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NeededColumns:
    """What a model needs against what a table has."""

    needed: tuple[NeededColumn, ...]
    excess: tuple[Excess, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """Names of the needed columns that the table lacks."""
        return tuple(one.column for one in self.needed if not one.given)


def needed_columns(
    classifier: Classifier,
    dataset: Dataset,
    given: Sequence[str],
    *,
    computed_from: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> NeededColumns:
    """Compare the columns that a model needs with those of a table.

    Parameters
    ----------
    classifier
        The fitted model.
    dataset
        The mission that declares the columns.
    given
        Names of the table's columns; case and surrounding blanks do not matter.
    computed_from
        For each derived column of the model the mission's columns that it is computed from.
    """
    users: dict[str, list[str]] = {}
    for name in classifier.columns:
        for source in computed_from.get(name, (name,)):
            users.setdefault(source, []).append(name)
    has = {name.strip().lower(): name.strip() for name in given}
    return NeededColumns(
        needed=tuple(
            _needed(name, dataset, used_by, given=name in has, classifier=classifier)
            for name, used_by in users.items()
        ),
        excess=tuple(
            Excess(column=shown, sentence=f"{shown} {_beyond(name, dataset)}")
            for name, shown in has.items()
            if name not in users
        ),
    )


def _needed(
    name: str, dataset: Dataset, used_by: list[str], *, given: bool, classifier: Classifier
) -> NeededColumn:
    column: Column | None = dataset.column(name) if dataset.knows(name) else None
    facts = {"title": name, "unit": "", "unit_in_words": ""}
    if column is not None:
        facts = column_facts(column)
    words = ", ".join(filter(None, (lowered(facts["title"]), facts["unit_in_words"])))
    described = f"{name} ({words})"
    sentence = f"{described} is in the table"
    if not given:
        instead = "the training median stands in for it"
        if classifier.model_type.sees_missing:
            instead = "the model takes it as not known"
        sentence = f"{described} is not in the table; {instead} in every row"
    return NeededColumn(
        column=name,
        **facts,
        given=given,
        used_by=tuple(used_by),
        sentence=sentence,
    )


def _beyond(name: str, dataset: Dataset) -> str:
    if not dataset.knows(name):
        return f"is no column of {dataset.title} and is ignored"
    column = dataset.column(name)
    if column.role is Role.LABEL:
        return "holds the disposition: the model never sees it"
    if column.leak is not None:
        return f"is withheld from every model: {column.leak}"
    if column.role is Role.FEATURE:
        return "is a feature that this model was not trained on"
    return "identifies or describes the object and is not a feature"
