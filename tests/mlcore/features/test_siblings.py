from __future__ import annotations

import numpy as np
import pytest

from mlcore.features import compute
from tests.mlcore.features.made_tables import kepler

INNER = {"koi_period": 5.0, "koi_depth": 200.0, "koi_duration": 3.0, "koi_prad": 1.0}
OUTER = {
    "kepoi_name": "K00001.02",
    "koi_period": 40.0,
    "koi_depth": 800.0,
    "koi_duration": 6.0,
    "koi_prad": 2.0,
}


def test_a_star_of_two_planets_has_two_objects_that_know_of_each_other() -> None:
    features = compute(kepler(INNER, OUTER), reference=None)
    assert list(features["objects_of_star"]) == [2.0, 2.0]
    assert list(features["sibling_period_ratio"]) == [pytest.approx(1 / 8)] * 2
    assert list(features["inner_siblings"]) == [0.0, 1.0]
    assert list(features["deeper_siblings"]) == [1.0, 0.0]
    assert list(features["sibling_harmonics"]) == [0.0, 0.0]
    # Twice the duration at eight times the period is what one star's density gives.
    assert list(features["sibling_duration_ratio"]) == [pytest.approx(0.0, abs=1e-12)] * 2
    assert features["sibling_radius_ratio"].iloc[1] == pytest.approx(np.log10(2))


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_two_periods_in_a_simple_ratio_are_counted_as_harmonics(ratio: float) -> None:
    features = compute(kepler(INNER, {**OUTER, "koi_period": 5.0 * ratio}), reference=None)
    assert list(features["sibling_harmonics"]) == [1.0, 1.0]


def test_a_lone_object_has_values_that_say_so() -> None:
    features = compute(kepler(INNER), reference=None).iloc[0]
    assert features["objects_of_star"] == 1
    assert features["sibling_period_ratio"] == 0
    assert features["sibling_radius_ratio"] == 0


def test_rows_without_a_star_are_no_siblings() -> None:
    nameless = {"kepid": None, "kepoi_name": None}
    features = compute(kepler({**INNER, **nameless}, {**OUTER, **nameless}), reference=None)
    assert list(features["objects_of_star"]) == [1.0, 1.0]


def test_siblings_of_an_upload_are_found_in_the_catalogue() -> None:
    features = compute(kepler(INNER), reference=kepler(INNER, OUTER))
    assert features["objects_of_star"].iloc[0] == 2


def test_an_object_without_a_name_is_not_its_own_sibling() -> None:
    nameless = {"kepoi_name": None, "koi_depth": None}
    features = compute(kepler({**INNER, **nameless}), reference=kepler(INNER, OUTER))
    assert features["objects_of_star"].iloc[0] == 2


def test_an_object_without_a_name_is_no_sibling_of_its_own_entry_with_a_rounded_period() -> None:
    precise = {**INNER, "koi_period": 5.0012345}
    rounded = {**INNER, "koi_period": 5.001, "kepoi_name": None, "koi_depth": None}
    features = compute(kepler(rounded), reference=kepler(precise, OUTER)).iloc[0]
    assert features["objects_of_star"] == 2.0
    assert features["sibling_harmonics"] == 0.0


@pytest.mark.parametrize("name", ["Kepler-1 b", "KOI-1", "mine 13"])
def test_an_object_with_a_name_of_ones_own_is_no_sibling_of_its_own_entry(name: str) -> None:
    mine = {**INNER, "koi_period": 5.00005, "koi_depth": 204.0, "kepoi_name": name}
    features = compute(kepler(mine), reference=kepler(INNER, OUTER)).iloc[0]
    assert features["objects_of_star"] == 2.0
    assert features["sibling_harmonics"] == 0.0


@pytest.mark.parametrize("name", ["K00001.01", "K00001", None])
def test_an_object_that_is_listed_twice_is_no_sibling_of_itself_and_one_of_others(
    name: str | None,
) -> None:
    inner = {**INNER, "kepoi_name": name}
    outer = {**OUTER, "kepoi_name": "K00001" if name == "K00001" else OUTER["kepoi_name"]}
    again = inner if name is None else {**inner, "koi_depth": 204.0}
    features = compute(kepler(inner, outer, again), reference=None)
    assert list(features["objects_of_star"]) == [2.0, 2.0, 2.0]
    assert list(features["sibling_harmonics"]) == [0.0, 0.0, 0.0]
    assert list(features["matches"]) == [0.0, 0.0, 0.0]


def test_a_match_that_is_listed_twice_counts_once() -> None:
    copy = {**INNER, "kepid": 2, "kepoi_name": "K00002.01"}
    features = compute(kepler(INNER, copy, copy), reference=None)
    assert list(features["matches"]) == [1.0, 1.0, 1.0]
