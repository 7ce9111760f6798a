"""Tables whose rows are put in order before they are shown, with headings that sort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_tables2
from django_tables2.data import TableListData

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Listed", "ListedTable"]


class Listed(django_tables2.Column):
    """A column of a listed table.

    Parameters
    ----------
    title
        What stands above it.
    about
        What is said below the title, such as a unit.
    amount
        Whether it holds numbers, which are put flush right.
    sorts
        Whether its heading asks for the order of its values.
    largest_first
        Whether that is, at first, the falling order.
    page
        Under which name each row has the address that its cell leads to; empty: none.
    """

    def __init__(
        self,
        title: str,
        *,
        about: str = "",
        amount: bool = False,
        sorts: bool = True,
        largest_first: bool = False,
        page: str = "",
    ) -> None:
        super().__init__(
            verbose_name=title,
            orderable=sorts,
            initial_sort_descending=largest_first,
            linkify=(lambda record: record[page]) if page else None,
        )
        self.about, self.amount = about, amount


class _InOrder(TableListData):
    """Rows that are in order: the table only says by which column."""

    def order_by(self, aliases: Any) -> None:
        """Leave the rows as they are."""


class ListedTable(django_tables2.Table):
    """A table of rows that a selector has sorted; its headings ask for another order.

    Its first column names the rows.

    Parameters
    ----------
    rows
        What each cell is made of, in order.
    columns
        By name, in order; a name is also what asks for the order of its values.
    sort
        The column that they are in the order of, with a minus where it is turned round; empty:
        none of them.
    title
        What the rows are.
    """

    class Meta:
        """How all listed tables are shown."""

        template_name = "listed_table.html"
        order_by_field = "sort"

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        columns: Mapping[str, Listed],
        *,
        title: str,
        sort: str = "",
    ) -> None:
        super().__init__(
            data=_InOrder(list(rows)),
            extra_columns=list(columns.items()),
            order_by=sort or (),
            default="–",
        )
        self.title = title
