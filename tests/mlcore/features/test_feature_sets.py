from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.datasets import KEPLER, Role, of_candidates
from mlcore.features import features_of, harmonised_features
from mlcore.features.feature_sets import FeatureSet, Inputs, refusal_of_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table

EVERY_SET = pytest.mark.parametrize("feature_set", FeatureSet)
EVERY_MISSION = pytest.mark.parametrize("mission", mlcore.DATASETS)


@EVERY_SET
@EVERY_MISSION
def test_no_set_has_a_column_that_states_or_follows_the_label(
    mission: str, feature_set: FeatureSet
) -> None:
    dataset = mlcore.DATASETS[mission]
    inputs = Inputs(feature_set=feature_set)
    names = [column.name for column in inputs.columns(dataset)]
    leaky = {column.name for column in dataset.leaky_columns} | {dataset.label}
    assert leaky
    assert leaky.isdisjoint(names)
    assert len(set(names)) == len(names)
    # Nor is anything computed from one. Of the star's name it is only asked who shares it.
    of_neighbours = {f.name for f in features_of(dataset, wide=True) if f.of_neighbours}
    for name, needed in inputs.computed_from(dataset).items():
        known = {dataset.host} if name in of_neighbours else set()
        assert leaky.isdisjoint(set(needed) - known), name
    assert inputs.mark is None


