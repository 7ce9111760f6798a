from __future__ import annotations

import numpy as np
import pytest

from mlcore.features import compute
from tests.mlcore.features.made_tables import kepler

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


def test_matches_are_found_as_by_comparing_all_with_all() -> None:
    random = np.random.default_rng(0)
    count = 300
    period = np.round(random.uniform(1, 3, count), 2) * random.choice([1.0, 1.0001, 2.0], count)
    period[random.random(count) < 0.05] = np.nan
    epoch, hours = random.uniform(100, 130, count), random.uniform(1, 12, count)
    hours[random.random(count) < 0.2] = np.nan
    star = random.integers(0, 250, count)
    matches = compute(
        kepler(
            *(
                {
                    "kepid": str(star[i]),
                    "kepoi_name": f"K{i:05d}.01",
                    "koi_period": period[i],
                    "koi_time0bk": epoch[i],
                    "koi_duration": hours[i],
                }
                for i in range(count)
            )
        ),
        reference=None,
    )["matches"]
    found = np.zeros(count)
    for i in range(count):
        for j in range(count):
            ratio = period[j] / period[i]
            if star[i] == star[j] or not min(abs(ratio / of - 1) for of in (1, 2, 0.5)) < 3e-4:
                continue
            shortest = min(period[i], period[j])
            late = abs(epoch[i] - epoch[j]) % shortest
            found[i] += min(late, shortest - late) <= np.fmax(hours[i], hours[j]) / 24
    known = np.isfinite(period) & np.isfinite(hours)
    assert matches[known].tolist() == found[known].tolist()
    assert found[known].sum() > 20
