"""Users' files and the missions' tables in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse

from sessions_app.files import check_upload, storage
from sessions_app.models import SnapshotLoad, UploadedFile
from tests.sessions_app.reviewers import KEPLER, reviewer
from tests.sessions_app.services.ended_sessions import ended
from tests.sessions_app.snapshots import kept_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

TABLE = b"kepoi_name,koi_period\n" + b"".join(b"<b>%d</b>,%d.5\n" % (n, n) for n in range(25))
READING = {
    "training_file": {
        "headings": [
            {
                "heading": "kepoi_name", "column": "kepoi_name", "matched": "name", "unit": None,
                "converted_from": None, "converted_to": None, "use": "identifier", "why": "",
            },
        ],
        "label": None,
        "notes": ["A blank row was left out, and that is a sentence of some length."],
    }
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def readers() -> Iterator[None]:
    yield
    check_upload.close()


@pytest.fixture
def file() -> UploadedFile:
    session = ended()
    session.reading = READING
    session.owner = User.objects.create_user("bob")
    session.save()
    made = UploadedFile.objects.get()
    with storage.unfinished_file() as path:
        path.write_bytes(TABLE)
        storage.keep_file(path, made.file.name)
    UploadedFile.objects.update(name="my table.csv", sha256="")
    return UploadedFile.objects.get()


def page(client: Client, record: UploadedFile | DatasetSnapshot, **query: str) -> str:
    name = f"admin:sessions_app_{record._meta.model_name}_change"
    answer = client.get(reverse(name, args=[record.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_file_shows_its_first_rows_how_it_was_read_and_whose_it_is(
    admin_client: Client, file: UploadedFile
) -> None:
    shown = page(admin_client, file)
    assert "The first 10 rows, as the file has them." in shown
    assert "&lt;b&gt;9&lt;/b&gt;" in shown
    assert "&lt;b&gt;10&lt;/b&gt;" not in shown
    assert "9.5" in shown
    assert "A blank row was left out" in shown
    assert ">bob</a>" in shown
    # What no reader takes, and what is gone, is said in a sentence.
    with storage.unfinished_file() as path:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        storage.keep_file(path, file.file.name)
    assert "It cannot be shown:" in page(admin_client, file)
    storage.remove(storage.media_path(file.file.name))
    assert "The file is no longer on this server." in page(admin_client, file)


def test_a_file_is_downloaded_as_it_is_and_that_is_recorded(
    admin_client: Client, file: UploadedFile, client: Client
) -> None:
    address = reverse("admin:sessions_app_uploadedfile_download", args=[file.pk])
    assert address in page(admin_client, file)
    sent = admin_client.get(address)
    assert b"".join(sent.streaming_content) == TABLE
    assert sent["Content-Disposition"] == 'attachment; filename="my table.csv"'
    assert sent["Content-Type"] == "application/octet-stream"
    assert [entry.change_message for entry in LogEntry.objects.all()] == ["It was downloaded."]
    storage.remove(storage.media_path(file.file.name))
    assert admin_client.get(address).status_code == 404
    client.force_login(User.objects.create_user("eve", is_staff=True))
    assert client.get(address).status_code == 403


def test_two_snapshots_are_compared_on_the_page_of_one(admin_client: Client) -> None:
    older = kept_snapshot(KEPLER, dated="2019-01-20")
    changed = {**KEPLER, "koi_disposition": ["FALSE POSITIVE", *KEPLER["koi_disposition"][1:]]}
    newer = kept_snapshot(changed, dated="2025-10-04")
    kept_snapshot({"toi": ["1.01"], "tfopwg_disp": ["PC"]}, mission="tess")
    assert "Differences" not in page(admin_client, newer)
    assert page(admin_client, newer).count("<option") == 1
    for one, other in ((newer, older), (older, newer)):
        shown = page(admin_client, one, other=str(other.pk))
        assert "K00001.01: confirmed → false positive" in shown
    (admin_path := storage.media_path(older.file.name)).unlink()
    assert not admin_path.exists()


def test_a_lost_table_is_told_where_it_would_be_compared(admin_client: Client) -> None:
    older = kept_snapshot({**KEPLER, "koi_period": [2.0] * 12})
    newer = kept_snapshot({**KEPLER, "koi_period": [3.0] * 12})
    storage.media_path(older.file.name).unlink()
    shown = page(admin_client, newer, other=str(older.pk))
    assert "no longer on this server" in shown


def test_a_table_is_asked_for_again_and_its_progress_is_shown(admin_client: Client) -> None:
    listed = reverse("admin:sessions_app_datasetsnapshot_changelist")
    address = reverse("admin:sessions_app_datasetsnapshot_reload", args=["kepler"])
    assert address in admin_client.get(listed).content.decode()
    assert admin_client.get(address).status_code == 405
    begun = admin_client.post(address, follow=True)
    load = SnapshotLoad.objects.get()
    assert "Waiting for a worker" in begun.content.decode()
    assert "admin_load.js" in begun.content.decode()
    again = admin_client.post(address, follow=True)
    assert "is being loaded already" in again.content.decode()
    assert "Waiting for a worker" in admin_client.get(listed).content.decode()
    snapshot = kept_snapshot(KEPLER)
    SnapshotLoad.objects.update(finished_at=load.requested_at, snapshot=snapshot, is_new=True)
    here = reverse("admin:sessions_app_datasetsnapshot_load", args=[load.pk])
    ended_page = admin_client.get(here).content.decode()
    assert "The table is loaded and current" in ended_page
    assert "admin_load.js" not in ended_page
    SnapshotLoad.objects.update(snapshot=None, error="No source has it.")
    assert "No source has it." in admin_client.get(here).content.decode()


def test_a_reviewer_sees_tables_and_files_and_loads_none(
    client: Client, file: UploadedFile
) -> None:
    snapshot = kept_snapshot(KEPLER)
    client.force_login(reviewer())
    assert "rows, as the file has them" in page(client, file)
    assert str(snapshot) in page(client, snapshot)
    address = reverse("admin:sessions_app_datasetsnapshot_reload", args=["kepler"])
    listed = client.get(reverse("admin:sessions_app_datasetsnapshot_changelist"))
    assert address not in listed.content.decode()
    assert client.post(address).status_code == 403
    assert not SnapshotLoad.objects.exists()
