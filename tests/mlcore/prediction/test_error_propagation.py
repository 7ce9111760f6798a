from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

import mlcore
from mlcore.errors import DataError
from mlcore.models.classifier import CLASSES
from mlcore.prediction.error_propagation import UncertainValue, score_intervals, uncertain_values
from mlcore.run import RunContext
from tests.mlcore.hand_made import deep_is_false, fitted, kepler_table, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.models import Classifier
    from tests.mlcore.conftest import Trained

NUMBERS = np.arange(1, 40_001)
PLANET = CLASSES.index(mlcore.datasets.Disposition.CONFIRMED)


def uncertain(
    value: float, upper: float, lower: float, bounds: tuple[float, float] = (-np.inf, np.inf)
) -> UncertainValue:
    count = 40_000
    return UncertainValue(
        column="koi_depth",
        value=np.full(count, value),
        upper=np.full(count, upper),
        lower=np.full(count, lower),
        bounds=bounds,
    )


def objects(depths: list[float], upper: list[float], lower: list[float]) -> Table:
    count = len(depths)
    return kepler_table(
        rows(count).assign(
            koi_depth=depths,
            koi_depth_err1=upper,
            koi_depth_err2=lower,
            kepid=[str(i) for i in range(count)],
            kepoi_name=[f"K{i:05d}.01" for i in range(count)],
        ),
        labelled=False,
    )


@pytest.fixture(scope="module")
def shallow_is_planet() -> Classifier:
    """Return a tree that asks for the depth alone: planets up to about 1000 ppm."""
    training = rows(400).assign(koi_depth_err1=1.0, koi_depth_err2=-1.0)
    return fitted("decision_tree", training, deep_is_false(training), max_depth=1)


def leaves(classifier: Classifier) -> tuple[float, float]:
    """Return the probabilities of a planet in the two leaves."""
    deep, shallow = classifier.predict_proba(rows(2).assign(koi_depth=[9000.0, 100.0]))[:, PLANET]
    return float(deep), float(shallow)


def features_of(table: Table) -> pd.DataFrame:
    return table.features


def test_the_draws_have_the_catalogues_median_and_percentiles() -> None:
    drawn = uncertain(100.0, 30.0, 5.0).draw(0, 0, NUMBERS)
    median, low, high = np.percentile(drawn, [50, 15.865, 84.135])
    assert median == pytest.approx(100, abs=0.5)
    assert low == pytest.approx(95, abs=0.15)
    assert high == pytest.approx(130, abs=0.9)


def test_a_draw_is_the_cut_off_half_normal() -> None:
    random = np.random.default_rng(5)
    value = np.where(random.random(400) < 0.2, np.nan, random.normal(3, 4, 400))
    upper, lower = np.where(random.random((2, 400)) < 0.3, 0.0, random.gamma(2.0, 2.0, (2, 400)))
    column = UncertainValue(
        column="koi_depth", value=value, upper=upper, lower=lower, bounds=(0.0, 10.0)
    )
    drawn = [column.draw(seed, 0, NUMBERS[:400]) for seed in (1, 2)]
    for of_seed in drawn:
        for i in range(400):
            step = of_seed[i] - value[i]
            size = (upper if step > 0 else lower)[i]
            if not step or np.isnan(step):
                continue
            room = max((10.0 - value[i]) if step > 0 else value[i], 0.0)
            share = (ndtr(abs(step) / size) - 0.5) / (ndtr(room / size) - 0.5)
            assert 0 <= share <= 1 + 1e-9
        assert np.isnan(of_seed[np.isnan(value)]).all()
    assert (drawn[0] != drawn[1])[column.known].mean() > 0.5


def test_a_row_is_drawn_in_the_same_way_alone_and_among_others() -> None:
    column = uncertain(3.0, 1.0, 0.5)
    among = column.draw(4, 7, NUMBERS)
    few = np.array([5, 39_999, 17])
    alone = replace(
        column, value=column.value[few], upper=column.upper[few], lower=column.lower[few]
    )
    assert alone.draw(4, 7, NUMBERS[few]).tolist() == among[few].tolist()
    assert len(np.unique(among)) == len(among)


