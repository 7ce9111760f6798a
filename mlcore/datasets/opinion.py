"""Another vetter's word on the rows of a table, read from a column that a request names.

It is no feature and no label: it is held beside what a model says of the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from mlcore.datasets.readers.read import read_frame
from mlcore.errors import DataError
from mlcore.in_words import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets.table import Table

__all__ = ["Opinion", "OpinionKind", "read_opinion"]

_MOST_WORDS = 20
_LONGEST = 200
_EXAMPLE = '{"column": "score", "kind": "score"}'
_NOTHING = ("", "null", "nan", "none")


class OpinionKind(StrEnum):
    """What the column holds, and which way it points."""

    SCORE = "score"
    """A number, the higher the likelier a planet: the Robovetter's score, ExoMiner's."""
    FALSE_POSITIVE_PROBABILITY = "false_positive_probability"
    """A probability from 0 to 1 of a false positive: TRICERATOPS' FPP."""
    DISPOSITION = "disposition"
    """Words or flags, some of which say that it is a planet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """Which column holds another vetter's opinion, and how it is read."""

    column: str
    """The column's heading, in any case of letters."""
    kind: OpinionKind
    planet: tuple[str, ...] = ()
    """The words of a disposition that mean a planet; any other word means none."""

    @property
    def name(self) -> str:
        """The heading as readers of tables have it."""
        return self.column.strip().lower()

    @property
    def meaning(self) -> str:
        """How the column is read, as a sentence."""
        match self.kind:
            case OpinionKind.SCORE:
                return f"The higher {self.column} is, the likelier it takes an object for a planet."
            case OpinionKind.FALSE_POSITIVE_PROBABILITY:
                return f"{self.column} is the probability that an object is a false positive."
            case OpinionKind.DISPOSITION:
                return f"{self.column} takes for a planet what it calls {' or '.join(self.planet)}."

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {"column": self.column, "kind": str(self.kind), "planet": list(self.planet)}

    @classmethod
    def from_json(cls, sent: Any) -> Opinion:
        """Read what a request says.

        Parameters
        ----------
        sent
            ``column``, ``kind`` and, of a disposition, ``planet``: the words for a planet.

        Raises
        ------
        DataError
            When something is missing or not allowed; the sentence says what is.
        """
        if not isinstance(sent, dict):
            raise DataError(f"second_opinion must be a JSON object, such as {_EXAMPLE}.")
        if unknown := sorted(map(str, sent.keys() - {"column", "kind", "planet"})):
            raise DataError(
                f"second_opinion has the unknown key {quoted(unknown[0])}; known are column, kind"
                " and planet."
            )
        column, kind = sent.get("column"), sent.get("kind")
        if not isinstance(column, str) or not 0 < len(column.strip()) <= _LONGEST:
            raise DataError("second_opinion needs column: the heading of the column that holds it.")
        if kind not in list(OpinionKind):
            raise DataError(f"second_opinion needs kind, one of {', '.join(OpinionKind)}.")
        return cls(
            column=column.strip(),
            kind=OpinionKind(kind),
            planet=_words(sent.get("planet"), OpinionKind(kind)),
        )


def read_opinion(path: Path, opinion: Opinion, table: Table) -> pd.Series[float] | None:
    """Return what another vetter says of a table's rows, the higher the likelier a planet.

    Parameters
    ----------
    path
        The file that `table` was read from.
    opinion
        Which of its columns, and how it is read.
    table
        Rows of the file; only theirs are returned.

    Returns
    -------
    Series of float64, shape ``(n,)``, or None
        A score as it is, 1 minus a probability of a false positive, 1 or 0 for a disposition; NaN
        where the cell is empty. None where the file has no such column.

    Raises
    ------
    DataError
        When a cell cannot be read as the opinion's kind says.
    """
    # As words: a disposition may be 0 and 1.
    raw = read_frame(path, columns=(opinion.name,), text={opinion.name})
    if opinion.name not in raw.columns:
        return None
    words = raw.frame[opinion.name].iloc[table.row_numbers - 1].reset_index(drop=True)
    words = words.astype("str").str.strip()
    words = words.mask(words.str.lower().isin(_NOTHING))
    if opinion.kind is OpinionKind.DISPOSITION:
        return _dispositions(words, opinion)
    return _numbers(words, opinion, table)


def _dispositions(words: pd.Series[str], opinion: Opinion) -> pd.Series[float]:
    meant = {_plain(word) for word in opinion.planet}
    planet = words.map(_plain, na_action="ignore").isin(meant)
    if words.notna().any() and not planet.any():
        known = ", ".join(quoted(word) for word in words.dropna().unique()[:_MOST_WORDS])
        raise DataError(
            f"second_opinion: column {opinion.column} never says {' or '.join(opinion.planet)}; it"
            f" has {known}. Name under planet those that mean a planet."
        )
    return planet.astype("float64").where(words.notna())


def _numbers(words: pd.Series[str], opinion: Opinion, table: Table) -> pd.Series[float]:
    values = pd.to_numeric(words, errors="coerce").astype("float64")
    values = values.where(np.isfinite(values))
    wrong = values.isna() & words.notna()
    if opinion.kind is OpinionKind.FALSE_POSITIVE_PROBABILITY:
        wrong |= (values < 0) | (values > 1)
        values = 1 - values
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        wanted = "number" if opinion.kind is OpinionKind.SCORE else "number from 0 to 1"
        raise DataError(
            f"second_opinion: column {opinion.column} has {quoted(str(words.iloc[first]))} in row"
            f" {table.row_numbers[first]}, which is no {wanted} as a {opinion.kind} is."
        )
    return values


def _words(sent: Any, kind: OpinionKind) -> tuple[str, ...]:
    words = [sent] if isinstance(sent, str | int | float) else list(sent or ())
    if kind is not OpinionKind.DISPOSITION:
        if words:
            raise DataError(f"second_opinion: planet is of a disposition only, not of a {kind}.")
        return ()
    if not 0 < len(words) <= _MOST_WORDS or not all(
        isinstance(w, str | int | float) for w in words
    ):
        raise DataError(
            "second_opinion of the kind disposition needs planet: the words of the column that mean"
            ' a planet, such as ["PC"].'
        )
    return tuple(str(word)[:_LONGEST] for word in words)


def _plain(word: str) -> str:
    """Return a word without what does not tell it apart: case, blanks, a number's last zeros."""
    plain = str(word).strip().lower()
    return plain.removesuffix(".0")
