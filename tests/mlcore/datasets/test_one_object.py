"""Values that somebody tells of one object: read as a table is, refused by their names."""

from __future__ import annotations

from typing import Any

import pytest

import mlcore
from mlcore.datasets.headings.mapping import ColumnMapping, MappingError
from mlcore.datasets.one_object import noticed_of_object, read_object
from mlcore.datasets.possible_values import FieldError, is_possible

KEPLER = mlcore.DATASETS["kepler"]


def test_headings_and_units_are_read_as_those_of_a_file() -> None:
    table = read_object(
        {
            "KOI": "koi-752.01",
            "period [hours]": 240,
            "Depth": {"value": 0.0616, "unit": "%"},
            "koi_prad": "0.2 R_jup",
            "Teff": "5455 ± 80",
            "koi_impact": None,
            "koi_score": 0.9,
            "a note": "mine",
        },
        KEPLER,
    )
    (row,) = table.frame.to_dict("records")
    assert {name: row[name] for name in ("kepoi_name", "koi_period", "koi_depth", "koi_steff")} == {
        "kepoi_name": "K00752.01",
        "koi_period": 10.0,
        "koi_depth": 616.0,
        "koi_steff": 5455.0,
    }
    assert round(row["koi_prad"], 3) == 2.242
    assert "koi_score" not in row
    read = {one.heading: (one.column, one.use) for one in table.reading.headings}
    assert read["Depth [%]"] == ("koi_depth", "feature")
    assert read["koi_score"] == ("koi_score", "withheld")
    assert read["a note"] == (None, "ignored")
    assert not any(
        "row" in sentence or "kepid" in sentence for sentence in noticed_of_object(table)
    )


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"koi_period": "long"}, "values.koi_period", "which is not a number; say null where"),
        ({"Period [d]": "long"}, "values.Period [d]", "which is not a number; say null where"),
        (
            {"Period": -5, "koi_depth": 100},
            "values.Period",
            "values.Period was -5, but it must be a number from 0.02 to 1000000 days, or null",
        ),
        ({"koi_period": 9.5, "koi_depth": -999}, "values.koi_depth", "from 0.5 to 2000000 ppm"),
        ({"koi_period": 0, "koi_depth": 30}, "values.koi_period", "from 0.02 to 1000000 days"),
        ({"koi_period": 1e300}, "values.koi_period", "from 0.02 to 1000000 days"),
        ({"Depth": {"value": 1, "unit": "kg"}}, "values.Depth", 'the unit "kg" cannot be one'),
        ({"temperature": 5000, "koi_period": 3}, "values.temperature", "can be koi_teq"),
        ({"koi_perod": 3, "koi_depth": 30}, "values.koi_perod", "is nearly the one of koi_period"),
        ({"mine": 3}, "values.mine", "has none of the feature columns of Kepler objects"),
        ({"koi_period": {"value": 3}}, "values.koi_period", "must be a number, a word, null, or"),
        ({"koi_period": [3]}, "values.koi_period", "must be a number, a word, null, or"),
        ({"koi_period": True}, "values.koi_period", "must be a number, a word, null, or"),
        ({"koi_period": float("inf")}, "values.koi_period", "must be a number, a word, null, or"),
        ({"p" * 300: 3}, f"values.{'p' * 300}", "must be a number, a word, null, or"),
        ({}, "values", "must be a JSON object of 1 to 1000 names and values"),
        ({str(n): n for n in range(1001)}, "values", "must be a JSON object of 1 to 1000 names"),
        ({"pl_orbper": 3.0, "toi": 1.01, "pl_trandep": 99}, "mission", "looks like a TESS table"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(
    values: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(FieldError) as caught:
        read_object(values, KEPLER)
    assert caught.value.field == field
    assert words in str(caught.value)


def test_what_a_heading_does_not_say_clearly_the_request_says() -> None:
    mapping = ColumnMapping.parse(columns={"temperature": "koi_teq"})
    table = read_object({"temperature": 5000, "koi_period": 3}, KEPLER, mapping=mapping)
    assert table.frame["koi_teq"].tolist() == [5000.0]
    with pytest.raises(MappingError) as caught:
        read_object(
            {"koi_period": 3}, KEPLER, mapping=ColumnMapping.parse(columns={"koi_period": "y"})
        )
    assert caught.value.field == "columns"


def test_an_uncertainty_may_be_negative_and_zero() -> None:
    error = KEPLER.column("koi_period_err2")
    assert is_possible(error, -0.1)
    assert is_possible(error, 0.0)
    assert not is_possible(KEPLER.column("koi_period"), 0.0)
