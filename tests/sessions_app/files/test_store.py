"""What a store of files promises, wherever it is."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.exceptions import DamagedError
from sessions_app.files import storage
from sessions_app.files.object_store import ObjectStore
from sessions_app.files.store import LocalStore
from sessions_app.files.written import written_once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sessions_app.files.store import Store


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> Store:
    request.getfixturevalue("media" if request.param == "folder" else "bucket")
    made = storage.store()
    assert isinstance(made, LocalStore if request.param == "folder" else ObjectStore)
    return made


@pytest.fixture
def new(tmp_path: Path, media: Path) -> Any:
    def make(content: bytes | dict[str, bytes]) -> Path:
        path = media / "incoming" / str(uuid.uuid4())
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            for name, each in content.items():
                (path / name).parent.mkdir(parents=True, exist_ok=True)
                (path / name).write_bytes(each)
        return path

    return make


def model(**files: bytes) -> dict[str, bytes]:
    """Return the files of a model's folder, the manifest among them."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {**files, "manifest.json": json.dumps({"sha256": digests}).encode()}


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_file_that_is_kept_can_be_read_and_is_nowhere_else(store: Store, new: Any) -> None:
    path = new(b"rows")
    store.keep_file(path, "uploads/one")
    assert not path.exists()
    assert store.file("uploads/one").read_bytes() == b"rows"
    assert store.file("uploads/one", sha256=hashlib.sha256(b"rows").hexdigest()).is_file()
    assert store.exists("uploads/one")


def test_what_is_not_kept_is_not_there(store: Store) -> None:
    assert not store.file("uploads/none").exists()
    assert not store.folder("artifacts/none").exists()
    assert not store.folder("results/none").exists()
    for name in ("uploads/none", "artifacts/none", "results/none"):
        assert not store.exists(name)
        assert store.facts(name) is None
        store.remove(name)
    assert store.listed("artifacts") == []


def test_a_file_that_cannot_be_kept_leaves_the_old_one(
    store: Store, new: Any, tmp_path: Path
) -> None:
    store.keep_file(new(b"old"), "datasets/one")
    with pytest.raises(FileNotFoundError):
        store.keep_file(tmp_path / "gone", "datasets/one")
    assert store.file("datasets/one").read_bytes() == b"old"


def test_a_models_folder_is_kept_whole_with_what_lies_deep_in_it(store: Store, new: Any) -> None:
    files = model(model=b"trees", **{"deep/stars": b"[]"})
    path = new(files)
    store.keep_folder(path, "artifacts/one")
    assert not path.exists()
    assert files_in(store.folder("artifacts/one")) == files
    assert store.exists("artifacts/one")


def test_a_kept_folder_replaces_what_an_earlier_attempt_left(store: Store, new: Any) -> None:
    for content in (b"old", b"new"):
        store.keep_folder(
            new({"predictions.parquet": content, f"{content.decode()}.json": content}),
            "results/one",
        )
        expected = {"predictions.parquet": content, f"{content.decode()}.json": content}
        assert files_in(store.folder("results/one")) == expected


def test_what_is_removed_is_gone_and_the_rest_stays(store: Store, new: Any) -> None:
    store.keep_file(new(b"1"), "uploads/one")
    for name in ("one", "other"):
        store.keep_folder(new(model(model=b"trees")), f"artifacts/{name}")
    for name in ("uploads/one", "artifacts/one"):
        store.remove(name)
        assert not store.exists(name)
    assert not store.file("uploads/one").exists()
    assert not store.folder("artifacts/one").exists()
    assert files_in(store.folder("artifacts/other")) == model(model=b"trees")


def test_what_is_kept_is_listed_with_its_size_and_time(store: Store, new: Any) -> None:
    files = model(model=b"trees")
    before = int(time.time()) - 1
    store.keep_folder(new(files), "artifacts/b")
    store.keep_folder(new(files), "artifacts/a")
    store.keep_file(new(b"rows"), "uploads/one")
    assert store.listed("artifacts") == ["artifacts/a", "artifacts/b"]
    assert store.listed("uploads") == ["uploads/one"]
    assert store.listed("datasets") == []
    for name, size in (("artifacts/a", sum(map(len, files.values()))), ("uploads/one", 4)):
        facts = store.facts(name)
        assert facts is not None
        assert facts.size == size
        assert before <= facts.changed_at <= time.time() + 1