@EVERY_SET
@EVERY_MISSION
def test_a_sets_matrix_has_exactly_its_columns_in_order(
    mission: str, feature_set: FeatureSet, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    testing = small_tables(mission)[1].take(range(15))
    inputs = Inputs(feature_set=feature_set)
    matrix = inputs.matrix(testing)
    assert list(matrix) == [column.name for column in inputs.columns(testing.dataset)]
    assert matrix.shape[0] == 15
    assert set(matrix.dtypes.astype(str)) == {"float64"}
    assert all(column.role is Role.FEATURE for column in inputs.columns(testing.dataset))
    assert set(inputs.quantities(testing.dataset)) == set(matrix)


@EVERY_MISSION
def test_the_sets_hold_what_their_names_say(mission: str) -> None:
    dataset = mlcore.DATASETS[mission]
    names = {
        feature_set: [column.name for column in Inputs(feature_set=feature_set).columns(dataset)]
        for feature_set in FeatureSet
    }
    measured = [column.name for column in dataset.feature_columns()]
    derived = [feature.name for feature in features_of(dataset)]
    assert names[FeatureSet.MEASURED] == measured
    assert names[FeatureSet.DEFAULT] == [*measured, *derived]
    assert set(names[FeatureSet.DEFAULT]) <= set(names[FeatureSet.WIDE])
    assert Inputs().feature_set is FeatureSet.DEFAULT


def test_harmonised_columns_are_the_same_in_all_missions() -> None:
    inputs = Inputs(feature_set=FeatureSet.HARMONISED)
    kepler, k2, tess = (inputs.columns(dataset) for dataset in of_candidates().values())
    assert kepler == k2 == tess
    assert [column.name for column in kepler] == [feature.name for feature in harmonised_features()]


@EVERY_SET
def test_every_set_says_what_it_holds(feature_set: FeatureSet) -> None:
    assert feature_set.meaning
    assert not feature_set.meaning.endswith(".")


def test_derived_columns_name_the_missions_columns_that_they_are_computed_from() -> None:
    known = Inputs().computed_from(KEPLER)
    assert set(known) == {feature.name for feature in features_of(KEPLER)}
    for needed in known.values():
        assert needed
        assert all(KEPLER.knows(name) for name in needed)
    assert Inputs(feature_set=FeatureSet.MEASURED).computed_from(KEPLER) == {}


def test_the_whole_catalogue_decides_what_is_seen_of_neighbours(kepler_table: Table) -> None:
    inputs = Inputs()
    counts = kepler_table.hosts.map(kepler_table.hosts.value_counts()).to_numpy()
    rows = np.flatnonzero(counts >= 4)[:3]
    few = kepler_table.take(rows)
    among = inputs.matrix(few, reference=kepler_table)
    assert list(among["objects_of_star"]) == list(counts[rows])
    assert (inputs.matrix(few.take([0]))["objects_of_star"] == 1).all()
    # The measured columns are the row's own.
    measured = [column.name for column in KEPLER.feature_columns()]
    pd.testing.assert_frame_equal(among[measured], few.features, check_exact=True)


def test_drawn_values_leave_what_depends_on_neighbours_as_it_was(kepler_table: Table) -> None:
    inputs = Inputs()
    few = kepler_table.take(range(12))
    undrawn = inputs.matrix(few, reference=kepler_table)
    frame = few.frame.assign(
        koi_depth=few.frame["koi_depth"] * 1.5, koi_period=few.frame["koi_period"] * 1.1
    )
    drawn = inputs.matrix_drawn(replace(few, frame=frame), undrawn)
    fixed = [feature.name for feature in features_of(KEPLER) if feature.of_neighbours]
    assert {"objects_of_star", "match_distance"} <= set(fixed)
    pd.testing.assert_frame_equal(drawn[fixed], undrawn[fixed], check_exact=True)
    pd.testing.assert_series_equal(drawn["koi_depth"], frame["koi_depth"], check_exact=True)
    # What is derived from the row's own values moves with them.
    moved = [
        feature.name
        for feature in features_of(KEPLER)
        if not feature.of_neighbours
        and not np.allclose(drawn[feature.name], undrawn[feature.name], equal_nan=True)
    ]
    assert len(moved) >= 3
    assert list(drawn) == list(undrawn)


def test_drawn_values_are_computed_without_asking_what_the_stars_are_called(
    kepler_table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, few = Inputs(), kepler_table.take(range(12))
    undrawn = inputs.matrix(few, reference=kepler_table)
    drawn = few.take(range(12))

    def refuse(_table: Table) -> None:
        raise AssertionError

    monkeypatch.setattr(type(few), "hosts", property(refuse))
    pd.testing.assert_frame_equal(inputs.matrix_drawn(drawn, undrawn), undrawn, check_exact=True)


def test_a_column_that_follows_the_label_is_seen_only_where_it_was_kept(
    kepler_table: Table,
) -> None:
    inputs = Inputs(feature_set=FeatureSet.MEASURED, label_derived=("koi_score",))
    few = kepler_table.take(range(5))
    kept = replace(few, frame=few.frame.assign(koi_score=[0.0, 0.25, 0.5, 0.75, 1.0]))
    assert list(inputs.matrix(kept)["koi_score"]) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert inputs.columns(KEPLER)[-1] == KEPLER.column("koi_score")
    # The table of a mission has withheld it.
    assert inputs.matrix(few)["koi_score"].isna().all()


@EVERY_SET
def test_inputs_survive_json(feature_set: FeatureSet) -> None:
    inputs = Inputs(feature_set=feature_set, label_derived=("koi_score",))
    assert Inputs.from_json(json.loads(json.dumps(inputs.as_json()))) == inputs


@pytest.mark.parametrize(
    ("name", "uploaded", "refusal"),
    [
        ("koi_disposition", True, "koi_disposition is the disposition itself, which no model"),
        ("koi_period", True, "koi_period is a feature, which a model sees without being asked."),
        ("koi_pdisposition", True, "and it is text."),
        ("kepler_name", True, "and it is text."),
        ("kepid", True, "kepid may not be seen by a model: it describes the record and says"),
        ("koi_score", False, "Only for a file of your own can you choose it all the same."),
        ("remark", True, "remark is no column of Kepler objects of interest."),
        ("x" * 500, True, f"{'x' * 60} is no column of Kepler objects of interest."),
    ],
)
def test_what_may_not_be_added_is_refused_with_the_reason(
    name: str, refusal: str, *, uploaded: bool
) -> None:
    error = refusal_of_column(KEPLER, name, uploaded=uploaded)
    assert error is not None
    assert refusal in str(error)
    assert len(str(error)) < 300


@pytest.mark.parametrize("name", ["koi_score", "koi_fpflag_nt", "koi_fpflag_co"])
def test_a_number_that_follows_the_label_may_be_added_to_a_file_of_ones_own(name: str) -> None:
    assert refusal_of_column(KEPLER, name, uploaded=True) is None
    refused = refusal_of_column(KEPLER, name, uploaded=False)
    assert str(refused).startswith(f"{name} may not be seen by a model: ")


@EVERY_MISSION
def test_of_every_declared_column_it_is_known_whether_it_may_be_added(mission: str) -> None:
    dataset = mlcore.DATASETS[mission]
    for column in dataset.columns:
        allowed = refusal_of_column(dataset, column.name, uploaded=True) is None
        assert allowed == (column.leak is not None and not column.text), column.name
        assert refusal_of_column(dataset, column.name, uploaded=False) is not None


def _lacking(table: Table, *names: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(names)))


def test_a_column_that_a_table_lacks_cannot_be_read_and_neither_what_is_computed_from_it(
    kepler_table: Table,
) -> None:
    inputs = Inputs()
    assert inputs.unreadable(kepler_table) == {}
    unread = inputs.unreadable(_lacking(kepler_table, "koi_impact"))
    assert unread == dict.fromkeys(
        ("koi_impact", "grazing", "grazing_from_depth", "duration_over_expected"), ("koi_impact",)
    )
    narrowed = inputs.without(unread)
    seen = [column.name for column in narrowed.columns(KEPLER)]
    assert set(unread).isdisjoint(seen)
    assert list(narrowed.matrix(_lacking(kepler_table, "koi_impact"))) == seen
    assert len(seen) == len(inputs.columns(KEPLER)) - 4


def test_a_column_without_a_single_value_is_not_there(kepler_table: Table) -> None:
    few = kepler_table.take(range(50))
    empty = replace(few, frame=few.frame.assign(koi_kepmag=np.nan))
    assert set(Inputs().unreadable(empty)) == set(Inputs().unreadable(_lacking(few, "koi_kepmag")))
    one = replace(empty, frame=empty.frame.assign(koi_kepmag=[12.0] + [np.nan] * 49))
    assert Inputs().unreadable(one) == {}


def test_without_the_star_an_object_has_no_neighbours(kepler_table: Table) -> None:
    unread = Inputs().unreadable(_lacking(kepler_table, "kepid"))
    of_neighbours = {f.name for f in features_of(KEPLER) if f.of_neighbours}
    assert set(unread) == of_neighbours
    assert all(sources == ("kepid",) for sources in unread.values())


def test_what_a_missions_default_table_never_has_is_not_lacking(
    whole_table: Callable[[str], Table],
) -> None:
    inputs = Inputs(feature_set=FeatureSet.HARMONISED)
    table = whole_table("k2")
    assert "pl_trandep" not in table.frame
    assert inputs.unreadable(table) == {}
    assert set(inputs.unreadable(_lacking(table, "pl_orbper"))) >= {"period"}


def test_inputs_with_columns_left_out_survive_json() -> None:
    inputs = Inputs().without(["koi_depth", "grazing"])
    assert Inputs.from_json(json.loads(json.dumps(inputs.as_json()))) == inputs


def test_what_could_not_be_measured_in_any_light_curve_is_no_lacking_column(
    whole_table: Callable[[str], Table],
) -> None:
    inputs = Inputs(feature_set=FeatureSet.MEASURED)
    table = whole_table("lightcurves").take(range(20))
    alone = replace(table, frame=table.frame.assign(other_period_ratio=np.nan))
    assert inputs.unreadable(alone) == {}
    lacking = replace(table, frame=table.frame.drop(columns="other_period_ratio"))
    assert inputs.unreadable(lacking) == {"other_period_ratio": ("other_period_ratio",)}
