"""Figures of several models on the same rows, and by how much one is above another."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from mlcore.metrics.paired import PairedFigures, paired_figures
from mlcore.metrics.resampling import StarResamples, intervals
from mlcore.tasks import VETTING

METRICS = ("roc_auc", "log_loss")
ROWS, RESAMPLES = 240, 60


def stated(planet: np.ndarray) -> np.ndarray:
    """Return the probabilities of both classes, in the task's order: false positives first."""
    return np.column_stack([1 - planet, planet])


@pytest.fixture
def rows() -> tuple[list[str], list[str], dict[str, np.ndarray]]:
    """Rows of stars that have two each, and two models that err on the same ones."""
    generator = np.random.default_rng(3)
    planet = generator.random(ROWS) < 0.4
    hard = generator.normal(size=ROWS)
    models = {
        name: stated(
            1 / (1 + np.exp(-(2 * planet - 1 + hard + noise * generator.normal(size=ROWS))))
        )
        for name, noise in (("plain", 0.6), ("better", 0.0))
    }
    labels = ["confirmed" if one else "false_positive" for one in planet]
    return labels, [f"star {row // 2}" for row in range(ROWS)], models


def measured(rows: tuple[list[str], list[str], dict[str, np.ndarray]]) -> PairedFigures:
    labels, hosts, models = rows
    return paired_figures(
        labels,
        models,
        hosts,
        task=VETTING,
        metrics=METRICS,
        split="some rows",
        resamples=RESAMPLES,
        seed=5,
    )


def test_differences_and_their_intervals_are_those_of_the_same_resamples_one_by_one(
    rows: tuple[list[str], list[str], dict[str, np.ndarray]],
) -> None:
    labels, hosts, models = rows
    found = measured(rows)
    planet = np.array(labels) == "confirmed"
    weights = np.concatenate(
        list(StarResamples(hosts, resamples=RESAMPLES, seed=5, kept=True).weights())
    )

    def both(name: str, weight: np.ndarray) -> np.ndarray:
        chance = models[name][:, 1]
        return np.array(
            [
                roc_auc_score(planet, chance, sample_weight=weight),
                log_loss(planet, chance, sample_weight=weight),
            ]
        )

    apart = both("better", np.ones(ROWS)) - both("plain", np.ones(ROWS))
    drawn = np.array([both("better", weight) - both("plain", weight) for weight in weights])
    low, high = intervals(apart, drawn)
    assert [(one.of, one.against, one.name) for one in found.differences] == [
        ("better", "plain", name) for name in METRICS
    ]
    for place, one in enumerate(found.differences):
        assert (one.value, one.low, one.high) == pytest.approx(
            (apart[place], low[place], high[place])
        )


def test_what_both_share_is_taken_off_the_interval_of_their_difference(
    rows: tuple[list[str], list[str], dict[str, np.ndarray]],
) -> None:
    found = measured(rows)
    for place, one in enumerate(found.differences):
        assert one.low is not None
        assert one.high is not None
        own = found.figures["plain"][place]
        assert own.low is not None
        assert own.high is not None
        assert one.high - one.low < 0.8 * (own.high - own.low)
        assert one.sure


def test_a_model_is_not_surely_above_itself(
    rows: tuple[list[str], list[str], dict[str, np.ndarray]],
) -> None:
    labels, hosts, models = rows
    found = measured((labels, hosts, {"one": models["plain"], "again": models["plain"]}))
    assert [(one.value, one.low, one.high, one.sure) for one in found.differences] == [
        (0.0, 0.0, 0.0, False)
    ] * 2


def test_rows_that_the_task_does_not_tell_apart_are_no_test(
    rows: tuple[list[str], list[str], dict[str, np.ndarray]],
) -> None:
    labels, hosts, models = rows
    more = {name: np.vstack([part, stated(np.array([0.9, 0.1]))]) for name, part in models.items()}
    found = measured(([*labels, "candidate", "false_positive"], [*hosts, "a", "b"], more))
    assert (found.rows, found.stars) == (ROWS + 1, ROWS // 2 + 1)


def test_objects_of_one_star_have_no_interval(
    rows: tuple[list[str], list[str], dict[str, np.ndarray]],
) -> None:
    labels, _, models = rows
    found = measured((labels, ["one star"] * ROWS, models))
    for one in found.differences:
        assert one.value is not None
        assert (one.low, one.high, one.sure) == (None, None, False)
        assert one.note == "There is no interval: all rows are of one star."


def test_what_is_no_probability_is_refused(
    rows: tuple[list[str], list[str], dict[str, np.ndarray]],
) -> None:
    labels, hosts, models = rows
    with pytest.raises(ValueError, match="sum to 1"):
        measured((labels, hosts, {"plain": models["plain"], "odd": 2 * models["plain"]}))
