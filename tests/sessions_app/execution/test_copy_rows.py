from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from sessions_app.execution.copy_rows import copy_rows
from sessions_app.models import ObjectVerdict, ProgressEntry, TrainingSession, UploadedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )


def verdict(session: TrainingSession, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "session_id": session.pk,
        "mission": "kepler",
        "number": number,
        "name": "K00755.01",
        "host": "10811496",
        "object_key": "K00755.01",
        "star_key": "KIC 10811496",
        "disposition": "confirmed",
        "probabilities": [0.125, 1.0 / 3.0],
        "possible": ["confirmed"],
        "fold": 1,
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"disposition": None},
        {"probabilities": []},
        {"probabilities": [math.inf, -math.inf, 1e-300]},
        {"possible": []},
        {"name": "行星 K2-18 b\t\"'\\\\N,{}\n", "host": "ÅØ 🪐"},
        {"possible": ["{", "NULL", "", 'sagt "nein"']},
        {"name": "", "host": ""},
        {"number": 2**31 - 1},
    ],
    ids=lambda changes: ",".join(changes) or "as it is",
)
def test_every_value_comes_back_as_it_went_in(
    session: TrainingSession, changes: dict[str, Any]
) -> None:
    row = verdict(session, **changes)
    copy_rows(ObjectVerdict, [row])
    assert ObjectVerdict.objects.values(*row).get() == row


def test_what_is_copied_is_what_would_be_inserted(session: TrainingSession) -> None:
    copy_rows(ObjectVerdict, [verdict(session, 1)])
    ObjectVerdict.objects.create(**verdict(session, 2))
    copied, inserted = ObjectVerdict.objects.values().order_by("number")
    differing = {"id", "number"}
    assert {k: v for k, v in copied.items() if k not in differing} == {
        k: v for k, v in inserted.items() if k not in differing
    }


def test_times_uuids_and_file_names_can_be_copied_too(session: TrainingSession) -> None:
    at = datetime(2026, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)
    entry = {"session_id": session.pk, "percent": 99.5, "step": "Fitting: 3 of 9 → 行", "at": at}
    copy_rows(ProgressEntry, [entry])
    assert ProgressEntry.objects.values(*entry).get() == entry
    upload = {
        "session_id": session.pk,
        "purpose": "training_file",
        "name": "行星.csv",
        "file": "uploads/one",
        "size": 2**40,
        "sha256": "f" * 64,
        "rows": 0,
        "uploaded_at": at,
    }
    copy_rows(UploadedFile, [upload])
    assert UploadedFile.objects.values(*upload).get() == upload


def test_thousands_of_rows_keep_their_order_and_get_ids_of_their_own(
    session: TrainingSession,
) -> None:
    copy_rows(ObjectVerdict, (verdict(session, n, name=f"K{n}") for n in range(1, 3001)))
    rows = list(ObjectVerdict.objects.order_by("id").values_list("number", "name"))
    assert rows == [(n, f"K{n}") for n in range(1, 3001)]


def test_no_rows_are_no_error() -> None:
    copy_rows(ObjectVerdict, [])
    assert not ObjectVerdict.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_copied_rows_vanish_with_their_transaction(session: TrainingSession) -> None:
    def copy_and_fail() -> None:
        with transaction.atomic():
            copy_rows(ObjectVerdict, [verdict(session)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        copy_and_fail()
    assert not ObjectVerdict.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_fault_among_the_rows_leaves_none_of_them(session: TrainingSession) -> None:
    def broken_off() -> Iterator[dict[str, Any]]:
        yield verdict(session, 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        copy_rows(ObjectVerdict, broken_off())
    with pytest.raises(IntegrityError):
        copy_rows(ObjectVerdict, [verdict(session, 1), verdict(session, 1)])
    with pytest.raises(DatabaseError):
        copy_rows(ObjectVerdict, [verdict(session, 1), verdict(session, 2, disposition="x" * 9999)])
    with pytest.raises(KeyError):
        copy_rows(ObjectVerdict, [{"session_id": session.pk}])
    assert not ObjectVerdict.objects.exists()
    copy_rows(ObjectVerdict, [verdict(session)])
    assert ObjectVerdict.objects.count() == 1
