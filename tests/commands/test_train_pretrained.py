from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import psutil
import pytest
from django.core.management import CommandError, call_command

from sessions_app import services
from sessions_app.models import TrainingSession
from tests.sessions_app.real_rows import kepler_file

if TYPE_CHECKING:
    from pathlib import Path

    from sessions_app.models import DatasetSnapshot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media", "jobs")]


def train(*arguments: str) -> tuple[list[str], list[str]]:
    out, err = StringIO(), StringIO()
    try:
        call_command("train_pretrained", *arguments, stdout=out, stderr=err)
    finally:
        train.said = out.getvalue().splitlines(), err.getvalue().splitlines()
    return train.said


def refused(*arguments: str) -> tuple[str, list[str]]:
    with pytest.raises(CommandError) as error:
        train(*arguments)
    return str(error.value), train.said[1]


def test_it_publishes_a_model_and_says_how_good_it_is(kepler: DatasetSnapshot) -> None:
    said, complained = train("kepler")
    model = services.published_model("kepler")
    assert model is not None
    assert model.snapshot == kepler
    assert said == [
        "kepler: training the published model ...",
        (
            f"kepler: published XGBoost, accuracy {model.metrics['accuracy']:.3f},"
            f" macro F1 {model.metrics['f1']:.3f} on {kepler.test_rows} rows (the fixed test"
            " split: a fifth of the host stars, none of them trained on)."
        ),
    ]
    assert complained == []


def test_it_leaves_no_process_behind(kepler: DatasetSnapshot) -> None:
    train("kepler")
    left = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    assert not any("sessions_app.isolation.server" in command for command in left)


def test_missing_leaves_a_model_of_the_current_snapshot_alone(
    kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    train("--missing")
    assert TrainingSession.objects.count() == 1
    assert train("--missing") == ([], [])
    assert TrainingSession.objects.count() == 1
    newer, _, _ = services.load_dataset(
        "kepler", file=kepler_file(tmp_path / "newer.csv", "b"), folder=None
    )
    train("--missing")
    model = services.published_model("kepler")
    assert model is not None
    assert model.snapshot == newer


def test_without_missing_it_trains_again_and_the_newest_is_offered(
    kepler: DatasetSnapshot,
) -> None:
    train("kepler")
    first = services.published_model("kepler")
    train("kepler")
    assert TrainingSession.objects.count() == 2
    assert services.published_model("kepler") != first


def test_missing_has_nothing_to_do_where_nothing_is_loaded() -> None:
    assert train("--missing") == ([], [])


def test_missions_that_are_not_loaded_are_an_error_after_the_others_were_trained(
    kepler: DatasetSnapshot,
) -> None:
    error, complained = refused("all")
    assert error == "Not published: k2, tess."
    assert services.published_model("kepler") is not None
    assert complained == [
        (
            f"{mission}: dataset_name: the {mission} table is not loaded on this server;"
            f" an operator loads it with `manage.py load_dataset {mission}`."
        )
        for mission in ("k2", "tess")
    ]


def test_a_training_that_fails_is_an_error_that_says_why(
    kepler: DatasetSnapshot, media: Path
) -> None:
    (media / kepler.file.name).write_bytes(b"\x00rubbish")
    error, complained = refused("kepler")
    assert error == "Not published: kepler."
    assert complained == [
        "kepler: The file is not a table; expected CSV, an IPAC table, XLSX or Parquet."
    ]
    assert services.published_model("kepler") is None
