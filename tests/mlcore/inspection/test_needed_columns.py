from __future__ import annotations

from mlcore.inspection.needed_columns import needed_columns
from tests.mlcore.hand_made import KEPLER, NAMES, deep_is_false, fitted, rows

FEATURES = rows()
LABELS = deep_is_false(FEATURES)


def test_each_needed_column_is_told_with_unit_and_whether_it_is_there() -> None:
    model = fitted("xgboost", FEATURES, LABELS, n_estimators=3)
    columns = needed_columns(model, KEPLER, ["koi_period", " KOI_DEPTH "])
    assert [column.column for column in columns.needed] == list(NAMES)
    assert [column.given for column in columns.needed] == [True, True, False, False, False]
    assert columns.lacking == ("koi_depth_err1", "koi_depth_err2", "koi_steff")
    assert columns.excess == ()
    period, *_, temperature = columns.needed
    assert period.sentence == "koi_period (orbital period, days) is in the table"
    assert temperature.sentence == (
        "koi_steff (stellar effective temperature, K) is not in the table; the model takes it as"
        " not known in every row"
    )


def test_a_model_that_imputes_says_what_stands_in() -> None:
    model = fitted("decision_tree", FEATURES, LABELS)
    columns = needed_columns(model, KEPLER, [])
    assert columns.needed[0].sentence.endswith("the training median stands in for it in every row")


def test_each_column_in_excess_is_told_with_the_reason() -> None:
    model = fitted("decision_tree", FEATURES, LABELS)
    given = ["Mood", "koi_score", "koi_disposition", "koi_srad", "kepid", *NAMES]
    columns = needed_columns(model, KEPLER, given)
    assert columns.lacking == ()
    assert {column.column: column.sentence for column in columns.excess} == {
        "Mood": "Mood is no column of Kepler objects of interest and is ignored",
        "koi_score": (
            "koi_score is withheld from every model: it is part of the vetting that led to the"
            " disposition"
        ),
        "koi_disposition": "koi_disposition holds the disposition: the model never sees it",
        "koi_srad": "koi_srad is a feature that this model was not trained on",
        "kepid": "kepid identifies or describes the object and is not a feature",
    }


def test_a_derived_column_needs_what_it_is_computed_from() -> None:
    model = fitted("decision_tree", FEATURES, LABELS)
    columns = needed_columns(
        model,
        KEPLER,
        ["koi_slogg"],
        computed_from={"koi_steff": ("koi_slogg", "koi_srad"), "koi_depth": ("koi_srad",)},
    )
    used = {column.column: column.used_by for column in columns.needed}
    assert used["koi_srad"] == ("koi_depth", "koi_steff")
    assert used["koi_slogg"] == ("koi_steff",)
    assert "koi_steff" not in used
    assert columns.lacking == ("koi_period", "koi_srad", "koi_depth_err1", "koi_depth_err2")
