"""Pages of long lists: what a page costs depends on the page, and not on what lies before it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.sql.where import WhereNode

__all__ = ["BoundedPaginator", "IdsFirstPaginator"]

_MOST_COUNTED = 10_000


class IdsFirstPaginator(Paginator):
    """Finds which rows a page has by their ids alone, and reads these rows.

    With everything that a row shows, Postgres would read, join and compute it for all rows before
    the page too, only to skip them.
    """

    def page(self, number: Any) -> Page:
        """Return a page."""
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return super().page(number)
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        ids = rows.values_list("pk", flat=True)[first : first + self.per_page]
        return self._get_page(_rows_of(rows, list(ids)), number, self)


def _rows_of(rows: QuerySet[Any], ids: list[Any]) -> QuerySet[Any]:
    """Return these rows in their order: which they are has been found out, and need not again."""
    chosen = rows.all()
    chosen.query.where = WhereNode()
    return chosen.filter(pk__in=ids)


class BoundedPaginator(IdsFirstPaginator):
    """Counts up to a bound, beyond which nobody turns pages: they search, filter or sort."""

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        rows = self.object_list.order_by().values("pk")[: _MOST_COUNTED + 1].count()
        return _AtLeast(_MOST_COUNTED) if rows > _MOST_COUNTED else rows


class _AtLeast(int):
    """A number that says of itself that there are more."""

    def __str__(self) -> str:
        return f"more than {int(self)}"
