"""What does not fit, where nobody else can be harmed and where somebody can."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from exoplanet import version
from exoplanet.supervisor import fit
from exoplanet.supervisor.joining import Joining
from exoplanet.supervisor.roles import ALL, Role, roles_named
from sessions_app.exceptions import StoreError
from sessions_app.files import store_identity
from sessions_app.models import Host, Installation
from tests.buckets import other_host

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from tests.buckets import Bucket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]


def sign(reported: list[str] | None = None, *, owns_database: bool = True) -> None:
    said = [] if reported is None else reported
    Joining(roles=ALL, owns_database=owns_database, report=said.append).sign()


def misfits(*, owns_database: bool) -> fit.Misfits:
    return fit.misfits(roles=ALL, owns_database=owns_database)


def starts(sentences: list[str]) -> list[str]:
    return [sentence.split(":")[0] for sentence in sentences]


def test_the_first_host_marks_its_files_and_leaves_word_of_itself(
    settings: SettingsWrapper, media: Path
) -> None:
    settings.EXOPLANET_HOST_NAME = "first"
    sign()
    shared = Installation.objects.get()
    assert (media / "store_identity").read_text() == f"{shared.store}\n"
    assert settings.SECRET_KEY not in (shared.key_digest, str(shared.store))
    host = Host.objects.get()
    assert (host.name, host.roles) == ("first", ["reaper", "web", "workers"])
    assert (host.version, host.libraries["numpy"]) == (
        version.code_version(),
        version.libraries()["numpy"],
    )
    assert misfits(owns_database=False) == misfits(owns_database=True) == fit.Misfits()


def test_whoever_owns_the_database_is_warned_where_others_are_refused(
    settings: SettingsWrapper, media: Path
) -> None:
    sign()
    settings.SECRET_KEY = "another key" * 10
    (media / "store_identity").unlink()
    assert starts(misfits(owns_database=False).refusals) == [
        "The secret key is not the one that this database's first host uses",
        "The files are not seen",
    ]
    assert misfits(owns_database=False).warnings == []
    reported: list[str] = []
    sign(reported)
    assert reported == [
        (
            "Warning: The secret key is another one than before: who was signed in has to sign in"
            " again."
        ),
        (
            f"Warning: The media folder {media} is not the one that this database was used with:"
            " models and files of earlier sessions may be missing."
        ),
    ]
    # From now on they are its own.
    assert misfits(owns_database=False) == fit.Misfits()


def test_the_files_of_another_database_are_refused_or_warned_of(media: Path) -> None:
    store_identity.mark(uuid.uuid4())
    assert starts(misfits(owns_database=False).refusals) == [
        (
            f"The media folder {media} belongs to another database, and what this one does not name"
            " would be deleted from it"
        )
    ]
    reported: list[str] = []
    sign(reported)
    assert starts(reported) == ["Warning"]
    assert store_identity.marked() == Installation.objects.get().store


def test_the_mark_of_a_bucket_is_in_the_bucket_and_seen_by_hosts_with_folders_of_their_own(
    bucket: Bucket, settings: SettingsWrapper, tmp_path: Path
) -> None:
    sign(owns_database=False)
    assert bucket.names() == ["store_identity"]
    other_host(settings, tmp_path / "second")
    assert misfits(owns_database=False) == fit.Misfits()
    # What this host has a copy of says nothing of a bucket that is another one.
    bucket.put("store_identity", f"{uuid.uuid4()}\n".encode())
    (refusal,) = misfits(owns_database=False).refusals
    assert refusal == (
        f"The files are not seen: the bucket {bucket.name}/playground is not the one that this"
        " database's hosts use; name that one by EXOPLANET_STORAGE, or, where the files were"
        " restored to a new place or are lost, run `manage.py adopt media`."
    )


def test_a_host_does_not_join_while_it_cannot_see_whose_the_bucket_is(bucket: Bucket) -> None:
    sign()
    bucket.server.stop()
    with pytest.raises(StoreError):
        misfits(owns_database=False)


def test_a_mark_that_is_no_mark_is_none(media: Path) -> None:
    (media / "store_identity").write_text("planets")
    assert store_identity.marked() is None


def test_a_database_with_fewer_connections_than_a_host_may_want_is_told(
    settings: SettingsWrapper,
) -> None:
    sign()
    settings.EXOPLANET_WORKERS = 1000
    (warning,) = misfits(owns_database=False).warnings
    assert warning.endswith(
        " connections at a time, and this host alone may want 3093: raise its max_connections."
    )
    # Its own is started with as many as are needed.
    assert misfits(owns_database=True).warnings == []


def test_a_host_that_does_not_prepare_waits_for_tables_and_for_the_first_sign() -> None:
    assert fit.missing_migrations() == set()
    assert not fit.is_prepared()
    sign()
    assert fit.is_prepared()


def test_roles_are_named_one_by_one_or_all_at_once() -> None:
    assert roles_named([]) == roles_named(["all"]) == roles_named(["web", "all"]) == ALL
    assert roles_named(["web", "reaper"]) == {Role.WEB, Role.REAPER}


def test_a_line_of_the_code_or_of_a_page_makes_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "BASE_DIR", tmp_path)
    read = version.code_version.__wrapped__
    seen = set()
    for name, text in (
        ("mlcore/tasks.py", "one"),
        ("mlcore/tasks.py", "two"),
        ("mlcore/other.py", ""),
        ("templates/page.html", "one"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        seen.add(read())
    assert len(seen) == 4
    # What is no code makes none.
    (tmp_path / "mlcore" / "notes.txt").write_text("three")
    assert read() in seen
