"""Values with their errors, as an astronomer writes them."""

from __future__ import annotations

import pytest

from mlcore.datasets import DATASETS
from sessions_app.web.tables.sheet import sheet_of, summed_up, value_with_errors


@pytest.mark.parametrize(
    ("value", "upper", "lower", "shown"),
    [
        (9.48803557, 2.775e-05, -2.775e-05, "9.488036 ± 0.000028"),
        (2.26, 0.26, -0.15, "2.26 +0.26 −0.15"),
        (5455.0, 81.0, -81.0, "5455 ± 81"),
        (-0.0431, 0.0123, -0.0123, "−0.043 ± 0.012"),
        (615.8, 19.5, None, "616 ± 20"),
        (793.0, None, None, "793"),
        (15.347, 0.0, 0.0, "15.347"),
        (0.146, 0.318, -0.146, "0.15 +0.32 −0.15"),
        (1.0, float("nan"), -0.5, "1.00 ± 0.50"),
    ],
)
def test_a_value_has_the_digits_that_its_errors_deserve(
    value: float, upper: float | None, lower: float | None, shown: str
) -> None:
    assert value_with_errors(value, upper, lower) == shown


def test_a_sheet_parts_the_transit_from_the_star_and_from_what_no_model_sees() -> None:
    values = {
        "koi_period": 9.488,
        "koi_period_err1": 0.001,
        "koi_period_err2": -0.001,
        "koi_steff": 5455.0,
        "kepid": "10797460",
        "koi_score": 0.99,
        "koi_depth": None,
    }
    sections = {section.title: section for section in sheet_of(DATASETS["kepler"], values)}
    rows = {title: [row.name for row in section.rows] for title, section in sections.items()}
    assert rows == {
        "The transit and the planet": ["koi_period"],
        "The star": ["koi_steff"],
        "Names and place": ["kepid"],
        "What the catalogue says of its vetting": ["koi_score"],
    }
    (period,) = sections["The transit and the planet"].rows
    assert (period.title, period.shown, period.unit) == (
        *("Orbital period", "9.4880 ± 0.0010", "days"),
    )


def test_an_object_is_summed_up_by_what_is_known_of_it() -> None:
    kepler = DATASETS["kepler"]
    assert summed_up(kepler, {"koi_period": 9.488}, "10797460") == (
        "It dims its star every 9.488 days. Its star is KIC 10797460."
    )
    assert summed_up(kepler, {}, "my star") == "Its star is my star."
