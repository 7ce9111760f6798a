from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import KEPLER, Disposition
from mlcore.datasets.units import number_in_words
from mlcore.inspection import reasons
from mlcore.inspection.reasons import CLASS_NOUNS
from tests.mlcore.pairs import EVERY_PAIR

if TYPE_CHECKING:
    from tests.mlcore.conftest import Trained

COLUMNS = tuple(
    KEPLER.column(name)
    for name in ("koi_depth", "koi_period", "koi_prad", "koi_impact", "koi_steff", "koi_teq")
)
VALUES = np.array([603.0, 19.8995, 2.83, 0.146, 5455.0, 793.0])


def sentences(
    *contributions: float, prediction: Disposition = Disposition.CONFIRMED
) -> tuple[str, ...]:
    count = len(contributions)
    return reasons(COLUMNS[:count], VALUES[:count], np.array(contributions), prediction)


def test_a_reason_names_the_quantity_its_value_and_unit_and_which_way_it_speaks() -> None:
    assert sentences(0.3, -0.2, 0.1) == (
        "Transit depth of 603 ppm speaks for a planet",
        "Orbital period of 19.9 days speaks against a planet",
        "Planet radius of 2.83 Earth radii speaks for a planet",
    )


@pytest.mark.parametrize(
    ("prediction", "noun"),
    [
        (Disposition.CONFIRMED, "a planet"),
        (Disposition.CANDIDATE, "a candidate"),
        (Disposition.FALSE_POSITIVE, "a false positive"),
    ],
)
def test_a_reason_speaks_of_the_class_that_was_predicted(
    prediction: Disposition, noun: str
) -> None:
    assert sentences(0.3, -0.2, prediction=prediction) == (
        f"Transit depth of 603 ppm speaks for {noun}",
        f"Orbital period of 19.9 days speaks against {noun}",
    )


def test_every_class_has_a_noun() -> None:
    assert list(CLASS_NOUNS) == list(Disposition)


def test_a_value_without_a_unit_stands_alone() -> None:
    phrases = reasons(COLUMNS[3:4], VALUES[3:4], np.array([-1.0]), Disposition.CONFIRMED)
    assert phrases == ("Impact parameter of 0.146 speaks against a planet",)


def test_a_missing_value_is_not_known() -> None:
    values = np.array([np.nan, np.nan, 2.0])
    phrases = reasons(COLUMNS[:3], values, np.array([0.3, -0.2, 0.1]), Disposition.CONFIRMED)
    assert phrases == (
        "Transit depth is not known, which speaks for a planet",
        "Orbital period is not known, which speaks against a planet",
        "Planet radius of 2 Earth radii speaks for a planet",
    )


def test_a_contribution_of_nought_makes_no_difference() -> None:
    assert sentences(0.0, 0.2, 0.0) == (
        "Orbital period of 19.9 days speaks for a planet",
        "Transit depth of 603 ppm makes no difference to a planet",
        "Planet radius of 2.83 Earth radii makes no difference to a planet",
    )


def test_the_strongest_come_first_whatever_their_sign() -> None:
    strongest = sentences(0.1, -0.5, 0.3, -0.2, 0.4, 0.0)
    starts = [sentence.split(" of ")[0] for sentence in strongest]
    assert starts == [
        "Orbital period",
        COLUMNS[4].meaning,
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
def test_there_are_three_to_five_unless_there_are_fewer_columns(
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
        (1e7, "1e+07"),
        (2.775e-05, "2.775e-05"),
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
    predictions = trained(model_type, mission).predictions
    assert {len(phrases) for phrases in predictions.reasons} <= {3, 4, 5}
    assert len(set(predictions.reasons)) > 0.85 * len(predictions)
    dataset = mlcore.DATASETS[mission]
    meanings = [dataset.column(name).meaning for name in predictions.explanation.columns]
    for i, own_reasons in enumerate(predictions.reasons):
        noun = CLASS_NOUNS[Disposition(predictions.labels[i])]
        row, weights = predictions.explanation.contributions[i], []
        for sentence in own_reasons:
            matching = [
                column
                for column, meaning in enumerate(meanings)
                if sentence.startswith((f"{meaning} of ", f"{meaning} is not known"))
            ]
            (column,) = matching
            assert (" is not known" in sentence) == np.isnan(predictions.values[i, column])
            sign = np.sign(row[column])
            words = {1: "speaks for", -1: "speaks against", 0: "makes no difference to"}
            assert sentence.endswith(f" {words[int(sign)]} {noun}")
            weights.append(abs(row[column]))
        assert all(first >= second for first, second in pairwise(weights))
        assert weights[0] == abs(row).max()
