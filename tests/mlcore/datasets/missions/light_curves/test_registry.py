"""What is declared of light curves' signals is what is measured, and nothing of it leaks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from mlcore.datasets.missions.light_curves.dataset import LIGHT_CURVES, MEASURED_SIGNALS
from mlcore.datasets.missions.light_curves.registry import (
    OF_SHAPE,
    VETTING_TESTS,
    declared,
    feature_names,
    results,
)
from mlcore.datasets.missions.light_curves.spec import Outcome
from mlcore.datasets.spec import Role
from mlcore.lightcurves.bundles.bundle import StarFiles
from mlcore.lightcurves.bundles.star import measured_star
from mlcore.lightcurves.known import KnownSignal
from mlcore.lightcurves.vetting.measuring import MEASURES
from tests.mlcore.lightcurves.bundles.made_files import PLANET, csv_of

if TYPE_CHECKING:
    from mlcore.datasets.missions.light_curves.spec import VettingTest

EVERY_TEST = pytest.mark.parametrize("test", VETTING_TESTS.values(), ids=lambda test: test.name)
NEEDS_MORE = {"other_period_ratio", "other_duration_index"}
"""What takes another signal in the same light curve."""


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    """Return what is measured of a planet in a long curve."""
    files = StarFiles(name="HD 1", files=("a.csv",))
    star = measured_star(files, [("a.csv", csv_of(days=60))])
    return dict(zip(star.signals[0].measured, star.signals[0].values, strict=True))


def test_every_test_is_measured_and_nothing_else_is() -> None:
    assert list(MEASURES) == list(VETTING_TESTS)


def test_no_two_tests_measure_a_value_of_one_name() -> None:
    names = [column.name for column in declared()]
    assert len(set(names)) == len(names)
    assert set(names) >= OF_SHAPE


def test_every_feature_is_measured_of_a_planet_in_a_long_curve(measured: dict[str, float]) -> None:
    assert list(measured) == [column.name for column in declared()]
    assert {name for name in feature_names() if not math.isfinite(measured[name])} <= NEEDS_MORE


def test_a_planet_passes_every_test_that_can_be_made_of_it(measured: dict[str, float]) -> None:
    ended = {result.test.name: result.outcome for result in results(measured)}
    assert {name for name, outcome in ended.items() if outcome is Outcome.FAILED} == set()
    assert {name for name, outcome in ended.items() if outcome is Outcome.NOT_POSSIBLE} == {
        *("density", "size", "centroid", "known")
    }


@EVERY_TEST
def test_what_a_test_decides_by_is_what_it_says(test: VettingTest) -> None:
    assert test.question.endswith("?")
    assert test.formula
    if test.decides is not None:
        assert -math.inf < test.least or test.most < math.inf
        assert "{value}" in test.passed
        assert "{value}" in test.failed


def test_no_feature_follows_the_disposition() -> None:
    features = [column for column in LIGHT_CURVES.columns if column.role is Role.FEATURE]
    assert tuple(column.name for column in features) == feature_names()
    assert [column.name for column in features if column.leak] == []
    # How long and how often a star was observed, and what is known of it, tells who looked.
    kept_away = {"points", "span", "cadence", "number", "origin", "false_alarm"}
    kept_away |= {"star_radius", "star_mass", "star_temperature", "epoch", "time_zero"}
    assert not kept_away & set(feature_names())
    assert {column.name for column in LIGHT_CURVES.columns if column.of_star} == {
        *("star_radius", "star_mass", "star_temperature")
    }


def test_features_are_the_same_whatever_a_star_is_called_and_labelled() -> None:
    known = [KnownSignal(period=PLANET.period, epoch=PLANET.epoch, duration=2.88)]
    one, other = (
        measured_star(StarFiles(name=name, files=(name,)), [(name, csv_of())], known=known).rows[0]
        for name in ("KIC 5.csv", "somebody.csv")
    )
    assert [one[name] for name in feature_names()] == pytest.approx(
        [other[name] for name in feature_names()], nan_ok=True
    )


def test_every_source_stands_among_the_datasets_references_once() -> None:
    keys = [reference.key for reference in LIGHT_CURVES.references]
    assert len(set(keys)) == len(keys)
    cited = {source.key for test in VETTING_TESTS.values() for source in test.sources}
    assert cited <= set(keys)
    assert all(reference.doi or reference.url for reference in LIGHT_CURVES.references)


def test_the_carried_table_has_the_datasets_labels() -> None:
    signals = pd.read_parquet(MEASURED_SIGNALS.path)
    assert len(signals) == MEASURED_SIGNALS.rows
    assert set(signals["disposition"]) <= set(LIGHT_CURVES.labels)
