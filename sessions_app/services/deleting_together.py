"""Deleting many sessions in one transaction, as `delete_session` deletes one.

Row by row through the ORM each session's report would be loaded, and each table asked for each of
them. Here each table is asked once for all: a batch is a handful of statements, whatever it holds.
"""

from __future__ import annotations

from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import CASCADE

from sessions_app import lifecycle
from sessions_app.files import storage
from sessions_app.models import AnalysisSession, PredictionSession, Session, TrainingSession
from sessions_app.queue.session_lock import those_taken_until_commit
from sessions_app.services.deleting import files_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model

__all__ = ["delete_together"]


def delete_together(session_ids: Collection[UUID], *, ended_before: datetime) -> set[UUID]:
    """Delete sessions and return which: their rows now, their files after the commit.

    A process that dies in between leaves files that no row names, which `find_orphans` finds. What
    has been run again since it was chosen stays, and what is published, what somebody still holds,
    and what a session uses that stays.
    """
    with transaction.atomic():
        left_alone = those_taken_until_commit(session_ids)
        # A session that begins to use one of these waits for the row, or is seen here.
        rows = Session.objects.select_for_update().filter(
            pk__in=left_alone, status__in=lifecycle.FINAL, finished_at__lt=ended_before
        )
        going = set(rows.order_by("pk").values_list("pk", flat=True))
        going -= set(
            TrainingSession.objects.filter(pk__in=going, published=True).values_list(
                "pk", flat=True
            )
        )
        uses = _uses_of(going)
        while needed := {used for used, by in uses if used in going and by not in going}:
            going -= needed
        files = chain(*files_of(going).values())
        with connection.cursor() as cursor:
            for table, column in _tables():
                cursor.execute(
                    f'DELETE FROM "{table}" WHERE "{column}" = ANY (%s)',  # noqa: S608 - names of our own
                    [list(going)],
                )
        for path in files:
            transaction.on_commit(partial(storage.remove, path))
    return going


def _uses_of(session_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Return the pairs of a session that is used, of these, and one that uses it."""
    by_predictions = PredictionSession.objects.filter(published_model__in=session_ids)
    by_analyses = AnalysisSession.objects.filter(of__in=session_ids)
    return [
        *by_predictions.values_list("published_model_id", "pk"),
        *by_analyses.values_list("of_id", "pk"),
    ]


@cache
def _tables() -> tuple[tuple[str, str], ...]:
    """Return the tables with rows of sessions, the sessions' own as the last, and by which column.

    They are the models' own, so that a new model of something that sessions have is among them.
    """
    return (*_below(Session), (Session._meta.db_table, "id"))  # noqa: SLF001 - documented


def _below(model: type[Model]) -> Iterator[tuple[str, str]]:
    meta: Any = model._meta  # noqa: SLF001 - documented
    for several in meta.local_many_to_many:
        yield several.m2m_db_table(), several.m2m_column_name()
    for relation in meta.get_fields(include_parents=False, include_hidden=True):
        if relation.concrete or not (relation.one_to_many or relation.one_to_one):
            continue
        of: Any = relation.related_model
        if relation.one_to_one and relation.parent_link:
            yield from _below(of)
        elif relation.on_delete is not CASCADE or issubclass(of, Session) or of._meta.auto_created:  # noqa: SLF001 - documented
            # What uses a session is a session: it goes for itself, or keeps this one.
            continue
        yield of._meta.db_table, relation.field.column  # noqa: SLF001 - documented
