"""The formatters of the pages as template filters: ``{% load formatting %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import slugify

from mlcore.levels import INTERVAL
from sessions_app.selectors.session_titles import plain_title, session_title
from sessions_app.web import formatting
from sessions_app.web.dial import Dial

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()

for _formatter in (
    formatting.duration,
    formatting.figure_of,
    formatting.file_size,
    formatting.gain,
    formatting.interval,
    formatting.level,
    formatting.on_rows,
    formatting.percent,
    formatting.seconds,
    formatting.value,
    formatting.word_class,
    formatting.words,
    plain_title,
    session_title,
):
    register.filter(_formatter)


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    """Return what a mapping holds under a key that is known only when the page is made."""
    return mapping[key]


@register.simple_tag
def intervals() -> str:
    """Return of what level intervals are, as a heading says it."""
    return INTERVAL


@register.filter
def unlocalized(number: float) -> str:
    """Return a number as scripts read it, with all its digits."""
    return repr(float(number))


@register.inclusion_tag("dial.html")
def dial(value: float, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """Draw a probability of a planet on a dial, with its interval where there is one."""
    shown = formatting.percent(value)
    within = "" if low is None else f", {formatting.percent(low)} to {formatting.percent(high)}"
    return {
        "dial": Dial(value=value, low=low, high=high),
        "shown": shown,
        "label": f"Probability of a planet: {shown}{within}",
    }


@register.inclusion_tag("plot.html")
def plot(address: str, title: str, numbers: str, about: str = "") -> dict[str, Any]:
    """Show a plot: where its specification is, what it shows, and where its numbers are."""
    joint = "&" if "?" in address else "?"
    return {
        "address": address,
        "title": title,
        "numbers": numbers,
        "about": about,
        "joint": joint,
    }


@register.simple_tag
def term(word: str) -> Any:
    """Return a word of the field as a link to what it means."""
    return format_html(
        '<a class="term" href="{}#{}">{}</a>', reverse("glossary"), slugify(word), word
    )
