from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import KEPLER, Disposition
from mlcore.datasets.units import number_in_words
from mlcore.features.described import described_columns
from mlcore.inspection import reasons
from mlcore.inspection.reasons import CLASS_NOUNS, ranked_quantities
from mlcore.tasks import VETTING
from tests.mlcore.inspection.sentences import flaws
from tests.mlcore.pairs import EVERY_PAIR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.mlcore.conftest import Trained

F, P, C = Disposition.FALSE_POSITIVE, Disposition.CONFIRMED, Disposition.CANDIDATE
COLUMNS = tuple(
    KEPLER.column(name)
    for name in ("koi_depth", "koi_period", "koi_prad", "koi_impact", "koi_steff", "koi_teq")
)
VALUES = np.array([603.0, 19.8995, 2.83, 0.146, 5455.0, 793.0])
DEPTH = tuple(KEPLER.column(name) for name in ("koi_depth", "koi_depth_err1", "koi_depth_err2"))


def sentences(
    *contributions: float,
    prediction: Disposition = P,
    classes: Sequence[Disposition] = tuple(Disposition),
) -> tuple[str, ...]:
    count = len(contributions)
    columns = described_columns(KEPLER, COLUMNS[:count])
    return reasons(columns, VALUES[:count], np.array(contributions), prediction, classes)


def of_depth(value: float, upper: float, lower: float, *contributions: float) -> tuple[str, ...]:
    columns = described_columns(KEPLER, DEPTH)
    return reasons(columns, np.array([value, upper, lower]), np.array(contributions), P)


def test_a_reason_names_the_quantity_its_value_and_unit_and_which_way_it_speaks() -> None:
    assert sentences(0.3, -0.2, 0.1) == (
        "Transit depth of 603 ppm speaks for a planet",
        "Orbital period of 19.9 days speaks against a planet",
        "Planet radius of 2.83 Earth radii speaks for a planet",
    )


@pytest.mark.parametrize(("prediction", "noun"), CLASS_NOUNS.items())
def test_a_reason_speaks_of_the_class_that_was_predicted(
    prediction: Disposition, noun: str
) -> None:
    assert sentences(0.3, -0.2, prediction=prediction) == (
        f"Transit depth of 603 ppm speaks for {noun}",
        f"Orbital period of 19.9 days speaks against {noun}",
    )


def test_what_speaks_against_the_one_of_two_classes_speaks_for_the_other() -> None:
    assert sentences(0.3, -0.2, prediction=F, classes=VETTING.classes) == (
        "Transit depth of 603 ppm speaks for a false positive",
        "Orbital period of 19.9 days speaks for a planet",
    )
    assert sentences(-0.2, prediction=P, classes=VETTING.classes) == (
        "Transit depth of 603 ppm speaks against a planet",
    )


def test_every_class_has_a_noun() -> None:
    assert list(CLASS_NOUNS) == list(Disposition)


def test_a_value_and_its_errors_are_one_quantity_and_the_error_is_said_where_it_speaks() -> None:
    assert of_depth(603.0, 12.3, -11.7, 0.3, 0.2, 0.1) == (
        "Transit depth of 603 ± 12 ppm (a 2 % error) speaks for a planet",
    )
    assert of_depth(603.0, 12.3, -11.7, 0.3, 0.001, 0.0) == (
        "Transit depth of 603 ppm speaks for a planet",
    )
    # The parts cancel but for the errors' own.
    assert of_depth(603.0, 12.3, -11.7, 0.3, -0.3, -0.1) == (
        "Transit depth of 603 ± 12 ppm (a 2 % error) speaks against a planet",
    )


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (603.0, 49.0, "603 ± 49 ppm (an 8.1 % error)"),
        (603.0, 66.4, "603 ± 66 ppm (an 11 % error)"),
        (603.0, 4.0, "603 ppm (a 0.66 % error)"),
        (603.0, 0.1, "603 ppm (known to one part in 6,000)"),
        (603.0, 600.0, "600 ± 600 ppm (an error as large as the value)"),
        (40.2, 352.0, "40 ± 350 ppm (an error of 8.8 times the value)"),
        (10829.4, 1234.5, "10800 ± 1200 ppm (an 11 % error)"),
    ],
)
def test_no_value_has_more_digits_than_its_error_allows(
    value: float, error: float, said: str
) -> None:
    assert of_depth(value, error, -error, 0.0, 0.1, 0.1) == (
        f"Transit depth of {said} speaks for a planet",
    )


def test_a_date_is_said_by_how_exactly_it_is_known() -> None:
    columns = described_columns(KEPLER, [KEPLER.column("koi_time0bk_err1")])
    for days, said in ((0.0157, "23 minutes"), (1e-4, "8.6 seconds"), (2.0, "2 days")):
        assert reasons(columns, np.array([days]), np.array([0.2]), P) == (
            f"Transit epoch known to {said} speaks for a planet",
        )
    assert reasons(columns, np.array([np.nan]), np.array([-0.2]), P) == (
        "The error of the transit epoch is not known, which speaks against a planet",
    )


