"""Lists of tables that grow for as long as the server is used: a page costs what it shows."""

from __future__ import annotations

from string import hexdigits
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from django.contrib.admin.views.main import ChangeList
from django.db.models import Q

from sessions_app.selectors.pages import BoundedPaginator

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

__all__ = ["SHORT_ID", "LargeTable"]

_DIGITS = 32
"""Of an id, in hexadecimal."""
SHORT_ID = 8
"""How many digits of it the names of sessions have."""


class _SortedWhereItCanBe(ChangeList):
    """Ignores an order that the list does not offer; Django's own takes any from an address."""

    def get_ordering_field(self, field_name: Any) -> Any:
        offered = self.sortable_by is None or field_name in self.sortable_by
        return super().get_ordering_field(field_name) if offered else None


class LargeTable:
    """Makes an admin's list cheap, however many rows there are.

    It counts up to a bound, reads only the rows of the page and of these not what is shown nowhere,
    and finds a session by its id, or by how that begins, without comparing all of them as text.
    """

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    not_listed: ClassVar[tuple[str, ...]] = ()
    """Fields that take room and that the list does not show."""
    ids_searched: ClassVar[tuple[str, ...]] = ()
    """Fields with ids of sessions."""
    fewest_digits = _DIGITS
    """Of what is taken for an id: stars have numbers of eight digits."""
    words_searched = True
    """Whether what is no id is looked for in the search fields, one row after another."""

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:
        return _SortedWhereItCanBe

    def get_queryset(self: Any, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)  # type: ignore[misc]
        way = request.resolver_match
        listed = way is not None and (way.url_name or "").endswith("_changelist")
        return rows.defer(*self.not_listed) if listed else rows

    def get_search_results(
        self: Any, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        digits = self.id_digits(search_term)
        if digits:
            first, last = (UUID(digits.ljust(_DIGITS, digit)) for digit in "0f")
            found = [
                Q(**{f"{field}__gte": first, f"{field}__lte": last}) for field in self.ids_searched
            ]
            return queryset.filter(_any(found)), False
        if search_term and not self.words_searched:
            return queryset.none(), False
        return super().get_search_results(request, queryset, search_term)  # type: ignore[misc]

    def id_digits(self, search_term: str) -> str:
        """Return the digits of what is an id or how one begins; empty where it is neither."""
        digits = search_term.strip().lower().replace("-", "")
        is_one = self.fewest_digits <= len(digits) <= _DIGITS and set(digits) <= set(hexdigits)
        return digits if is_one and self.ids_searched else ""


def _any(conditions: list[Q]) -> Q:
    first, *others = conditions
    for other in others:
        first |= other
    return first
