from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection

from mlcore.datasets import DATASETS, UnavailableError
from mlcore.datasets.snapshot import read_snapshot
from mlcore.errors import DataError
from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.files import storage
from sessions_app.models import DatasetSnapshot
from sessions_app.services import ArchiveData
from tests.sessions_app.real_rows import HEADER, KEPLER, drawn, kepler_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Obtained

pytestmark = pytest.mark.django_db


def load(path: Path, mission: str = "kepler") -> tuple[DatasetSnapshot, Obtained, bool]:
    return services.load_dataset(mission, file=path, folder=None)


def current() -> list[DatasetSnapshot]:
    return list(DatasetSnapshot.objects.filter(is_current=True))


def test_a_snapshot_says_what_was_loaded_and_from_where(media: Path, tmp_path: Path) -> None:
    path = kepler_file(tmp_path / "mine.csv")
    snapshot, obtained, created = load(path)
    frame = drawn("a")
    assert created
    assert snapshot.mission == "kepler"
    assert snapshot.is_current
    assert (snapshot.source, snapshot.source_description) == ("file", "the file mine.csv")
    assert snapshot.dated == date(2025, 10, 3)
    assert snapshot.sha256 == storage.sha256_of(path)
    assert snapshot.rows == len(frame)
    assert snapshot.columns == list(frame.columns)
    words = frame["koi_disposition"].value_counts()
    assert snapshot.label_counts == {
        "candidate": words["CANDIDATE"],
        "false_positive": words["FALSE POSITIVE"],
        "confirmed": words["CONFIRMED"],
    }
    assert obtained.failures == ()


def test_the_file_of_a_snapshot_is_named_by_its_digest(
    kepler: DatasetSnapshot, media: Path, kept: Callable[[], list[str]]
) -> None:
    digest = storage.sha256_of(media / kepler.file.name)
    assert kepler.file_sha256 == digest
    assert kept() == [f"datasets/kepler-{digest}.parquet"]


