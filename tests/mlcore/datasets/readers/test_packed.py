"""Files that are packed with gzip or in a zip archive, in every format."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from astropy.table import Table

from mlcore.datasets import NotATableError
from mlcore.datasets.readers.formats import EXPECTED
from mlcore.datasets.readers.read import read_columns, read_frame
from tests.mlcore.datasets.readers.limited import limited
from tests.mlcore.datasets.readers.written import ods

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame({"kepid": [10797460, 10811496], "koi_period": [9.488036, 19.9]})
CSV = FRAME.to_csv(index=False).encode()


def written(kind: str) -> bytes:
    content = io.BytesIO()
    match kind:
        case "csv":
            return CSV
        case "xlsx":
            FRAME.to_excel(content, index=False, engine="openpyxl")
        case "ods":
            return ods({"one": [list(FRAME), *FRAME.to_numpy().tolist()]})
        case "parquet":
            FRAME.to_parquet(content)
        case "json":
            return FRAME.to_json(orient="records").encode()
        case "fits" | "votable":
            Table.from_pandas(FRAME).write(content, format=kind)
        case _:
            text = io.StringIO()
            Table.from_pandas(FRAME).write(text, format=f"ascii.{kind}")
            return text.getvalue().encode()
    return content.getvalue()


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


KINDS = ["csv", "xlsx", "ods", "parquet", "json", "fits", "votable", "ecsv", "ipac", "mrt"]
PACK = {
    "alone": bytes,
    "gzip": gzip.compress,
    "zip": lambda content: zipped(**{"data/a": content, "__MACOSX/data/._a": b"\x00\x05"}),
    "gzip-in-zip": lambda content: zipped(a=gzip.compress(content)),
}


@pytest.mark.parametrize("pack", PACK.values(), ids=PACK)
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_read_alone_and_packed(tmp_path: Path, kind: str, pack: object) -> None:
    (tmp_path / "table").write_bytes(pack(written(kind)))  # type: ignore[operator]
    raw = read_frame(tmp_path / "table")
    assert raw.columns == ("kepid", "koi_period")
    assert raw.frame.astype("float64").equals(FRAME.astype("float64"))
    assert raw.notes == ()
    assert read_columns(tmp_path / "table") == (raw.columns, None)


def test_the_only_table_beside_other_files_is_read_and_named(tmp_path: Path) -> None:
    files = {
        "README.txt": b"What this is.\n\nA table, of stars.\n",
        "koi.csv": CSV,
        ".DS_Store": b"\0",
    }
    (tmp_path / "table").write_bytes(zipped(**files))
    raw = read_frame(tmp_path / "table")
    assert len(raw.frame) == 2
    assert raw.notes == ("The table koi.csv in the archive was read.",)


LOCKED = bytearray(zipped(a=CSV))
LOCKED[LOCKED.index(b"PK\x01\x02") + 8] |= 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            zipped(**{"one.csv": CSV, "other.tsv": CSV.replace(b",", b"\t")}),
            "The archive has 2 tables in it (one.csv, other.tsv): send one of them.",
            id="two-tables",
        ),
        pytest.param(
            zipped(a=b"One.\n", b=b"Two words.\n"),
            f"The archive has 2 files in it, and none is a table; {EXPECTED}.",
            id="no-table",
        ),
        pytest.param(
            zipped(), f"The file is an archive with nothing in it; {EXPECTED}.", id="empty"
        ),
        pytest.param(
            zipped(**{"__MACOSX/._a": b"x", "a/.DS_Store": b"x"}),
            f"The file is an archive with nothing in it; {EXPECTED}.",
            id="junk",
        ),
        pytest.param(
            zipped(**{f"{number}.csv": CSV for number in range(51)}),
            "The archive has 51 files in it: send the one that is the table.",
            id="many",
        ),
        pytest.param(
            zipped(a=zipped(b=CSV)),
            f"The file is packed more than once: unpack it first; {EXPECTED}.",
            id="zip-in-zip",
        ),
        pytest.param(
            gzip.compress(zipped(b=CSV)),
            f"The file is packed more than once: unpack it first; {EXPECTED}.",
            id="zip-in-gzip",
        ),
        pytest.param(
            bytes(LOCKED),
            "The archive is protected by a password: unpack it, and send the table in it.",
            id="password",
        ),
        pytest.param(
            zipped(a=CSV * 99).replace(b"PK\x01\x02", b"PK\x01\x03"),
            f"The file is damaged: its compressed content cannot be unpacked; {EXPECTED}.",
            id="damaged",
        ),
    ],
)
def test_an_archive_without_one_table_is_refused(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    (tmp_path / "table").write_bytes(content)
    for read in (read_frame, read_columns):
        with pytest.raises(NotATableError) as refused:
            read(tmp_path / "table")
        assert str(refused.value) == sentence


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_a_packed_file_that_grows_is_refused_on_the_way(
    tmp_path: Path, kind: str, pack: str
) -> None:
    content = written(kind) + bytes(2 * 10**6) if kind == "parquet" else CSV * 50_000
    (tmp_path / "table").write_bytes(PACK[pack](content))
    with limited(unpacked_bytes=10**6), pytest.raises(NotATableError) as refused:
        read_frame(tmp_path / "table")
    assert str(refused.value) == "The file holds more than the 1 MB that it may hold."
