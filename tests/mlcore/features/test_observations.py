"""Each feature's own sentence, whatever its value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.datasets import DATASETS, KEPLER, Disposition
from mlcore.datasets.spec import Scale
from mlcore.features import features_of
from mlcore.features.described import described_columns, subject_of
from mlcore.features.feature_sets import FeatureSet, Inputs
from mlcore.features.measured import MEASURED
from mlcore.features.observation import Leaning, Row
from mlcore.features.registry import declared_features
from mlcore.inspection import reasons
from tests.mlcore.inspection.sentences import flaws

if TYPE_CHECKING:
    from mlcore.datasets import Dataset
    from mlcore.features import Feature

COUNTS = {"matches", "objects_of_star", "sibling_harmonics", "inner_siblings", "deeper_siblings"}
FEATURES = list(declared_features().values())
EVERY_FEATURE = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)


def said(**values: float) -> str:
    """Return the words of the feature that comes first, with the reason that physics gives."""
    (name, *_) = values
    says = declared_features()[name].says
    assert says is not None
    observed = says(Row(values))
    assert observed is not None
    return f"{observed.words}{observed.because}"


def _spread(feature: Feature) -> list[float]:
    if feature.unit == "dex":
        return [-17.2, -3.0, -0.5, -0.11, -0.005, 0.0, 0.0004, 0.08, 0.3, 0.4, 1.0, 2.6]
    if feature.unit == "mag":
        return [-8.3, -0.75, -0.01, 0.0, 0.004, 0.4, 1.0, 11.27]
    if feature.name in COUNTS:
        return [0.0, 1.0, 2.0, 3.0, 11.0, 75.0]
    positive = [1e-7, 3e-4, 0.0023, 0.04, 0.37, 0.949, 0.9996, 1.0, 1.004, 2.0, 9.98, 104.0, 7e5]
    return positive if feature.scale is Scale.LOG else [0.0, *positive]


@EVERY_FEATURE
def test_every_feature_owns_its_sentence_and_no_value_spoils_it(feature: Feature) -> None:
    assert feature.says is not None
    for value in _spread(feature):
        beside = {"objects_of_star": 3.0, "inner_siblings": 1.0, "period": 9.4}
        row = Row(beside | {feature.name: value})
        observed = feature.says(row)
        if observed is None:
            continue
        assert (observed.leaning is None) == (not observed.because)
        said = f"{observed.words}{observed.because}"
        assert flaws(said) == [], said


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
@pytest.mark.parametrize("feature_set", FeatureSet)
def test_every_column_of_every_set_can_be_said(dataset: Dataset, feature_set: FeatureSet) -> None:
    declared = Inputs(feature_set=feature_set).columns(dataset)
    random = np.random.default_rng(11)
    for column in declared:
        columns = described_columns(dataset, [column])
        size = 10 ** random.uniform(-6, 7) if column.scale is Scale.LOG else random.uniform(-3, 3)
        for value in (*(() if column.scale is Scale.LOG else (0.0, -0.25)), 1.0, size, math.nan):
            for weight in (0.2, -0.2):
                phrases = reasons(
                    columns, np.array([value]), np.array([weight]), Disposition.FALSE_POSITIVE
                )
                assert [fault for phrase in phrases for fault in flaws(phrase)] == [], phrases


def test_what_is_said_of_a_quantity_of_no_column_would_never_be_said() -> None:
    known = {name for dataset in DATASETS.values() for name in dataset.column_names}
    quantities = {name for dataset in DATASETS.values() for name in dataset.quantities}
    assert MEASURED.keys() <= known | quantities


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {
                "match_chance_near": -14.29,
                "match_chance": -7.1,
                "matches": 1,
                "match_distance": 0.1835,
            },
            (
                "An object 0.18′ away matches its period and epoch, which chance would give once in"
                " 10¹⁴: contamination"
            ),
        ),
        (
            {"match_chance_near": -2.3, "matches": 3, "match_distance": 90.0},
            (
                "Three objects match its period and epoch, the nearest 1.5° away, which chance"
                " would give once in 200: contamination"
            ),
        ),
        (
            {"match_chance": 0.0, "matches": 0, "match_distance": 10800.0},
            "No object on another star matches its period and epoch: contamination is unlikely",
        ),
        (
            {"match_chance": -0.4, "matches": 1, "match_distance": 1200.0},
            "An object 20° away matches its period and epoch, as chance often gives",
        ),
        (
            {"objects_of_star": 3, "sibling_period_ratio": 0.3682, "inner_siblings": 2},
            (
                "Two more candidates orbit this star, the nearest at 0.37 of its period; stars with"
                " several candidates rarely host false positives"
            ),
        ),
        (
            {"objects_of_star": 2, "sibling_period_ratio": 0.3682, "inner_siblings": 0},
            (
                "One more candidate orbits this star, at 2.7 times its period; stars with several"
                " candidates rarely host false positives"
            ),
        ),
        (
            {"objects_of_star": 1, "sibling_period_ratio": 0.0},
            (
                "No other candidate is known around this star; nearly all false positives are"
                " alone on theirs"
            ),
        ),
        (
            {"duration_over_longest": math.log10(1.3)},
            (
                "The transit lasts 30 % longer than the star's density allows on a circular orbit:"
                " the eclipsed star may be another, larger one"
            ),
        ),
        (
            {"duration_over_longest": math.log10(0.7)},
            (
                "The transit lasts 70 % of the longest time that the star's density allows on a"
                " circular orbit, as a planet's may"
            ),
        ),
        (
            {"radius_ratio_from_radius": 0.62},
            "Radius of 62 % of the star's: a companion of a star's size",
        ),
        (
            {"grazing": 1.004},
            (
                "The body only grazes the star (impact parameter and radius ratio add up to just"
                " over 1): most that do are stars"
            ),
        ),
        (
            {"transits_over_expected": 0.998},
            "Nearly all of the transits that its period gives were observed",
        ),
    ],
)
def test_what_is_seen_is_said_as_an_astronomer_would(
    values: dict[str, float], sentence: str
) -> None:
    assert said(**values) == sentence


def test_what_speaks_either_way_by_physics_says_which() -> None:
    ways = {
        observed.leaning
        for feature in FEATURES
        for value in _spread(feature)
        if feature.says and (observed := feature.says(Row({feature.name: value})))
    }
    assert ways == {None, *Leaning}


def test_values_of_one_fact_share_a_sentence() -> None:
    columns = described_columns(KEPLER, Inputs().columns(KEPLER))
    names = list(columns.described)
    groups = columns.groups(np.ones(len(names)))
    of = dict(zip(names, groups, strict=True))
    for one, other in (
        ("koi_depth", "koi_depth_err1"),
        ("koi_depth", "radius_ratio_from_depth"),
        ("koi_duration", "density_ratio"),
        ("koi_insol", "koi_teq"),
        ("koi_srad", "radius_above_dwarf"),
        ("koi_model_snr", "snr_per_transit"),
    ):
        assert of[one] == of[other], (one, other)


def test_a_derived_value_that_is_missing_tells_of_the_measured_one_that_is() -> None:
    declared = Inputs().columns(KEPLER)
    columns = described_columns(KEPLER, declared)
    names = [column.name for column in declared]
    values = np.ones(len(names))
    lacking = {"koi_impact", "grazing", "grazing_from_depth", "duration_over_expected"}
    values[[names.index(name) for name in lacking]] = np.nan
    groups = dict(zip(names, columns.groups(values), strict=True))
    assert {groups[name] for name in lacking} == {"impact parameter"}


def test_every_derived_quantity_is_said_by_its_feature() -> None:
    assert {feature.name for feature in features_of(KEPLER, wide=True)} <= {
        feature.name for feature in FEATURES
    }


def test_a_subject_says_no_more_than_a_sentence_needs() -> None:
    columns = {column.name: column for column in Inputs().columns(KEPLER)}
    assert subject_of(columns["sibling_period_ratio"]) == "Period ratio with the closest sibling"
    assert subject_of(columns["koi_insol"]) == "Insolation in units of the Earth's"
    assert subject_of(columns["koi_depth"]) == "Transit depth"
