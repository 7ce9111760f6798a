from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcore.datasets import KEPLER, read_table
from mlcore.datasets.opinion import Opinion, OpinionKind, read_opinion
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = """koi_period,koi_depth,koi_disposition,FPP,Vetter Says
9.5,616,CONFIRMED,0.01,PC
2.1,900,FALSE POSITIVE,,fp
3.3,450,CANDIDATE,0.9, pc
"""


def read(tmp_path: Path, sent: dict[str, Any], rows: str = ROWS) -> list[float] | None:
    path = tmp_path / "mine.csv"
    path.write_text(rows)
    table = read_table(path, KEPLER, require_labels=True)
    said = read_opinion(path, Opinion.from_json(sent), table)
    return None if said is None else said.tolist()


def test_a_score_is_read_as_it_is_and_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    said = read(tmp_path, {"column": "fpp", "kind": "score"})
    np.testing.assert_array_equal(said, [0.01, np.nan, 0.9])


def test_a_probability_of_a_false_positive_is_turned_round(tmp_path: Path) -> None:
    said = read(tmp_path, {"column": "FPP", "kind": "false_positive_probability"})
    np.testing.assert_allclose(said, [0.99, np.nan, 0.1])


def test_a_disposition_is_a_planet_by_the_words_that_mean_one(tmp_path: Path) -> None:
    sent = {"column": "vetter says", "kind": "disposition", "planet": ["PC"]}
    assert read(tmp_path, sent) == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("meant", [["0"], 0, [0.0]])
def test_a_flag_is_a_disposition_of_numbers(tmp_path: Path, meant: Any) -> None:
    rows = "koi_period,koi_depth,koi_disposition,flag\n1,2,CONFIRMED,0\n3,4,CANDIDATE,1.0\n"
    sent = {"column": "flag", "kind": "disposition", "planet": meant}
    assert read(tmp_path, sent, rows) == [1.0, 0.0]


def test_the_rows_of_a_part_of_a_table_are_found_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(ROWS)
    table = read_table(path, KEPLER, require_labels=True).take([2, 0])
    opinion = Opinion(column="FPP", kind=OpinionKind.SCORE)
    said = read_opinion(path, opinion, table)
    assert said is not None
    assert said.tolist() == [0.9, 0.01]


def test_a_file_without_the_column_has_no_opinion(tmp_path: Path) -> None:
    assert read(tmp_path, {"column": "score", "kind": "score"}) is None


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (
            {"column": "vetter says", "kind": "score"},
            '"PC" in row 1, which is no number as',
        ),
        (
            {"column": "koi_depth", "kind": "false_positive_probability"},
            '"616" in row 1, which is no number from 0 to 1',
        ),
        (
            {"column": "Vetter Says", "kind": "disposition", "planet": ["planet"]},
            'never says planet; it has "PC", "fp", "pc". Name under planet',
        ),
    ],
)
def test_a_column_that_is_not_of_its_kind_is_refused_by_its_first_cell(
    tmp_path: Path, sent: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence):
        read(tmp_path, sent)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("robovetter_score", "must be a JSON object, such as"),
        ({"kind": "score"}, "needs column"),
        ({"column": " ", "kind": "score"}, "needs column"),
        ({"column": "x"}, "needs kind, one of score, false_positive_probability, disposition"),
        ({"column": "x", "kind": "votes"}, "needs kind, one of score"),
        ({"column": "x", "kind": "disposition"}, "needs planet: the words"),
        ({"column": "x", "kind": "disposition", "planet": [["PC"]]}, "needs planet: the words"),
        ({"column": "x", "kind": "score", "planet": ["PC"]}, "planet is of a disposition only"),
        ({"column": "x", "kind": "score", "word": "PC"}, 'unknown key "word"'),
    ],
)
def test_a_request_that_does_not_say_how_it_is_read_is_refused(sent: Any, sentence: str) -> None:
    with pytest.raises(DataError, match=f"^second_opinion.*{sentence}"):
        Opinion.from_json(sent)


def test_what_was_asked_is_written_down_and_read_again() -> None:
    opinion = Opinion(column="Flag", kind=OpinionKind.DISPOSITION, planet=("1", "PC"))
    assert Opinion.from_json(opinion.as_json()) == opinion
    assert opinion.meaning == "Flag takes for a planet what it calls 1 or PC."
