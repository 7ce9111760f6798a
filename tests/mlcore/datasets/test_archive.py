"""The archive's TAP service, played by a small server of VOTables on this machine."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pandas as pd
import pytest

from mlcore.datasets import TESS, SourceKind, UnavailableError, obtain, read_table
from mlcore.datasets.archive import ArchiveError, fetch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS = {
    "toi": "double",
    "tid": "long",
    "tfopwg_disp": "char",
    "pl_orbper": "double",
    "pl_trandep": "double",
    "st_teff": "double",
    "toi_created": "char",
    "mystery": "char",
}
ROWS = [
    (1001.01, 88863718, "PC", 1.93, 1286.0, 7070.0, "2019-07-24", "?"),
    (1000.01, 50365310, "FP", 2.17, 656.9, 10249.0, "2019-07-24", "?"),
    (1000.1, 50365310, "CP", None, 1500.5, None, "2019-07-24", "?"),
]


def votable(columns: dict[str, str], rows: list[tuple[object, ...]], status: str = "OK") -> str:
    sizes = {"char": ' arraysize="*"'}
    fields = "".join(
        f'<FIELD name="{name}" datatype="{kind}"{sizes.get(kind, "")}/>'
        for name, kind in columns.items()
    )
    cells = "".join(f"<TR>{''.join(map(_cell, row))}</TR>" for row in rows)
    # A service says that it cut its answer off in a second status, after the rows.
    first, last = ("OK", _status(status)) if status == "OVERFLOW" else (status, "")
    return (
        '<?xml version="1.0"?><VOTABLE version="1.3" '
        'xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
        f"{_status(first)}<TABLE>{fields}<DATA><TABLEDATA>{cells}</TABLEDATA></DATA></TABLE>"
        f"{last}</RESOURCE></VOTABLE>"
    )


def _status(value: str) -> str:
    return f'<INFO name="QUERY_STATUS" value="{value}"/>'


def _cell(value: object) -> str:
    return f"<TD>{'' if value is None else escape(str(value))}</TD>"


@dataclass
class Archive:
    """What the server answers, and what it was asked."""

    columns: dict[str, str] = field(default_factory=lambda: dict(COLUMNS))
    rows: list[tuple[object, ...]] = field(default_factory=lambda: list(ROWS))
    counted: int = len(ROWS)
    status: str = "OK"
    code: int = 200
    cut: int | None = None
    promised: int = 0
    body: str | None = None
    queries: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, query: str) -> str:
        self.queries.append(query)
        if self.body is not None:
            return self.body
        if "TAP_SCHEMA" in query:
            return votable({"column_name": "char"}, [(name,) for name in self.columns])
        if "count(*)" in query:
            return votable({"n": "int"}, [(self.counted,)])
        match = re.fullmatch(r"select (.+) from toi", query)
        assert match is not None
        selected = match[1].split(", ")
        places = [list(self.columns).index(name) for name in selected]
        rows = [tuple(row[place] for place in places) for row in self.rows]
        return votable({name: self.columns[name] for name in selected}, rows, self.status)


@contextmanager
def serving(archive: Archive) -> Iterator[Archive]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            query = parse_qs(form)["QUERY"][0]
            content = archive.answer(query).encode()
            self.send_response(archive.code)
            self.send_header("Content-Type", "application/x-votable+xml")
            self.send_header("Content-Length", str(len(content) + archive.promised))
            self.end_headers()
            self.wfile.write(content[: archive.cut])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    archive.url = f"http://127.0.0.1:{server.server_address[1]}/TAP"
    try:
        yield archive
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_whole_answer_is_the_missions_table() -> None:
    with serving(Archive()) as archive:
        obtained = obtain(TESS, archive_url=archive.url)
    assert obtained.kind is SourceKind.ARCHIVE
    assert obtained.description == "the NASA Exoplanet Archive's table toi"
    assert obtained.dated == datetime.now(tz=UTC).date()
    assert obtained.failures == ("No folder with tables of the archive is set.",)
    table = obtained.table
    assert table.names.tolist() == ["TOI 1000.01", "TOI 1000.10", "TOI 1001.01"]
    assert table.hosts.tolist() == ["50365310", "50365310", "88863718"]
    assert table.labels is not None
    assert table.labels.tolist() == ["false_positive", "confirmed", "candidate"]
    assert table.features["pl_trandep"].tolist() == [656.9, 1500.5, 1286.0]
    assert table.features["pl_orbper"].isna().tolist() == [False, True, False]


def test_only_the_registrys_columns_are_asked_for() -> None:
    with serving(Archive()) as archive:
        fetch(TESS, url=archive.url)
    assert archive.queries == [
        "select column_name from TAP_SCHEMA.columns where table_name = 'toi'",
        "select count(*) as n from toi",
        "select toi, tid, tfopwg_disp, pl_orbper, pl_trandep, st_teff, toi_created from toi",
    ]


def test_other_names_are_asked_for_and_kept_apart_from_the_table() -> None:
    columns = COLUMNS | {"ctoi_alias": "double"}
    rows = [(*ROWS[0], 88863718.01), *((*row, None) for row in ROWS[1:])]
    with serving(Archive(columns=columns, rows=rows)) as archive:
        obtained = obtain(TESS, archive_url=archive.url)
    assert archive.queries[-1].endswith("toi_created, ctoi_alias from toi")
    assert [(name.object_key, name.name) for name in obtained.other_names] == [
        ("TOI 1001.01", "CTOI 88863718.01")
    ]
    assert "ctoi_alias" not in obtained.table.frame


def test_the_same_rows_in_another_order_have_the_same_digest() -> None:
    with serving(Archive()) as archive:
        first = obtain(TESS, archive_url=archive.url)
    with serving(Archive(rows=ROWS[::-1])) as archive:
        second = obtain(TESS, archive_url=archive.url)
    with serving(Archive(rows=ROWS[:2], counted=2)) as archive:
        third = obtain(TESS, archive_url=archive.url)
    assert first.sha256 == second.sha256 != third.sha256


def refused(archive: Archive) -> str:
    with serving(archive), pytest.raises(ArchiveError) as caught:
        fetch(TESS, url=archive.url)
    return str(caught.value)


def test_an_answer_that_says_it_is_truncated_is_an_error() -> None:
    assert refused(Archive(status="OVERFLOW")) == (
        "The NASA Exoplanet Archive's answer is truncated."
    )


def test_an_answer_with_fewer_rows_than_were_counted_is_an_error() -> None:
    assert refused(Archive(counted=4)) == (
        "The NASA Exoplanet Archive answered 3 rows of table toi, which has 4: "
        "the answer is truncated."
    )


@pytest.mark.parametrize(
    "broken",
    [
        Archive(body="<html><body>Maintenance</body></html>"),
        Archive(body="not XML"),
        Archive(body=""),
        Archive(cut=300),
        Archive(body=votable({"n": "int"}, [(1,)])[:-60]),
        Archive(promised=100),
    ],
    ids=["html", "text", "empty", "cut-off", "unfinished", "closed-early"],
)
def test_a_damaged_answer_is_an_error(broken: Archive) -> None:
    assert refused(broken) == ("The NASA Exoplanet Archive's answer is damaged or not a table.")


@pytest.mark.parametrize("code", [403, 404, 500, 503])
def test_a_refusal_is_an_error_that_names_the_code(code: int) -> None:
    assert refused(Archive(code=code, body="no")) == (
        f"The NASA Exoplanet Archive refused the request (HTTP {code})."
    )


def test_a_rejected_query_is_an_error() -> None:
    assert refused(Archive(status="ERROR")) == ("The NASA Exoplanet Archive rejected the query.")


def test_a_table_without_the_label_is_an_error() -> None:
    assert refused(Archive(columns={"toi": "double"}, rows=[(1.0,)], counted=1)) == (
        "The NASA Exoplanet Archive has no table toi with the expected columns."
    )


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def test_without_a_network_the_archive_fails_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(UnavailableError) as caught:
        obtain(TESS, archive_url=f"http://127.0.0.1:{_closed_port()}/TAP")
    assert time.monotonic() - began < 5
    assert str(caught.value) == (
        "TESS objects of interest cannot be loaded. "
        "No folder with tables of the archive is set. "
        "The NASA Exoplanet Archive cannot be reached. "
        "The project carries no table of this mission. "
        "Load a file with: manage.py load_dataset tess --file PATH"
    )


def test_the_archives_answer_is_the_same_table_as_its_file(archive_dir: Path) -> None:
    path = archive_dir / "toi_2025.10.04_default65.csv"
    names = ["toi", "tid", "tfopwg_disp", "pl_orbper", "pl_trandep", "st_teff", "toi_created"]
    frame = pd.read_csv(path, comment="#", usecols=names, dtype={"toi": str})[names]
    rows = list(frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None))
    columns = {name: COLUMNS[name] for name in names}
    with serving(Archive(columns=columns, rows=rows, counted=len(rows))) as archive:
        table = obtain(TESS, archive_url=archive.url).table
    file = read_table(path, TESS, require_labels=True)
    order = file.frame["toi"].astype(float).argsort(kind="stable")
    expected = file.take(order.to_numpy()).frame[table.frame.columns]
    pd.testing.assert_frame_equal(table.frame, expected, check_exact=True)
