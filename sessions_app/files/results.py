"""The objects of a result, read from its file: a page, one of them, or all in parts.

No single object is a row of the database. To put objects in order whole columns are read, and of a
page nothing but its own rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import TYPE_CHECKING, overload

import pyarrow as pa
import pyarrow.compute as pc

from mlcore.datasets import CLASSES
from mlcore.jobs.messages import PREDICTIONS, ROWS
from mlcore.prediction.stored import ObjectPrediction, StoredPredictions
from mlcore.tasks import PLANET
from sessions_app.exceptions import GoneError
from sessions_app.files import storage
from sessions_app.files.object_values import ObjectValues

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sessions_app.models import Session

__all__ = ["ORDERS", "ROWS_AT_ONCE", "ObjectList", "Order", "confidence", "objects_of"]

ROWS_AT_ONCE = 250
"""How many objects of a result are in memory at the same time."""

_NAMES = ("name", "host")
_OF_PLANETS = f"probability_{PLANET}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """By what objects are put in order; those that it does not tell apart go by number."""

    title: str
    column: str = ""
    """Of the file; empty: the order of the file."""
    descending: bool = False
    of_values: bool = False
    """Whether it is one of the columns that the model saw; objects without a value come last."""
    of_all: bool = True
    """Whether all results have it, or only those of a task that ranks what is undecided."""


ORDERS = {
    "follow_up": Order(title="follow-up list first", column="follow_up_rank", of_all=False),
    "number": Order(title="as in the table"),
    "planet": Order(title="likeliest planet first", column=_OF_PLANETS, descending=True),
    "not_planet": Order(title="likeliest planet last", column=_OF_PLANETS),
}


class ObjectList(Sequence[ObjectPrediction]):
    """Objects of a result in an order; each is read when it is asked for.

    Parameters
    ----------
    stored
        The result's file.
    values
        The values that the model saw of all objects in the file.
    numbers
        The objects' numbers in their order; None: all of them as they are in the file.
    """

    def __init__(
        self, stored: StoredPredictions, values: ObjectValues, numbers: pa.Array | None = None
    ) -> None:
        self._stored = stored
        self.values = values
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._stored if self._numbers is None else self._numbers)

    @overload
    def __getitem__(self, place: int) -> ObjectPrediction: ...
    @overload
    def __getitem__(self, place: slice) -> list[ObjectPrediction]: ...
    def __getitem__(self, place: int | slice) -> ObjectPrediction | list[ObjectPrediction]:
        """Return the object in a place, or those in a range of places."""
        places = range(len(self))[place]
        if isinstance(places, int):
            return self._stored.take([self._number(places)])[0]
        return self._stored.take([self._number(each) for each in places])

    @property
    def explained(self) -> bool:
        """Whether reasons and contributions are in the file; of a large table they are not."""
        return self._stored.explained

    def columns(self, names: Sequence[str]) -> pa.Table:
        """Return whole columns of the file; see `StoredPredictions.columns`."""
        return self._stored.columns(names)

    def _number(self, place: int) -> int:
        return place + 1 if self._numbers is None else int(self._numbers[place].as_py())

    def number_at(self, place: int) -> int:
        """Return the number of the object in a place."""
        return self._number(range(len(self))[place])

    def place_of(self, number: int) -> int | None:
        """Return the place of an object's number, from 0; None where it is not among these."""
        if self._numbers is None:
            return number - 1 if 1 <= number <= len(self) else None
        place = pc.index(self._numbers, number).as_py()
        return place if place >= 0 else None

    def numbered(self, number: int) -> ObjectPrediction | None:
        """Return the object of a number; None when there is none."""
        return self.taken([number])[0] if 1 <= number <= len(self._stored) else None

    def taken(self, numbers: Sequence[int]) -> list[ObjectPrediction]:
        """Return the objects of these numbers, all of which there are."""
        return self._stored.take(numbers)

    def batches(self) -> Iterator[list[ObjectPrediction]]:
        """Yield all objects of the file, some at a time."""
        return self._stored.batches(ROWS_AT_ONCE)

    def ordered(
        self,
        order: Order,
        *,
        label: str = "",
        actual: str = "",
        verdict: str = "",
        words: str = "",
        names: Collection[str] = (),
    ) -> ObjectList:
        """Return the objects that fit, in an order.

        Parameters
        ----------
        order
            By what, such as one of `ORDERS`.
        label, actual, verdict
            Only those with this most probable or true disposition, or verdict; empty: all.
        words
            Only those whose name or host star has these words in it; empty: all.
        names
            What the words mean beside: those that are called so, or whose star is, are found too.
        """
        exact = {"label": label, "actual": actual, "verdict": verdict}
        exact = {column: value for column, value in exact.items() if value}
        conditions = [pc.field(column) == value for column, value in exact.items()]
        if words:
            meant = pa.array(list(names), pa.string())
            matches = (
                pc.match_substring(pc.field(name), words, ignore_case=True)
                | pc.is_in(pc.field(name), value_set=meant)
                for name in _NAMES
            )
            conditions.append(reduce(or_, matches))
        if not conditions and not order.column:
            return ObjectList(self._stored, self.values)
        by = order.column or "number"
        sought = ["number", *exact, *(_NAMES if words else ())]
        sought += [] if order.of_values else [by]
        rows = self._stored.columns([*dict.fromkeys(sought)])
        if order.of_values:
            rows = rows.append_column(by, self.values.columns([by])[by])
        if conditions:
            rows = rows.filter(reduce(and_, conditions))
        if order.column:
            first = (by, "descending" if order.descending else "ascending")
            last = [] if by == "number" else [("number", "ascending")]
            rows = rows.take(pc.sort_indices(rows, [first, *last]))
        return ObjectList(self._stored, self.values, rows["number"].combine_chunks())


def objects_of(session: Session) -> ObjectList:
    """Return the objects of a completed session's result, as they are in its file.

    Refused with 410 when the file is no longer on this server, and with 503 when the store does not
    answer.
    """
    folder = storage.local_folder(storage.results_folder(session.pk))
    path = folder / Path(PREDICTIONS).name
    if not path.is_file():
        raise GoneError("The session's predictions are no longer on this server; run it again.")
    stored = StoredPredictions(path)
    seen = (session.model or {}).get("columns", ())
    return ObjectList(stored, ObjectValues(stored=stored, rows=folder / Path(ROWS).name, seen=seen))


def confidence(prediction: ObjectPrediction) -> float:
    """Return the probability of the predicted class."""
    return prediction.probabilities[[str(kind) for kind in CLASSES].index(prediction.label)]
