"""Writing many rows at once, by Postgres' COPY: ten times as fast as inserting them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

__all__ = ["copy_rows"]


def copy_rows(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows into a model's table, within the transaction that is open.

    The database makes their primary key; a row has every other column's value by its name.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001 - the documented model API
    # Without what is between brackets: an array's type goes on after them.
    types = [re.sub(r"\(.*?\)", "", str(field.db_type(connection))) for field in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
        sql.Identifier(model._meta.db_table),  # noqa: SLF001
        sql.SQL(", ").join(sql.Identifier(str(field.column)) for field in fields),
    )
    # Django turns the driver's errors into its own where it calls the driver itself, as not here.
    errors = connection.wrap_database_errors
    with errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row([row[str(field.column)] for field in fields])
