from __future__ import annotations

import json

import numpy as np
import pandas as pd

from mlcore.features.robust_scaler import RobustScaler
from tests.mlcore.hand_made import KEPLER

PERIOD, STEFF = KEPLER.column("koi_period"), KEPLER.column("koi_steff")
LOWER = KEPLER.column("koi_period_err2")


def test_a_column_is_measured_from_its_median_in_units_of_its_quartiles() -> None:
    rows = pd.DataFrame({"koi_steff": [5000.0, 5100.0, 5200.0, 5300.0, 5400.0, np.nan]})
    space = RobustScaler.fit(rows, [STEFF])
    spread = 200 / 1.3489795003921634
    np.testing.assert_allclose(
        space.transform(rows)[:, 0],
        [-200 / spread, -100 / spread, 0, 100 / spread, 200 / spread, np.nan],
    )


def test_a_logarithmic_column_counts_by_factors_and_by_size() -> None:
    rows = pd.DataFrame(
        {
            "koi_period": [0.1, 1.0, 10.0, 100.0, 1000.0],
            "koi_period_err2": [-0.1, -1.0, -10.0, -100.0, -1000.0],
        }
    )
    space = RobustScaler.fit(rows, [PERIOD, LOWER])
    scaled = space.transform(rows)
    np.testing.assert_allclose(np.diff(scaled[:, 0]), np.diff(scaled[:, 0])[0])
    np.testing.assert_allclose(scaled[:, 0], scaled[:, 1])
    assert scaled[2, 0] == 0


def test_a_zero_on_a_logarithmic_column_is_a_missing_value() -> None:
    rows = pd.DataFrame({"koi_period": [1.0, 2.0, 3.0]})
    space = RobustScaler.fit(rows, [PERIOD])
    assert np.isnan(space.transform(pd.DataFrame({"koi_period": [0.0]}))[0, 0])


def test_the_way_back_gives_the_original_values() -> None:
    rows = pd.DataFrame({"koi_period": [1.5, 2.0, 30.0], "koi_steff": [4000.0, 5000.0, 7000.0]})
    space = RobustScaler.fit(rows, [PERIOD, STEFF])
    np.testing.assert_allclose(space.original(space.transform(rows)), rows.to_numpy())


def test_a_column_without_values_or_without_spread_stays_finite() -> None:
    rows = pd.DataFrame({"koi_period": [np.nan, np.nan], "koi_steff": [5000.0, 5000.0]})
    space = RobustScaler.fit(rows, [PERIOD, STEFF])
    assert list(space.spread) == [1.0, 1.0]
    assert space.transform(pd.DataFrame({"koi_period": [1.0], "koi_steff": [5001.0]})).tolist() == [
        [0.0, 1.0]
    ]


def test_a_column_that_mostly_has_one_value_is_scaled_by_the_others() -> None:
    rows = pd.DataFrame({"koi_steff": [5000.0] * 9 + [6000.0]})
    assert RobustScaler.fit(rows, [STEFF]).spread[0] == np.std(rows["koi_steff"])


def test_it_survives_json() -> None:
    rows = pd.DataFrame({"koi_period": [1.5, 2.0, 30.0], "koi_steff": [4000.0, 5000.0, 7000.0]})
    space = RobustScaler.fit(rows, [PERIOD, STEFF])
    again = RobustScaler.from_json(json.loads(json.dumps(space.as_json(), allow_nan=False)))
    np.testing.assert_array_equal(again.transform(rows), space.transform(rows))
    assert again.columns == space.columns
