from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import DATASETS, K2, KEPLER, Dataset, Role, Table, of_candidates
from mlcore.datasets.units import parse_unit
from mlcore.features import compute, features_of, harmonise, harmonised_features
from mlcore.features.converting import as_catalogued
from tests.mlcore.features.made_tables import k2, kepler, tess

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_DATASET = pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)


@EVERY_DATASET
def test_every_feature_is_declared_in_full(dataset: Dataset) -> None:
    features = features_of(dataset, wide=True)
    assert len({feature.name for feature in features}) == len(features)
    for feature in features:
        parse_unit(feature.unit)
        assert not dataset.knows(feature.name)
        assert feature.meaning[0].isupper()
        assert feature.group
        assert feature.source
        assert feature.needs


@EVERY_DATASET
def test_no_feature_needs_a_column_that_states_the_label(dataset: Dataset) -> None:
    for feature in features_of(dataset, wide=True):
        for name in feature.needs:
            column = dataset.column(name)
            # A star's name in K2 leaks; that two objects share it does not.
            assert column.leak is None or name == dataset.host
            assert column.role is not Role.LABEL


@EVERY_DATASET
def test_default_features_need_no_wide_column(dataset: Dataset) -> None:
    for feature in features_of(dataset):
        assert not any(dataset.column(name).wide for name in feature.needs)


def test_a_table_that_lacks_every_input_gets_missing_values() -> None:
    bare = kepler({}).frame[["kepoi_name", "koi_period"]]
    table = Table(dataset=KEPLER, frame=bare, row_numbers=np.array([1]))
    features = compute(table, reference=None, wide=True)
    needing = [
        feature.name
        for feature in features_of(KEPLER, wide=True)
        if not set(feature.needs) <= {"koi_period", "kepid"}
    ]
    assert features[needing].isna().all(axis=None)


@EVERY_DATASET
def test_values_are_the_declared_columns_and_finite_or_missing(
    dataset: Dataset, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(dataset.name)
    features = compute(table, reference=table)
    assert list(features) == [feature.name for feature in features_of(dataset)]
    assert len(features) == len(table)
    assert (features.dtypes == "float64").all()
    assert not np.isinf(features).any(axis=None)
    assert features.notna().any().all()


@EVERY_DATASET
def test_the_order_of_rows_changes_no_value(
    dataset: Dataset, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(dataset.name)
    order = np.random.default_rng(0).permutation(len(table))
    straight = compute(table, reference=table)
    shuffled = compute(table.take(order), reference=table.take(order[::-1]))
    pd.testing.assert_frame_equal(
        shuffled, straight.iloc[order].reset_index(drop=True), rtol=1e-12, atol=1e-12
    )


@EVERY_DATASET
def test_a_part_of_the_catalogue_has_the_values_that_it_has_in_the_whole(
    dataset: Dataset, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(dataset.name)
    part = np.arange(0, len(table), 7)
    whole = compute(table, reference=table).iloc[part].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        compute(table.take(part), reference=table), whole, rtol=1e-12, atol=1e-12
    )


def test_labels_change_no_value(kepler_table: Table) -> None:
    unlabelled = Table(
        dataset=KEPLER,
        frame=kepler_table.frame.drop(columns=KEPLER.label),
        row_numbers=kepler_table.row_numbers,
    )
    pd.testing.assert_frame_equal(
        compute(unlabelled, reference=unlabelled), compute(kepler_table, reference=kepler_table)
    )


def test_a_catalogue_takes_less_than_two_seconds(kepler_table: Table) -> None:
    begin = time.process_time()
    compute(kepler_table, reference=kepler_table, wide=True)
    assert time.process_time() - begin < 2


def test_matched_kepler_objects_are_mostly_false_positives(kepler_table: Table) -> None:
    features = compute(kepler_table, reference=kepler_table)
    assert kepler_table.labels is not None
    decided = kepler_table.labels != "candidate"
    false = kepler_table.labels == "false_positive"
    sure = decided & (features["match_chance_near"] < -6)
    assert sure.sum() > 500
    assert false[sure].mean() > 0.9 > 1.4 * false[decided].mean()


@pytest.mark.parametrize("dataset", of_candidates().values(), ids=of_candidates())
def test_every_mission_has_the_harmonised_columns(
    dataset: Dataset, whole_table: Callable[[str], Table]
) -> None:
    table = whole_table(dataset.name)
    harmonised = harmonise(table, table)
    assert list(harmonised) == [feature.name for feature in harmonised_features()]
    assert (harmonised.dtypes == "float64").all()
    # What a mission measures is where the physics says, whatever unit its table has.
    assert 2 < harmonised["period"].median() < 20
    assert 5000 < harmonised["stellar_temperature"].median() < 6500
    assert harmonised["duration"].isna().all() == (dataset.name == "k2")


def test_the_same_object_has_the_same_harmonised_values_in_two_missions() -> None:
    one = {"koi_period": 3.0, "koi_duration": 2.5, "koi_depth": 10000.0, "koi_prad": 11.0}
    kepler_row = harmonise(kepler(one), None).iloc[0]
    tess_row = harmonise(tess({}), None).iloc[0]
    shared = ["period", "duration", "depth", "radius", "stellar_density", "density_ratio"]
    assert list(kepler_row[shared]) == pytest.approx(list(tess_row[shared]))


def test_a_depth_in_percent_and_one_in_parts_per_million_are_the_same_depth() -> None:
    k2_row, tess_row = harmonise(k2({}), None).iloc[0], harmonise(tess({}), None).iloc[0]
    assert k2_row["depth"] == pytest.approx(10000.0)
    shared = ["duration", "depth", "radius", "duration_over_longest", "density_ratio"]
    assert list(k2_row[shared]) == pytest.approx(list(tess_row[shared]))
    column, values = as_catalogued(K2, "depth", np.array([10000.0]))
    assert (column, list(values)) == ("pl_trandep", pytest.approx([1.0]))


def test_without_the_columns_of_its_full_table_k2_has_no_depth() -> None:
    row = harmonise(k2({"pl_trandep": None, "pl_trandur": None}), None).iloc[0]
    assert row[["depth", "duration", "duration_over_longest"]].isna().all()
    assert row["radius"] == 11.0


def test_harmonised_columns_hold_no_date_no_place_and_no_mission_band() -> None:
    names = {feature.name for feature in harmonised_features()}
    assert not names & {"epoch", "right_ascension", "declination", "magnitude"}
