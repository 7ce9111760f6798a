"""Filters of lists: declared with django-filter, refused in sentences of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from rest_framework.filters import BaseFilterBackend

from sessions_app.exceptions import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rest_framework.request import Request

__all__ = ["Filters", "checked", "created", "one_of", "ordering_of", "search_of", "yes_or_no"]

_SHOWN = 60
_LONGEST_SEARCH = 100


class Filters(BaseFilterBackend):
    """Filters a list by the view's `filterset_class`."""

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Any:
        """Return what fits; refuse a value that a filter does not take."""
        return checked(view.filterset_class, request, queryset).qs

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Return the filters as the schema has them."""
        filters = view.filterset_class.base_filters if view.filterset_class else {}
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": one.extra["help_text"],
                "schema": _shape_of(one.field)[0],
            }
            for name, one in filters.items()
        ]


def checked(filterset_class: Any, request: Request, rows: Any) -> Any:
    """Return the filters of a request, every value of which is one that they take."""
    sent = request.query_params
    filterset = filterset_class(data=sent, queryset=rows, request=request)
    for name, field in filterset.form.fields.items():
        # An empty value would be taken for none.
        if name in filterset.form.errors or sent.get(name) == "":
            schema, words = _shape_of(field)
            raise RefusedError(
                f"{name} was {sent[name][:_SHOWN]!r}, but it must be {words}.",
                field=name,
                allowed=schema.get("enum", ()),
            )
    return filterset


def _shape_of(field: forms.Field) -> tuple[dict[str, Any], str]:
    """Return what a filter takes, as a schema and in words."""
    match field:
        case forms.ChoiceField():
            names = [str(name) for name, _ in field.choices if name != ""]
            return {"type": "string", "enum": names}, f"one of {', '.join(names)}"
        case forms.UUIDField():
            words = "an id such as 37dcc9c4-134e-5456-8ebc-f317ad304418, as lists have it"
            return {"type": "string", "format": "uuid"}, words
        case forms.DateTimeField():
            words = "a date or a time such as 2026-11-30 or 2026-11-30T12:00:00Z"
            return {"type": "string"}, words
        case _:
            words = f"text of 1 to {field.max_length} characters"  # type: ignore[attr-defined]
            return {"type": "string", "minLength": 1, "maxLength": field.max_length}, words  # type: ignore[attr-defined]


def one_of(choices: Any, help_text: str, **more: Any) -> Any:
    """Return a filter by a value that can be listed; choices may be a function."""
    return django_filters.ChoiceFilter(
        choices=choices, help_text=help_text, empty_label=None, **more
    )


def yes_or_no(help_text: str, **more: Any) -> Any:
    """Return a filter by what is so or is not."""
    return django_filters.TypedChoiceFilter(
        choices=[("true", "true"), ("false", "false")],
        coerce=lambda word: word == "true",
        help_text=help_text,
        **more,
    )


def created(lookup: str, help_text: str) -> Any:
    """Return a filter by when something was made."""
    return django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr=lookup, help_text=f"{help_text} In UTC if not stated."
    )


def search_of(help_text: str, **more: Any) -> Any:
    """Return a filter by words in some of the fields, however they are capitalised."""
    return django_filters.CharFilter(max_length=_LONGEST_SEARCH, help_text=help_text, **more)


def ordering_of(columns: Iterable[str], usual: str) -> Any:
    """Return what puts a list in the order of a column; with a minus before it, downwards."""
    names = [sign + column for column in columns for sign in ("", "-")]
    return django_filters.ChoiceFilter(
        choices=[(name, name) for name in names],
        empty_label=None,
        method=lambda rows, _name, column: rows.order_by(column, "pk"),
        help_text=f"By what the list is in order, with a minus before it downwards. {usual}",
    )