def test_a_store_that_answers_keeps_nobody_waiting(store: Store) -> None:
    store.wait()


def test_the_same_names_are_in_the_folder_and_in_the_bucket(
    bucket: Any, media: Path, new: Any
) -> None:
    contents = {
        "uploads/one": b"rows",
        "artifacts/one": model(model=b"trees"),
        "results/one": {"predictions.parquet": b"rows"},
    }
    for made in (LocalStore(), ObjectStore()):
        for name, content in contents.items():
            (made.keep_file if isinstance(content, bytes) else made.keep_folder)(new(content), name)
    lying = sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())
    assert bucket.names() == lying


def test_a_path_in_the_media_folder_is_the_name_of_what_lies_elsewhere(
    bucket: Any, media: Path, new: Any
) -> None:
    session_id = uuid.uuid4()
    storage.keep_folder(new(model(model=b"trees")), storage.artifact_folder(session_id))
    storage.keep_file(new(b"rows"), "uploads/one")
    place = storage.artifact_folder(session_id)
    assert storage.listed("artifacts") == [place]
    assert storage.exists(place)
    assert storage.size_of(storage.media_path("uploads/one")) == 4
    assert storage.changed_at(place) is not None
    assert not place.exists()
    assert files_in(storage.local_folder(place)) == model(model=b"trees")
    storage.remove(place)
    assert not storage.exists(place)
    assert bucket.names() == ["uploads/one"]
    # The rest of the media folder is this host's own.
    assert storage.refits_folder().is_dir()
    assert storage.listed("refits") == []


def test_nothing_but_what_is_written_on_demand_stays_behind_when_results_are_kept(
    bucket: Any, new: Any
) -> None:
    files = {"predictions.parquet": b"rows", "written/table.csv.gz": b"compressed"}
    storage.store().keep_folder(new(files), "results/one")
    assert bucket.names() == ["results/one/predictions.parquet"]


def test_who_reads_a_result_or_writes_a_download_of_it_goes_on_while_it_is_replaced(
    store: Store, new: Any
) -> None:
    session_id = uuid.uuid4()
    name = f"results/{session_id}"
    store.keep_folder(new({"predictions.parquet": b"old"}), name)
    reading = (store.folder(name) / "predictions.parquet").open("rb")

    def pieces() -> Iterator[bytes]:
        yield b"begun, "
        store.keep_folder(new({"predictions.parquet": b"new"}), name)
        yield b"ended"

    with reading:
        written = written_once(session_id, "table.csv", "1", pieces, compressed=False)
        assert reading.read() == b"old"
    assert written.read_bytes() == b"begun, ended"
    assert (store.folder(name) / "predictions.parquet").read_bytes() == b"new"


# The copies of a host


def test_what_is_immutable_is_never_asked_for_twice(bucket: Any, new: Any) -> None:
    store = storage.store()
    digest = hashlib.sha256(b"rows").hexdigest()
    bucket.put("datasets/one", b"rows")
    store.keep_folder(new(model(model=b"trees")), "artifacts/one")
    with bucket.requests() as first:
        store.file("datasets/one", sha256=digest)
        store.folder("artifacts/one")
    assert first.count("GetObject") >= 3
    with bucket.requests() as second:
        assert store.file("datasets/one", sha256=digest).read_bytes() == b"rows"
        assert files_in(store.folder("artifacts/one")) == model(model=b"trees")
    assert second == []


def test_a_file_that_this_host_has_kept_is_not_fetched(bucket: Any, new: Any) -> None:
    storage.keep_file(new(b"rows"), "uploads/one")
    with bucket.requests() as asked:
        assert storage.local_file("uploads/one").read_bytes() == b"rows"
    assert asked == []


@pytest.mark.parametrize("damage", [b"", b"ro", b"rowz", b"rows and more"])
def test_a_damaged_copy_of_a_file_is_fetched_again(bucket: Any, new: Any, damage: bytes) -> None:
    digest = hashlib.sha256(b"rows").hexdigest()
    storage.keep_file(new(b"rows"), "uploads/one")
    storage.local_file("uploads/one", sha256=digest).write_bytes(damage)
    assert storage.local_file("uploads/one", sha256=digest).read_bytes() == b"rows"


