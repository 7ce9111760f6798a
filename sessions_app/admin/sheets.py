"""A record's page: sheets of facts and tables in place of Django's form, which nobody may send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin

from sessions_app.admin.drawn import drawn
from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model
    from django.http import HttpRequest

    from sessions_app.web.tables.word_table import WordTable

__all__ = ["Fact", "Grid", "Link", "Sheet", "ShowsSheets", "field_facts"]

Fact = tuple[str, str]
"""A name, and a value as it stands in the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """A table whose cells are as they stand in the page."""

    title: str
    """What it is of, for whoever does not see it."""
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    none: str = "None."
    """What is said where there are no rows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A way to another page."""

    address: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A part of a record's page under a heading of its own."""

    title: str
    about: str = ""
    """A sentence under the heading."""
    facts: Sequence[Fact] = ()
    grids: Sequence[Grid] = ()
    tables: Sequence[WordTable] = ()
    """As the user's pages show them."""
    text: str = ""
    """As it stands in the page, after the rest."""
    is_folded: bool = False
    """Whether it is shown only when somebody asks for it."""
    links: Sequence[Link] = ()


class ShowsSheets(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows a record as sheets: by default one with all of its fields."""

    change_form_template = "admin/record.html"

    def sheets(self, request: HttpRequest, record: Any) -> Iterable[Sheet]:
        """Return the parts of a record's page, in their order."""
        return [Sheet(title="Record", facts=field_facts(record))]

    def links(self, request: HttpRequest, record: Any) -> Iterable[Link]:
        """Return the ways from a record's page to others."""
        return []

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return no field: nobody may change a record by hand."""
        return []

    def get_inline_instances(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return []

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        record = context["original"]
        try:
            sheets, refusal = list(self.sheets(request, record)), ""
        except RefusedError as error:
            # What belongs to it can't be had at the moment; what is in its row can.
            sheets = [Sheet(title="Record", facts=field_facts(record))]
            refusal = error.sentence
        context |= {
            "title": str(record),
            "subtitle": None,
            "sheets": sheets,
            "refusal": refusal,
            "links": list(self.links(request, record)),
        }
        return super().render_change_form(request, context, *args, **kwargs)


def field_facts(record: Any, *, without: Iterable[str] = ()) -> list[Fact]:
    """Return a record's own fields with their values, but some."""
    left_out = {*without, "id"}
    return [
        (
            str(field.verbose_name),
            drawn(getattr(record, f"get_{field.name}_display")())
            if field.choices and getattr(record, field.name) is not None
            else drawn(getattr(record, field.name)),
        )
        for field in record._meta.fields  # noqa: SLF001 - documented
        if field.name not in left_out
    ]
