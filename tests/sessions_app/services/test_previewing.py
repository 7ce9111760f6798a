"""What a request would do is told by the checks that a start goes through, and all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from sessions_app import services
from sessions_app.access.ownership import Owner
from sessions_app.exceptions import RefusedError
from sessions_app.models import PredictionSession, Session, TrainingSession, UploadedFile
from sessions_app.services import (
    ArchiveData,
    FewerColumns,
    TrainingChoices,
    Upload,
    UploadedData,
    column_mapping,
)
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.services.test_fewer_columns import model_of, narrow
from tests.sessions_app.services.uploads import broken, upload

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot
    from sessions_app.services import Preview

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
VETTING = TrainingChoices(task="vetting")
FIVE = ["kepid", "koi_disposition", "koi_period", "koi_depth", "koi_prad"]


def sent(folder: Path, rename: dict[str, str], labels: dict[str, str] | None = None) -> Upload:
    """Return an upload of five columns of real rows under other headings and words."""
    frame = drawn("a")[FIVE].replace({"koi_disposition": labels or {}}).rename(columns=rename)
    path = folder / "sent"
    frame.to_csv(path, index=False)
    return Upload(path=path, name="mine.csv")


def preview(data: ArchiveData | UploadedData, **asked: Any) -> Preview:
    before = Session.objects.count()
    given = {"model_type": "decision_tree", "hyperparameters": {}, "choices": VETTING} | asked
    told = services.preview_training(data=data, **given)
    assert (Session.objects.count(), UploadedFile.objects.count()) == (before, 0)
    return told


def fields(told: Preview) -> list[str]:
    return [refusal.field for refusal in told.would_be_refused]


def test_of_a_missions_table_the_rows_the_model_and_the_time_are_told(
    kepler: DatasetSnapshot,
) -> None:
    told = preview(ArchiveData(mission="kepler"), hyperparameters={"max_depth": "3"}, seed=5)
    assert told.would_be_refused == []
    assert (told.mission, told.task, told.model_type, told.seed) == (
        ("kepler", "vetting", "decision_tree", 5)
    )
    assert told.hyperparameters is not None
    assert told.hyperparameters["max_depth"] == 3
    assert told.planned_rows is not None
    counts = kepler.label_counts
    labelled = counts["confirmed"] + counts["false_positive"]
    assert told.planned_rows.sentence.startswith(f"{labelled} of the {kepler.rows} rows of Kepler")
    assert told.estimate is not None
    assert told.estimate.basis.startswith("from the number of rows")
    assert 0 < told.estimate.seconds < 60


def test_every_refusal_is_told_and_the_first_is_what_a_start_is_told(
    kepler: DatasetSnapshot,
) -> None:
    asked: dict[str, Any] = {
        "model_type": "decision_tree",
        "hyperparameters": {"max_depth": "0", "min_samples_leaf": "many", "wings": 2},
        "data": ArchiveData(mission="kepler"),
        "choices": TrainingChoices(
            task="vetting",
            label_derived=("koi_score",),
            second_opinion={"column": "wisdom", "kind": "score"},
        ),
    }
    told = services.preview_training(**asked)
    assert fields(told) == [
        *["hyperparameters"] * 3,
        "label_derived_columns",
        "second_opinion",
    ]
    assert [refusal.sentence.split()[0] for refusal in told.would_be_refused[:3]] == [
        "max_depth",
        "min_samples_leaf",
        "wings",
    ]
    assert told.hyperparameters is None
    assert told.estimate is None
    with pytest.raises(RefusedError) as refused:
        services.start_training(**asked)
    assert refused.value.field == "hyperparameters"


def test_files_are_told_heading_by_heading_with_units_labels_and_their_first_rows(
    tmp_path: Path,
) -> None:
    data = UploadedData(
        mission="kepler",
        training=sent(tmp_path, {"koi_period": "Period [hours]", "koi_prad": "Rp", "kepid": "x"}),
        testing=upload(tmp_path, "b"),
    )
    told = preview(data, model_type="svm")
    assert told.would_be_refused == []
    first, second = told.files
    assert (first.field, first.name, first.format, first.usable) == (
        ("training_file", "mine.csv", "text", True)
    )
    assert first.rows == len(drawn("a"))
    read = {heading["heading"]: heading for heading in first.headings}
    assert read["Period [hours]"]["column"] == "koi_period"
    assert read["Period [hours]"]["converted_from"] == "hours"
    assert read["x"]["column"] is None
    counts = drawn("a")["koi_disposition"].value_counts().to_dict()
    assert first.label is not None
    assert first.label["rows"] == counts
    assert first.label["words"]["CONFIRMED"] == "confirmed"
    assert first.labelled_rows == counts["CONFIRMED"] + counts["FALSE POSITIVE"]
    assert len(first.first_rows) == 10
    assert first.first_rows[0][1] == drawn("a")["koi_disposition"].iloc[0]
    assert "koi_steff" in {column.column for column in first.missing}
    assert "koi_steff" not in {column.column for column in second.missing}
    assert told.planned_rows is not None
    assert told.planned_rows.learnt_from == first.labelled_rows
    assert told.missing_sentence == "The model is trained without them."


def test_all_that_a_file_leaves_open_is_told_at_once_and_each_answer_settles_it(
    tmp_path: Path,
) -> None:
    file = sent(
        tmp_path,
        {"koi_depth": "Transit Dpeth", "koi_period": "Perriod"},
        {"CONFIRMED": "1", "CANDIDATE": "2", "FALSE POSITIVE": "0"},
    )
    testing = upload(tmp_path, "b")
    told = preview(UploadedData(mission="kepler", training=file, testing=testing))
    (opened, _) = told.files
    assert not opened.usable
    asked = [(choice["headings"], choice["columns"]) for choice in opened.open[:-1]]
    assert asked == [(["Perriod"], ["koi_period"]), (["Transit Dpeth"], ["koi_depth"])]
    assert set(opened.open[-1]["words"]) == {"0", "1", "2"}
    assert fields(told) == ["training_file"] * 3
    mapping = column_mapping(
        "user",
        columns={"Transit Dpeth": "koi_depth", "Perriod": None},
        label_words={"1": "planet", "2": None, "0": "false_positive"},
    )
    settled = preview(
        UploadedData(mission="kepler", training=file, testing=testing, mapping=mapping)
    )
    assert settled.would_be_refused == []
    assert settled.files[0].label is not None
    assert settled.files[0].label["words"] == {
        "0": "false_positive",
        "1": "confirmed",
        "2": None,
    }


def test_a_column_that_is_still_to_be_told_is_not_called_missing(tmp_path: Path) -> None:
    file = tmp_path / "one"
    file.write_text("Perriod\n3.5\n4.5\n")
    model_of()
    told = services.preview_prediction(
        data=UploadedData(mission="kepler", testing=Upload(path=file, name="one.csv")),
        model_id=None,
        task="disposition",
    )
    (refusal,) = told.would_be_refused
    assert "is nearly the one of" in refusal.sentence


def test_of_two_broken_files_both_are_refused(tmp_path: Path) -> None:
    told = preview(
        UploadedData(
            mission="kepler",
            training=broken(tmp_path, "one class"),
            testing=broken(tmp_path, "a picture"),
        )
    )
    assert [(refusal.field, refusal.status) for refusal in told.would_be_refused] == [
        ("training_file", 400),
        ("testing_file", 415),
    ]
    # What it looks like is told of a table that cannot be used, too.
    assert [len(file.first_rows) for file in told.files] == [10, 0]
    assert [file.rows for file in told.files] == [None, None]


def test_missing_files_are_told_each(tmp_path: Path) -> None:
    told = preview(UploadedData(mission="kepler"))
    assert fields(told) == ["training_file", "testing_file"]
    told = preview(UploadedData(mission="kepler", training=upload(tmp_path)))
    assert fields(told) == ["testing_file"]
    assert told.files[0].usable


def test_an_owner_with_no_room_is_told_so_and_the_rest_is_checked_all_the_same(
    kepler: DatasetSnapshot, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_ACTIVE_SESSIONS = 1
    owner = Owner(key="user:1", counted_as="user:1")
    asked: dict[str, Any] = {"data": ArchiveData(mission="kepler"), "owner": owner}
    services.start_training(model_type="svm", hyperparameters={}, choices=VETTING, **asked)
    told = preview(asked["data"], hyperparameters={"max_depth": "0"}, owner=owner)
    assert [refusal.status for refusal in told.would_be_refused] == [429, 400]


@pytest.mark.long
def test_what_is_lacking_is_told_with_what_it_costs(
    kepler: DatasetSnapshot, tmp_path: Path
) -> None:
    model = model_of()

    def told(choice: FewerColumns | None) -> Preview:
        return services.preview_prediction(
            data=UploadedData(mission="kepler", testing=narrow(tmp_path)),
            model_id=None,
            task="disposition",
            fewer_columns=choice,
        )

    fitted = told(None)
    assert fitted.model == model
    assert fitted.would_be_refused == []
    (file,) = fitted.files
    costs = {column.column: column.cost for column in file.missing}
    assert costs["koi_steff"] == pytest.approx(0.03)
    assert fitted.missing_sentence.startswith("The model is fitted anew on the columns at hand")
    assert "costs it 0.030 of its ROC-AUC" in fitted.missing_sentence
    assert fields(told(FewerColumns.REFUSE)) == ["testing_file"]
    assert not PredictionSession.objects.exists()


def test_the_time_is_the_median_of_those_that_were_alike(kepler: DatasetSnapshot) -> None:
    now = timezone.now()
    usual = services.preview_training(
        model_type="decision_tree",
        hyperparameters={},
        data=ArchiveData(mission="kepler"),
        choices=VETTING,
    ).hyperparameters

    def ended(seconds: float, **facts: Any) -> None:
        given = {
            "kind": "training",
            "mission": "kepler",
            "data_source": "nasa",
            "status": "completed",
            "model_type": "decision_tree",
            "hyperparameters": usual,
            "started_at": now,
            "finished_at": now + timedelta(seconds=seconds),
        }
        TrainingSession.objects.create(**(given | facts))

    for seconds in (7.0, 9.0, 100.0):
        ended(seconds)
    ended(1000.0, model_type="svm")
    ended(1000.0, hyperparameters={"max_depth": 1})
    ended(1000.0, data_source="user")
    ended(1000.0, status="failed")
    estimate = preview(ArchiveData(mission="kepler")).estimate
    assert estimate is not None
    assert (estimate.seconds, estimate.sessions) == (9.0, 3)
    assert estimate.basis == "the median of the 3 like it that ended lately on this server"


def test_a_search_takes_the_time_that_it_is_given(kepler: DatasetSnapshot) -> None:
    told = preview(
        ArchiveData(mission="kepler"), model_type="auto", hyperparameters={"time_budget": 240}
    )
    assert told.estimate is not None
    assert told.estimate.seconds == 240
