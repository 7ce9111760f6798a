"""How many inputs were tried, and what came of them."""

from __future__ import annotations

from collections import Counter

__all__ = ["as_markdown", "count"]

_TRIED: Counter[tuple[str, bool]] = Counter()


def count(what: str, *, refused: bool) -> None:
    """Note an input of a kind that was read or accepted, or refused in a sentence."""
    _TRIED[what, refused] += 1


def as_markdown() -> str:
    """Return a table of what was tried; empty when nothing was."""
    kinds = list(dict.fromkeys(what for what, _ in _TRIED))
    lines = [(what, _TRIED[what, True], _TRIED[what, False]) for what in kinds]
    total = ("all", *(sum(line[column] for line in lines) for column in (1, 2)))
    head = ["| what was sent | refused in a sentence | read or accepted |", "|---|---|---|"]
    rows = [f"| {what} | {refused:,} | {taken:,} |" for what, refused, taken in [*lines, total]]
    return "\n".join([*head, *rows]) if lines else ""