def test_draws_of_rows_and_columns_know_nothing_of_each_other() -> None:
    column = uncertain(0.0, 1.0, 1.0)
    drawn = [
        column.draw(0, 0, NUMBERS),
        column.draw(0, 1, NUMBERS),
        column.draw(1, 0, NUMBERS),
        replace(column, column="koi_prad").draw(0, 0, NUMBERS),
        np.roll(column.draw(0, 0, NUMBERS), 1),
    ]
    assert np.abs(np.corrcoef(drawn) - np.eye(5)).max() < 0.02


def test_the_draws_stay_where_the_quantity_can_be() -> None:
    drawn = uncertain(1.0, 0.1, 5.0, (0.0, np.inf)).draw(0, 0, NUMBERS)
    assert drawn.min() > 0
    assert np.mean(drawn < 1) == pytest.approx(0.5, abs=0.01)
    drawn = uncertain(0.9, 4.0, 0.1, (0.0, 1.0)).draw(0, 0, NUMBERS)
    assert drawn.max() < 1


def test_a_value_outside_its_range_goes_no_farther() -> None:
    drawn = uncertain(-2.0, 0.5, 0.5, (0.0, np.inf)).draw(0, 0, NUMBERS)
    assert drawn.min() == -2.0
    assert drawn.max() > -1.0


def test_a_value_with_an_error_on_one_side_moves_to_that_side_only() -> None:
    drawn = uncertain(10.0, 1.0, 0.0).draw(0, 0, NUMBERS)
    assert drawn.min() == 10.0
    assert np.mean(drawn > 10) == pytest.approx(0.5, abs=0.01)


def test_a_missing_value_stays_missing() -> None:
    assert np.isnan(uncertain(np.nan, 1.0, 1.0).draw(0, 0, NUMBERS)).all()


def test_the_errors_of_a_table_are_read_as_sizes() -> None:
    table = objects([500.0, 600.0], [10.0, np.nan], [-4.0, np.nan])
    (depth,) = uncertain_values(table)
    assert depth.column == "koi_depth"
    assert depth.upper.tolist() == [10.0, 0.0]
    assert depth.lower.tolist() == [4.0, 0.0]
    assert depth.bounds == (0.0, np.inf)
    assert depth.known.tolist() == [True, False]


def test_an_object_at_the_boundary_may_be_either_and_one_far_away_is_sure(
    shallow_is_planet: Classifier,
) -> None:
    table = objects([1000.0, 100.0, 9000.0], [200.0, 5.0, 100.0], [-200.0, -5.0, -100.0])
    intervals = score_intervals(shallow_is_planet, table)
    assert intervals.draws == 50
    unsure, sure = leaves(shallow_is_planet)
    assert (intervals.low[0, PLANET], intervals.high[0, PLANET]) == (unsure, sure)
    assert (intervals.low[1, PLANET], intervals.high[1, PLANET]) == (sure, sure)
    assert (intervals.low[2, PLANET], intervals.high[2, PLANET]) == (unsure, unsure)
    assert intervals.uncertain.tolist() == [1, 1, 1]
    assert intervals.sentence(0, PLANET) == (
        "With its one uncertain value drawn anew within its errors 50 times, 90 % of the"
        f" probabilities of a planet lie between {unsure:.0%} and {sure:.0%}"
    )
    assert intervals.sentence(1, PLANET).endswith(f"probabilities of a planet are {sure:.0%}")


def test_an_object_without_errors_has_no_interval(shallow_is_planet: Classifier) -> None:
    table = objects([1000.0, 1000.0], [200.0, np.nan], [-200.0, np.nan])
    intervals = score_intervals(shallow_is_planet, table)
    assert np.isfinite(intervals.low[0]).all()
    assert np.isnan(intervals.low[1]).all()
    assert np.isnan(intervals.high[1]).all()
    assert intervals.sentence(1, PLANET).startswith("The catalogue gives no errors for this object")


def test_a_table_without_error_columns_has_no_intervals(shallow_is_planet: Classifier) -> None:
    table = objects([1000.0], [1.0], [-1.0])
    bare = kepler_table(
        table.frame.drop(columns=["koi_depth_err1", "koi_depth_err2"]), labelled=False
    )
    intervals = score_intervals(shallow_is_planet, bare)
    assert intervals.draws == 0
    assert np.isnan(intervals.low).all()


