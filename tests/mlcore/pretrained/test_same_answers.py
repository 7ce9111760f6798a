"""The carried models say what they said when it was written down, of 200 rows of each mission.

`write_same_answers` beside this writes it, and compares every bit on one machine.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.mlcore.pretrained.write_same_answers import (
    CARRIED,
    PAIRS,
    ROWS,
    Answers,
    answers_of,
    identity,
    key,
    read,
    table_name,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def before() -> dict[str, Any]:
    return written()


@pytest.fixture(scope="module")
def whole(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    @cache
    def find(table: str) -> Any:
        folder: Path | None = None if table in CARRIED else request.getfixturevalue("archive_dir")
        return read(table, folder)

    return find


def made_up(number: float, word: str = "confirmed") -> Answers:
    return Answers(
        numbers={"p": np.array([[number, np.nan]])},
        words={"labels": [word]},
        further={"values": np.array([number])},
    )


def test_the_answers_of_every_carried_model_are_written_down(before: dict[str, Any]) -> None:
    assert set(before["answers"]) == {key(*pair) for pair in PAIRS}
    assert set(before["tables"]) == {table_name(*pair) for pair in PAIRS}
    for answers in before["answers"].values():
        for part in [*answers["words"].values(), *answers["numbers"].values()]:
            assert len(part) == ROWS


@pytest.mark.sampled("k2-vetting-k2", "joint-vetting-tess")
@pytest.mark.parametrize(("name", "mission"), PAIRS)
def test_a_carried_model_says_what_it_said(
    name: str, mission: str, before: dict[str, Any], whole: Callable[[str], Any]
) -> None:
    table = whole(table_name(name, mission))
    assert identity(table) == before["tables"][table_name(name, mission)], "another table"
    answers = answers_of(name, table)
    expected = before["answers"][key(name, mission)]
    assert set(answers.words) == set(expected["words"])
    assert set(answers.numbers) == set(expected["numbers"])
    assert answers.departures(expected) == []


def test_what_is_written_down_comes_back_bit_for_bit(before: dict[str, Any]) -> None:
    for answers in before["answers"].values():
        again = Answers(
            words=answers["words"],
            numbers={
                part: np.array(rows, dtype=np.float64) for part, rows in answers["numbers"].items()
            },
            further={},
        )
        assert again.digests().items() <= answers["digests"].items()


def test_a_rounding_error_is_other_bits_and_no_departure() -> None:
    expected = made_up(0.3).as_json()
    assert made_up(0.3).other_bits(expected) == []
    rounded = made_up(0.1 + 0.2)
    assert rounded.departures(expected) == []
    assert rounded.other_bits(expected) == ["p", "values"]


def test_another_number_and_another_word_are_departures() -> None:
    expected = made_up(0.3).as_json()
    assert made_up(0.3 * (1 + 1e-8)).departures(expected) == ["p"]
    assert made_up(np.nan).departures(expected) == ["p"]
    assert made_up(0.3, "candidate").departures(expected) == ["labels"]
    assert made_up(0.3, "candidate").other_bits(expected) == ["labels"]
