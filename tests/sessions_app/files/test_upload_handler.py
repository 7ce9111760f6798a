from __future__ import annotations

import errno
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.files.upload_handler import file_upload, limit_uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.http import HttpRequest
    from pytest_django.fixtures import SettingsWrapper

LIMIT = 10**6


@pytest.fixture(autouse=True)
def incoming(settings: SettingsWrapper, tmp_path: Path) -> Path:
    settings.EXOPLANET_UPLOAD_LIMIT_MB = 1
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


@pytest.fixture
def send(incoming: Path) -> Iterator[Callable[..., HttpRequest]]:
    """Make a request with files of these sizes; it is closed as the server closes one."""
    made = []

    def request(name: str = "行星.csv", **sizes: int) -> HttpRequest:
        files = {field: SimpleUploadedFile(name, b"x" * size) for field, size in sizes.items()}
        made.append(RequestFactory().post("/", files))
        limit_uploads(made[-1])
        return made[-1]

    yield request
    for http_request in made:
        http_request.close()


def test_a_file_of_exactly_the_limit_arrives_whole_under_the_users_name(
    send: Callable[..., HttpRequest],
) -> None:
    upload = file_upload(send(training_file=LIMIT).FILES["training_file"])
    assert upload.name == "行星.csv"
    assert upload.path.stat().st_size == LIMIT


def test_even_a_small_file_lies_where_keeping_it_is_a_rename(
    incoming: Path, send: Callable[..., HttpRequest]
) -> None:
    received = send(training_file=1).FILES["training_file"]
    assert file_upload(received).path.parent == incoming


def test_the_first_byte_beyond_the_limit_refuses_the_file_by_its_field(
    incoming: Path, send: Callable[..., HttpRequest]
) -> None:
    made = send(training_file=10, testing_file=LIMIT + 1)
    with pytest.raises(RefusedError) as refused:
        _ = made.FILES
    assert refused.value.field == "testing_file"
    assert refused.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert refused.value.sentence == ("testing_file is too large: a file may have at most 1 MB.")


def test_a_refused_request_leaves_no_file(incoming: Path, send: Callable[..., HttpRequest]) -> None:
    with pytest.raises(RefusedError):
        _ = send(training_file=10, testing_file=LIMIT + 1).FILES
    assert list(incoming.iterdir()) == []


def test_two_files_may_have_the_limit_each(send: Callable[..., HttpRequest]) -> None:
    files = send(training_file=LIMIT, testing_file=LIMIT).FILES
    assert sorted(files) == ["testing_file", "training_file"]


def test_a_request_that_announces_too_much_is_refused_before_it_is_read() -> None:
    made = RequestFactory().post("/", b"", content_type="multipart/form-data; boundary=b")
    made.META["CONTENT_LENGTH"] = str(4 * LIMIT + 1)
    with pytest.raises(RefusedError) as refused:
        limit_uploads(made)
    assert refused.value.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("announced", ["", "many", "-1"])
def test_a_length_that_is_no_number_decides_nothing(announced: str) -> None:
    made = RequestFactory().post("/")
    made.META["CONTENT_LENGTH"] = announced
    limit_uploads(made)


@pytest.mark.parametrize(
    "name",
    [
        "行星 (copy).csv",
        "a." + "x" * 250,
        "table." + "é" * 200,
        "=cmd|' /C calc'!A0.csv",
        "<script>alert(1)</script>.csv",
        "a;b&c%00.csv",
        ".htaccess",
        "no extension",
    ],
)
def test_the_users_name_is_kept_for_display_and_nothing_of_it_names_the_file(
    send: Callable[..., HttpRequest], incoming: Path, name: str
) -> None:
    upload = file_upload(send(name, training_file=3).FILES["training_file"])
    assert upload.name == name.rsplit("/", maxsplit=1)[-1]
    assert upload.path.parent == incoming
    assert re.fullmatch(r"tmp\w+\.upload", upload.path.name)
    assert upload.path.read_bytes() == b"xxx"


@pytest.mark.parametrize("name", ["../../etc/passwd", "C:\\Users\\me\\passwd", "/etc/passwd"])
def test_a_path_in_the_users_name_is_left_out(send: Callable[..., HttpRequest], name: str) -> None:
    assert file_upload(send(name, training_file=3).FILES["training_file"]).name == "passwd"


def test_a_file_that_is_being_received_is_marked_as_in_use(
    send: Callable[..., HttpRequest],
) -> None:
    made = send(training_file=3)
    path = file_upload(made.FILES["training_file"]).path
    assert storage.is_in_use(path)
    made.close()
    assert not storage.is_in_use(path)


def test_a_full_disk_is_said_in_words_and_leaves_no_file(
    send: Callable[..., HttpRequest], incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(
        "sessions_app.files.upload_handler.TemporaryUploadedFile.write", full, raising=False
    )
    made = send(training_file=10)
    with pytest.raises(RefusedError) as refused:
        _ = made.FILES
    assert refused.value.status == HTTPStatus.INSUFFICIENT_STORAGE
    assert refused.value.field == "training_file"
    assert refused.value.sentence == (
        "The server has no room for the file at the moment; send it again later."
    )
    made.close()
    assert list(incoming.iterdir()) == []


def test_a_form_for_which_there_is_no_room_is_refused_before_it_is_read(
    settings: SettingsWrapper,
) -> None:
    settings.EXOPLANET_FREE_DISK_MB = 0
    made = RequestFactory().post("/", b"x", content_type="multipart/form-data; boundary=b")
    made.META["CONTENT_LENGTH"] = "1000"
    limit_uploads(made)
    settings.EXOPLANET_FREE_DISK_MB = 10**9
    with pytest.raises(RefusedError) as refused:
        limit_uploads(made)
    assert refused.value.status == HTTPStatus.INSUFFICIENT_STORAGE
    assert refused.value.sentence == (
        "The server has no room for the file at the moment; send it again later."
    )


def test_a_file_is_refused_when_the_room_goes_while_it_comes(
    send: Callable[..., HttpRequest], settings: SettingsWrapper, incoming: Path
) -> None:
    made = send(training_file=10)
    settings.EXOPLANET_FREE_DISK_MB = 10**9
    with pytest.raises(RefusedError) as refused:
        _ = made.FILES
    assert refused.value.status == HTTPStatus.INSUFFICIENT_STORAGE
    assert list(incoming.iterdir()) == []
