"""Lists in numbered pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import PageNumberPagination
from rest_framework.utils.urls import replace_query_param

from sessions_app.exceptions import RefusedError
from sessions_app.selectors.pages import IdsFirstPaginator

__all__ = ["NumberedPages", "neighbouring_pages"]

if TYPE_CHECKING:
    from rest_framework.request import Request


class NumberedPages(PageNumberPagination):
    """Fifty to a page unless the request says otherwise."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 500
    django_paginator_class = IdsFirstPaginator

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        """Return the page that the request asks for, or word that there is none."""
        try:
            return super().paginate_queryset(queryset, request, view=view)
        except NotFound:
            number = str(request.query_params.get(self.page_query_param))[:20]
            raise RefusedError(
                f"There is no page {number!r}: pages are counted from 1, and the last one can be"
                " asked for as last.",
                field=self.page_query_param,
                status=HTTPStatus.NOT_FOUND,
            ) from None

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """Return a page's schema in the words of OpenAPI 3.1, which knows of no `nullable`."""
        page: dict[str, Any] = super().get_paginated_response_schema(schema)
        for name in ("next", "previous"):
            one = page["properties"][name]
            page["properties"][name] = {"type": ["string", "null"], "format": one["format"]}
        return page


def neighbouring_pages(request: Request, number: int, pages: int) -> dict[str, str | None]:
    """Return the addresses of the next page and the one before, as every list has them."""

    def address(other: int) -> str | None:
        if not 1 <= other <= pages:
            return None
        here: str = request.build_absolute_uri()
        return str(replace_query_param(here, NumberedPages.page_query_param, other))

    return {"next": address(number + 1), "previous": address(number - 1)}
