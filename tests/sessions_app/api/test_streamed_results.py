"""A result as JSON that is written once: the same object, in a memory that does not grow."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.api import legacy
from sessions_app.api.legacy import _model_info, _prediction
from sessions_app.api.serializers import ObjectPredictionSerializer, ResultFactsSerializer
from sessions_app.files import storage, written
from tests.served import strict_json
from tests.sessions_app.results import an_object, keep_objects, objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db

ADDRESSES = ["/api/custom/result/{id}", "/api/v1/training-sessions/{id}/result?include=predictions"]


@pytest.fixture
def with_rows(
    media: Path, make_session: Callable[..., TrainingSession]
) -> Callable[[int], TrainingSession]:
    """Return a function that writes a completed session with so many objects."""

    def make(rows: int) -> TrainingSession:
        columns = [f"column_{n}" for n in range(20)]
        model: dict[str, Any] = {"columns": columns, "model_type": "decision_tree", "seed": 0}
        session = make_session(
            model=model
            | {"hyperparameters": {}, "test_rows": rows, "versions": {}, "train_rows": 1}
        )
        keep_objects(
            session,
            [
                an_object(
                    n,
                    name=f"K{n:05}.01 “é”",
                    values=[None, *(float(n) for n in range(19))],
                    contributions=[1e-300 * n for n in range(20)],
                    reasons=["Transit depth of 603 ppm speaks for a planet"] * 5,
                )
                for n in range(1, rows + 1)
            ],
        )
        return session

    return make


def whole(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.sampled("1")
@pytest.mark.parametrize("rows", [0, 1, 600])
def test_both_interfaces_give_the_same_object_as_in_one_piece(
    client: Client, with_rows: Callable[[int], TrainingSession], rows: int
) -> None:
    session = with_rows(rows)
    old, new = (client.get(address.format(id=session.pk)) for address in ADDRESSES)
    assert old["Content-Type"] == new["Content-Type"] == "application/json"
    columns = session.model["columns"] if session.model else []
    context = {"columns": columns, "explained": ""}
    predictions = ObjectPredictionSerializer(objects(session), many=True, context=context).data
    assert strict_json(whole(new).decode()) == json.loads(
        json.dumps(
            ResultFactsSerializer(session).data | {"predictions": predictions},
            default=str,
        )
    )
    assert strict_json(whole(old).decode()) == {
        "success": True,
        "metrics": {
            "rows": session.model["test_rows"],
            "note": "No row has a true label, so that nothing can be measured.",
        },
        "predictions": [_prediction(row, columns) for row in objects(session)],
        "model_info": _model_info(session),
        "warnings": [],
    }


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/training-sessions/{id}/export"])
def test_who_reads_what_is_written_has_no_report_read(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str
) -> None:
    asked = address.format(id=with_rows(3).pk)
    client.get(asked)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(asked).status_code == 200
    read = [query["sql"] for query in queries]
    assert read
    assert not [sql for sql in read if '"report"' in sql or '"traceback"' in sql]


@pytest.mark.parametrize(
    "address", [pytest.param(ADDRESSES[0], marks=pytest.mark.long), ADDRESSES[1]]
)
def test_four_times_the_rows_take_no_more_memory(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str
) -> None:
    peaks = []
    for rows in (500, 500, 2000):
        asked = address.format(id=with_rows(rows).pk)
        tracemalloc.start()
        size = sum(len(piece) for piece in client.get(asked).streaming_content)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert size > rows * 500
    # The first one also loads what is loaded once.
    assert peaks[2] < 1.3 * peaks[1]


@pytest.mark.parametrize("address", ADDRESSES)
def test_whoever_takes_gzip_gets_the_file_as_it_lies_there_and_others_its_content(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str
) -> None:
    asked = address.format(id=with_rows(600).pk)
    packed = client.get(asked, headers={"Accept-Encoding": "br, gzip"})
    plain = client.get(asked)
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in packed["Vary"]
    assert "Accept-Encoding" in plain["Vary"]
    content = whole(packed)
    assert int(packed["Content-Length"]) == len(content)
    assert gzip.decompress(content) == whole(plain)
    assert packed["ETag"] != plain["ETag"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_who_has_it_already_is_told_so(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str, encoding: str
) -> None:
    asked = address.format(id=with_rows(3).pk)
    first = client.get(asked, headers={"Accept-Encoding": encoding})
    whole(first)
    headers = {"Accept-Encoding": encoding, "If-None-Match": first["ETag"]}
    again = client.get(asked, headers=headers)
    assert (again.status_code, again.getvalue()) == (304, b"")
    assert again["ETag"] == first["ETag"]
    headers["If-None-Match"] = '"something-else"'
    another = client.get(asked, headers=headers)
    assert (another.status_code, len(whole(another)) > 0) == (200, True)


def test_a_download_that_broke_off_goes_on_where_it_did(
    client: Client, with_rows: Callable[[int], TrainingSession]
) -> None:
    asked = ADDRESSES[0].format(id=with_rows(600).pk)
    first = client.get(asked, headers={"Accept-Encoding": "gzip"})
    content = whole(first)
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=1000-"}
    rest = client.get(asked, headers=headers | {"If-Range": first["ETag"]})
    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 1000-{len(content) - 1}/{len(content)}"
    assert whole(rest) == content[1000:]
    # Of what has changed meanwhile there is no rest.
    another = client.get(asked, headers=headers | {"If-Range": '"another"'})
    assert (another.status_code, whole(another)) == (200, content)


def test_readers_at_once_have_it_written_once(
    with_rows: Callable[[int], TrainingSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, begun = with_rows(1), []

    def pieces() -> Iterator[bytes]:
        begun.append(1)
        yield b"a"
        yield b"b"

    with ThreadPoolExecutor(8) as readers:
        paths = list(
            readers.map(lambda _: written.written_once(session.pk, "x.json", "v", pieces), range(8))
        )
    assert len(begun) == 1
    assert len(set(paths)) == 1
    assert gzip.decompress(paths[0].read_bytes()) == b"ab"


def test_a_result_that_grew_is_written_anew_and_the_old_file_goes(
    client: Client, with_rows: Callable[[int], TrainingSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = with_rows(3)
    asked = ADDRESSES[0].format(id=session.pk)
    first = client.get(asked)
    whole(first)
    session.finished_at = session.created_at
    session.save()
    second = client.get(asked)
    whole(second)
    assert second["ETag"] != first["ETag"]
    files = storage.results_folder(session.pk) / written.WRITTEN
    assert len(list(files.glob("*.gz"))) == 1


def test_what_fails_while_it_is_written_leaves_nothing(
    client: Client, with_rows: Callable[[int], TrainingSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = with_rows(3)
    asked = ADDRESSES[0].format(id=session.pk)
    with monkeypatch.context() as broken:
        broken.setattr(legacy, "_prediction", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            client.get(asked)
    files = storage.results_folder(session.pk) / written.WRITTEN
    assert list(files.glob("*.gz")) == []
    assert len(strict_json(whole(client.get(asked)).decode())["predictions"]) == 3


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_result_whose_file_is_gone_says_so(
    client: Client, with_rows: Callable[[int], TrainingSession], address: str
) -> None:
    session = with_rows(3)
    storage.remove(storage.results_folder(session.pk))
    answer = client.get(address.format(id=session.pk))
    assert answer.status_code == 410
    assert "no longer on this server" in answer.content.decode()
