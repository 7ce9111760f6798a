"""How a file begins is told as it is, with all that it leaves open."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.datasets.readers.read import read_head
from mlcore.jobs.check_upload import UploadCheck, check_upload
from mlcore.jobs.upload_look import FirstRows, first_rows_job

if TYPE_CHECKING:
    from pathlib import Path


def checked(path: Path, content: str, *, look: bool, train: bool = False) -> dict[str, Any]:
    path.write_text(content)
    check = UploadCheck(
        path=str(path),
        dataset="kepler",
        task="vetting",
        to_train_on=train,
        label_derived=[],
        look=look,
    )
    return check_upload(asdict(check), lambda _: None)


def test_the_first_rows_are_the_files_own_words(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(f"koi_period,note\n1.50,\n007,{'x' * 100}\n3,a\n")
    head = read_head(path, 2)
    assert [heading.name for heading in head.headings] == ["koi_period", "note"]
    assert head.rows == (("1.50", ""), ("007", "x" * 60 + "…"))
    assert head.format == "text"
    # Whoever looks after files is shown the same, without a mission to read it for.
    shown = FirstRows(**first_rows_job({"path": str(path)}, lambda _: None))
    assert shown == FirstRows(headings=("koi_period", "note"), rows=(*head.rows, ("3", "a")))


def test_what_is_no_table_has_no_first_rows_but_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    told = FirstRows(**first_rows_job({"path": str(path)}, lambda _: None))
    assert told.refusal
    assert (told.headings, told.rows) == ((), ())


@pytest.mark.parametrize(
    ("content", "train", "left_open"),
    [
        ("koi_period,koi_depth\n1,2\n", False, 0),
        ("Perriod,Transit Dpeth,koi_prad\n1,2,3\n", False, 2),
        ("koi_period,koi_disposition\n1,yes\n2,no?\n", True, 1),
        ("koi_period\n1\n", True, 0),
        ("koi_period\nabout nine\n", False, 0),
        ("time,flux\n1,2\n", False, 0),
    ],
)
def test_a_look_refuses_what_is_refused_without_it_and_nothing_else(
    tmp_path: Path, content: str, train: bool, left_open: int
) -> None:
    plain = checked(tmp_path / "a", content, look=False, train=train)
    look = checked(tmp_path / "a", content, look=True, train=train)
    assert len(look["open"]) == left_open
    assert bool(plain["refusal"]) == bool(look["refusal"] or look["open"])
    sentences = [look["refusal"], *(choice["sentence"] for choice in look["open"])]
    assert plain["refusal"] in sentences


def test_of_words_that_are_not_clear_the_clear_ones_and_the_counts_are_told(tmp_path: Path) -> None:
    content = "koi_period,koi_disposition\n1,CONFIRMED\n2,whatever\n3,whatever\n"
    (choice,) = checked(tmp_path / "a", content, look=True, train=True)["open"]
    assert choice["words"] == ("whatever",)
    assert choice["label"]["words"] == {"CONFIRMED": "confirmed"}
    assert choice["label"]["rows"] == {"whatever": 2, "CONFIRMED": 1}
