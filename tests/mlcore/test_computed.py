"""What is the same for every model on the same rows is computed once, and never found wrongly."""

from __future__ import annotations

import multiprocessing
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlcore import computed
from mlcore.computed import NOTHING_KEPT, Computed, fingerprint

if TYPE_CHECKING:
    from pathlib import Path


_COLUMNS = pa.table({"a": [0.1, None], "b": ["one", None]}).replace_schema_metadata(
    {"said": "all of it"}
)


class Counted:
    """Computes something, and counts how often it was asked."""

    def __init__(self, value: Any) -> None:
        self.value, self.asked = value, 0

    def __call__(self) -> Any:
        self.asked += 1
        return self.value


@pytest.fixture
def kept(tmp_path: Path) -> Computed:
    return Computed(tmp_path / "computed")


def test_what_follows_from_the_same_is_computed_once(kept: Computed) -> None:
    frame = pd.DataFrame({"b": [1.0, np.nan], "a": [0.1 + 0.2, -0.0]})
    for find, value, same in (
        (kept.array, np.array([[1, 2], [3, 4]]), np.testing.assert_array_equal),
        (kept.frame, frame, pd.testing.assert_frame_equal),
        (kept.columns, _COLUMNS, _assert_equal),
        (kept.json, {"a": [None, 0.1]}, _assert_equal),
    ):
        compute = Counted(value)
        for _ in range(2):
            same(find("something", ["of", 1], compute), value)
        assert compute.asked == 1


def _assert_equal(one: Any, other: Any) -> None:
    assert one == other


def test_what_is_said_of_columns_is_kept_with_them(kept: Computed) -> None:
    for _ in range(2):
        found = kept.columns("something", [], lambda: _COLUMNS)
        assert found.schema.metadata[b"said"] == b"all of it"


def test_nothing_is_kept_where_no_folder_is_named() -> None:
    compute = Counted({})
    for _ in range(2):
        NOTHING_KEPT.json("something", [], compute)
    assert compute.asked == 2


@pytest.mark.parametrize(
    "other",
    [
        ["of", 2],
        ["o", "f1"],
        [["of"], 1],
        ["of", 1.0],
        ["of", "1"],
        [np.array([1]), np.array([2])],
        [np.array([[1], [2]])],
        [np.array([1.0, 2.0])],
        [pd.DataFrame({"a": [1, 2]})],
        [pd.DataFrame({"b": [1, 2]})],
        [pd.Series(["x", None], dtype="str")],
        [pd.Series(["x", "None"], dtype="str")],
    ],
    ids=repr,
)
def test_what_follows_from_something_else_is_computed_anew(
    kept: Computed, other: list[Any]
) -> None:
    for before in (["of", 1], [np.array([1, 2])]):
        kept.json("something", before, Counted(1))
    assert kept.json("something", other, Counted(2)) == 2
    assert kept.json("something else", ["of", 1], Counted(3)) == 3


def test_other_code_computes_anew(kept: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.json("something", [], Counted(1))
    monkeypatch.setattr(computed, "code_version", lambda: "another")
    assert kept.json("something", [], Counted(2)) == 2


def test_a_table_is_told_by_its_rows(kepler_tables: tuple[Any, Any]) -> None:
    table = kepler_tables[0]
    assert fingerprint(table) == fingerprint(table.take(range(len(table))))
    assert fingerprint(table) != fingerprint(table.take(range(len(table) - 1)))
    moved = table.frame.assign(koi_period=np.nextafter(table.frame["koi_period"], np.inf))
    assert fingerprint(table) != fingerprint(replace(table, frame=moved))
    # What its mission declares may come from elsewhere than this package.
    assert fingerprint(table) != fingerprint(
        replace(table, dataset=replace(table.dataset, span=1.0))
    )


def test_a_frame_lies_in_memory_as_before_it_was_kept(kept: Computed) -> None:
    frame = pd.concat([pd.Series([1.0, 2.0], name="a"), pd.Series([3.0, 4.0], name="b")], axis=1)
    for _ in range(2):
        found = kept.frame("something", [], lambda: frame)
        # Sums depend on the order in their last bits.
        assert found.to_numpy().flags.f_contiguous == frame.to_numpy().flags.f_contiguous


@pytest.mark.parametrize("damage", [b"", b"no array", None])
def test_a_damaged_file_is_computed_again(kept: Computed, damage: bytes | None) -> None:
    frame = pd.DataFrame({"a": np.arange(100.0)})
    kept.frame("something", [], lambda: frame)
    assert kept.folder is not None
    (path,) = kept.folder.glob("something-*.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[:-200] if damage is None else damage)
    compute = Counted(frame)
    for _ in range(2):
        pd.testing.assert_frame_equal(kept.frame("something", [], compute), frame)
    assert compute.asked == 1


@pytest.mark.parametrize("kind", ["frame", "columns"])
def test_a_flipped_bit_is_noticed(kept: Computed, kind: str) -> None:
    frame = pd.DataFrame({"a": np.random.default_rng(0).random(100)})
    value = frame if kind == "frame" else pa.Table.from_pandas(frame)
    getattr(kept, kind)("something", [], lambda: value)
    assert kept.folder is not None
    (path,) = (path for path in kept.folder.glob("something-*") if path.suffix != ".lock")
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    compute = Counted(value)
    assert getattr(kept, kind)("something", [], compute).equals(value)
    assert compute.asked == 1


def test_where_nothing_can_be_written_it_is_computed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert Computed(tmp_path / "file").json("something", [], Counted(1)) == 1


def _slowly(folder: Path, results: Any) -> None:
    def compute() -> int:
        with (folder / "asked").open("a") as file:
            file.write("x")
        time.sleep(0.3)
        return 7

    results.put(Computed(folder / "kept").json("something", [], compute))


def test_of_processes_that_need_it_at_once_one_computes_it(tmp_path: Path) -> None:
    forked = multiprocessing.get_context("fork")
    results = forked.SimpleQueue()
    processes = [forked.Process(target=_slowly, args=(tmp_path, results)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [results.get() for _ in processes] == [7, 7, 7]
    assert (tmp_path / "asked").read_text() == "x"
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".json"]
