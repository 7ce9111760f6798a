"""Writing many rows at once, by Postgres' COPY: ten times as fast as inserting them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import JSONField
from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Field, Model

__all__ = ["copy_rows"]


def copy_rows(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows into a model's table, within the transaction that is open.

    The database makes their primary key; a row has every other column's value by its name, one of
    JSON as a value or as its text.
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
            copy.write_row([_as_copied(field, row[str(field.column)]) for field in fields])


def _as_copied(field: Field[Any, Any], value: Any) -> Any:
    # What the database holds as JSON is a dict or a list here, which could be other types too.
    if not isinstance(field, JSONField) or value is None:
        return value
    return Jsonb(value, dumps=str) if isinstance(value, str) else Jsonb(value)