def test_a_missing_value_is_not_known() -> None:
    values = np.array([np.nan, np.nan, 2.0])
    columns = described_columns(KEPLER, COLUMNS[:3])
    assert reasons(columns, values, np.array([0.3, -0.2, 0.1]), P) == (
        "Its transit depth is not known, which speaks for a planet",
        "Its orbital period is not known, which speaks against a planet",
        "Planet radius of 2 Earth radii speaks for a planet",
    )


def test_a_value_without_its_error_says_so() -> None:
    assert of_depth(603.0, np.nan, np.nan, 0.1, -0.3, -0.2) == (
        "Transit depth of 603 ppm without a known error speaks against a planet",
    )


def test_what_the_table_does_not_have_was_not_measured_and_nothing_is_said_of_it() -> None:
    columns = described_columns(KEPLER, COLUMNS[:3], given=("koi_depth", "koi_prad", "kepid"))
    values = np.array([603.0, np.nan, 2.83])
    assert reasons(columns, values, np.array([0.1, 5.0, -0.2]), P) == (
        "Planet radius of 2.83 Earth radii speaks against a planet",
        "Transit depth of 603 ppm speaks for a planet",
    )


def test_what_hardly_moves_the_answer_is_not_said_to_speak() -> None:
    assert sentences(0.0, 0.2, 0.0005) == (
        "Orbital period of 19.9 days speaks for a planet",
        "Planet radius of 2.83 Earth radii hardly matters",
        "Transit depth of 603 ppm hardly matters",
    )


def test_the_strongest_come_first_whatever_their_sign() -> None:
    strongest = sentences(0.1, -0.5, 0.3, -0.2, 0.4, 0.0)
    starts = [sentence.split(" of ")[0] for sentence in strongest]
    assert starts == [
        "Orbital period",
        "Stellar effective temperature",
        "Planet radius",
        "Impact parameter",
    ]


@pytest.mark.parametrize(
    ("contributions", "count"),
    [
        ((1.0, 0.01, 0.01, 0.01, 0.01, 0.01), 3),
        ((0.3, 0.25, 0.2, 0.15, 0.05, 0.05), 4),
        ((1.0, 1.0, 1.0, 1.0, 1.0, 1.0), 5),
        ((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 3),
        ((1.0, 1.0), 2),
        ((1.0,), 1),
        ((), 0),
    ],
)
def test_there_are_three_to_five_unless_there_are_fewer_quantities(
    contributions: tuple[float, ...], count: int
) -> None:
    assert len(sentences(*contributions)) == count


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.25, "-0.25"),
        (603.4712, "603.5"),
        (999.96, "1000"),
        (1000.4, "1000"),
        (10829.0, "10829"),
        (-10829.6, "-10830"),
        (9_999_999.0, "9999999"),
        (1e7, "1 × 10⁷"),
        (2.775e-05, "2.775 × 10⁻⁵"),
        (0.00123456, "0.001235"),
    ],
)
def test_numbers_have_at_most_four_significant_digits_after_the_point(
    value: float, written: str
) -> None:
    assert number_in_words(value) == written


@EVERY_PAIR
def test_every_predicted_object_gets_its_own_reasons_in_order_of_weight(
    model_type: str, mission: str, trained: Trained
) -> None:
    result = trained(model_type, mission)
    predictions, dataset = result.predictions, mlcore.DATASETS[mission]
    assert {len(phrases) for phrases in predictions.reasons} <= {3, 4, 5}
    # A single tree has few paths, and a single path has few quantities.
    assert len(set(predictions.reasons)) > (0.3 if model_type == "decision_tree" else 0.8) * len(
        predictions
    )
    columns = described_columns(dataset, result.model.columns(dataset))
    for i, own_reasons in enumerate(predictions.reasons):
        assert {sentence: wrong for sentence in own_reasons if (wrong := flaws(sentence))} == {}
        assert len(set(own_reasons)) == len(own_reasons)
        row = predictions.explanation.contributions[i]
        ranked = ranked_quantities(columns, predictions.values[i], row)
        weights = [abs(moved.contribution) for moved in ranked]
        assert all(first >= second for first, second in pairwise(weights))
        assert sum(moved.contribution for moved in ranked) == pytest.approx(row.sum(), abs=1e-9)
        noun = CLASS_NOUNS[Disposition(predictions.labels[i])]
        for moved, sentence in zip(ranked, own_reasons, strict=False):
            if abs(moved.contribution) <= 0.01 * sum(weights):
                assert sentence.endswith("hardly matters")
            elif "speaks" in sentence:
                way = "for" if moved.contribution > 0 else "against"
                assert f"speaks {way} {noun}" in sentence
