"""Values as a person reads them: nothing of a record is shown as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html, format_html_join

__all__ = [
    "bytes_in_words",
    "drawn",
    "folded",
    "link",
    "minute",
    "moment",
    "seconds_in_words",
    "text",
]

NOTHING = "–"
_MOST_IN_LINE = 12
"""Of a list: a longer one is folded."""
_LONGEST_IN_LINE = 600
"""Letters: a longer text is folded."""
_LONGEST_WORD = 40
"""Letters: longer ones of a list, such as sentences, stand each on a line of its own."""


def drawn(value: Any) -> str:
    """Return a value as it stands in a page of the admin."""
    if value is None or (isinstance(value, str | Mapping | Sequence) and not value):
        return NOTHING
    drawing = next((how for kind, how in _DRAWINGS if isinstance(value, kind)), str)
    return drawing(value)


def text(value: str) -> str:
    """Return words, folded where they are many."""
    if len(value) <= _LONGEST_IN_LINE:
        return value
    return folded(f"{len(value):,} letters", format_html("<pre>{}</pre>", value))


def folded(summary: str, content: str) -> str:
    """Return what is shown when somebody asks for it."""
    return format_html("<details><summary>{}</summary>{}</details>", summary, content)


def link(address: str, words: str) -> str:
    """Return a link."""
    return format_html('<a href="{}">{}</a>', address, words)


def moment(at: datetime | None) -> str:
    """Return a moment in the server's time zone, to the second."""
    if at is None:
        return NOTHING
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(), f"{local:%-d %B %Y, %H:%M:%S}"
    )


def minute(at: datetime | None) -> str:
    """Return a moment in the server's time zone, as short as a list needs it."""
    return NOTHING if at is None else f"{timezone.localtime(at):%-d %b %Y %H:%M}"


def seconds_in_words(seconds: float | None) -> str:
    """Return how long something took."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} d"


def bytes_in_words(size: int | None) -> str:
    """Return a size."""
    return NOTHING if size is None else filesizeformat(size)


def _listed(values: Sequence[Any]) -> str:
    if any(
        isinstance(one, Mapping | list | tuple) or len(str(one)) > _LONGEST_WORD for one in values
    ):
        content = format_html(
            "<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((drawn(one),) for one in values))
        )
    else:
        content = format_html_join(", ", "{}", ((drawn(one),) for one in values))
    return content if len(values) <= _MOST_IN_LINE else folded(f"{len(values):,} values", content)


def _mapping(values: Mapping[str, Any]) -> str:
    content = format_html(
        '<dl class="facts">{}</dl>',
        format_html_join(
            "",
            "<dt>{}</dt><dd>{}</dd>",
            ((str(name).replace("_", " "), drawn(one)) for name, one in values.items()),
        ),
    )
    return content if len(values) <= _MOST_IN_LINE else folded(f"{len(values):,} values", content)


_DRAWINGS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    # Of a kind that is another one too, such as a truth value, which is a number, the first counts.
    (bool, lambda value: "yes" if value else "no"),
    (int, "{:,}".format),
    (float, lambda value: f"{value:.6g}".replace("-", "−")),
    (datetime, moment),
    (date, "{:%-d %B %Y}".format),
    (Mapping, _mapping),
    (str, text),
    (Sequence, _listed),
)
