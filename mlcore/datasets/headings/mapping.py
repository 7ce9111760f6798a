"""What a request says of a table's headings: which is which column, which the label."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlcore.datasets.labels import disposition_of, folded_word
from mlcore.datasets.spec import Disposition
from mlcore.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NO_MAPPING", "ColumnMapping", "MappedTo", "MappingError"]

_MOST = 2_000
_LONGEST = 200
_SHOWN = 60
_COLUMNS = (
    'a JSON object of headings and columns, such as {"Period": "koi_period", "Rp": {"column":'
    ' "koi_prad", "unit": "R_jup"}, "notes": null}'
)
_WORDS = (
    'a JSON object of the label\'s words and their meaning, such as {"0": "false_positive", "1":'
    ' "planet"}'
)
_MEANINGS = "planet, false_positive, candidate, or null for no label"


class MappingError(DataError):
    """What a request says of a table's headings cannot be; the text begins with the field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"{field}: {sentence}")
        self.field = field
        """Name of the request's field: ``columns``, ``label`` or ``label_words``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MappedTo:
    """What a heading is to be read as."""

    column: str
    """The mission's name of the column, lower case."""
    unit: str = ""
    """The unit of the file's values; empty for what the heading says, or the column's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnMapping:
    """What a request says of its tables' headings."""

    columns: Mapping[str, MappedTo | None] = field(default_factory=dict)
    """Headings, as the file has them but for case and blanks around them; None to ignore one."""
    label: str | None = None
    """The heading of the column of labels."""
    label_words: Mapping[str, Disposition | None] = field(default_factory=dict)
    """What words of the label mean, by `mlcore.datasets.labels.folded_word`; None for no label."""
    of_several: bool = False
    """Whether a heading that a file lacks may be that of another file of the request."""

    def __bool__(self) -> bool:
        return bool(self.columns or self.label or self.label_words)

    @classmethod
    def parse(
        cls, *, columns: Any = None, label: Any = None, label_words: Any = None
    ) -> ColumnMapping:
        """Read what a request brought: JSON values, or texts that hold them.

        Parameters
        ----------
        columns
            Heading → column, heading → ``{"column": …, "unit": …}``, or heading → None.
        label
            A heading.
        label_words
            Word → what it means.

        Raises
        ------
        MappingError
            When one of them is of another form.
        """
        words = {}
        for word, meaning in _object("label_words", label_words, _WORDS).items():
            if meaning is not None and (
                not isinstance(meaning, str) or disposition_of(meaning) is None
            ):
                shown = json.dumps(meaning, ensure_ascii=False)[:_SHOWN]
                raise MappingError(
                    "label_words", f'"{word[:_SHOWN]}" was {shown}, but it must be {_MEANINGS}.'
                )
            words[folded_word(word)] = None if meaning is None else disposition_of(meaning)
        if not isinstance(label, str | None):
            raise MappingError("label", "it must be the heading of the column of labels, as text.")
        _check_text("label", label or "")
        return cls(
            columns={
                heading: _mapped(heading, wanted)
                for heading, wanted in _object("columns", columns, _COLUMNS).items()
            },
            label=(label or "").strip() or None,
            label_words=words,
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values, which `from_json` reads."""
        return {
            "columns": {
                heading: None if wanted is None else {"column": wanted.column, "unit": wanted.unit}
                for heading, wanted in self.columns.items()
            },
            "label": self.label,
            "label_words": {
                word: None if meaning is None else str(meaning)
                for word, meaning in self.label_words.items()
            },
            "of_several": self.of_several,
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any] | None) -> ColumnMapping:
        """Return what `as_json` wrote."""
        if not saved:
            return cls()
        return cls(
            columns={
                heading: None if wanted is None else MappedTo(**wanted)
                for heading, wanted in saved["columns"].items()
            },
            label=saved["label"],
            label_words={
                word: None if meaning is None else Disposition(meaning)
                for word, meaning in saved["label_words"].items()
            },
            of_several=saved["of_several"],
        )


NO_MAPPING = ColumnMapping()
"""What a request says that says nothing of headings."""


def _object(field: str, sent: Any, allowed: str) -> dict[str, Any]:
    if isinstance(sent, str) and sent.strip():
        try:
            sent = json.loads(sent)
        except (ValueError, RecursionError):
            raise MappingError(field, f"it must be {allowed}; this is not valid JSON.") from None
    if sent is None or sent == "":
        return {}
    if not isinstance(sent, dict) or len(sent) > _MOST:
        raise MappingError(field, f"it must be {allowed}.")
    for name in sent:
        _check_text(field, name)
    return sent


def _check_text(field: str, text: str) -> None:
    """Refuse a name that no heading and no word can be, and that no database keeps."""
    if len(text) > _LONGEST:
        raise MappingError(field, f"a name in it has more than {_LONGEST} characters.")
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise MappingError(field, "a name in it has a character that no text may contain.")


def _mapped(heading: str, wanted: Any) -> MappedTo | None:
    if wanted is None:
        return None
    if isinstance(wanted, str):
        wanted = {"column": wanted}
    if isinstance(wanted, dict) and not wanted.keys() - {"column", "unit"}:
        column, unit = wanted.get("column"), wanted.get("unit") or ""
        if isinstance(column, str) and column.strip() and isinstance(unit, str):
            return MappedTo(column=column.strip().lower(), unit=unit.strip())
    raise MappingError(
        "columns",
        f'"{heading[:_SHOWN]}" must be the name of a column, an object such as {{"column":'
        ' "koi_prad", "unit": "R_jup"}, or null to ignore the heading.',
    )
