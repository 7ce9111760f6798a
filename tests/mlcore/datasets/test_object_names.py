from __future__ import annotations

import pandas as pd
import pytest

from mlcore.datasets import of_candidates
from mlcore.datasets.missions import mission_of
from mlcore.datasets.object_names import (
    Catalogue,
    RoundedNumberError,
    are_listed,
    as_listed,
    parse_name,
    star_of,
    stars_of,
)


@pytest.mark.parametrize(
    ("spelled", "canonical", "star", "candidate", "letter"),
    [
        ("KIC 10797460", "KIC 10797460", "KIC 10797460", None, ""),
        ("kic-010797460", "KIC 10797460", "KIC 10797460", None, ""),
        ("KepID 10797460", "KIC 10797460", "KIC 10797460", None, ""),
        ("kplr010797460", "KIC 10797460", "KIC 10797460", None, ""),
        ("KIC: 10797460", "KIC 10797460", "KIC 10797460", None, ""),
        ("KIC10797460 (Kepler)", "KIC 10797460", "KIC 10797460", None, ""),
        ("TIC 17361.01", "CTOI 17361.01", "TIC 17361", 1, ""),
        ("TIC 0050365310", "TIC 50365310", "TIC 50365310", None, ""),
        ("EPIC201367065", "EPIC 201367065", "EPIC 201367065", None, ""),
        ("epic_201367065.01", "EPIC 201367065.01", "EPIC 201367065", 1, ""),
        ("EPIC 201367065 b", "EPIC 201367065 b", "EPIC 201367065", None, "b"),
        ("K00755.01", "K00755.01", "K00755", 1, ""),
        ("K0755.01", "K00755.01", "K00755", 1, ""),
        ("KOI-755.01", "K00755.01", "K00755", 1, ""),
        ("koi 00755.01", "K00755.01", "K00755", 1, ""),
        ("KOI‑755.10", "K00755.10", "K00755", 10, ""),
        ("K0755", "K00755", "K00755", None, ""),
        ("K2.01", "K00002.01", "K00002", 1, ""),
        ("TOI-1000.01", "TOI 1000.01", "TOI 1000", 1, ""),
        ("toi\u00a01000.01", "TOI 1000.01", "TOI 1000", 1, ""),
        ("TOI 1000 b", "TOI-1000 b", "TOI 1000", None, "b"),
        ("CTOI 17361.01", "CTOI 17361.01", "TIC 17361", 1, ""),
        ("Kepler-22b", "Kepler-22 b", "Kepler-22", None, "b"),
        ("KEPLER 22 B", "Kepler-22 b", "Kepler-22", None, "b"),
        ("Kepler-16 (AB) b", "Kepler-16 (AB) b", "Kepler-16 (AB)", None, "b"),
        ("K2-3 b", "K2-3 b", "K2-3", None, "b"),
        ("k2 003b", "K2-3 b", "K2-3", None, "b"),
        ("K2-288 B b", "K2-288 B b", "K2-288 B", None, "b"),
    ],
)
def test_a_name_is_read_in_any_usual_spelling(
    spelled: str, canonical: str, star: str, candidate: int | None, letter: str
) -> None:
    name = parse_name(spelled)
    assert name is not None
    assert (str(name), str(name.star)) == (canonical, star)
    assert (name.candidate, name.letter) == (candidate, letter)
    assert name.is_star == (str(name) == star)
    assert parse_name(canonical) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TRAPPIST-1 b",
        "K2-2016-BLG-0005L b",
        "HIP 116454",
        "10797460",
        "KIC",
        "KIC 5.01",
        "K2",
        "K1",
    ],
)
def test_what_is_no_name_of_a_catalogue_is_none(text: str) -> None:
    assert parse_name(text) is None


@pytest.mark.parametrize(
    ("cell", "catalogue", "listed"),
    [
        ("KIC 010797460", Catalogue.KIC, "10797460"),
        ("010797460", Catalogue.KIC, "10797460"),
        ("10797460.0", Catalogue.KIC, "10797460"),
        ("1.0797460E7", Catalogue.KIC, "10797460"),
        ("1.0797460e+07", Catalogue.KIC, "10797460"),
        ("755.01", Catalogue.KOI, "K00755.01"),
        ("Kepler-22b", Catalogue.KOI, "Kepler-22 b"),
        ("TOI-1000.01", Catalogue.TOI, "1000.01"),
        ("1000.1", Catalogue.TOI, "1000.10"),
        ("TOI 1000 b", Catalogue.TOI, "TOI-1000 b"),
        ("201367065", Catalogue.EPIC, "EPIC 201367065"),
        ("my star", Catalogue.KIC, "my star"),
        ("TRAPPIST-1 b", Catalogue.EPIC, "TRAPPIST-1 b"),
    ],
)
def test_a_cell_gets_the_spelling_of_the_archives_table(
    cell: str, catalogue: Catalogue, listed: str
) -> None:
    assert as_listed(cell, catalogue) == listed
    assert as_listed(listed, catalogue) == listed


def test_the_name_of_an_object_stands_for_its_star_where_a_star_is_wanted() -> None:
    assert as_listed("K2-3 b", Catalogue.EPIC, of_star=True) == "K2-3"
    assert as_listed("KOI-755.01", Catalogue.KIC, of_star=True) == "K00755"
    assert star_of("1000.01", Catalogue.TOI) == star_of("TOI-1000 b", Catalogue.TOI) == "TOI 1000"
    assert star_of("mine", Catalogue.TOI) is None


