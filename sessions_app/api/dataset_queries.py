"""What a request for rows of a mission's table asks for, in its address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rest_framework import serializers

from sessions_app.api.faults import ParametersSerializer
from sessions_app.exceptions import RefusedError
from sessions_app.selectors.dataset_rows import MOST_ROWS, NO_DISPOSITION, PLANET_PROBABILITY

if TYPE_CHECKING:
    from django.http import QueryDict

__all__ = ["RowsQuery", "read_rows_query"]


class RowsQuery(ParametersSerializer):
    """Which rows of a table to list, and what of them."""

    families: ClassVar = {r".+_(min|max)": "the name of a column followed by _min or _max"}

    columns = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Names of columns with commas between them; by default those that a model sees,"
        " without uncertainties.",
    )
    ordering = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text=f"Name of a column, or {PLANET_PROBABILITY}; a minus in front turns it round.",
    )
    disposition = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text=f"Only rows of these, with commas between them; {NO_DISPOSITION} for rows without"
        " any.",
    )
    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="Only this object, or this star's objects, in any usual spelling: K00755.01,"
        " KOI-755.01, KIC 11754553.",
    )
    snapshot = serializers.IntegerField(
        required=False, min_value=1, help_text="Id of a snapshot; by default the current one."
    )
    page = serializers.IntegerField(default=1, min_value=1)
    page_size = serializers.IntegerField(default=100, min_value=1, max_value=MOST_ROWS)


def read_rows_query(asked: QueryDict) -> dict[str, Any]:
    """Return what `sessions_app.selectors.dataset_rows.rows_of` takes, and the snapshot's id.

    Raises RefusedError for what is no such request. What is no parameter at all the view has
    refused before (`sessions_app.api.parameters.KnownParameters`).
    """
    known = RowsQuery().fields
    given = asked.dict()
    query = RowsQuery(data=given)
    query.is_valid(raise_exception=True)
    fields = query.validated_data
    ranges: dict[str, tuple[float | None, float | None]] = {}
    for name, value in given.items():
        # A field of a form may have been left empty.
        if name in known or value == "":
            continue
        column, end = name[:-4], name[-4:]
        low, high = ranges.get(column, (None, None))
        number = _number(name, str(value))
        ranges[column] = (number, high) if end == "_min" else (low, number)
    return {
        "columns": _listed(fields.get("columns", "")) or None,
        "sort": fields.get("ordering", ""),
        "dispositions": _listed(fields.get("disposition", "")),
        "ranges": ranges,
        "search": fields.get("search", ""),
        "snapshot": fields.get("snapshot"),
        "page": fields["page"],
        "page_size": fields["page_size"],
    }


def _listed(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RefusedError(
            f"{name[:60]} was {text[:60]!r}, but it must be a number.", field=name[:60]
        ) from None