@pytest.mark.parametrize("damaged", ["model", "manifest.json", "one more"])
def test_a_damaged_copy_of_a_model_is_fetched_again(bucket: Any, new: Any, damaged: str) -> None:
    files = model(model=b"trees")
    storage.store().keep_folder(new(files), "artifacts/one")
    copy = storage.store().folder("artifacts/one")
    (copy / damaged).write_bytes(b"{}")
    assert files_in(storage.store().folder("artifacts/one")) == files
    (copy / "manifest.json").unlink()
    assert files_in(storage.store().folder("artifacts/one")) == files


def test_a_result_that_another_host_has_replaced_is_fetched_again(
    bucket: Any, new: Any, settings: Any, tmp_path: Path
) -> None:
    store = storage.store()
    here = settings.EXOPLANET_STATE_DIR
    store.keep_folder(new({"predictions.parquet": b"first answer"}), "results/one")
    assert files_in(store.folder("results/one")) == {"predictions.parquet": b"first answer"}
    with bucket.requests() as asked:
        store.folder("results/one")
    assert "GetObject" not in asked
    settings.EXOPLANET_STATE_DIR = tmp_path / "another host"
    store.keep_folder(new({"predictions.parquet": b"deepened answer"}), "results/one")
    settings.EXOPLANET_STATE_DIR = here
    assert files_in(store.folder("results/one")) == {"predictions.parquet": b"deepened answer"}
    store.remove("results/one")
    assert not store.folder("results/one").exists()


def test_an_object_that_is_damaged_in_the_store_is_refused(bucket: Any, new: Any) -> None:
    storage.store().keep_folder(new(model(model=b"trees")), "artifacts/one")
    bucket.put("artifacts/one/model", b"weeds")
    with pytest.raises(DamagedError, match="artifacts/one in the store of files is not"):
        storage.store().folder("artifacts/one")
    bucket.put("uploads/one", b"weeds")
    with pytest.raises(DamagedError, match="uploads/one in the store of files is not"):
        storage.local_file("uploads/one", sha256=hashlib.sha256(b"rows").hexdigest())
    cache = storage.host_cache()
    assert cache is not None
    assert cache.entries() == []


def test_a_manifest_leads_nowhere_out_of_its_folder(bucket: Any, tmp_path: Path) -> None:
    digests = {"../../../outside": hashlib.sha256(b"weeds").hexdigest()}
    bucket.put("artifacts/one/manifest.json", json.dumps({"sha256": digests}).encode())
    with pytest.raises(DamagedError, match="artifacts/one"):
        storage.store().folder("artifacts/one")
    assert list(tmp_path.rglob("outside*")) == []


def test_what_was_used_longest_ago_goes_first_and_never_what_a_job_reads(
    bucket: Any, new: Any
) -> None:
    cache = storage.host_cache()
    assert cache is not None
    for age, name in enumerate(("young", "read", "old", "oldest")):
        storage.keep_file(new(bytes(1000)), f"uploads/{name}")
        storage.local_file(f"uploads/{name}")
        last = time.time() - 1000 * (age + 1)
        os.utime(cache.path(f"uploads/{name}"), (last, last))
    names = [entry.name for entry in cache.entries()]
    assert names == [f"uploads/{name}" for name in ("oldest", "old", "read", "young")]
    with storage.for_a_job():
        storage.local_file("uploads/read")
        last = time.time() - 2500
        os.utime(cache.path("uploads/read"), (last, last))
        assert [entry.name for entry in cache.prune(3000)] == ["uploads/oldest"]
        assert [entry.name for entry in cache.prune(1000)] == ["uploads/old", "uploads/young"]
        assert cache.prune(0) == []
    assert [entry.name for entry in cache.prune(0)] == ["uploads/read"]
    assert storage.local_file("uploads/read").read_bytes() == bytes(1000)
    # What was just used stays, for whoever has been given its path.
    assert cache.prune(0) == []