@pytest.mark.parametrize("cell", ["1.08E+07", "1.07975e7", "4E8", "9007199254740994.0"])
def test_a_number_that_lost_digits_names_nothing(cell: str) -> None:
    with pytest.raises(RoundedNumberError):
        as_listed(cell, Catalogue.KIC)


def test_a_catalogue_belongs_to_one_mission() -> None:
    for catalogue in Catalogue:
        name = parse_name(f"{catalogue} 5")
        assert name is not None
        mission = mission_of(name)
        assert mission is not None
        owners = [other for other in of_candidates().values() if catalogue in other.catalogues]
        assert owners == [mission]


def test_the_columns_that_name_stars_and_objects_know_their_catalogue() -> None:
    for dataset in of_candidates().values():
        for name in (dataset.host, dataset.object_name[0]):
            assert dataset.column(name).catalogue in dataset.catalogues


@pytest.mark.parametrize(
    ("text", "catalogue", "listed"),
    [
        ("1000,01", Catalogue.TOI, "1000.01"),
        ("755,1", Catalogue.KOI, "K00755.10"),
        ("10,797,460", Catalogue.KIC, "10797460"),
        ("150.428.135", Catalogue.TIC, "150428135"),
        ('="10797460"', Catalogue.KIC, "10797460"),
        ("'1000.01", Catalogue.TOI, "1000.01"),
        ("1000,012", Catalogue.TOI, "1000,012"),
        # A number that is too large for a candidate's is its star's.
        ("10797460", Catalogue.KOI, "KIC 10797460"),
        ("57147191", Catalogue.TOI, "TIC 57147191"),
        ("57147191.01", Catalogue.TOI, "CTOI 57147191.01"),
        ("7016.01", Catalogue.KOI, "K07016.01"),
    ],
)
def test_a_number_in_a_column_of_names_is_read_as_people_and_spreadsheets_write_it(
    text: str, catalogue: Catalogue, listed: str
) -> None:
    assert as_listed(text, catalogue) == listed


def test_an_object_in_a_column_of_stars_is_its_star() -> None:
    assert as_listed("10797460.01", Catalogue.KIC, of_star=True) == "10797460"
    assert as_listed("TIC 57147191.01", Catalogue.TIC, of_star=True) == "57147191"


@pytest.mark.parametrize("text", ["K00755.01", "K20075.10", "K00000.00", "K99999.99"])
def test_a_listed_candidate_is_taken_as_it_is_and_as_it_would_be_read(text: str) -> None:
    read = parse_name(text, Catalogue.KOI)
    assert read is not None
    assert as_listed(text, Catalogue.KOI) == read.as_number == text
    assert star_of(text, Catalogue.KOI) == str(read.star) == text[:6]
    # Another catalogue's column has it as a name, and a column of stars its star.
    assert as_listed(text, Catalogue.TOI) == text
    assert as_listed(text, Catalogue.KOI, of_star=True) == str(read.star)


LISTED = [
    *((Catalogue.KOI, name) for name in ("K00001.01", "K99999.99", "K100000.01", "K00755.00")),
    *((Catalogue.TOI, name) for name in ("1000.01", "1.10", "99999.99")),
    *((Catalogue.KIC, name) for name in ("10797460", "1")),
    *((Catalogue.EPIC, name) for name in ("EPIC 201367065", "EPIC 201367065.01", "K2-3 b")),
]


@pytest.mark.parametrize(("catalogue", "name"), LISTED)
def test_a_name_that_is_told_by_column_is_one_that_parsing_does_not_change(
    catalogue: Catalogue, name: str
) -> None:
    assert are_listed(pd.Series([name]), catalogue).tolist() == [True]
    read = parse_name(name, catalogue)
    assert read is not None
    assert (read.as_number if read.catalogue is catalogue else str(read)) == name


@pytest.mark.parametrize(
    ("catalogue", "name", "of_star"),
    [
        (Catalogue.KOI, "K0755.01", False),
        (Catalogue.KOI, "K012345.01", False),
        (Catalogue.KOI, "K00755.01", True),
        (Catalogue.TOI, "1000.00", False),
        (Catalogue.TOI, "1000.1", False),
        (Catalogue.TOI, "100000.01", False),
        (Catalogue.KIC, "010797460", False),
        (Catalogue.EPIC, "K2-3 b", True),
        (Catalogue.EPIC, "K2-03 b", False),
        (Catalogue.KEPLER, "Kepler-22 b", False),
    ],
)
def test_any_other_name_is_parsed(catalogue: Catalogue, name: str, of_star: bool) -> None:
    assert are_listed(pd.Series([name]), catalogue, of_star=of_star).tolist() == [False]


def test_the_stars_of_a_column_are_those_of_its_names() -> None:
    names = ["K00755.01", "K100000.02", "KOI-755.01", "mine", "Kepler-22 b", None, "755.01"]
    words = pd.Series(names, dtype="str")
    stars = [None if name is None else star_of(name, Catalogue.KOI) for name in names]
    for chosen in (slice(0, 2), slice(0, 7)):
        told = stars_of(words[chosen], Catalogue.KOI)
        assert [None if pd.isna(star) else star for star in told] == stars[chosen]
