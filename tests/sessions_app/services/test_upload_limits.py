"""What a session may cost by its files: rows to predict, rows times hyperparameters."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app import services
from sessions_app.access.ownership import Owner
from sessions_app.exceptions import RefusedError
from sessions_app.models import Session, UploadedFile
from sessions_app.services import Upload, UploadedData
from sessions_app.services.inputs import MOST_TESTED_ROWS
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.services.uploads import upload

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def repeated(path: Path, rows: int) -> Upload:
    """Return an upload of so many real rows of as many stars."""
    frame = drawn("a")
    columns = ["kepid", "koi_disposition", "koi_period", "koi_depth", "koi_prad"]
    lines = frame[columns].to_csv(index=False).splitlines()
    with path.open("w") as file:
        file.write(f"{lines[0]}\n")
        for number in range(rows):
            _, cells = lines[1 + number % len(frame)].split(",", maxsplit=1)
            file.write(f"{number},{cells}\n")
    return Upload(path=path, name="mine.csv")


def refusal(training: Upload, testing: Upload, **request: Any) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        services.start_training(
            data=UploadedData(mission="kepler", training=training, testing=testing),
            **({"model_type": "decision_tree", "hyperparameters": {}} | request),
        )
    assert not Session.objects.exists()
    return refused.value


def test_more_rows_than_a_model_is_tested_on_are_refused(tmp_path: Path) -> None:
    too_many = repeated(tmp_path / "large", MOST_TESTED_ROWS + 1)
    refused = refusal(upload(tmp_path), too_many)
    assert (refused.field, refused.status) == ("testing_file", HTTPStatus.BAD_REQUEST)
    assert refused.sentence == (
        "testing_file: The table has 50,001 rows, but at most 50,000 can be tested on, when a model"
        " is trained, in one session."
    )


def test_as_many_rows_may_be_tested_on_and_more_trained_on(tmp_path: Path) -> None:
    session = services.start_training(
        model_type="decision_tree",
        hyperparameters={},
        data=UploadedData(
            mission="kepler",
            training=repeated(tmp_path / "a", MOST_TESTED_ROWS + 1),
            testing=repeated(tmp_path / "b", MOST_TESTED_ROWS),
        ),
    )
    rows = dict(session.files.values_list("purpose", "rows"))
    assert rows == {"training_file": 50_001, "testing_file": 50_000}


def test_hyperparameters_are_refused_by_what_they_cost_on_the_uploaded_rows(
    tmp_path: Path,
) -> None:
    dear = {"model_type": "random_forest", "hyperparameters": {"n_estimators": "2000"}}
    refused = refusal(repeated(tmp_path / "a", 100_000), upload(tmp_path), **dear)
    assert (refused.field, refused.status) == ("hyperparameters", HTTPStatus.BAD_REQUEST)
    assert refused.sentence.startswith(
        "These hyperparameters on 100000 training rows and 306 rows to predict would take about "
    )
    assert refused.sentence.endswith(" minutes, but at most 30 are allowed; lower n_estimators.")
    # The same ones are no matter on a small table.
    services.start_training(
        **dear,
        data=UploadedData(
            mission="kepler", training=upload(tmp_path, "b"), testing=upload(tmp_path, "c")
        ),
    )


def predicted(path: Path, owner: Owner | None) -> Session:
    return services.start_training(
        model_type="decision_tree",
        hyperparameters={},
        data=UploadedData(mission="kepler", training=upload(path), testing=upload(path, "b")),
        owner=owner,
    )


@pytest.mark.long
def test_the_files_of_an_address_may_take_so_much_together(
    tmp_path: Path, settings: SettingsWrapper
) -> None:
    first = Owner(key="anonymous:a", counted_as="anonymous:a", address="address:x")
    # Another cookie is no other address.
    second = Owner(key="anonymous:b", counted_as="anonymous:b", address="address:x")
    other = Owner(key="user:7", counted_as="user:7")
    session = predicted(tmp_path, first)
    UploadedFile.objects.update(size=10**6)
    settings.EXOPLANET_KEPT_UPLOADS_MB = 2
    with pytest.raises(RefusedError) as refused:
        predicted(tmp_path, second)
    assert refused.value.status == HTTPStatus.INSUFFICIENT_STORAGE
    assert refused.value.sentence == (
        "Your files would take 2 MB with those of your earlier sessions, and at most 2 MB are"
        " kept: delete a session with files first."
    )
    assert Session.objects.count() == 1
    predicted(tmp_path, other)
    Session.objects.filter(pk=session.pk).delete()
    predicted(tmp_path, second)


def test_nothing_is_started_on_a_full_disk(tmp_path: Path, settings: SettingsWrapper) -> None:
    settings.EXOPLANET_FREE_DISK_MB = 10**9
    refused = refusal(upload(tmp_path), upload(tmp_path, "b"))
    assert refused.status == HTTPStatus.INSUFFICIENT_STORAGE
    assert refused.sentence == (
        "The server has no room for another session at the moment; ask again later."
    )
