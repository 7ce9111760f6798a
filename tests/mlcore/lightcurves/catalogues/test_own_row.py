"""Which row of its star a signal is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlcore.lightcurves.catalogues.coincidence import Span
from mlcore.lightcurves.catalogues.own_row import own_row
from mlcore.lightcurves.ephemeris import Ephemeris
from tests.mlcore.lightcurves.catalogues.made_rows import ROW

if TYPE_CHECKING:
    from mlcore.lightcurves.catalogues.row import CatalogueRow

SPAN = Span(first=131.0, last=231.0, time_zero=2454833.0)
SIGNAL = Ephemeris(period=10.0, epoch=155.0, duration=0.2)


def test_the_same_transits_are_the_row() -> None:
    found = own_row([ROW], SIGNAL, SPAN)
    assert found is not None
    assert found.row == ROW
    assert found.by_epoch


@pytest.mark.parametrize(
    "signal",
    [
        replace(SIGNAL, epoch=155.0 + 0.15),
        replace(SIGNAL, period=10.03, epoch=185.0),
        replace(SIGNAL, period=5.0),
        replace(SIGNAL, period=20.0),
    ],
)
def test_other_transits_are_not(signal: Ephemeris) -> None:
    assert own_row([ROW], signal, SPAN) is None


def test_of_two_rows_the_one_whose_epoch_fits_is_taken() -> None:
    other = replace(ROW, name="K00351.07", epoch=ROW.epoch + 0.09)
    undated = replace(ROW, name="K00351.08", epoch=math.nan)
    found = own_row([undated, other, ROW], SIGNAL, SPAN)
    assert found is not None
    assert found.row == ROW


@pytest.mark.parametrize(
    ("row", "span"),
    [
        (ROW, replace(SPAN, time_zero=0.0)),
        (replace(ROW, epoch=math.nan), SPAN),
        # After a hundred orbits, a day is uncertain.
        (replace(ROW, epoch=ROW.epoch - 1000, period_error=0.01), SPAN),
    ],
)
def test_where_no_epoch_can_be_compared_the_period_alone_tells(
    row: CatalogueRow, span: Span
) -> None:
    found = own_row([row], replace(SIGNAL, epoch=157.0), span)
    assert found is not None
    assert not found.by_epoch


def test_a_row_without_a_period_is_none() -> None:
    assert own_row([replace(ROW, period=math.nan)], SIGNAL, SPAN) is None
