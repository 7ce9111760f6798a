"""What a request says of its files' headings and labels, and what it is told was read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mlcore.datasets.headings.mapping import ColumnMapping, MappedTo
from mlcore.jobs.tables import tables_to_train
from sessions_app.models import Session, TrainingSession
from tests.sessions_app.api.legacy.contract import check_shape
from tests.sessions_app.api.test_training_choices import order_of
from tests.sessions_app.real_rows import drawn
from tests.sessions_app.web.pages import words

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

OLD, NEW, PAGE = "/api/custom/train", "/api/v1/training-sessions", "/train"
MISSION = {OLD: "data_format", NEW: "mission", PAGE: "mission"}
COLUMNS = {"P": {"column": "koi_period", "unit": "hours"}, "size": "koi_prad", "koi_impact": None}
WORDS = {"1": "planet", "2": "candidate", "0": "false_positive"}
NUMBERS = {"CONFIRMED": "1", "CANDIDATE": "2", "FALSE POSITIVE": "0"}


def files(**changed: Any) -> dict[str, SimpleUploadedFile]:
    """Return two files whose headings and labels are somebody's own."""
    made = {}
    for draw, name in (("a", "training_file"), ("b", "testing_file")):
        frame = drawn(draw).assign(koi_period=lambda rows: rows["koi_period"] * 24)
        frame = frame.replace({"koi_disposition": NUMBERS}).rename(
            columns={
                "koi_period": "P",
                "koi_prad": "size",
                "koi_depth": "Transit Depth [ppm]",
                "koi_disposition": "truth",
            }
            | changed
        )
        made[name] = SimpleUploadedFile(f"{draw}.csv", frame.to_csv(index=False).encode())
    return made


def fields(address: str, **changed: Any) -> dict[str, Any]:
    """Return a form with what the files' headings mean, as JSON texts."""
    sent = {
        "model_type": "decision_tree",
        "data_source": "user",
        MISSION[address]: "kepler",
        "columns": json.dumps(COLUMNS),
        "label": "truth",
        "label_words": json.dumps(WORDS),
        **({"task": "vetting", "feature_set": "measured"} if address == PAGE else {}),
        **changed,
    }
    return {name: value for name, value in sent.items() if value is not None}


def post(address: str, **sent: Any) -> Any:
    return APIClient().post(address, sent, format="multipart")


@pytest.mark.sampled("/api/custom/train")
@pytest.mark.parametrize("address", [OLD, pytest.param(NEW, marks=pytest.mark.long), PAGE])
def test_what_a_request_says_of_headings_reaches_the_job(address: str, tmp_path: Path) -> None:
    answer = post(address, **fields(address), **files())
    assert answer.status_code in {202, 302}, answer.content
    session = TrainingSession.objects.get()
    order = order_of(session, tmp_path)
    assert ColumnMapping.from_json(order.mapping).columns == {
        "P": MappedTo(column="koi_period", unit="hours"),
        "size": MappedTo(column="koi_prad"),
        "koi_impact": None,
    }
    tables = tables_to_train(order)
    for table, draw in ((tables.training, "a"), (tables.testing, "b")):
        assert table is not None
        assert table.labels is not None
        plain = drawn(draw)
        assert table.frame["koi_period"].tolist() == pytest.approx(plain["koi_period"].tolist())
        assert table.frame["koi_prad"].equals(plain["koi_prad"])
        assert table.frame["koi_depth"].equals(plain["koi_depth"])
        assert table.frame["koi_disposition"].tolist() == plain["koi_disposition"].tolist()
    headings = {row["heading"]: row for row in session.reading["training_file"]["headings"]}
    assert headings["P"] == {
        "heading": "P",
        "column": "koi_period",
        "matched": "request",
        "unit": "hours",
        "converted_from": "hours",
        "converted_to": "days",
        "use": "feature",
        "why": "",
    }
    assert headings["Transit Depth [ppm]"]["matched"] == "alias"
    assert session.reading["testing_file"]["label"]["words"] == {
        "0": "false_positive",
        "1": "confirmed",
        "2": "candidate",
    }


@pytest.mark.long
def test_the_old_contract_tells_what_was_read_beside_the_sessions_id() -> None:
    answer = post(OLD, **fields(OLD), **files())
    check_shape("accepted", answer.json())
    session = Session.objects.get()
    assert answer.json()["reading"] == session.reading
    assert set(session.reading) == {"training_file", "testing_file"}


def test_the_old_contract_says_nothing_of_a_reading_where_there_is_none(kepler: object) -> None:
    sent = {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "kepler"}
    answer = APIClient().post(OLD, sent, format="json")
    check_shape("accepted", answer.json())
    assert "reading" not in answer.json()


def test_the_new_api_tells_what_was_read_with_the_session() -> None:
    answer = post(NEW, **fields(NEW), **files())
    session = Session.objects.get()
    told = answer.json()["reading"]
    assert APIClient().get(f"{NEW}/{session.pk}").json()["reading"] == told
    for of_file in told.values():
        for heading in of_file["headings"]:
            heading["unit"] = heading.pop("stated_unit")
    assert told == session.reading


