from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from mlcore import pretrained
from mlcore.pretrained import PUBLISHED
from mlcore.pretrained.load import MODELS_FOLDER
from mlcore.pretrained.packaging import CARD, read_json, unpack_archive
from sessions_app import services
from sessions_app.models import TrainingSession
from tests.sessions_app.real_rows import BEYOND_DEFAULT, kepler_file

if TYPE_CHECKING:
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

OF_KEPLER = ["kepler-vetting", "kepler-disposition", "kepler-wide-vetting"]


def train(*arguments: object) -> tuple[list[str], list[str]]:
    """Run the command with no folder unless one is given; return what it said on each stream."""
    out, err = StringIO(), StringIO()
    given = {} if "--folder" in arguments else {"folder": None}
    try:
        call_command("train_pretrained", *map(str, arguments), stdout=out, stderr=err, **given)
    finally:
        train.said = out.getvalue().splitlines(), err.getvalue().splitlines()
    return train.said


def refused(*arguments: object) -> tuple[str, list[str]]:
    with pytest.raises(CommandError) as error:
        train(*arguments)
    return str(error.value), train.said[1]


@pytest.mark.usefixtures("few_trees")
def test_it_publishes_a_model_and_says_how_good_it_is(kepler: DatasetSnapshot) -> None:
    said, complained = train("kepler-disposition")
    model = services.published_model("kepler", task="disposition")
    assert model is not None
    assert model.snapshot == kepler
    figure = model.card["headline"]
    assert said == [
        "kepler-disposition: training ...",
        (
            f"kepler-disposition: published as {model.pk}; F1 {figure['value']:.4f}"
            f" ({figure['low']:.4f} to {figure['high']:.4f}) on {kepler.test_rows} rows: the fixed"
            " test split: a fifth of the host stars, none of them trained on."
        ),
    ]
    assert complained == []


@pytest.mark.usefixtures("few_trees")
@pytest.mark.long
def test_a_mission_means_all_models_of_it_and_what_fails_is_an_error_after_the_others(
    tmp_path: Path,
) -> None:
    file = kepler_file(tmp_path / "default.csv", without=BEYOND_DEFAULT)
    services.load_dataset("kepler", file=file, folder=None)
    error, complained = refused("kepler")
    assert error == "Not published: kepler-wide-vetting."
    assert complained == [
        (
            "kepler-wide-vetting: This model is trained on the archive's full table, and what is"
            " loaded lacks its columns: name a folder that has it with --folder or"
            " EXOPLANET_ARCHIVE_DIR."
        )
    ]
    assert {session.card["name"] for session in TrainingSession.objects.all()} == set(OF_KEPLER[:2])


def test_a_mission_that_is_not_loaded_is_an_error_that_names_the_command() -> None:
    error, complained = refused("k2-vetting")
    assert error == "Not published: k2-vetting."
    assert complained == [
        (
            "k2-vetting: mission: the k2 table is not loaded on this server;"
            " an operator loads it with `manage.py load_dataset k2`."
        )
    ]


def test_a_table_that_cannot_be_read_is_an_error_that_says_why(
    kepler: DatasetSnapshot, media: Path
) -> None:
    (media / kepler.file.name).write_bytes(b"\x00rubbish")
    error, complained = refused("kepler-vetting")
    assert error == "Not published: kepler-vetting."
    assert complained == [
        (
            "kepler-vetting: The file is not a table;"
            " expected CSV or another table of text, XLSX, ODS, Parquet, JSON, VOTable or FITS."
        )
    ]
    assert not TrainingSession.objects.exists()


@pytest.mark.parametrize("what", ["--carry", "--check"])
def test_the_projects_own_models_are_trained_on_a_folders_tables_only(what: str) -> None:
    error, _ = refused("k2", what)
    assert error == (
        "--carry and --check need the archive's tables: name a folder with --folder or"
        " EXOPLANET_ARCHIVE_DIR."
    )


def test_a_folder_without_the_table_is_an_error(tmp_path: Path) -> None:
    error, complained = refused("kepler-wide-vetting", "--check", "--folder", tmp_path)
    assert error == "Not as carried: kepler-wide-vetting."
    assert complained[0].startswith("kepler-wide-vetting: The folder ")
    assert " has no full table of Kepler" in complained[0]


@pytest.mark.long
def test_check_trains_what_is_carried_again_and_publishes_nothing(archive_dir: Path) -> None:
    said, complained = train("k2-vetting", "--check", "--folder", archive_dir)
    assert re.fullmatch(
        r"k2-vetting: every file says what is carried, to within 1e-09;"
        r" ROC-AUC 0\.\d{4} \(.*\) on \d+ rows: .*\.",
        said[1],
    )
    assert complained == []
    assert not TrainingSession.objects.exists()


@pytest.fixture
def as_carried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let training leave what is carried, at once; return the folder that now is carried from."""

    def trained(name: str, sources: object, folder: Path) -> dict[str, Any]:
        del sources
        unpack_archive(MODELS_FOLDER / name, folder)
        return read_json(folder / CARD)

    monkeypatch.setattr(pretrained, "train_published", trained, raising=False)
    monkeypatch.setattr("mlcore.pretrained.load.MODELS_FOLDER", tmp_path)
    return tmp_path / "k2-vetting"


@pytest.mark.long
def test_carry_puts_what_was_trained_into_the_source_and_check_says_in_words_what_differs(
    archive_dir: Path, as_carried: Path
) -> None:
    said, _ = train("k2-vetting", "--carry", "--folder", archive_dir)
    assert re.fullmatch(
        r"k2-vetting: carried in \d+ kB; ROC-AUC 0\.\d{4} \(.*\) on \d+ rows: .*\.", said[1]
    )
    for path in (MODELS_FOLDER / "k2-vetting").iterdir():
        assert (as_carried / path.name).read_bytes() == path.read_bytes()
    card = as_carried / CARD
    card.write_text(card.read_text().replace("K2: planet", "K3: planet"))
    error, complained = refused("k2-vetting", "--check", "--folder", archive_dir)
    assert error == "Not as carried: k2-vetting."
    assert complained == [
        (
            "k2-vetting: not what is carried. card.json: title is"
            ' "K2: planet or false positive" and was "K3: planet or false positive".'
        )
    ]


def test_an_unknown_name_is_an_error_that_names_the_known_ones() -> None:
    error, _ = refused("corot")
    assert all(repr(name) in error for name in (*PUBLISHED, "kepler", "k2", "tess", "all"))
