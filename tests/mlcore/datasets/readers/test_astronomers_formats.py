"""What astronomers store tables in, with units and what stands for a missing value."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.io.votable import from_table
from astropy.table import MaskedColumn, Table

from mlcore.datasets import DATASETS, NotATableError, read_table
from mlcore.datasets.readers.formats import EXPECTED
from mlcore.datasets.readers.read import Heading, read_columns, read_frame
from mlcore.errors import DataError
from tests.mlcore.datasets.readers.limited import limited
from tests.mlcore.datasets.readers.written import votable

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["kepid", "kepoi_name", "koi_disposition", "koi_period", "koi_depth", "koi_tce_plnt_num"]
TABLE = Table(
    {
        "kepid": [10797460, 10811496, 10854555],
        "kepoi_name": ["K00752.01", "K00753.01", "K00755.01"],
        "koi_disposition": ["CONFIRMED", "FALSE POSITIVE", "CANDIDATE"],
        "koi_period": MaskedColumn(
            [9.48803557, 0.0, 2.5255917], mask=[False, True, False], unit="d"
        ),
        "koi_depth": [616.1, 10829.0, np.nan],
        "koi_tce_plnt_num": MaskedColumn([1, 1, 0], mask=[False, False, True]),
    }
)


def written(kind: str) -> bytes:
    binary, text = io.BytesIO(), io.StringIO()
    match kind:
        case "fits":
            TABLE.write(binary, format="fits")
        case "fits ascii":
            columns = [
                fits.Column(name="kepoi_name", format="A10", array=np.array(TABLE["kepoi_name"])),
                fits.Column(name="koi_period", format="D25.17", array=[9.48803557, 0.0, 2.5255917]),
                fits.Column(name="koi_depth", format="I10", unit="ppm", array=[616, 10829, -5]),
            ]
            table = fits.TableHDU.from_columns(fits.ColDefs(columns, ascii=True))
            fits.HDUList([fits.PrimaryHDU(), table]).writeto(binary)
        case "tabledata" | "binary" | "binary2":
            tree = from_table(TABLE)
            for field in tree.get_first_table().fields:
                if field.datatype == "long":
                    field.values.null = -1
            tree.to_xml(binary, tabledata_format=kind)
        case _:
            TABLE.write(text, format=f"ascii.{kind}")
    return binary.getvalue() or text.getvalue().encode()


@pytest.mark.parametrize("kind", ["fits", "tabledata", "binary", "binary2", "ecsv", "ipac", "mrt"])
def test_units_and_missing_values_are_kept(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "table"
    path.write_bytes(written(kind))
    raw = read_frame(path, text={"kepid"})
    assert raw.columns == tuple(NAMES)
    assert read_columns(path)[0] == raw.columns
    assert [heading.unit for heading in raw.headings] == ["", "", "", "d", "", ""]
    table = read_table(path, DATASETS["kepler"], require_labels=True)
    assert table.frame["kepid"].tolist() == ["10797460", "10811496", "10854555"]
    assert table.frame["kepoi_name"].tolist() == TABLE["kepoi_name"].tolist()
    assert table.frame["koi_period"].fillna(-1).tolist() == [9.48803557, -1, 2.5255917]
    assert table.frame["koi_depth"].fillna(-1).tolist() == [616.1, 10829, -1]
    assert raw.frame["koi_tce_plnt_num"].isna().tolist() == [False, False, True]


def test_an_ascii_table_in_fits_is_read(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(written("fits ascii"))
    raw = read_frame(tmp_path / "table")
    assert raw.headings[2] == Heading(name="koi_depth", unit="ppm")
    assert raw.frame["kepoi_name"].tolist() == TABLE["kepoi_name"].tolist()
    assert raw.frame["koi_period"].tolist() == [9.48803557, 0, 2.5255917]
    assert raw.frame["koi_depth"].tolist() == [616, 10829, -5]


def test_units_of_a_parquet_file_are_read(tmp_path: Path) -> None:
    TABLE[:1].filled().write(tmp_path / "table", format="parquet")
    raw = read_frame(tmp_path / "table")
    assert [heading.unit for heading in raw.headings] == ["", "", "", "d", "", ""]
    import pyarrow as pa
    import pyarrow.parquet as pq

    field = pa.field("koi_period", pa.float64(), metadata={"unit": "hours"})
    pq.write_table(pa.table([[1.5]], schema=pa.schema([field])), tmp_path / "table")
    assert read_frame(tmp_path / "table").headings == (Heading(name="koi_period", unit="hours"),)


def test_the_first_table_of_a_fits_file_is_read_behind_images(tmp_path: Path) -> None:
    extensions = [
        fits.PrimaryHDU(np.zeros((50, 70))),
        fits.ImageHDU(np.zeros((5, 5))),
        fits.BinTableHDU(Table({"a": [1.5, 2.5], "b": [[1, 2], [3, 4]]})),
        fits.BinTableHDU(Table({"c": [1]})),
    ]
    fits.HDUList(extensions).writeto(tmp_path / "table")
    assert read_frame(tmp_path / "table", columns={"a"}).frame["a"].tolist() == [1.5, 2.5]
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value) == (
        "Column b of the FITS file has more than one value in a row; allowed are numbers and words."
    )


def claimed(**cards: int) -> bytes:
    """Return a FITS table whose header claims something else."""
    header = fits.BinTableHDU(Table({"a": [1.5, 2.5]})).header
    header.update(cards)
    primary = fits.PrimaryHDU().header.tostring().encode()
    return primary + header.tostring().encode() + bytes(2880)


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        pytest.param(claimed(NAXIS2=10**7), "The table has more than the 1,000,000", id="rows"),
        pytest.param(claimed(NAXIS2=200_000), "The FITS file is damaged", id="not-there"),
        pytest.param(claimed(NAXIS1=0), "The FITS file is damaged", id="no-width"),
        pytest.param(claimed(NAXIS1=-8), "The FITS file is damaged", id="negative-width"),
        pytest.param(claimed(NAXIS2=-1), "The FITS file is damaged", id="negative-rows"),
        pytest.param(claimed(PCOUNT=10**12), "The FITS file is damaged", id="heap"),
        pytest.param(claimed(TFIELDS=3000), "The table has 3,000 columns; at most", id="columns"),
        pytest.param(claimed(TFIELDS=2), "The FITS file is damaged", id="undescribed"),
        pytest.param(claimed()[:-2880], "The FITS file is damaged", id="cut"),
        pytest.param(claimed()[:3000], "The FITS file is damaged", id="cut-header"),
        pytest.param(
            fits.PrimaryHDU().header.tostring().encode(),
            "The FITS file has no table",
            id="no-table",
        ),
        pytest.param(
            b"SIMPLE  =                    T".ljust(80) + b"COMMENT x".ljust(80) * 36_000,
            "A header of the FITS file has no end",
            id="endless-header",
        ),
    ],
)
def test_a_fits_file_that_claims_what_is_not_there_is_refused(
    tmp_path: Path, content: bytes, beginning: str
) -> None:
    (tmp_path / "table").write_bytes(content)
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value).startswith(beginning)


def test_a_fits_table_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(written("fits"))
    with limited(fits_bytes=100), pytest.raises(DataError, match=r"^The table in the FITS file is"):
        read_frame(tmp_path / "table")


A = '<FIELD name="a" datatype="double"/>'
B = A.replace('"a"', '"b"')
ONE = "<TABLEDATA><TR><TD>1.5</TD></TR></TABLEDATA>"
LAUGHS = '<!DOCTYPE V [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


def test_a_votables_first_table_is_read_and_others_told(tmp_path: Path) -> None:
    content = votable(A.replace("/>", ' unit="ppm"/>'), ONE).decode()
    empty = "<TABLE><DESCRIPTION>none</DESCRIPTION></TABLE>"
    more = f"<TABLE>{B}<DATA>{ONE}</DATA></TABLE>"
    content = content.replace("<TABLE", f"{empty}<TABLE", 1).replace(
        "</RESOURCE>", f"{more}</RESOURCE>"
    )
    (tmp_path / "table").write_text(content)
    raw = read_frame(tmp_path / "table")
    assert raw.headings == (Heading(name="a", unit="ppm"),)
    assert raw.frame["a"].tolist() == [1.5]
    assert raw.notes == ("The first of the 2 tables in the VOTable was read.",)


@pytest.mark.parametrize(
    ("content", "beginning"),
    [
        pytest.param(votable(A, ONE, before=LAUGHS), "The XML in the file declares", id="entities"),
        pytest.param(
            votable(A, ONE, before='<!DOCTYPE V SYSTEM "file:///etc/passwd">'),
            "The XML in the file declares",
            id="elsewhere",
        ),
        pytest.param(
            votable(A, '<BINARY><STREAM href="file:///etc/passwd"/></BINARY>'),
            "The rows of the VOTable are not in the file",
            id="stream",
        ),
        pytest.param(
            votable(A, '<FITS><STREAM encoding="base64">AAAA</STREAM></FITS>'),
            "The rows of the VOTable are stored as another format",
            id="fits",
        ),
        pytest.param(
            votable(A, ONE, table='nrows="1000000000000"'), "The table has more than", id="nrows"
        ),
        pytest.param(
            votable(A.replace("/>", ' arraysize="1000000000"/>'), ONE),
            "Column a of the VOTable has values of the size 1000000000, which no",
            id="arraysize",
        ),
        pytest.param(
            votable(A.replace("/>", ' arraysize="0"/>'), ONE), "Column a of the VOTable", id="zero"
        ),
        pytest.param(
            votable(
                "".join(A.replace("/>", f' arraysize="3000" ID="{n}"/>') for n in range(99)), ONE
            ),
            "The table in the VOTable needs more than the 1000 MB",
            id="wide",
        ),
        pytest.param(
            votable(A.replace("/>", ' arraysize="2"/>'), ONE),
            "Column a of the VOTable has more than one value in a row",
            id="array",
        ),
        pytest.param(
            votable(A.replace("double", "int"), ONE), "The VOTable is damaged", id="no-integer"
        ),
        pytest.param(votable(A, ONE)[:-30], "The VOTable is damaged", id="cut"),
        pytest.param(votable("", ""), "The file is XML, but no VOTable with a table", id="nothing"),
        pytest.param(b"<svg></svg>", "The file is XML, but no VOTable", id="svg"),
        pytest.param(b"<VOTABLE>" * 200, "The VOTable is damaged", id="deep"),
    ],
)
def test_a_votable_that_means_harm_or_nothing_is_refused(
    tmp_path: Path, content: bytes, beginning: str
) -> None:
    (tmp_path / "table").write_bytes(content)
    with pytest.raises(DataError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value).startswith(beginning)


def test_a_word_in_a_votables_column_of_numbers_is_told(tmp_path: Path) -> None:
    rows = "".join(f"<TR><TD>{cell}</TD></TR>" for cell in ("1.5", "null", "about 2"))
    (tmp_path / "table").write_bytes(votable(A, f"<TABLEDATA>{rows}</TABLEDATA>"))
    raw = read_frame(tmp_path / "table")
    assert raw.frame["a"].fillna(0).tolist() == [1.5, 0, 0]
    assert raw.notes == ('Words in columns of numbers, such as "about 2", count as missing.',)


def test_rows_of_a_votable_are_counted_before_any_is_kept(tmp_path: Path) -> None:
    rows = "<TR><TD>1</TD></TR>" * 12
    (tmp_path / "table").write_bytes(votable(A, f"<TABLEDATA>{rows}</TABLEDATA>"))
    with limited(rows=11), pytest.raises(DataError, match=r"^The table has more than the 11 rows"):
        read_frame(tmp_path / "table")


def test_no_word_of_an_ecsv_header_is_taken_for_more_than_a_word(tmp_path: Path) -> None:
    plain = written("ecsv").decode()
    merged = plain.replace("# schema", "# meta: &a [x]\n# more: [*a, *a]\n# schema")
    path = tmp_path / "table"
    for content, sentence in (
        (merged, "The table's header is too long"),
        (plain.replace("datatype:", "datatype: ["), "The table's header is damaged"),
        (plain.replace("# datatype:", "# kinds:"), "The table's header is damaged"),
        (
            plain.replace("name: kepid", "name: kepler"),
            "The ECSV table's line of names is not what",
        ),
        (
            plain.replace("# schema", "# meta: !!python/object/apply:os.system [ls]\n# schema"),
            "The table's header is damaged",
        ),
        (plain.replace("# schema", f"# meta: {'[' * 2000}\n# schema"), "The table's header is"),
    ):
        path.write_text(content)
        with pytest.raises(NotATableError) as refused:
            read_frame(path)
        assert str(refused.value).startswith(sentence)
        assert str(refused.value).endswith(f"{EXPECTED}.")


def test_a_machine_readable_table_that_is_not_as_it_describes_is_refused(tmp_path: Path) -> None:
    plain = written("mrt").decode()
    path = tmp_path / "table"
    for content in (
        plain.replace("9.48803557", "nine point"),
        plain[: plain.index("-----") + 80],
        "Byte-by-byte Description of file: a\n",
    ):
        path.write_text(content)
        with pytest.raises(NotATableError, match=r"^The table does not stand under its byte-by"):
            read_frame(path)


def test_a_unit_that_astropy_does_not_know_is_kept_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(
        votable('<FIELD name="koi_prad" datatype="double" unit="Earth radii"/>', ONE)
    )
    assert read_frame(tmp_path / "table").headings[0].unit == "Earth radii"