def test_the_same_file_twice_is_one_snapshot(
    media: Path, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    path = kepler_file(tmp_path / "mine.csv")
    first, _, _ = load(path)
    before = kept()
    again, _, created = load(kepler_file(tmp_path / "the same under another name.csv"))
    assert not created
    assert again == first
    assert again.is_current
    assert DatasetSnapshot.objects.count() == 1
    assert kept() == before


def test_a_new_load_becomes_current_and_older_sessions_keep_theirs(
    kepler: DatasetSnapshot, media: Path, tmp_path: Path
) -> None:
    content = (media / kepler.file.name).read_bytes()
    older = services.start_training(
        model_type="svm", hyperparameters={}, data=ArchiveData(mission="kepler")
    )
    newer, _, created = load(kepler_file(tmp_path / "newer.csv", "b"))
    assert created
    assert current() == [newer]
    older.refresh_from_db()
    assert older.snapshot == kepler
    assert (media / kepler.file.name).read_bytes() == content
    latest = services.start_training(
        model_type="svm", hyperparameters={}, data=ArchiveData(mission="kepler")
    )
    assert latest.snapshot == newer


def test_an_older_table_that_is_loaded_again_is_current_again(
    media: Path, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    old, new = kepler_file(tmp_path / "old.csv"), kepler_file(tmp_path / "new.csv", "b")
    first, _, _ = load(old)
    second, _, _ = load(new)
    again, _, created = load(old)
    assert (again, created) == (first, False)
    assert current() == [first]
    assert not DatasetSnapshot.objects.get(pk=second.pk).is_current
    assert len(kept()) == 2


def test_a_snapshot_whose_file_was_lost_gets_it_back_by_loading_it_again(
    media: Path, tmp_path: Path
) -> None:
    path = kepler_file(tmp_path / "mine.csv")
    snapshot, _, _ = load(path)
    (media / snapshot.file.name).unlink()
    load(path)
    assert storage.sha256_of(media / snapshot.file.name) == snapshot.file_sha256


def test_a_load_that_is_refused_leaves_everything_as_it_was(
    kepler: DatasetSnapshot, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    before = kept()
    path = kepler_file(tmp_path / "bad.csv", "b")
    path.write_text(path.read_text().replace("CONFIRMED", "PROBABLE"))
    with pytest.raises(DataError, match='unknown disposition "PROBABLE"'):
        load(path)
    assert current() == [kepler]
    assert DatasetSnapshot.objects.count() == 1
    assert kept() == before


def test_a_load_that_the_database_refuses_leaves_everything_as_it_was(
    kepler: DatasetSnapshot, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    before = kept()
    with connection.cursor() as cursor:
        # Undone with the test's transaction.
        cursor.execute("ALTER TABLE sessions_app_datasetsnapshot ADD CHECK (rows < 200) NOT VALID")
    with pytest.raises(DatabaseError):
        load(kepler_file(tmp_path / "new.csv", "b"))
    assert current() == [kepler]
    assert kept() == before


def test_a_load_whose_file_cannot_be_kept_leaves_everything_as_it_was(
    media: Path, tmp_path: Path
) -> None:
    (media / "datasets").write_text("in the way")
    with pytest.raises(OSError, match="datasets"):
        load(kepler_file(tmp_path / "new.csv"))
    assert not DatasetSnapshot.objects.exists()
    assert list((media / "incoming").iterdir()) == []


def at_once(paths: list[Path]) -> list[bool]:
    """Load each file in a thread of its own; return which loads made a snapshot."""
    start, made = threading.Barrier(len(paths)), []

    def run(path: Path) -> None:
        try:
            start.wait(10)
            made.append(load(path)[2])
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(made)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_different_loads_at_once_all_succeed_and_one_is_current(
    media: Path, tmp_path: Path, kept: Callable[[], list[str]]
) -> None:
    paths = [kepler_file(tmp_path / f"{draw}.csv", draw) for draw in "abcd"]
    assert at_once(paths) == [True] * 4
    assert DatasetSnapshot.objects.count() == 4
    assert len(current()) == 1
    assert kept() == sorted(DatasetSnapshot.objects.values_list("file", flat=True))
    # And where snapshots are there already.
    assert at_once(paths) == [False] * 4
    assert len(current()) == 1


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_same_load_several_times_at_once_makes_one_snapshot(
    media: Path, tmp_path: Path
) -> None:
    assert at_once([kepler_file(tmp_path / "mine.csv")] * 4) == [False] * 3 + [True]
    assert len(current()) == DatasetSnapshot.objects.count() == 1


def test_the_test_split_is_a_fifth_of_the_stars_and_divides_none(
    kepler: DatasetSnapshot, media: Path
) -> None:
    training, testing = read_snapshot(media / kepler.file.name, KEPLER)
    assert len(testing) == kepler.test_rows
    assert len(training) + len(testing) == kepler.rows
    learned, tested = set(training.hosts), set(testing.hosts)
    assert learned.isdisjoint(tested)
    assert len(tested) / (len(learned) + len(tested)) == pytest.approx(0.2, abs=0.02)
    for label, rows in testing.label_counts.items():
        assert rows / kepler.label_counts[label] == pytest.approx(0.2, abs=0.05)


def test_the_test_split_is_the_same_whenever_it_is_read(
    kepler: DatasetSnapshot, media: Path
) -> None:
    once, again = (read_snapshot(media / kepler.file.name, KEPLER) for _ in range(2))
    for one, other in zip(once, again, strict=True):
        assert one.frame.equals(other.frame)


def test_rows_in_another_order_have_the_same_test_stars(media: Path, tmp_path: Path) -> None:
    first, _, _ = load(kepler_file(tmp_path / "one.csv"))
    shuffled = drawn("a").sample(frac=1, random_state=1)
    (tmp_path / "other.csv").write_text(HEADER + shuffled.to_csv(index=False))
    second, _, _ = load(tmp_path / "other.csv")
    stars = [
        set(read_snapshot(media / loaded.file.name, KEPLER)[1].hosts) for loaded in (first, second)
    ]
    assert stars[0] == stars[1]


def test_a_given_file_comes_before_the_folder(
    media: Path, tmp_path: Path, archive_dir: Path
) -> None:
    path = kepler_file(tmp_path / "mine.csv")
    snapshot, obtained, _ = services.load_dataset("kepler", file=path, folder=archive_dir)
    assert snapshot.source == obtained.kind == "file"


@pytest.mark.sampled("tess-dated2-7703-counts2")
@pytest.mark.parametrize(
    ("mission", "dated", "rows", "counts"),
    [
        (
            "kepler",
            date(2025, 10, 4),
            9564,
            {"candidate": 1979, "false_positive": 4839, "confirmed": 2746},
        ),
        (
            "k2",
            date(2025, 10, 4),
            1806,
            {"candidate": 976, "false_positive": 250, "confirmed": 580},
        ),
        (
            "tess",
            date(2025, 10, 4),
            7703,
            {"candidate": 5141, "false_positive": 1295, "confirmed": 1267},
        ),
    ],
)
def test_the_newest_table_in_the_folder_comes_before_the_archive(
    mission: str,
    dated: date,
    rows: int,
    counts: dict[str, int],
    media: Path,
    archive_dir: Path,
    no_network: None,
) -> None:
    snapshot, obtained, _ = services.load_dataset(mission, file=None, folder=archive_dir)
    assert (snapshot.source, obtained.failures) == ("folder", ())
    assert (snapshot.dated, snapshot.rows, snapshot.label_counts) == (dated, rows, counts)
    assert snapshot.test_rows / snapshot.rows == pytest.approx(0.2, abs=0.01)


def test_without_folder_and_archive_kepler_is_the_carried_table_and_says_why(
    media: Path, tmp_path: Path, no_network: None
) -> None:
    steps: list[tuple[float, str]] = []
    snapshot, obtained, _ = services.load_dataset(
        "kepler", file=None, folder=tmp_path, progress=lambda *step: steps.append(step)
    )
    assert snapshot.source == "carried"
    assert snapshot.dated == date(2017, 7, 19)
    assert snapshot.rows == 8054
    assert snapshot.label_counts == {
        "candidate": 1797,
        "false_positive": 3976,
        "confirmed": 2281,
    }
    assert obtained.failures == (
        f"The folder {tmp_path.name} has no usable table of Kepler objects of interest.",
        "The NASA Exoplanet Archive cannot be reached.",
    )
    assert [step for _, step in steps] == [
        "Looking through the folder",
        "Asking the NASA Exoplanet Archive",
        "Reading the carried table",
        "Read the carried Kepler Q1-Q17 DR25 table of 2017",
    ]
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)


def test_a_table_in_the_folder_that_cannot_be_used_is_named_with_its_reason(
    media: Path, tmp_path: Path, no_network: None
) -> None:
    bad = kepler_file(tmp_path / "bad.csv")
    bad.write_text(bad.read_text().replace("CONFIRMED", "PROBABLE"))
    _, obtained, _ = services.load_dataset("kepler", file=None, folder=tmp_path)
    assert obtained.failures[0].startswith("bad.csv in the folder cannot be used: ")


@pytest.mark.parametrize("mission", ["k2", "tess"])
def test_a_mission_that_is_nowhere_names_the_command_that_loads_it(
    mission: str, media: Path, kept: Callable[[], list[str]], no_network: None
) -> None:
    with pytest.raises(UnavailableError) as unavailable:
        services.load_dataset(mission, file=None, folder=None)
    assert str(unavailable.value) == (
        f"{DATASETS[mission].title} cannot be loaded."
        " No folder with tables of the archive is set."
        " The NASA Exoplanet Archive cannot be reached."
        " The project carries no table of this mission."
        f" Load a file with: manage.py load_dataset {mission} --file PATH"
    )
    assert not DatasetSnapshot.objects.exists()
    assert kept() == []


def test_a_mission_that_is_not_loaded_is_refused_with_the_command_that_loads_it(
    kepler: DatasetSnapshot,
) -> None:
    assert services.current_snapshot("kepler", field="dataset_name") == kepler
    with pytest.raises(RefusedError) as refused:
        services.current_snapshot("tess", field="dataset_name")
    assert refused.value.field == "dataset_name"
    assert refused.value.sentence == (
        "dataset_name: the tess table is not loaded on this server;"
        " an operator loads it with `manage.py load_dataset tess`."
    )
