"""Uploads as users really have them: any name, NASA's own header, workbooks, odd columns."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import ARCHIVED, as_csv, as_xlsx, drawn, header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from tests.served import Served
    from tests.sessions_app.api.legacy.conftest import Files

pytestmark = pytest.mark.cluster

FORM = {
    "model_type": "decision_tree",
    "data_source": "user",
    "data_format": "kepler",
    "hyperparameters": '{"max_depth": "4"}',
}
WRITTEN: dict[str, Callable[[pd.DataFrame, bytes], bytes]] = {
    "with NASA's header": lambda table, lines: as_csv(table, header=lines),
    "workbook": lambda table, _lines: as_xlsx(table),
    "gzip": lambda table, lines: gzip.compress(as_csv(table, header=lines)),
    "with a byte order mark": lambda table, _lines: b"\xef\xbb\xbf" + as_csv(table),
    "with Windows lines": lambda table, _lines: as_csv(table).replace(b"\n", b"\r\n"),
    "with semicolons": lambda table, _lines: table.to_csv(index=False, sep=";").encode(),
    "in capitals": lambda table, _lines: as_csv(table.rename(columns=str.upper)),
}


@pytest.fixture
def train(served: Served) -> Callable[..., dict[str, Any]]:
    def run(files: Any, **fields: str) -> dict[str, Any]:
        return served.result(served.begin("/api/custom/train", data=FORM | fields, files=files))

    return run


@pytest.fixture
def plain(
    served: Served, train: Callable[..., dict[str, Any]], files: Callable[..., Files]
) -> dict[str, Any]:
    """Train on the two files as plain CSV."""
    return served.once("plain upload", lambda: train(files()))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("with NASA's header", "行星.csv"),
        pytest.param("workbook", "table", marks=pytest.mark.long),
        pytest.param("gzip", "../../etc/passwd", marks=pytest.mark.long),
        pytest.param("with semicolons", "a.exe", marks=pytest.mark.long),
        # The readers' own tests read all of them.
        *(
            pytest.param(written, "行星.csv", marks=pytest.mark.long)
            for written in WRITTEN
            if written != "with NASA's header"
        ),
    ],
)
def test_however_a_table_is_written_and_named_it_gives_the_same_result(
    served: Served,
    train: Callable[..., dict[str, Any]],
    plain: dict[str, Any],
    served_archive: Path,
    written: Any,
    name: Any,
) -> None:
    lines = header(served_archive, "kepler")
    assert lines.startswith(b"# This file was produced by the NASA Exoplanet Archive")
    contents = [WRITTEN[written](table, lines) for table in drawn(served_archive, "kepler")]
    result = train(
        {
            field: (name, content)
            for field, content in zip(("training_file", "testing_file"), contents, strict=True)
        }
    )
    assert result["predictions"] == plain["predictions"]
    assert result["metrics"] == plain["metrics"]


@pytest.mark.long
def test_unknown_columns_are_ignored_and_named(
    train: Callable[..., dict[str, Any]], plain: dict[str, Any], files: Callable[..., Files]
) -> None:
    def with_extras(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(my_score=range(len(table)), my_verdict=table["koi_disposition"])

    result = train(files(training=with_extras, testing=with_extras))
    for side in ("training", "testing"):
        [sentence] = [
            warning
            for warning in result["warnings"]
            if warning.startswith(f"In the {side} file these unknown columns were ignored: ")
        ]
        assert {"my_score", "my_verdict"} <= set(
            sentence.removesuffix(".").split(": ")[1].split(", ")
        )
    assert result["predictions"] == plain["predictions"]


@pytest.mark.long
@pytest.mark.parametrize("model_type", ["xgboost", "linear_regression", "pca"])
def test_a_missing_feature_column_is_named_and_done_without(
    train: Callable[..., dict[str, Any]], files: Callable[..., Files], model_type: Any
) -> None:
    def lacking(table: pd.DataFrame) -> pd.DataFrame:
        return table.drop(columns=["koi_depth", "koi_teq"])

    result = train(
        files(training=lacking, testing=lacking), model_type=model_type, hyperparameters="{}"
    )
    assert (
        "In the training file: The table lacks the feature columns koi_depth, koi_teq."
        in result["warnings"]
    )
    assert not {"koi_depth", "koi_teq"} & set(result["model_info"]["features"])


@pytest.mark.long
def test_a_column_that_only_the_testing_file_lacks_is_left_out_and_named(
    train: Callable[..., dict[str, Any]], files: Callable[..., Files]
) -> None:
    result = train(files(testing=lambda table: table.drop(columns="koi_depth")))
    assert "koi_depth" not in result["model_info"]["features"]
    assert result["warnings"][0] == (
        "The rows to be predicted have no koi_depth: the model was trained without it, on the"
        " columns that both tables have."
    )


@pytest.mark.long
def test_a_star_on_both_sides_is_said(
    train: Callable[..., dict[str, Any]], files: Callable[..., Files], served_archive: Path
) -> None:
    training, _ = drawn(served_archive, "kepler")
    result = train(files(testing=lambda _table: training.head(30)))
    stars = training.head(30)["kepid"].nunique()
    assert (
        f"{stars} host stars are in both the training and the testing table; the figures may"
        " flatter the model on the 30 testing rows of these stars." in result["warnings"]
    )


@pytest.mark.long
def test_a_testing_file_without_labels_has_predictions_and_no_metrics(
    train: Callable[..., dict[str, Any]], files: Callable[..., Files]
) -> None:
    result = train(files(testing=lambda table: table.drop(columns=ARCHIVED["kepler"].label)))
    assert "accuracy" not in result["metrics"]
    assert all("actual" not in row for row in result["predictions"])


@pytest.mark.long
def test_metrics_are_about_the_labelled_rows_when_only_some_are(
    train: Callable[..., dict[str, Any]], files: Callable[..., Files]
) -> None:
    def half(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(
            koi_disposition=table["koi_disposition"].where([n % 2 == 0 for n in range(len(table))])
        )

    result = train(files(testing=half))
    labelled = [row["id"] for row in result["predictions"] if "actual" in row]
    assert labelled == list(range(1, 81, 2))
    assert result["metrics"]["rows"] == 40
    assert sum(map(sum, result["metrics"]["confusion_matrix"])) == 40


def test_a_file_of_one_mission_is_not_taken_for_anothers(
    served: Served, files: Callable[..., Files]
) -> None:
    answer = served.post(
        "/api/custom/train", data=FORM | {"data_format": "tess"}, files=files("kepler")
    )
    assert answer.status == 400
    assert answer.body["error"] == (
        "training_file: This looks like a Kepler table; choose Kepler (data_format kepler)."
    )
