from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from sessions_app.execution.copy_rows import copy_rows
from sessions_app.models import ObjectPrediction, ProgressEntry, TrainingSession, UploadedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> TrainingSession:
    return TrainingSession.objects.create(
        kind="training", mission="kepler", data_source="nasa", model_type="svm"
    )


def prediction(session: TrainingSession, number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "session_id": session.pk,
        "number": number,
        "name": "K00755.01",
        "host": "10811496",
        "label": "confirmed",
        "actual": None,
        "probabilities": [0.125, 0.25, 0.625],
        "temperature": 5853.0,
        "values": [19.89991395, None, 1e-300],
        "contributions": [0.1, -0.0, -3.5e8],
        "base": -1.0,
        "output": 1.0 / 3.0,
        "reasons": ["Orbital period of 19.9 d speaks for a planet"],
        "follow_up_rank": None,
        "judgement": {"conformal": None, "analogues": [{"name": "行", "distance": 0.5}]},
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"actual": "false_positive"},
        {"temperature": None},
        {"values": [None, None]},
        {"values": []},
        {"reasons": []},
        {"name": "行星 K2-18 b\t\"'\\\\N,{}\n", "host": "ÅØ 🪐"},
        {"reasons": ["{", "NULL", "", 'sagt "nein"', "行星\n→ zwei"]},
        {"name": "", "host": ""},
        {"number": 2**31 - 1},
        {"follow_up_rank": 7},
        {"judgement": None},
        {"judgement": {}},
        {"output": math.inf, "base": -math.inf},
    ],
    ids=lambda changes: ",".join(changes) or "as it is",
)
def test_every_value_comes_back_as_it_went_in(
    session: TrainingSession, changes: dict[str, Any]
) -> None:
    row = prediction(session, **changes)
    copy_rows(ObjectPrediction, [row])
    assert ObjectPrediction.objects.values(*row).get() == row


def test_what_is_kept_as_json_may_come_as_its_text(session: TrainingSession) -> None:
    row = prediction(session)
    copy_rows(ObjectPrediction, [row | {"judgement": json.dumps(row["judgement"])}])
    assert ObjectPrediction.objects.values(*row).get() == row


def test_what_is_copied_is_what_would_be_inserted(session: TrainingSession) -> None:
    copy_rows(ObjectPrediction, [prediction(session, 1)])
    ObjectPrediction.objects.create(**prediction(session, 2))
    copied, inserted = ObjectPrediction.objects.values().order_by("number")
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
    copy_rows(ObjectPrediction, (prediction(session, n, name=f"K{n}") for n in range(1, 3001)))
    rows = list(ObjectPrediction.objects.order_by("id").values_list("number", "name"))
    assert rows == [(n, f"K{n}") for n in range(1, 3001)]


def test_no_rows_are_no_error() -> None:
    copy_rows(ObjectPrediction, [])
    assert not ObjectPrediction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_copied_rows_vanish_with_their_transaction(session: TrainingSession) -> None:
    def copy_and_fail() -> None:
        with transaction.atomic():
            copy_rows(ObjectPrediction, [prediction(session)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        copy_and_fail()
    assert not ObjectPrediction.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_fault_among_the_rows_leaves_none_of_them(session: TrainingSession) -> None:
    def broken_off() -> Iterator[dict[str, Any]]:
        yield prediction(session, 1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        copy_rows(ObjectPrediction, broken_off())
    with pytest.raises(IntegrityError):
        copy_rows(ObjectPrediction, [prediction(session, 1), prediction(session, 1)])
    with pytest.raises(DatabaseError):
        copy_rows(
            ObjectPrediction, [prediction(session, 1), prediction(session, 2, label="x" * 9999)]
        )
    with pytest.raises(KeyError):
        copy_rows(ObjectPrediction, [{"session_id": session.pk}])
    assert not ObjectPrediction.objects.exists()
    copy_rows(ObjectPrediction, [prediction(session)])
    assert ObjectPrediction.objects.count() == 1
