"""Whose table somebody sent: the mission's that they chose, another one's, or several ones'."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mlcore.datasets.headings.spelling import folded
from mlcore.datasets.headings.vocabulary import Vocabulary
from mlcore.datasets.spec import Kind
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlcore.datasets.spec import Dataset

__all__ = [
    "MISSION_HEADINGS",
    "OtherMissionError",
    "check_mission",
    "check_missions_named",
]

MISSION_HEADINGS = frozenset({"mission", "survey", "telescope", "spacecraft", "facility"})
"""What a column is called, folded, that says whose an object is."""


class OtherMissionError(DataError):
    """A table is another mission's than it was sent as."""

    def __init__(self, mission: Dataset) -> None:
        self.mission = mission
        """Whose it looks like."""
        super().__init__(self.sentence("data_format"))

    def sentence(self, field: str) -> str:
        """Return what is said of it where a request's field of this name chooses the mission."""
        # Two tables may be of one mission.
        candidates = self.mission.kind is Kind.CANDIDATES
        name = self.mission.short_title if candidates else self.mission.title
        return f"This looks like a {name} table; choose {name} ({field} {self.mission.name})."


def check_mission(
    headings: Sequence[str], dataset: Dataset, missions: Mapping[str, Dataset]
) -> None:
    """Refuse a table whose headings are another mission's.

    Another mission's are those that it knows by names of its own and the chosen one does not know
    at all: what is called alike everywhere says nothing.

    Parameters
    ----------
    headings
        All of the file's.
    dataset
        The mission that the table was sent as.
    missions
        All missions.

    Raises
    ------
    OtherMissionError
        When more columns are another's alone than are the chosen one's alone.
    """
    chosen = Vocabulary(dataset)
    known = {heading: chosen.hit(heading) for heading in headings}
    found: dict[str, int] = {}
    for name, other in missions.items():
        if other is dataset:
            continue
        theirs = Vocabulary(other)
        alone = {
            column
            for heading in headings
            if known[heading] is None
            for column in theirs.own_columns(heading)
        }
        ours = {
            column
            for heading in headings
            if known[heading] is not None and theirs.hit(heading) is None
            for column in chosen.own_columns(heading)
        }
        if len(alone) > len(ours):
            found[name] = len(alone)
    if found:
        raise OtherMissionError(missions[max(found, key=lambda name: found[name])])


def check_missions_named(
    heading: str, values: Iterable[str], dataset: Dataset, missions: Mapping[str, Dataset]
) -> None:
    """Refuse a table that says itself that its rows are another mission's, or several ones'.

    Parameters
    ----------
    heading
        What the column is called.
    values
        What stands in it.
    dataset
        The mission that the table was sent as.
    missions
        All missions.

    Raises
    ------
    DataError
        When a row is of another mission.
    """
    by_word: dict[str, Dataset] = {}
    for mission in (dataset, *missions.values()):
        for word in (mission.name, mission.short_title):
            # Two tables of one mission have its name in common.
            by_word.setdefault(folded(word), mission)
    named = Counter(folded(str(value)) for value in values)
    rows: Counter[str] = Counter()
    for word, count in named.items():
        if word in by_word:
            rows[by_word[word].name] += count
    if len(rows) > 1:
        listed = ", ".join(f"{missions[name].short_title} ({n})" for name, n in rows.most_common())
        raise DataError(
            f"The table has rows of more than one mission (column {heading}: {listed}), which"
            " measure in different bands and label in different ways: send each mission's rows in a"
            " file of their own."
        )
    if rows and dataset.name not in rows:
        raise OtherMissionError(missions[next(iter(rows))])
