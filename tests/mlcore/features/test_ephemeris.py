from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.features import compute, ephemeris
from mlcore.features.ephemeris import pairs_in_ratio, phase_distance
from tests.mlcore.features.made_tables import kepler

if TYPE_CHECKING:
    from mlcore.datasets import Table

SHALLOW = {"koi_period": 10.0, "koi_time0bk": 131.0, "koi_duration": 4.0, "koi_depth": 100.0}
BINARY = {
    **SHALLOW,
    "kepid": 2,
    "kepoi_name": "K00002.01",
    "koi_depth": 100000.0,
    "koi_kepmag": 9.0,
    "dec": 44.5 + 1 / 60,
}


def test_a_shallow_copy_of_a_bright_binary_next_to_it_is_matched() -> None:
    features = compute(kepler(SHALLOW, BINARY), reference=None)
    assert list(features["matches"]) == [1.0, 1.0]
    assert list(features["match_depth_ratio"]) == [pytest.approx(3.0), 0.0]
    assert list(features["match_brightness"]) == [pytest.approx(3.0), 0.0]
    assert list(features["match_distance"]) == [pytest.approx(1.0, abs=1e-6)] * 2
    assert (features["match_chance_near"] < features["match_chance"]).all()
    assert (features["match_chance"] < 0).all()


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_half_and_twice_the_period_match_too(factor: float) -> None:
    other = {**BINARY, "koi_period": 10.0 * factor, "koi_time0bk": 131.0 + 70.0}
    assert list(compute(kepler(SHALLOW, other), reference=None)["matches"]) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("change", "matches"),
    [
        ({"koi_period": 10.0 * (1 + 2.9e-4)}, 1.0),
        ({"koi_period": 10.0 * (1 + 3.1e-4)}, 0.0),
        ({"koi_time0bk": 131.0 + 50 * 10.0 + 3.9 / 24}, 1.0),
        ({"koi_time0bk": 131.0 + 50 * 10.0 - 4.1 / 24}, 0.0),
        ({"kepid": 1}, 0.0),
        ({"koi_time0bk": None}, 0.0),
    ],
    ids=["period", "another period", "epoch", "another epoch", "same star", "no epoch"],
)
def test_only_another_star_at_the_same_times_matches(
    change: dict[str, float], matches: float
) -> None:
    features = compute(kepler(SHALLOW, {**BINARY, **change}), reference=None)
    assert features["matches"].iloc[0] == matches


def test_without_a_match_the_values_say_so_and_are_not_missing() -> None:
    features = compute(kepler(SHALLOW), reference=None).iloc[0]
    assert features["matches"] == 0
    assert features["match_distance"] == 180 * 60
    assert features["match_chance"] == 0
    assert features["match_depth_ratio"] == 0


def test_without_an_epoch_nothing_is_known_of_matches() -> None:
    features = compute(kepler({**SHALLOW, "koi_time0bk": None}, BINARY), reference=None)
    matched = [name for name in features if name.startswith("match")]
    assert features.loc[0, matched].isna().all()


def test_an_upload_is_matched_against_the_catalogue_and_never_with_itself() -> None:
    catalogue = kepler(SHALLOW, BINARY)
    named = compute(kepler(SHALLOW), reference=catalogue)
    assert named["matches"].iloc[0] == 1.0
    anonymous = kepler({**SHALLOW, "kepid": None, "kepoi_name": None})
    assert compute(anonymous, reference=catalogue)["matches"].iloc[0] == 1.0


def test_pairs_are_found_as_by_comparing_all_with_all() -> None:
    generator = np.random.default_rng(0)
    periods = generator.choice(np.append(np.linspace(1, 3, 60), np.nan), 200)
    others = generator.choice(np.linspace(1, 3, 60), 300)
    i, j = pairs_in_ratio(periods, others, 0.5, 0.02)
    with np.errstate(invalid="ignore"):
        close = np.abs(others[None, :] / periods[:, None] / 0.5 - 1) <= 0.02
    assert set(zip(i.tolist(), j.tolist(), strict=True)) == set(
        zip(*(indices.tolist() for indices in np.nonzero(close)), strict=True)
    )


def test_epochs_are_compared_modulo_the_period() -> None:
    apart = phase_distance(np.array([0.0, 0.0]), np.array([29.5, 24.0]), np.array([10.0, 10.0]))
    assert apart == pytest.approx([0.5, 4.0])


def test_a_long_table_is_matched_part_by_part_with_the_same_result(
    kepler_tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    training, testing = kepler_tables
    table = testing.take(range(100))
    at_once = compute(table, reference=training)
    assert at_once["matches"].sum() > 0
    sizes: list[int] = []
    matched = ephemeris._matched

    def counted(*given: object) -> object:
        *_, begin, end = given
        sizes.append(end - begin)  # type: ignore[operator]
        return matched(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(ephemeris, "_matched", counted)
    # Of how many objects the table's rows lie among them is a part as long as this one.
    monkeypatch.setattr(ephemeris, "_MOST_COMPARED", 31 * (len(table) + len(training)))
    pd.testing.assert_frame_equal(compute(table, reference=training), at_once, check_exact=True)
    assert sizes == [31, 31, 31, 7]
