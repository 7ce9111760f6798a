"""Described tables in astronomy's formats: the same numbers, words and units, read by astropy."""

from __future__ import annotations

import gzip
import math
import warnings
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy import units
from astropy.io import fits
from astropy.io.votable import parse
from astropy.io.votable.ucd import check_ucd
from astropy.table import Table

from mlcore.datasets import DATASETS, read_table
from mlcore.datasets.units import parse_unit
from mlcore.features.registry import declared_features
from mlcore.jobs.write_table import write_table_job
from mlcore.prediction.table_formats.described import (
    DescribedColumn,
    Fact,
    columns_in,
    described_schema,
    provenance_in,
)

if TYPE_CHECKING:
    from pathlib import Path

UNITS = sorted(
    {column.unit for dataset in DATASETS.values() for column in dataset.columns}
    | {feature.unit for feature in declared_features().values()} - {""}
)
READERS = {"votable": "votable", "ecsv": "ascii.ecsv", "fits": "fits"}
ENDINGS = {"votable": "table.vot.gz", "ecsv": "table.ecsv.gz", "fits": "table.fits"}
COLUMNS = [
    DescribedColumn(name="number", kind=int, ucd="meta.record", description="Place <1> & on."),
    DescribedColumn(name="name", kind=str, ucd="meta.id;meta.main"),
    DescribedColumn(name="rank", kind=int),
    DescribedColumn(name="outside", kind=bool),
    DescribedColumn(name="period", kind=float, unit="d", ucd="time.period"),
    *(DescribedColumn(name=f"unit_{n}", kind=float, unit=unit) for n, unit in enumerate(UNITS)),
]
FACTS = [
    Fact(name="acknowledgement", keyword="ACKNOWL", value="Made use of <this> & that. " * 9),
    Fact(name="seed", keyword="SEED", value="7"),
]
NUMBERS = [1 / 3, -2.5e-300, None, 1e22]
VALUES: dict[str, list[Any]] = {
    "number": [1, 2, 3, 2**53 + 1],
    "name": ['a, "b" <c> & d', "=1+1", None, "K00755.01"],
    "rank": [None, 5, None, 1],
    "outside": [True, False, True, False],
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write a described table, in two row groups."""
    schema = described_schema(COLUMNS, FACTS)
    arrays = [pa.array(VALUES.get(field.name, NUMBERS), field.type) for field in schema]
    pq.write_table(pa.table(arrays, schema=schema), tmp_path / "source.parquet", row_group_size=2)
    return tmp_path / "source.parquet"


def written(source: Path, kind: str) -> Path:
    target = source.parent / ENDINGS[kind]
    argument = {"source": str(source), "target": str(target), "format": kind}
    assert write_table_job(argument, lambda _: None) == {"rows": 4}
    return target


def read(path: Path, kind: str) -> Table:
    with warnings.catch_warnings():
        # The FITS standard has no radius of the Earth.
        warnings.filterwarnings("ignore", category=units.UnitsWarning)
        return Table.read(path, format=READERS[kind])


def test_a_described_file_says_what_it_is(source: Path) -> None:
    schema = pq.read_schema(source)
    assert columns_in(schema) == COLUMNS
    assert provenance_in(schema) == FACTS


@pytest.mark.parametrize("kind", READERS)
def test_every_number_and_word_is_read_back_as_it_was(source: Path, kind: str) -> None:
    table = read(written(source, kind), kind)
    assert table["number"].tolist() == VALUES["number"]
    assert [word or None for word in table["name"].tolist()] == VALUES["name"]
    assert table["rank"].tolist() == VALUES["rank"]
    assert table["outside"].tolist() == VALUES["outside"]
    for name in table.colnames[4:]:
        for value, expected in zip(table[name].tolist(), NUMBERS, strict=True):
            if expected is None:
                assert value is None or math.isnan(value)
            else:
                assert value == expected


@pytest.mark.parametrize("kind", READERS)
def test_every_unit_is_read_back_as_the_same_unit(source: Path, kind: str) -> None:
    table = read(written(source, kind), kind)
    for column in COLUMNS[4:]:
        if not column.unit:
            continue
        unit = table[column.name].unit
        if isinstance(unit, units.UnrecognizedUnit):
            assert kind == "fits"
            assert str(unit) == column.unit
        else:
            assert (1.0 * unit).to(parse_unit(column.unit)).value == pytest.approx(1.0, rel=1e-12)


def test_an_unknown_truth_is_not_called_true(tmp_path: Path) -> None:
    schema = described_schema([DescribedColumn(name="outside", kind=bool)], [])
    pq.write_table(pa.table([[None, True]], schema=schema), tmp_path / "source.parquet")
    argument = {"source": str(tmp_path / "source.parquet"), "target": str(tmp_path / "a.fits")}
    write_table_job({**argument, "format": "fits"}, lambda _: None)
    with fits.open(tmp_path / "a.fits") as file:
        assert bytes(file[1].data.view("u1").tobytes()) == b"\x00T"


def test_a_votable_says_where_it_is_from_and_what_its_columns_are(source: Path) -> None:
    document = parse(str(written(source, "votable")))
    infos = {info.name: info.value for info in document.resources[0].infos}
    assert infos == {fact.name: fact.value for fact in FACTS}
    first = document.get_first_table().fields[0]
    assert (first.ucd, first.description) == ("meta.record", "Place <1> & on.")


def test_ecsv_says_where_it_is_from_and_a_line_break_is_none(tmp_path: Path) -> None:
    schema = described_schema(COLUMNS[1:2], FACTS)
    pq.write_table(pa.table([["a\nb", "", "c"]], schema=schema), tmp_path / "source.parquet")
    argument = {"source": str(tmp_path / "source.parquet"), "target": str(tmp_path / "a.gz")}
    write_table_job({**argument, "format": "ecsv"}, lambda _: None)
    lines = gzip.decompress((tmp_path / "a.gz").read_bytes()).decode().splitlines()
    assert lines[-4:] == ["name", "a b", '""', "c"]
    table = Table.read(tmp_path / "a.gz", format="ascii.ecsv")
    assert table.meta == {fact.name: fact.value for fact in FACTS}
    assert table["name"].info.meta == {"ucd": "meta.id;meta.main"}


def test_fits_has_it_in_its_header_in_ascii(tmp_path: Path) -> None:
    facts = [*FACTS, Fact(name="mark", keyword="MARK", value="Grüße")]
    schema = described_schema(COLUMNS[:2], facts)
    pq.write_table(pa.table([[1], ["行星"]], schema=schema), tmp_path / "source.parquet")
    argument = {"source": str(tmp_path / "source.parquet"), "target": str(tmp_path / "a.fits")}
    write_table_job({**argument, "format": "fits"}, lambda _: None)
    with fits.open(tmp_path / "a.fits") as file:
        file.verify("exception")
        header = file[1].header
        assert (header["SEED"], header["MARK"]) == ("7", "Gr\\xfc\\xdfe")
        assert header["ACKNOWL"] == FACTS[0].value.rstrip()
        assert (header["TUCD2"], header["TCOMM1"]) == ("meta.id;meta.main", "Place <1> & on.")
        assert file[1].data["name"].tolist() == ["\\u884c\\u661f"]


@pytest.mark.parametrize("kind", READERS)
def test_a_table_without_rows_is_one_with_columns(tmp_path: Path, kind: str) -> None:
    schema = described_schema(COLUMNS[:4], FACTS)
    pq.write_table(schema.empty_table(), tmp_path / "source.parquet")
    target = tmp_path / ENDINGS[kind]
    argument = {"source": str(tmp_path / "source.parquet"), "target": str(target)}
    assert write_table_job({**argument, "format": kind}, lambda _: None) == {"rows": 0}
    table = Table.read(target, format=READERS[kind])
    assert (len(table), table.colnames) == (0, ["number", "name", "rank", "outside"])


def test_the_words_of_the_virtual_observatory_are_on_its_list() -> None:
    assert check_ucd("meta.id;meta.main", check_controlled_vocabulary=True)


@pytest.mark.parametrize("kind", READERS)
def test_the_projects_own_reader_reads_every_format_with_its_units(
    tmp_path: Path, kind: str
) -> None:
    kepler = DATASETS["kepler"]
    names = ["kepid", "kepoi_name", "koi_period", "koi_duration", "koi_depth", "koi_prad"]
    declared = [kepler.column(name) for name in (*names, "koi_slogg", "koi_srad")]
    columns = [
        DescribedColumn(name=column.name, kind=str if column.text else float, unit=column.unit)
        for column in declared
    ]
    values: list[list[Any]] = [["11446443", "10000941"], ["K00001.01", "K02365.01"]]
    values += [[2.4706, 31 / 3], [1.7, 7 / 3], [614.5, 1000 / 3], [2.26, 13.1]]
    values += [[4.467, 13 / 3], [0.927, 4 / 3]]
    schema = described_schema(columns, FACTS)
    pq.write_table(pa.table(values, schema=schema), tmp_path / "source.parquet")
    target = tmp_path / ENDINGS[kind]
    argument = {"source": str(tmp_path / "source.parquet"), "target": str(target)}
    write_table_job({**argument, "format": kind}, lambda _: None)
    table = read_table(target, kepler, require_labels=False)
    for column, expected in zip(columns, values, strict=True):
        assert table.frame[column.name].tolist() == pytest.approx(expected, rel=1e-15)
