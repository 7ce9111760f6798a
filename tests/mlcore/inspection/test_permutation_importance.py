from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.features.quantity_groups import physical_quantities
from mlcore.inspection import Explanation, OutputScale
from mlcore.inspection.permutation_importance import (
    mean_absolute_contributions,
    permutation_importance,
)
from mlcore.model_selection.labelled_rows import LabelledRows
from tests.mlcore.hand_made import (
    COLUMNS,
    KEPLER,
    columns_of,
    deep_is_false,
    fitted,
    labelled,
    rows,
)

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from tests.mlcore.conftest import Trained

QUANTITIES = physical_quantities(KEPLER, COLUMNS)
STARS = [f"star {i}" for i in range(300)]


def test_only_the_quantity_that_the_model_uses_is_important() -> None:
    features = rows()
    labels = deep_is_false(features)
    importance = permutation_importance(
        fitted("decision_tree", features, labels),
        labelled(features, labels, STARS[: len(features)]),
        QUANTITIES,
    )
    assert importance.baseline == {"accuracy": 1.0, "macro_f1": 1.0, "roc_auc": 1.0}
    depth, *others = importance.losses
    assert depth.quantity == "Transit depth"
    # Dealt out, the depth is right as often as chance: p² + q² for the shares p and q.
    share = labels.count("confirmed") / len(labels)
    assert depth.mean["accuracy"] == pytest.approx(1 - share**2 - (1 - share) ** 2, abs=0.05)
    assert depth.spread["accuracy"] > 0
    assert depth.columns == ("koi_depth", "koi_depth_err1", "koi_depth_err2")
    nothing = {"accuracy": 0.0, "macro_f1": 0.0, "roc_auc": 0.0}
    assert [(loss.mean, loss.spread) for loss in others] == [(nothing, nothing)] * 2


def test_each_loss_has_an_interval_by_star_even_where_it_was_permuted_once() -> None:
    features = rows()
    labels = deep_is_false(features)
    labels[:20] = ["confirmed", "false_positive"] * 10
    model = fitted("decision_tree", features, labels, max_depth="1")
    once, often = (
        permutation_importance(
            model, labelled(features, labels, STARS[:200]), QUANTITIES, repeats=repeats
        )
        for repeats in (1, 5)
    )
    for importance in (once, often):
        assert importance.stars == 200
        assert (
            importance.baseline_low["accuracy"]
            < importance.baseline["accuracy"]
            < importance.baseline_high["accuracy"]
        )
        depth, period, _ = importance.losses
        assert 0 < depth.low["roc_auc"] < depth.mean["roc_auc"] < depth.high["roc_auc"]
        assert period.low == period.high == period.mean
    # One permutation has no spread, which is not a spread of nothing.
    assert {est.spread for est in once.losses} == {None}
    assert often.losses[0].spread is not None
    width = {
        est.losses[0].high["accuracy"] - est.losses[0].low["accuracy"] for est in (once, often)
    }
    assert min(width) > 0.02
    (one_star,) = {
        est.low["accuracy"]
        for est in permutation_importance(
            model, labelled(features, labels, ["one"] * 200), QUANTITIES, repeats=1
        ).losses[:1]
    }
    assert np.isnan(one_star)


def test_the_columns_of_a_quantity_are_permuted_together() -> None:
    features = rows(300)
    # The answer is in the ratio of depth and error, which a common permutation leaves as it is.
    random = np.random.default_rng(1)
    noisy = random.random(300) < 0.5
    features["koi_depth"] = np.where(noisy, 100.0, 1000.0)
    features["koi_depth_err1"] = np.where(noisy, 10.0, 1.0)
    labels = ["false_positive" if is_noisy else "confirmed" for is_noisy in noisy]
    model = fitted("decision_tree", features, labels)
    together = permutation_importance(
        model, labelled(features, labels, STARS[: len(features)]), QUANTITIES, seed=2
    )
    apart = permutation_importance(
        model,
        labelled(features, labels, STARS[: len(features)]),
        {name: name for name in QUANTITIES},
    )
    assert together.losses[0].mean["accuracy"] > 0.3
    assert len(apart.losses) == 5
    assert len(together.losses) == 3


