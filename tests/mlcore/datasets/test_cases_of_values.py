"""Files in the shapes that people send: names, cells and units, against the plain forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.datasets import DATASETS, Table, read_table
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, name: str) -> Table:
    mission = "tess" if name.startswith("t") else "kepler"
    return read_table(folder / name, DATASETS[mission], require_labels=False)


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("name", "plain", "changed"),
    [
        ("c_kic_prefix.csv", "koi_test_clean.csv", {}),
        ("d_same_rows_kic_prefix_test.csv", "koi_train_clean.csv", {}),
        ("t_prefixes_test.csv", "toi_test_clean.csv", {}),
        ("n_thousands.csv", "koi_train_clean.csv", {}),
        ("n_plusminus.csv", "koi_train_clean.csv", {}),
        ("n_dash.csv", "koi_train_clean.csv", {"koi_depth": 2}),
        ("n_limit.csv", "koi_train_clean.csv", {"koi_depth": 1}),
        ("x_na_words_train.csv", "koi_train_clean.csv", {"koi_depth": 1, "koi_prad": 1}),
        ("x_na_words_train.xlsx", "koi_train_clean.csv", {"koi_depth": 1, "koi_prad": 1}),
        ("n_sentinel.csv", "koi_train_clean.csv", {}),
        ("x_decimal_comma_quoted_train.csv", "koi_train_clean.csv", {}),
        ("u_depth_fraction.csv", "koi_test_clean.csv", {}),
        ("u_depth_percent.csv", "koi_test_clean.csv", {}),
        ("u_duration_days.csv", "koi_test_clean.csv", {}),
        ("u_period_hours.csv", "koi_test_clean.csv", {}),
        # Its factor is 11.209, and Jupiter's radius 11.20898 of Earth's.
        ("u_radius_jupiter.csv", "koi_test_clean.csv", {"koi_prad": 58}),
    ],
)
def test_a_case_holds_the_objects_and_values_of_its_plain_form(
    cases_dir: Path, name: str, plain: str, changed: dict[str, int]
) -> None:
    table, clean = read(cases_dir, name), read(cases_dir, plain)
    assert table.names.tolist() == clean.names.tolist()
    assert table.hosts.tolist() == clean.hosts.tolist()
    different = (table.frame != clean.frame) & ~(table.frame.isna() & clean.frame.isna())
    assert {key: count for key, count in different.sum().items() if count} == changed
    numbers = clean.features.columns[clean.features.notna().any()]
    there = table.features[numbers].notna() & clean.features[numbers].notna()
    np.testing.assert_allclose(
        table.features[numbers].to_numpy()[there], clean.features[numbers].to_numpy()[there], 3e-6
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("n_zscored_train.csv", r"^The table looks standardised: 7 columns such as koi_period"),
        ("n_zscored_test.csv", r"^The table looks standardised: 7 columns such as koi_period"),
        ("t_ctoi_mapped_test.csv", r"^Column pl_trandurh .* days and not hours in 39 of 78 rows"),
    ],
)
def test_a_case_that_cannot_be_read_for_certain_is_refused(
    cases_dir: Path, name: str, sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        read(cases_dir, name)
