"""What records are of is said beside each of their fields."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from mlcore.lightcurves.records import SignalRecord, StarRecord, row_of


@pytest.mark.parametrize("kind", [StarRecord, SignalRecord])
def test_each_field_says_what_it_is(kind: type[Any]) -> None:
    assert all(one.metadata["meaning"].endswith(".") for one in fields(kind))


def test_a_row_has_each_field_with_the_records_own_lists() -> None:
    star = StarRecord(number=1, name="a", file="a.csv", time=[1.0, 2.0])
    row = row_of(star)
    assert list(row) == [one.name for one in fields(StarRecord)]
    assert row["time"] is star.time