def test_the_sessions_page_shows_the_headings_and_the_labels(client: Client) -> None:
    post(NEW, **fields(NEW), **files())
    text = words(client.get(f"/sessions/{Session.objects.get().pk}"))
    assert "How the files were read" in text
    assert "Headings of the training file" in text
    assert "P koi_period the request hours, converted to days feature" in text
    assert "Labels of the testing file" in text
    assert "From truth, read as koi_disposition." in text


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (
        {"columns": "{"},
        "columns",
        (
            "columns: it must be a JSON object of headings and columns, such as"
            ' {"Period": "koi_period", "Rp": {"column": "koi_prad", "unit": "R_jup"}, "notes":'
            " null}; this is not valid JSON."
        ),
    ),
    (
        {"columns": json.dumps(COLUMNS | {"Q": "koi_perod"})},
        "columns",
        (
            'columns: "Q" was mapped to "koi_perod", which is no column of Kepler objects of'
            " interest; koi_period is one."
        ),
    ),
    (
        {"columns": json.dumps(COLUMNS | {"nowhere": None})},
        "columns",
        'columns: none of the files has the heading "nowhere".',
    ),
    (
        {"columns": json.dumps(COLUMNS | {"P": {"column": "koi_period", "unit": "parsec"}})},
        "columns",
        (
            'columns: "P": the unit "parsec" cannot be one of koi_period (orbital period), which'
            " is in days."
        ),
    ),
    (
        {"label_words": json.dumps({"1": "star"})},
        "label_words",
        (
            'label_words: "1" was "star", but it must be planet, false_positive, candidate, or'
            " null for no label."
        ),
    ),
]


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    # What is wrong with a mapping is tried on the library, case by case.
    [
        REFUSED[0],
        *(pytest.param(*case, marks=pytest.mark.long) for case in REFUSED[1:-1]),
        REFUSED[-1],
    ],
)
def test_what_cannot_be_is_refused_and_names_the_field(
    changed: dict[str, Any], field: str, sentence: str
) -> None:
    old = post(OLD, **fields(OLD, **changed), **files())
    assert (old.status_code, old.json()) == (400, {"success": False, "error": sentence})
    new = post(NEW, **fields(NEW, **changed), **files())
    assert new.status_code == 400
    if changed != {"columns": "{"}:
        assert (new.json()["field"], new.json()["detail"]) == (field, sentence)
    else:
        # The framework finds first that it is no JSON.
        assert new.json()["field"] == field
    shown = post(PAGE, **fields(PAGE, **changed), **files())
    assert shown.status_code == 400
    assert sentence in words(shown)
    assert not Session.objects.exists()


def test_a_label_that_the_training_file_lacks_is_refused() -> None:
    answer = post(OLD, **fields(OLD, label="truht"), **files())
    assert answer.json()["error"] == 'label: the table has no heading "truht"; it has "truth".'


def test_labels_that_say_nothing_are_refused_with_what_to_write() -> None:
    answer = post(OLD, **fields(OLD, label_words=None), **files())
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(
        'training_file: Column truth has "0", "1" and "2" for its dispositions, which does not say'
        ' what is what: say it in label_words, such as {"0": "false_positive", "1": "candidate",'
        ' "2": "planet"};'
    )


@pytest.mark.parametrize("field", ["columns", "label", "label_words"])
def test_nasas_table_needs_none_of_it(kepler: object, field: str) -> None:
    sent: dict[str, Any] = {"columns": {"P": "koi_period"}, "label": "truth", "label_words": WORDS}
    request = {"model_type": "decision_tree", "data_source": "nasa", field: sent[field]}
    sentence = (
        f"{field}: it is about files of your own, and NASA's table needs none; leave it out, or"
        " choose data_source user."
    )
    old = APIClient().post(OLD, request | {"dataset_name": "kepler"}, format="json")
    assert (old.status_code, old.json()["error"]) == (400, sentence)
    new = APIClient().post(NEW, request | {"mission": "kepler"}, format="json")
    assert (new.json()["field"], new.json()["detail"]) == (field, sentence)


@pytest.mark.parametrize(
    ("address", "name"), [(OLD, "data_format"), (NEW, "mission"), (PAGE, "mission")]
)
def test_another_missions_table_is_named_with_the_field_that_chooses_it(
    address: str, name: str
) -> None:
    sent = fields(address, columns=None, label=None, label_words=None) | {name: "tess"}
    plain = {key: key for key in ("koi_period", "koi_prad", "koi_disposition")}
    answer = post(address, **sent, **files(**plain))
    assert answer.status_code == 400
    sentence = f"This looks like a Kepler table; choose Kepler ({name} kepler)."
    assert sentence in (words(answer) if address == PAGE else answer.content.decode())


def test_the_schema_describes_the_fields() -> None:
    schema = APIClient().get("/api/v1/schema?format=json").json()["components"]["schemas"]
    for name in ("NewTraining", "NewPrediction"):
        (properties,) = [
            schema[key]["properties"] for key in (name, f"{name}Request") if key in schema
        ]
        assert {"columns", "label", "label_words"} <= set(properties)
        assert properties["label_words"]["type"] == ["object", "null"]
    assert "converted_from" in schema["HeadingReading"]["properties"]
