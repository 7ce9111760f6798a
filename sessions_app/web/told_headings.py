"""What a preview's choices say of headings and words, beside what is written into the form.

Each choice is a field of its own, whose name ends with the heading or the word. What a choice says
comes before what is written of the same heading.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["IGNORED", "MEANS", "WORD", "chosen_of", "in_unit", "told_columns", "told_words"]

MEANS = "means:"
"""What the name of a field begins with that says what a heading means."""
WORD = "word:"
"""The same of a word of the label."""
IGNORED = "-"
"""The choice that a heading is to be ignored, or a word is no label."""
_IN = " in "


def in_unit(column: str, unit: str) -> str:
    """Return the choice that a heading is a column whose values are in a unit."""
    return f"{column}{_IN}{unit}"


def chosen_of(sent: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Return what was chosen, by heading or by word; what was left as it is is not among it."""
    return {
        name.removeprefix(kind): str(value)
        for name, value in sent.items()
        if name.startswith(kind) and value
    }


def told_columns(written: str, sent: Mapping[str, Any]) -> Any:
    """Return what a form says of headings, as a request's `columns`."""
    return _beside(
        written, {name: _column(value) for name, value in chosen_of(sent, MEANS).items()}
    )


def told_words(written: str, sent: Mapping[str, Any]) -> Any:
    """Return what a form says of the label's words, as a request's `label_words`."""
    chosen = chosen_of(sent, WORD).items()
    return _beside(written, {name: None if value == IGNORED else value for name, value in chosen})


def _column(value: str) -> Any:
    if value == IGNORED:
        return None
    column, _, unit = value.partition(_IN)
    return {"column": column, "unit": unit} if unit else column


def _beside(written: str, chosen: dict[str, Any]) -> Any:
    if not chosen:
        return written
    try:
        earlier = json.loads(written or "{}")
    except (ValueError, RecursionError):
        # Whoever reads it says what is wrong with it.
        return written
    return {**earlier, **chosen} if isinstance(earlier, dict) else written