def test_errors_that_a_table_does_not_keep_can_be_given(shallow_is_planet: Classifier) -> None:
    table = objects([1000.0], [200.0], [-200.0])
    bare = kepler_table(
        table.frame.drop(columns=["koi_depth_err1", "koi_depth_err2"]), labelled=False
    )
    intervals = score_intervals(shallow_is_planet, bare, errors=table.frame)
    assert (intervals.low[0, PLANET], intervals.high[0, PLANET]) == leaves(shallow_is_planet)


def test_features_are_computed_anew_from_each_draw(shallow_is_planet: Classifier) -> None:
    table = objects([1000.0], [200.0], [-200.0])
    seen = []

    def doubled(drawn: Table) -> pd.DataFrame:
        seen.extend(drawn.frame["koi_depth"])
        return drawn.features.assign(koi_depth=drawn.features["koi_depth"] * 10)

    intervals = score_intervals(shallow_is_planet, table, features_of=doubled, draws=20)
    assert len(set(seen)) == 20
    assert intervals.high[0, PLANET] == leaves(shallow_is_planet)[0]
    assert table.frame["koi_depth"].iloc[0] == 1000.0


def test_a_draw_is_the_same_whatever_is_drawn_with_it(
    shallow_is_planet: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = objects([1000.0, 990.0, 1100.0], [200.0] * 3, [-200.0] * 3)

    def draws() -> list[float]:
        seen: list[float] = []

        def features_of(drawn: Table) -> pd.DataFrame:
            seen.extend(drawn.frame["koi_depth"])
            return drawn.features

        score_intervals(shallow_is_planet, table, features_of=features_of)
        return seen

    together = draws()
    assert len(set(together)) == 50 * 3
    monkeypatch.setattr("mlcore.prediction.error_propagation._MOST_ROWS", 1)
    assert draws() == together


def test_where_there_is_no_time_for_the_fewest_draws_there_is_no_interval(
    shallow_is_planet: Classifier,
) -> None:
    bounds = score_intervals(shallow_is_planet, objects([1000.0], [200.0], [-200.0]), longest=1e-6)
    assert bounds.draws == 0
    assert np.isnan(bounds.low).all()
    assert bounds.sentence(0, PLANET).startswith("The time budget left no time")


def test_too_few_draws_are_refused(shallow_is_planet: Classifier) -> None:
    with pytest.raises(DataError, match="draws was 9, but it must be at least 10"):
        score_intervals(shallow_is_planet, objects([1.0], [1.0], [-1.0]), draws=9)


def test_progress_ends_at_one(shallow_is_planet: Classifier) -> None:
    fractions: list[float] = []
    table = objects([1.0] * 2500, [1.0] * 2500, [-1.0] * 2500)
    score_intervals(
        shallow_is_planet,
        table,
        draws=20,
        run=RunContext(progress=lambda done, _step: fractions.append(done)),
    )
    assert fractions == pytest.approx([1 / 20, 9 / 20, 10 / 20, 18 / 20, 1])


def test_the_intervals_of_real_objects_are_seeded_and_mostly_hold_the_score(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    classifier = trained("xgboost").model.classifier
    testing = kepler_tables[1]
    intervals = score_intervals(
        classifier, testing, features_of=features_of, draws=30, run=RunContext(seed=4)
    )
    again = score_intervals(
        classifier, testing, features_of=features_of, draws=30, run=RunContext(seed=4)
    )
    np.testing.assert_array_equal(intervals.low, again.low)
    assert (intervals.low <= intervals.high).all()
    score = classifier.predict_proba(testing.features)
    held = (intervals.low <= score) & (score <= intervals.high)
    assert held[:, PLANET].mean() > 0.6
    assert (intervals.high - intervals.low)[:, PLANET].max() > 0.05


def test_tess_errors_from_the_archives_file_give_intervals(
    trained: Trained, archive_dir: Path, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    testing = small_tables("tess")[1]
    (path,) = archive_dir.glob("toi_*.csv")
    raw = pd.read_csv(path, comment="#", dtype={"toi": "str"}).set_index("toi")
    errors = raw.loc[testing.frame["toi"]].reset_index()
    intervals = score_intervals(
        trained("xgboost", "tess").model.classifier, testing, errors=errors, draws=10
    )
    assert np.isfinite(intervals.low).all(axis=1).mean() > 0.95
