from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import DataError
from mlcore.models.novelty import Novelty, Why, fit_novelty
from tests.mlcore.hand_made import KEPLER

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table

COLUMNS = tuple(KEPLER.column(name) for name in ("koi_depth", "koi_prad", "koi_steff"))


def rows(count: int = 2000) -> pd.DataFrame:
    """Return planets whose depth goes with their radius."""
    random = np.random.default_rng(0)
    radius = 10 ** random.normal(0.4, 0.3, count)
    return pd.DataFrame(
        {
            "koi_depth": 84 * radius**2 * 10 ** random.normal(0, 0.05, count),
            "koi_prad": radius,
            "koi_steff": random.normal(5500, 400, count),
        }
    )


def one(depth: float, radius: float, temperature: float) -> pd.DataFrame:
    return pd.DataFrame({"koi_depth": [depth], "koi_prad": [radius], "koi_steff": [temperature]})


@pytest.fixture(scope="module")
def novelty() -> Novelty:
    return fit_novelty(rows(), COLUMNS)


def test_a_common_object_is_inside_and_nothing_is_named(novelty: Novelty) -> None:
    (check,) = novelty.check(one(84 * 2.5**2, 2.5, 5500.0), COLUMNS)
    assert not check.outside
    assert check.causes == ()
    assert check.sentence == "The object lies within what the model was trained on"


def test_a_value_far_outside_its_range_is_named_with_the_range(novelty: Novelty) -> None:
    (check,) = novelty.check(one(84 * 2.5**2, 2.5, 15000.0), COLUMNS)
    assert check.outside
    assert [(cause.column, cause.why) for cause in check.causes] == [("koi_steff", Why.RANGE)]
    assert check.causes[0].sentence.startswith(
        "Stellar effective temperature is 15000 K, far outside the "
    )
    assert check.causes[0].sentence.endswith(" K of 99% of the training rows")
    assert check.range_excess > 1


def test_common_values_that_do_not_go_together_are_named_with_what_was_expected(
    novelty: Novelty,
) -> None:
    # A depth of a body of 1.2 Earth radii with a radius of 5: each alone is common.
    (check,) = novelty.check(one(120.0, 5.0, 5500.0), COLUMNS)
    assert check.outside
    assert check.range_excess < 1 < check.distance
    assert {cause.column for cause in check.causes} == {"koi_depth", "koi_prad"}
    assert {cause.why for cause in check.causes} == {Why.COMBINATION}
    radius = next(cause for cause in check.causes if cause.column == "koi_prad")
    assert radius.sentence.startswith(
        "Planet radius is 5 Earth radii, but the other columns let expect about 1."
    )


def test_a_value_that_training_rows_always_have_is_missed(novelty: Novelty) -> None:
    (check,) = novelty.check(one(84 * 2.5**2, 2.5, np.nan), COLUMNS)
    assert check.outside
    assert [(cause.column, cause.why) for cause in check.causes] == [("koi_steff", Why.MISSING)]


def test_a_value_that_training_rows_often_lack_is_not_missed() -> None:
    training = rows()
    training.loc[::10, "koi_steff"] = np.nan
    novelty = fit_novelty(training, COLUMNS)
    (check,) = novelty.check(one(84 * 2.5**2, 2.5, np.nan), COLUMNS)
    assert not check.outside


def test_about_one_training_row_in_a_hundred_lies_outside_by_each_question(
    novelty: Novelty,
) -> None:
    checks = novelty.check(rows(), COLUMNS)
    assert sum(check.range_excess > 1 for check in checks) <= 20
    assert sum(check.distance > 1 for check in checks) <= 20
    assert 5 <= sum(check.outside for check in checks) <= 40


def test_every_object_that_is_outside_has_a_cause_and_no_other_has(novelty: Novelty) -> None:
    random = np.random.default_rng(1)
    strange = rows(300) * 10 ** random.normal(0, 0.5, (300, 3))
    checks = novelty.check(strange, COLUMNS)
    assert {check.outside for check in checks} == {True, False}
    assert all(bool(check.causes) == check.outside for check in checks)


def test_what_was_learnt_survives_json(novelty: Novelty) -> None:
    again = Novelty.from_json(json.loads(json.dumps(novelty.as_json(), allow_nan=False)))
    strange = rows(50) * 3
    assert again.check(strange, COLUMNS) == novelty.check(strange, COLUMNS)


def test_columns_in_another_order_are_refused(novelty: Novelty) -> None:
    with pytest.raises(DataError, match="not those that the novelty check was fitted on"):
        novelty.check(rows(2), COLUMNS[::-1])


def test_a_column_that_no_training_row_knows_is_no_cause() -> None:
    training = rows().assign(koi_steff=np.nan)
    novelty = fit_novelty(training, COLUMNS)
    (check,) = novelty.check(one(84 * 2.5**2, 2.5, np.nan), COLUMNS)
    assert not check.outside


@pytest.mark.parametrize("mission", ["kepler", "k2", "tess"])
def test_few_test_rows_of_a_mission_are_outside_and_most_rows_in_other_units_are(
    mission: str, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    training, testing = small_tables(mission)
    columns = tuple(
        column
        for column in training.dataset.feature_columns()
        if training.features[column.name].notna().any()
    )
    novelty = fit_novelty(training.features, columns)
    inside = [check.outside for check in novelty.check(testing.features, columns)]
    assert np.mean(inside) < 0.12
    radius = "koi_prad" if mission == "kepler" else "pl_rade"
    # A user who gives radii in kilometres.
    wrong = testing.features.assign(**{radius: testing.features[radius] * 6371})
    known = testing.features[radius].notna().to_numpy()
    outside = [
        check for check, given in zip(novelty.check(wrong, columns), known, strict=True) if given
    ]
    assert np.mean([check.outside for check in outside]) > 0.95
    named = [any(cause.column == radius for cause in check.causes) for check in outside]
    assert np.mean(named) > 0.95


def test_what_a_model_went_on_learning_from_is_known_beside_what_it_knew(novelty: Novelty) -> None:
    hot = rows().assign(koi_steff=lambda frame: frame["koi_steff"] + 20000)
    wider = Novelty.from_json(json.loads(json.dumps(novelty.with_rows(hot, COLUMNS).as_json())))
    objects = pd.concat([one(84 * 2.5**2, 2.5, star) for star in (5500.0, 25500.0, 15000.0)])
    assert [star.outside for star in novelty.check(objects, COLUMNS)] == [False, True, True]
    checks = wider.check(objects, COLUMNS)
    # Between the two kinds there is nothing that it knows.
    assert [star.outside for star in checks] == [False, False, True]
    assert checks[1].causes == ()
    assert [cause.column for cause in checks[2].causes] == ["koi_steff"]
    assert "further" not in novelty.as_json()
