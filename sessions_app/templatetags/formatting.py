"""The formatters of the pages as template filters: ``{% load formatting %}``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from mlcore.levels import INTERVAL
from sessions_app.web import formatting

if TYPE_CHECKING:
    from collections.abc import Mapping

register = template.Library()

for _formatter in (
    formatting.figure_of,
    formatting.gain,
    formatting.interval,
    formatting.level,
    formatting.on_rows,
    formatting.value,
    formatting.words,
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