def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    features = rows()
    labels = deep_is_false(features)
    model = fitted("decision_tree", features, labels)
    first, same, other = (
        permutation_importance(
            model, labelled(features, labels, STARS[: len(features)]), QUANTITIES, seed=seed
        )
        for seed in (1, 1, 2)
    )
    assert first == same
    assert first.losses != other.losses


def test_rows_without_a_label_are_left_out() -> None:
    features = rows()
    labels = deep_is_false(features)
    model = fitted("decision_tree", features, labels)
    half = [label if i % 2 else None for i, label in enumerate(labels)]
    importance = permutation_importance(model, labelled(features, half, STARS[:200]), QUANTITIES)
    assert importance.rows == 100
    candidates = [label if i % 2 else "candidate" for i, label in enumerate(labels)]
    assert (
        permutation_importance(model, labelled(features, candidates, STARS[:200]), QUANTITIES)
        == importance
    )


def test_without_any_label_there_is_no_importance() -> None:
    features = rows(20)
    model = fitted("decision_tree", features, deep_is_false(features))
    with pytest.raises(DataError, match="No row has a disposition"):
        permutation_importance(model, labelled(features, [None] * 20, STARS[:20]), QUANTITIES)


def test_contributions_of_one_quantity_are_summed_before_their_size_is_taken() -> None:
    explanation = Explanation(
        columns=("koi_depth", "koi_depth_err1", "koi_steff"),
        contributions=np.array([[3.0, -1.0, 0.5], [-2.0, -2.0, 0.5]]),
        base=np.zeros(2),
        output=np.zeros(2),
        scale=OutputScale.SCORE,
    )
    depth, temperature = mean_absolute_contributions(explanation, ["a", "b"], QUANTITIES)
    assert (depth.quantity, depth.mean_absolute) == ("Transit depth", 3.0)
    assert (temperature.quantity, temperature.mean_absolute) == (
        "Stellar effective temperature",
        0.5,
    )
    assert depth.share == pytest.approx(3 / 3.5)
    # Of resamples of two stars some hold the first alone, some the second.
    assert (depth.mean_absolute_low, depth.mean_absolute_high) == (2.0, 4.0)
    assert (depth.share_low, depth.share_high) == pytest.approx((2 / 2.5, 4 / 4.5))


def test_where_nothing_contributes_every_share_is_zero() -> None:
    explanation = Explanation(
        columns=("koi_depth", "koi_steff"),
        contributions=np.zeros((2, 2)),
        base=np.zeros(2),
        output=np.zeros(2),
        scale=OutputScale.SCORE,
    )
    assert [
        mean.share for mean in mean_absolute_contributions(explanation, ["a", "b"], QUANTITIES)
    ] == [0, 0]


def test_every_quantity_of_a_real_model_is_measured_once(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    result = trained("xgboost")
    testing = kepler_tables[1]
    quantities = physical_quantities(KEPLER, columns_of(result.model.classifier))
    fractions: list[float] = []
    importance = permutation_importance(
        result.model.classifier,
        LabelledRows.of([testing], testing.features),
        quantities,
        repeats=2,
        progress=lambda done, _step: fractions.append(done),
    )
    assert sorted(loss.quantity for loss in importance.losses) == sorted(set(quantities.values()))
    assert result.report.measurement is not None
    accuracy = result.report.measurement.figure("accuracy").value
    assert importance.baseline["accuracy"] == pytest.approx(accuracy)
    assert importance.losses[0].mean["roc_auc"] > 0.01
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)
    shares = mean_absolute_contributions(
        result.predictions.explanation, list(testing.hosts), quantities
    )
    assert sum(contribution.share for contribution in shares) == pytest.approx(1)
