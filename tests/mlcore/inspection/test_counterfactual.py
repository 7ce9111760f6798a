from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from mlcore.datasets import Disposition
from mlcore.errors import DataError
from mlcore.features.quantity_groups import columns_of_quantities, physical_quantities
from mlcore.features.robust_scaler import RobustScaler
from mlcore.inspection import counterfactual
from mlcore.inspection.counterfactual import nearest_counterfactual
from mlcore.models.classifier import CLASSES
from tests.mlcore.hand_made import COLUMNS, KEPLER, columns_of, deep_is_false, fitted, rows

if TYPE_CHECKING:
    from mlcore.datasets import Table
    from mlcore.inspection.counterfactual import Counterfactual
    from mlcore.models import Classifier
    from tests.mlcore.conftest import Trained

QUANTITIES = physical_quantities(KEPLER, COLUMNS)


def asked(
    model: Classifier,
    row: pd.DataFrame,
    training: pd.DataFrame,
    wanted: Disposition | None = None,
) -> Counterfactual:
    return nearest_counterfactual(
        model,
        row,
        training_features=training,
        columns=COLUMNS,
        quantities=QUANTITIES,
        wanted=wanted,
    )


def test_the_nearest_value_of_a_training_row_beyond_the_border_is_found() -> None:
    training = rows(200)
    model = fitted("decision_tree", training, deep_is_false(training))
    row = training.iloc[[0]].assign(
        koi_depth=5000.0, koi_depth_err1=250.0, koi_depth_err2=-200.0, koi_period=10.0
    )
    flipped = asked(model, row, training)
    # The deepest planet: the errors grow with the depth, so no row is nearer that is below.
    nearest = training["koi_depth"][training["koi_depth"] <= 1000].max()
    assert (flipped.prediction, flipped.answer) == ("false_positive", "confirmed")
    (change,) = flipped.changes
    assert change.quantity == "Transit depth"
    assert change.columns == ("koi_depth", "koi_depth_err1", "koi_depth_err2")
    assert change.before == (5000.0, 250.0, -200.0)
    assert change.after == pytest.approx((nearest, nearest / 20, -nearest / 25))
    after, before = (
        model.predict_proba(row.assign(**dict(zip(change.columns, values, strict=True))))[0]
        for values in (change.after, change.before)
    )
    planet, false = CLASSES.index("confirmed"), CLASSES.index("false_positive")  # type: ignore[arg-type]
    assert (flipped.probability, flipped.probability_before) == (after[planet], before[planet])
    assert flipped.sentence == (
        f"If the transit depth were {nearest:.4g} (+{nearest / 20:.2g} −{nearest / 25:.2g}) ppm"
        f" instead of 5000 (+250 −200) ppm, the answer would be a planet ({after[planet]:.0%})"
        f" instead of a false positive ({before[false]:.0%})"
    )


def test_two_quantities_are_changed_where_one_is_not_enough() -> None:
    training = rows(400)
    # A planet only when both are low; a period and a depth of their own are never enough.
    low = (training["koi_depth"] < 1000) & (training["koi_period"] < 10)
    labels = ["confirmed" if is_low else "false_positive" for is_low in low]
    model = fitted("decision_tree", training, labels)
    row = training.iloc[[0]].assign(
        koi_depth=5000.0, koi_depth_err1=250.0, koi_depth_err2=-200.0, koi_period=60.0
    )
    flip = asked(model, row, training)
    assert flip.answer == "confirmed"
    assert {change.quantity for change in flip.changes} == {"Transit depth", "Orbital period"}
    after = {
        c: v for change in flip.changes for c, v in zip(change.columns, change.after, strict=True)
    }
    # Both values are of one training object.
    assert (
        (training["koi_period"] == after["koi_period"])
        & (training["koi_depth"] == after["koi_depth"])
    ).any()
    assert " and the " in flip.sentence


def test_that_there_is_none_is_said_honestly() -> None:
    training = rows(100)
    labels = deep_is_false(training)
    model = fitted("decision_tree", training, labels)
    # Only shallow rows to take values from: nothing makes this one a false positive.
    shallow = training[training["koi_depth"] < 500]
    flip = asked(model, shallow.iloc[[0]], shallow)
    assert flip.prediction == flip.answer == "confirmed"
    assert flip.changes == ()
    assert flip.distance is None
    assert flip.sentence == (
        "No single one of the 3 quantities, and no pair of the 3 that came closest, can change the"
        " answer with values that training objects have: the model is set on a planet"
    )


def test_an_unknown_value_may_be_what_is_changed() -> None:
    training = rows(200)
    model = fitted("decision_tree", training, deep_is_false(training))
    row = training.iloc[[0]].assign(koi_depth=np.nan, koi_depth_err1=np.nan, koi_depth_err2=np.nan)
    flip = asked(model, row, training)
    assert flip.changes[0].before == (None, None, None)
    assert " ppm instead of being not known, the answer" in flip.sentence


