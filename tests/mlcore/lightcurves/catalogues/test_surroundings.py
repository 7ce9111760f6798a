"""What the catalogues have of a star and of its neighbours."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mlcore.lightcurves.catalogues.surroundings import REACH, surroundings_of
from mlcore.lightcurves.light_curve import Star
from tests.mlcore.lightcurves.catalogues.made_rows import ROW, catalogue, moved

NEAR = moved(ROW, 30.0, name="K01.01", star="KIC 1")
FAR = moved(ROW, REACH + 60, name="K02.01", star="KIC 2")
UNDATED = moved(ROW, 20.0, name="K2-9 b", star="K2-9", mission="k2", epoch=math.nan)
ROWS = catalogue(ROW, NEAR, FAR, UNDATED)


@pytest.mark.parametrize("name", ["KIC 11442793", "kic_11442793", "KIC11442793"])
def test_a_numbered_star_has_its_rows_and_its_neighbours(name: str) -> None:
    found = surroundings_of(Star(name=name), rows=ROWS)
    assert found.own == (ROW,)
    assert found.near is not None
    ((row, apart),) = found.near
    assert row == NEAR
    assert apart == pytest.approx(30.0, abs=1e-6)


def test_a_name_beside_the_file_counts_where_the_file_has_none() -> None:
    assert surroundings_of(Star(), "KIC 11442793", rows=ROWS).own == (ROW,)
    assert surroundings_of(Star(name="KIC 1"), "KIC 11442793", rows=ROWS).own == (NEAR,)


def test_a_star_of_no_catalogue_has_neighbours_where_its_place_is_known() -> None:
    here = Star(name="HD 1", right_ascension=100.0, declination=60.0 + 18 / 3600)
    found = surroundings_of(here, rows=ROWS)
    assert [row.name for row in found.own] == ["K2-9 b"]
    assert found.near is not None
    assert [row.name for row, _ in found.near] == ["K01.01", "K00351.06"]


def test_a_named_star_has_each_row_once() -> None:
    assert len(surroundings_of(Star(name="K2-9"), rows=ROWS).own) == 1


def test_nobody_knows_what_is_near_a_star_that_is_nowhere() -> None:
    assert surroundings_of(Star(), rows=ROWS).near is None
    assert surroundings_of(Star(name="KIC 5", right_ascension=1.0), rows=ROWS).near is None
    elsewhere = Star(right_ascension=10.0, declination=-60.0)
    assert surroundings_of(elsewhere, rows=ROWS).near == ()


def test_a_star_that_moved_between_two_catalogues_is_one_star() -> None:
    toi = moved(ROW, 4.1, name="TOI 1144.01", star="TIC 28230919", mission="tess")
    neighbour = moved(ROW, 4.1, name="K00004.01", star="KIC 4")
    found = surroundings_of(Star(name=ROW.star), rows=catalogue(ROW, toi, neighbour))
    assert found.own == (ROW, toi)
    assert found.near is not None
    assert [row.name for row, _ in found.near] == ["K00004.01"]


def test_places_are_told_apart_across_the_beginning_of_right_ascension() -> None:
    row = replace(ROW, right_ascension=359.999, declination=0.0)
    found = surroundings_of(Star(right_ascension=0.001, declination=0.0), rows=catalogue(row))
    assert found.near is not None
    assert found.near[0][1] == pytest.approx(7.2, abs=1e-6)
