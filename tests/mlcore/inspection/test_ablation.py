from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.errors import DataError
from mlcore.features.quantity_groups import physical_quantities
from mlcore.inspection.ablation import MOST_REFITS, drop_quantities, refitted_on, replace_by_average
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.prediction.predict import actual_labels
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
    from mlcore.inspection.ablation import Ablation
    from mlcore.models import Classifier
    from tests.mlcore.conftest import Trained

QUANTITIES = physical_quantities(KEPLER, COLUMNS)
TRAINING, TESTING = rows(300), rows(200, seed=1)
LABELS, TRUTH = deep_is_false(TRAINING), deep_is_false(TESTING)
HOSTS = [f"star {i // 2}" for i in range(200)]
NOTHING = {"accuracy": 0.0, "macro_f1": 0.0, "roc_auc": 0.0}


@pytest.fixture(scope="module")
def tree() -> Classifier:
    return fitted("decision_tree", TRAINING, LABELS, max_depth=1)


def replaced(model: Classifier, **changes: object) -> Ablation:
    given: dict[str, Any] = {"labels": TRUTH, "hosts": HOSTS} | changes
    return replace_by_average(
        model,
        labelled(TESTING, given["labels"], given["hosts"]),
        training_features=TRAINING,
        quantities=QUANTITIES,
    )


def dropped(model: Classifier, **changes: object) -> Ablation:
    given = {"quantities": QUANTITIES} | changes
    refit = refitted_on(model, labelled(TRAINING, LABELS))
    tested = labelled(TESTING, TRUTH, HOSTS)
    return drop_quantities(model, refit, tested, **given)  # type: ignore[arg-type]


def test_an_average_in_place_of_the_only_quantity_used_gives_every_row_one_answer(
    tree: Classifier,
) -> None:
    ablation = replaced(tree)
    depth, *others = ablation.effects
    assert ablation.baseline["accuracy"] > 0.98
    assert depth.quantity == "Transit depth"
    # The median depth is that of a planet.
    assert depth.without["accuracy"] == TRUTH.count("confirmed") / len(TRUTH)
    assert depth.without["roc_auc"] == 0.5
    assert depth.change == {
        name: value - ablation.baseline[name] for name, value in depth.without.items()
    }
    assert depth.low["roc_auc"] <= depth.change["roc_auc"] <= depth.high["roc_auc"] < 0
    assert [(effect.change, effect.low, effect.high) for effect in others] == [(NOTHING,) * 3] * 2
    assert ablation.rows == 200
    assert ablation.untried == ()


def test_training_without_the_only_informative_quantity_leaves_chance(tree: Classifier) -> None:
    ablation = dropped(tree)
    depth = next(effect for effect in ablation.effects if effect.quantity == "Transit depth")
    assert ablation.effects[0] is depth
    assert depth.without["roc_auc"] == pytest.approx(0.5, abs=0.12)
    assert all(effect.change == NOTHING for effect in ablation.effects[1:])


def test_a_quantity_that_another_one_can_replace_is_needed_by_the_model_but_not_by_training() -> (
    None
):
    # The temperature says the same as the depth; a tree uses one of them.
    twin = (
        TRAINING.assign(koi_steff=TRAINING["koi_depth"]),
        TESTING.assign(koi_steff=TESTING["koi_depth"]),
    )
    model = fitted("decision_tree", twin[0], LABELS, max_depth=1)
    refit = refitted_on(model, labelled(twin[0], LABELS))
    tested = labelled(twin[1], TRUTH, HOSTS)
    without = drop_quantities(model, refit, tested, quantities=QUANTITIES)
    assert all(abs(effect.change["accuracy"]) < 0.02 for effect in without.effects)
    averaged = replace_by_average(model, tested, training_features=twin[0], quantities=QUANTITIES)
    assert averaged.effects[0].change["accuracy"] < -0.2


def test_the_number_of_refits_is_bounded_and_what_was_not_tried_is_named(
    tree: Classifier,
) -> None:
    order = {name: QUANTITIES[name] for name in sorted(QUANTITIES, reverse=True)}
    ablation = dropped(tree, most_refits=2, quantities=order)
    assert [effect.quantity for effect in ablation.effects] == ["Stellar effective temperature"]
    assert ablation.untried == ("Orbital period", "Transit depth")
    for bound in (1, MOST_REFITS + 1):
        with pytest.raises(DataError, match=f"most_refits was {bound}, but"):
            dropped(tree, most_refits=bound)


def test_the_refit_with_all_columns_is_the_model_itself(tree: Classifier) -> None:
    assert dropped(tree).baseline == replaced(tree).baseline


def test_rows_of_a_star_are_resampled_together(tree: Classifier) -> None:
    one_star = replaced(tree, hosts=["the same"] * 200)
    effect = one_star.effects[0]
    # Resamples of a single star are all the same, which would be a false certainty.
    assert math.isnan(effect.low["accuracy"])
    assert math.isnan(effect.high["accuracy"])
    many = replaced(tree).effects[0]
    assert many.low["accuracy"] < many.change["accuracy"] < many.high["accuracy"]


def test_undecided_rows_are_left_out(tree: Classifier) -> None:
    labels = [
        label if i < 150 else "candidate" if i < 180 else None for i, label in enumerate(TRUTH)
    ]
    assert replaced(tree, labels=labels).rows == 150
    with pytest.raises(DataError, match="No test row has a disposition"):
        replaced(tree, labels=[None] * 200)


def test_a_model_of_a_single_quantity_cannot_lose_it() -> None:
    columns = COLUMNS[1:4]
    model = fitted("decision_tree", TRAINING[[c.name for c in columns]], LABELS, columns)
    with pytest.raises(DataError, match="sees a single quantity"):
        dropped(model)


def test_a_real_model_is_taken_apart_with_progress(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    model = trained("xgboost").model.classifier
    training, testing = kepler_tables
    columns = columns_of(model)
    fractions: list[float] = []
    ablation = drop_quantities(
        model,
        refitted_on(model, LabelledRows.of([training], training.features, columns)),
        LabelledRows.of([testing], testing.features),
        quantities=physical_quantities(KEPLER, columns),
        most_refits=4,
        progress=lambda done, _step: fractions.append(done),
    )
    assert fractions == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert len(ablation.effects) == 3
    assert len(ablation.untried) == len(set(physical_quantities(KEPLER, columns).values())) - 3
    assert ablation.baseline["accuracy"] == pytest.approx(
        np.mean(np.array(trained("xgboost").predictions.labels) == np.array(actual_labels(testing)))
    )