def test_the_wanted_answer_is_looked_for() -> None:
    training = rows(300)
    labels = [
        "candidate" if depth > 3000 else "false_positive" if depth > 300 else "confirmed"
        for depth in training["koi_depth"]
    ]
    model = fitted("decision_tree", training, labels)
    row = training.iloc[[0]].assign(koi_depth=100.0, koi_depth_err1=5.0, koi_depth_err2=-4.0)
    assert asked(model, row, training).answer == "false_positive"
    assert asked(model, row, training, Disposition.CANDIDATE).answer == "candidate"


def test_derived_columns_are_computed_anew() -> None:
    training = rows(200)
    model = fitted("decision_tree", training, deep_is_false(training))
    row = training.iloc[[0]].assign(koi_depth=5000.0, koi_depth_err1=250.0, koi_depth_err2=-200.0)
    seen = []

    def derive(changed: pd.DataFrame) -> pd.DataFrame:
        seen.append(len(changed))
        return changed.assign(koi_depth=9000.0, koi_depth_err1=450.0, koi_depth_err2=-360.0)

    flip = nearest_counterfactual(
        model,
        row,
        training_features=training,
        columns=COLUMNS,
        quantities=QUANTITIES,
        derive=derive,
    )
    assert seen
    assert flip.changes == ()


def test_what_cannot_be_asked_is_refused() -> None:
    training = rows(100)
    model = fitted("decision_tree", training, deep_is_false(training))
    row = training.iloc[[0]]
    own = Disposition(deep_is_false(row)[0])
    with pytest.raises(DataError, match=f"answer is {own} already"):
        asked(model, row, training, own)
    with pytest.raises(DataError, match="never answers candidate"):
        asked(model, row, training, Disposition.CANDIDATE)
    with pytest.raises(DataError, match="of one object, but 100 were given"):
        asked(model, training, training)


@pytest.mark.parametrize(
    "model_type",
    [
        pytest.param("xgboost", marks=pytest.mark.long),
        pytest.param("random_forest", marks=pytest.mark.long),
        pytest.param("linear_regression", marks=pytest.mark.long),
    ],
)
def test_a_real_objects_answer_really_changes_and_no_training_row_offers_a_smaller_change(
    model_type: str,
    trained: Trained,
    kepler_tables: tuple[Table, Table],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counterfactual, "_DONORS", 10_000)
    model = trained(model_type).model.classifier
    training, testing = (table.features for table in kepler_tables)
    columns = columns_of(model)
    quantities = physical_quantities(KEPLER, columns)
    names = list(model.columns)
    space = RobustScaler.fit(training, columns)
    groups = columns_of_quantities(quantities)
    for i in (0, 60):
        row = testing.iloc[[i]].loc[:, names]
        flip = nearest_counterfactual(
            model, row, training_features=training, columns=columns, quantities=quantities
        )
        changed = row.copy()
        for change in flip.changes:
            changed[list(change.columns)] = [
                np.nan if value is None else value for value in change.after
            ]
        probabilities = model.predict_proba(changed)[0]
        assert probabilities.max() == pytest.approx(flip.probability)
        assert CLASSES[int(probabilities.argmax())] == flip.answer
        nearest = min(
            _nearest_by_trying_all(model, row, training, space, group) for group in groups.values()
        )
        if np.isfinite(nearest):
            assert len(flip.changes) == 1
            assert flip.distance == pytest.approx(nearest)
        else:
            assert len(flip.changes) != 1


def _nearest_by_trying_all(
    model: Classifier,
    row: pd.DataFrame,
    training: pd.DataFrame,
    space: RobustScaler,
    group: tuple[str, ...],
) -> float:
    own = model.predict_proba(row)[0].argmax()
    used = [name for name in group if training[name].notna().any()]
    rows_of_training = training.dropna(subset=used)
    changed = pd.concat([row] * len(rows_of_training), ignore_index=True)
    changed[list(group)] = rows_of_training[list(group)].to_numpy()
    flips = model.predict_proba(changed).argmax(axis=1) != own
    places = [space.columns.index(name) for name in group]
    theirs, mine = (space.transform(rows)[:, places] for rows in (changed, row))
    distance = np.sqrt(np.mean((np.nan_to_num(theirs) - np.nan_to_num(mine)) ** 2, axis=1))
    # A ratio of zero has no place on a scale of logarithms, and is nobody's neighbour.
    placed = ~np.isnan(theirs[:, [name in used for name in group]]).any(axis=1)
    return float(distance[flips & placed].min(initial=np.inf))


@pytest.mark.long
def test_the_thinned_search_is_hardly_worse(
    trained: Trained, kepler_tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained("xgboost").model.classifier
    training, testing = (table.features for table in kepler_tables)
    columns = columns_of(model)

    def distances() -> list[float]:
        flips = [
            nearest_counterfactual(
                model,
                testing.iloc[[i]],
                training_features=training,
                columns=columns,
                quantities=physical_quantities(KEPLER, columns),
            )
            for i in range(0, 100, 40)
        ]
        return [flip.distance if flip.distance is not None else np.inf for flip in flips]

    thinned = distances()
    monkeypatch.setattr(counterfactual, "_DONORS", 10_000)
    exact = distances()
    for one, other in zip(thinned, exact, strict=True):
        assert other <= one
        assert one <= 1.5 * other + 0.1
