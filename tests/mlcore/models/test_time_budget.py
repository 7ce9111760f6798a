from __future__ import annotations

import math
import time

import pytest

from mlcore.errors import HyperparameterError
from mlcore.models import MODELS
from mlcore.models.time_budget import check_time, seconds_after_search
from mlcore.run import WITHOUT_END, TimeBudget


def test_without_a_budget_there_is_time_for_everything() -> None:
    assert WITHOUT_END.left == math.inf
    assert WITHOUT_END.allows(math.inf)


def test_what_would_take_more_than_half_of_what_is_left_is_not_begun() -> None:
    budget = TimeBudget(until=time.monotonic() + 1000)
    assert budget.allows(450)
    assert not budget.allows(550)
    over = TimeBudget(until=time.monotonic() - 1)
    assert over.left == 0
    assert not over.allows(0)


def test_more_is_kept_for_what_follows_a_search_the_more_rows_are_predicted() -> None:
    kept = [seconds_after_search(100, rows) for rows in (0, 10_000, 20_000, 10**6)]
    assert kept == sorted(kept)
    assert kept[0] == pytest.approx(35)
    assert 35 < kept[2] < kept[3] == pytest.approx(75)


def test_only_a_search_is_refused_for_the_rows_that_it_would_have_to_predict() -> None:
    check_time(MODELS["auto"], {"time_budget": 30}, rows=5_000)
    check_time(MODELS["xgboost"], {}, rows=10**6)
    with pytest.raises(
        HyperparameterError, match=r"50,000 rows in time it must be at least 171\.$"
    ):
        check_time(MODELS["auto"], {"time_budget": 30}, rows=50_000)
