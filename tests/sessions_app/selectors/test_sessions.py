from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection

from sessions_app import selectors
from sessions_app.lifecycle import Status
from sessions_app.models import (
    DatasetSnapshot,
    ProgressEntry,
    Session,
    TrainingSession,
)
from sessions_app.selectors.sessions import Standing
from tests.sessions_app.results import an_object

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


def session(status: Status, **facts: Any) -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training",
        status=status,
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        **facts,
    )


@pytest.mark.parametrize(
    ("status", "error", "progress", "expected"),
    [
        (Status.QUEUED, "", [], (0.0, "Waiting for a worker")),
        (Status.RUNNING, "", [], (0.0, "Starting")),
        (Status.RUNNING, "", [(4.0, "Reading"), (40.5, "Fitting")], (40.5, "Fitting")),
        (Status.COMPLETED, "", [(99.0, "Saving"), (100.0, "Completed")], (100.0, "Completed")),
        (Status.FAILED, "The job broke.", [(40.5, "Fitting")], (40.5, "The job broke.")),
        (Status.FAILED, "It never began.", [], (0.0, "It never began.")),
        (Status.CANCELLED, "It was cancelled.", [(4.0, "Reading")], (4.0, "It was cancelled.")),
    ],
)
def test_a_session_stands_where_its_newest_progress_or_its_end_says(
    status: Status, error: str, progress: list[tuple[float, str]], expected: tuple[float, str]
) -> None:
    made = session(status, error=error)
    for percent, step in progress:
        ProgressEntry.objects.create(session=made, percent=percent, step=step)
    percent, step = expected
    assert selectors.standing(made.pk) == Standing(
        status=status, percent=percent, step=step, kind="training", owner_key=""
    )


def test_the_progress_of_another_session_is_none_of_its_own() -> None:
    made, other = session(Status.RUNNING), session(Status.RUNNING)
    ProgressEntry.objects.create(session=other, percent=50.0, step="Fitting")
    standing = selectors.standing(made.pk)
    assert standing == Standing(
        status=Status.RUNNING, percent=0.0, step="Starting", kind="training", owner_key=""
    )


def test_an_unknown_session_stands_nowhere() -> None:
    assert selectors.standing(uuid4()) is None


@pytest.mark.parametrize("entries", [0, 1, 200])
def test_where_a_session_stands_takes_one_query_however_long_its_history(
    entries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Of Django none, and one of the statement that the connection has planned."""
    made = session(Status.RUNNING)
    ProgressEntry.objects.bulk_create(
        ProgressEntry(session=made, percent=n / 2, step=f"Tree {n}") for n in range(entries)
    )
    selectors.standing(made.pk)
    before = planned_and_run()
    with django_assert_num_queries(0):
        selectors.standing(made.pk)
    assert planned_and_run() == {name: runs + 1 for name, runs in before.items()}


def planned_and_run() -> dict[str, int]:
    """Return how often each statement was run that this connection has prepared."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, generic_plans + custom_plans FROM pg_prepared_statements")
        return dict(cursor.fetchall())


def test_the_newest_progress_of_many_sessions_takes_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        made = session(Status.RUNNING)
        for step in ("Reading", "Fitting"):
            ProgressEntry.objects.create(session=made, percent=10 * number, step=step)
    session(Status.QUEUED)
    with django_assert_num_queries(1):
        newest = {
            (row.newest_percent, row.newest_step)
            for row in selectors.with_newest_progress(Session.objects.all())
        }
    assert newest == {(None, None), *((10.0 * number, "Fitting") for number in range(5))}


def test_every_mission_is_listed_with_its_current_snapshot_or_none(
    kepler: DatasetSnapshot,
) -> None:
    assert selectors.current_snapshots() == {
        "kepler": kepler,
        "k2": None,
        "tess": None,
        "tce": None,
        "lightcurves": None,
    }
    assert list(selectors.current_snapshots()) == ["kepler", "k2", "tess", "tce", "lightcurves"]
    DatasetSnapshot.objects.update(is_current=False)
    assert selectors.current_snapshots()["kepler"] is None


@pytest.mark.parametrize(
    ("label", "expected"), [("candidate", 0.1), ("false_positive", 0.2), ("confirmed", 0.7)]
)
def test_the_confidence_is_the_probability_of_the_predicted_class(
    label: str, expected: float
) -> None:
    row = an_object(label=label, probabilities=[0.1, 0.2, 0.7])
    assert selectors.confidence(row) == expected


@pytest.mark.django_db(transaction=True)
def test_where_a_session_stands_is_told_after_the_connection_was_lost() -> None:
    waiting = session(Status.QUEUED)
    expected = selectors.standing(waiting.pk)
    # Nothing looks at the connection before the next question, whoever ended it.
    connection.connection.close()
    assert selectors.standing(waiting.pk) == expected is not None
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.close()
    assert selectors.standing(waiting.pk) == expected
