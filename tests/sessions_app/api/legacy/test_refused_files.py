"""Every file that cannot work is refused at the POST, in one sentence that helps."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tests.archive_tables import as_csv
from tests.served import UPLOAD_LIMIT_MB
from tests.sessions_app.api.legacy.refused import PREDICT, TRAIN, USER, check_refused, without

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from tests.served import Served
    from tests.sessions_app.api.legacy.conftest import Files

pytestmark = pytest.mark.cluster


# Files

EXPECTED = "expected CSV or another table of text, XLSX, ODS, Parquet, JSON, VOTable or FITS."


def _labels(word: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.assign(koi_disposition=word)


def _one_label(table: pd.DataFrame) -> pd.DataFrame:
    table.iloc[3, table.columns.get_loc("koi_disposition")] = "PROBABLY"
    return table


def _one_cell(table: pd.DataFrame) -> pd.DataFrame:
    table.iloc[4, table.columns.get_loc("koi_period")] = "about ten"
    return table


def _one_star(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(
        kepid=table["kepid"].where(table["koi_disposition"] != "CANDIDATE", "10000001")
    )


UNUSABLE: dict[str, tuple[Callable[[pd.DataFrame], Any], int, str]] = {
    "empty": (lambda _table: b"", 415, f"The file is empty; {EXPECTED}"),
    "blank": (lambda _table: b"\n \n", 415, f"The file has no line with column names; {EXPECTED}"),
    "a picture": (
        lambda _table: b"\x89PNG\r\n\x1a\n" + bytes(200),
        415,
        f"The file is not a table; {EXPECTED}",
    ),
    "a document": (lambda _table: b"%PDF-1.7\n", 415, f"The file is not a table; {EXPECTED}"),
    "half a gzip": (
        lambda table: gzip.compress(as_csv(table))[:500],
        415,
        f"The file is damaged: its compressed content cannot be unpacked; {EXPECTED}",
    ),
    "another table": (
        lambda _table: b"name,colour\nvase,blue\n",
        400,
        "The table has none of the feature columns of ",
    ),
    "no rows": (lambda table: table.head(0), 400, "The table has no rows."),
    "a word for a number": (_one_cell, 400, "Column koi_period "),
    "an unknown label": (
        _one_label,
        400,
        (
            'Column koi_disposition has the unknown disposition "PROBABLY" (first in row 4); known'
            " are CONFIRMED, CANDIDATE, FALSE POSITIVE and common words for them. What another word"
            ' means can be said in label_words, such as {"PROBABLY": null}: planet, false_positive,'
            " candidate, or null for no label."
        ),
    ),
    "a column twice": (
        lambda table: as_csv(table).replace(b"koi_depth", b"koi_period", 1),
        400,
        "The table has more than one column named koi_period.",
    ),
}
UNTRAINABLE: dict[str, tuple[Callable[[pd.DataFrame], Any], int, str]] = {
    "no label column": (
        lambda table: table.drop(columns="koi_disposition"),
        400,
        (
            "The table has no column koi_disposition, which holds the disposition: CONFIRMED,"
            ' CANDIDATE, FALSE POSITIVE. It has "koi_pdisposition" (disposition from Kepler data'
            " alone), which is not taken for it unasked: choose it with label=koi_pdisposition."
        ),
    ),
    "one class": (
        _labels("CONFIRMED"),
        400,
        (
            "Every row with a disposition in column koi_disposition is confirmed; training needs at"
            " least two different dispositions."
        ),
    ),
    "no label": (
        _labels(""),
        400,
        (
            "The table has 0 rows with a disposition in column koi_disposition; training needs at"
            " least 20."
        ),
    ),
    "too few rows": (
        lambda table: table.head(19),
        400,
        (
            "The table has 19 rows with a disposition in column koi_disposition; training needs at"
            " least 20."
        ),
    ),
    "a class on one star": (
        _one_star,
        400,
        (
            "The rows that are candidate belong to 1 host star; training needs at least 5 for each"
            " disposition."
        ),
    ),
    "no value": (
        lambda table: table[["kepid", "koi_disposition"]].assign(koi_period=""),
        400,
        "The training table has no value in any feature column; expected are ",
    ),
}


@pytest.mark.sampled(every=3)
@pytest.mark.parametrize("way", ["training", "prediction"])
@pytest.mark.parametrize(
    ("field", "case"),
    [
        *(("training_file", case) for case in UNUSABLE | UNTRAINABLE),
        *(("testing_file", case) for case in UNUSABLE),
    ],
)
def test_a_file_that_cannot_be_used(
    served: Served, files: Callable[..., Files], field: Any, case: Any, way: str
) -> None:
    edit, status, sentence = (UNUSABLE | UNTRAINABLE)[case]
    made = files(**{field.removesuffix("_file"): edit})
    address, fields = (TRAIN, USER) if way == "training" else (PREDICT, without(USER, "model_type"))
    answer = served.post(address, data=fields, files=made)
    error = answer.body.get("error", "")
    assert error.startswith(f"{field}: {sentence}"), answer
    # A sentence that is given whole here is compared whole.
    check_refused(answer, f"{field}: {sentence}" if sentence.endswith(".") else error, status)


def test_a_word_for_a_number_is_named_with_its_column_and_row(
    served: Served, files: Callable[..., Files]
) -> None:
    answer = served.post(TRAIN, data=USER, files=files(training=_one_cell))
    assert "koi_period" in answer.body["error"]
    assert '"about ten"' in answer.body["error"]
    assert "row 5" in answer.body["error"]


@pytest.mark.parametrize("address", [TRAIN, PREDICT])
@pytest.mark.parametrize("field", ["training_file", "testing_file"])
def test_a_file_a_byte_beyond_the_limit(
    served: Served, files: Callable[..., Files], address: Any, field: str
) -> None:
    made = files()
    made[field] = ("large.csv", b"#" * (UPLOAD_LIMIT_MB * 10**6 + 1))
    check_refused(
        served.post(address, data=USER, files=made),
        f"{field} is too large: a file may have at most {UPLOAD_LIMIT_MB} MB.",
        413,
    )


def test_a_request_that_announces_more_than_all_its_files_may_hold(served: Served) -> None:
    # Refused by its announced length: nobody has to wait for the bytes.
    answer = served.post(
        TRAIN,
        data=USER,
        files={"training_file": ("large.csv", b"#" * (3 * UPLOAD_LIMIT_MB * 10**6))},
    )
    check_refused(
        answer, f"The request is too large: a file may have at most {UPLOAD_LIMIT_MB} MB.", 413
    )


def test_a_file_at_the_limit_is_read(served: Served, files: Callable[..., Files]) -> None:
    def padded(table: pd.DataFrame) -> bytes:
        def with_notes(count: int) -> bytes:
            # Columns of three digits are all as long, and nobody reads them.
            return as_csv(table.assign(**{f"note_{100 + i}": "x" * 900 for i in range(count)}))

        limit, least = UPLOAD_LIMIT_MB * 10**6, len(with_notes(0))
        content = with_notes((limit - least) // (len(with_notes(1)) - least))
        return b"#" * (limit - len(content) - 1) + b"\n" + content

    session_id = served.begin(
        PREDICT,
        data={"data_source": "user"},
        files={"testing_file": files(testing=padded)["testing_file"]},
    )
    assert len(served.result(session_id)["predictions"]) == 80
