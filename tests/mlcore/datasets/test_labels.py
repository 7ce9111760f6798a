"""What labels mean: words that are clear are read, and those that are not are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from mlcore.datasets import K2, KEPLER, TESS, Dataset, read_table
from mlcore.datasets.headings.mapping import ColumnMapping, MappingError
from mlcore.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table

VALUE = {"kepler": "koi_period", "k2": "pl_orbper", "tess": "pl_orbper"}


def read(
    folder: Path,
    words: list[Any],
    dataset: Dataset = KEPLER,
    *,
    heading: str | None = None,
    require_labels: bool = True,
    more: dict[str, list[Any]] | None = None,
    **mapping: Any,
) -> Table:
    cells = {heading or dataset.label: words, VALUE[dataset.name]: [1.0] * len(words)}
    pd.DataFrame(cells | (more or {})).to_csv(folder / "table.csv", index=False)
    return read_table(
        folder / "table.csv",
        dataset,
        require_labels=require_labels,
        mapping=ColumnMapping.parse(**mapping),
    )


def labels(table: Table) -> list[Any]:
    assert table.labels is not None
    return [None if pd.isna(label) else label for label in table.labels]


@pytest.mark.parametrize("dataset", [KEPLER, K2, TESS], ids=lambda dataset: dataset.name)
@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *((word, "confirmed") for word in ("Confirmed", "CONFIRMED PLANET", "cp", "KP", "planet")),
        *((word, "confirmed") for word in ("Known-Planet", "Exoplanet", "confirmed_planet")),
        *((word, "candidate") for word in ("candidate ", "Planet Candidate", "PC", "apc")),
        ("Ambiguous Planet Candidate", "candidate"),
        *((word, "false_positive") for word in ("false-positive", "FP", "False  Positive")),
        *((word, "false_positive") for word in ("False Alarm", "fa", "REFUTED", "false_positive")),
        *((word, None) for word in ("UNKNOWN", "N/A", "-", "not dispositioned", "?")),
    ],
)
def test_a_word_means_the_same_whoever_wrote_it(
    tmp_path: Path, dataset: Dataset, word: str, meaning: str | None
) -> None:
    other = next(iter(dataset.labels))
    table = read(tmp_path, [word, other], dataset)
    assert labels(table)[0] == meaning
    # The table holds the mission's own words, whatever the file's were.
    assert set(table.frame[dataset.label].dropna()) <= set(dataset.labels)
    assert table.reading.label is not None
    # These say that a cell is empty, in whatever column.
    if word.strip() not in {"N/A", "-"}:
        assert table.reading.label.words[word.strip()] == meaning


@pytest.mark.parametrize(
    ("words", "listed", "example"),
    [
        ([0, 1, 2], '"0", "1" and "2"', '{"0": "false_positive", "1": "candidate", "2": "planet"}'),
        ([0, 1, 1], '"0" and "1"', '{"0": "false_positive", "1": "planet"}'),
        (
            ["True", "False", "True"],
            '"False" and "True"',
            '{"False": "false_positive", "True": "planet"}',
        ),
        (["yes", "no", "no"], '"no" and "yes"', '{"no": "false_positive", "yes": "planet"}'),
    ],
)
def test_numbers_and_truth_values_are_a_question_with_its_answer(
    tmp_path: Path, words: list[Any], listed: str, example: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, words)
    assert str(caught.value) == (
        f"Column koi_disposition has {listed} for its dispositions, which does not say what is"
        f" what: say it in label_words, such as {example}; each is planet, false_positive,"
        " candidate, or null for no label."
    )
    # What the sentence says is what the request takes.
    assert len(labels(read(tmp_path, words, label_words=example))) == 3


def test_words_of_ones_own_mean_what_the_request_says(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        [1.0, 0.0, 2.0, 9.0],
        label_words={"1": "planet", "0": "false_positive", "2": "candidate", "9": None},
    )
    assert labels(table) == ["confirmed", "false_positive", "candidate", None]
    assert table.reading.as_json()["label"] == {
        "heading": "koi_disposition",
        "column": "koi_disposition",
        "words": {"1": "confirmed", "0": "false_positive", "2": "candidate", "9": None},
        "rows": {"1": 1, "0": 1, "2": 1, "9": 1},
    }


def test_what_the_request_says_comes_before_what_a_word_usually_means(tmp_path: Path) -> None:
    table = read(tmp_path, ["CANDIDATE", "FALSE POSITIVE"], label_words={"candidate": "planet"})
    assert labels(table) == ["confirmed", "false_positive"]


@pytest.mark.parametrize("heading", ["disposition", "label", "Class", "target", "KOI disposition"])
def test_the_label_has_other_headings(tmp_path: Path, heading: str) -> None:
    table = read(tmp_path, ["CONFIRMED", "CANDIDATE"], heading=heading)
    assert labels(table) == ["confirmed", "candidate"]
    assert table.reading.label is not None
    assert (table.reading.label.heading, table.reading.label.column) == (
        heading,
        "koi_disposition",
    )


def test_the_missions_own_heading_comes_first(tmp_path: Path) -> None:
    table = read(tmp_path, ["CONFIRMED"], more={"label": ["FALSE POSITIVE"]})
    assert labels(table) == ["confirmed"]
    assert 'Column "label" was ignored: "koi_disposition" is read as koi_disposition.' in (
        table.warnings
    )


def test_a_column_of_stars_is_no_column_of_labels(tmp_path: Path) -> None:
    stars = ["Vega", "Altair"]
    table = read(tmp_path, stars, heading="target", require_labels=False)
    assert table.labels is None
    assert 'Column "target" was ignored: None of its words is a disposition.' in table.warnings
    assert [row.use for row in table.reading.headings] == ["ignored", "feature"]
    with pytest.raises(DataError, match=r"^The table has no column koi_disposition, which holds"):
        read(tmp_path, stars, heading="target")


def test_a_verdict_of_the_pipeline_is_no_label_unless_it_is_chosen(tmp_path: Path) -> None:
    words = ["CANDIDATE", "FALSE POSITIVE"]
    with pytest.raises(DataError) as caught:
        read(tmp_path, words, heading="koi_pdisposition")
    assert str(caught.value) == (
        "The table has no column koi_disposition, which holds the disposition: CONFIRMED,"
        ' CANDIDATE, FALSE POSITIVE. It has "koi_pdisposition" (disposition from Kepler data'
        " alone), which is not taken for it unasked: choose it with label=koi_pdisposition."
    )
    table = read(tmp_path, words, heading="koi_pdisposition", label="koi_pdisposition")
    assert labels(table) == ["candidate", "false_positive"]
    assert table.withheld_columns == ()


def test_a_label_that_is_chosen_comes_before_the_missions_own(tmp_path: Path) -> None:
    table = read(tmp_path, ["CONFIRMED", "CANDIDATE"], more={"mine": ["FP", "CP"]}, label="mine")
    assert labels(table) == ["false_positive", "confirmed"]
    assert 'Column "koi_disposition" was ignored: "mine" is read as koi_disposition.' in (
        table.warnings
    )


def test_of_several_files_the_one_to_learn_from_has_to_have_the_label(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("koi_period,koi_disposition\n1,CONFIRMED\n")
    mapping = ColumnMapping(label="truth", of_several=True)
    table = read_table(path, KEPLER, require_labels=False, mapping=mapping)
    assert labels(table) == ["confirmed"]
    with pytest.raises(MappingError, match=r'^label: the table has no heading "truth"; its'):
        read_table(path, KEPLER, require_labels=True, mapping=mapping)


@pytest.mark.parametrize("flag", [1, 1.0, True, "true", "yes"])
def test_the_flag_of_the_row_that_stands_for_a_planet_has_many_spellings(
    tmp_path: Path, flag: object
) -> None:
    more = {"pl_name": ["a b", "a b"], "default_flag": [flag, 0], "st_mass": [1.0, 2.0]}
    table = read(tmp_path, ["CONFIRMED", "CONFIRMED"], K2, more=more)
    assert table.frame["st_mass"].tolist() == [1.0]


def test_a_status_is_a_label_where_it_has_dispositions_and_is_none_where_it_has_numbers(
    tmp_path: Path,
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("koi_period,Status\n1.5,Confirmed\n2.5,False Positive\n")
    labels = read_table(path, KEPLER, require_labels=True).labels
    assert labels is not None
    assert labels.tolist() == ["confirmed", "false_positive"]
    path.write_text("koi_period,Status\n1.5,1\n2.5,0\n")
    assert read_table(path, KEPLER, require_labels=False).labels is None


@pytest.mark.parametrize("heading", ["is_planet", "isPlanet", "y", "confirmed"])
def test_what_may_be_the_label_is_named_where_there_is_none(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"koi_period,{heading}\n1.5,1\n2.5,0\n")
    with pytest.raises(DataError, match=rf"choose it with label={heading}\.$"):
        read_table(path, KEPLER, require_labels=True)


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        *(("PC (Planet Candidate)", "candidate"), ("FP - false positive", "false_positive")),
        *(("1: planet", "confirmed"), ("CP/KP", "confirmed"), ("Published Confirmed", "confirmed")),
    ],
)
def test_a_word_that_says_one_thing_twice_means_it(tmp_path: Path, word: str, meaning: str) -> None:
    labels = read(tmp_path, [word, "CP"], TESS).labels
    assert labels is not None
    assert labels.tolist() == [meaning, "confirmed"]


@pytest.mark.parametrize("word", ["PC/FP", "CP (mine)", "1: 2"])
def test_a_word_that_says_two_things_is_asked_about(tmp_path: Path, word: str) -> None:
    with pytest.raises(DataError, match="label_words"):
        read(tmp_path, [word, "CP"], TESS)


@pytest.mark.parametrize(
    "word",
    [
        "!planet",
        "~planet",
        "-planet",
        "≠ planet",
        "✗ planet",
        "planet/0",
        "planet=0",
        "planet: 3%",
        "planet??",
        "FP?",
        "candidate?",
        "planet (1)",
    ],
)
def test_a_word_that_a_sign_or_a_number_weakens_is_asked_about(tmp_path: Path, word: str) -> None:
    with pytest.raises(DataError, match="has the unknown disposition"):
        read(tmp_path, ["CONFIRMED", word])


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("1: planet", "confirmed"),
        ("0 = FP", "false_positive"),
        ("kein Planet", "false_positive"),
        ("falso positivo", "false_positive"),
        ("Candidat", "candidate"),
        ("NTP", "false_positive"),
    ],
)
def test_a_word_behind_its_number_and_in_another_language_is_read(
    tmp_path: Path, word: str, meaning: str
) -> None:
    assert read(tmp_path, ["CANDIDATE", word]).labels.tolist()[1] == meaning


def test_a_column_that_holds_something_else_can_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r'leave it out in columns: \{"class": null\}\.$'):
        read(tmp_path, ["CONFIRMED", "G2V"], heading="class")
