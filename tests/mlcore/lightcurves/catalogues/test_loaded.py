"""Rows of catalogues that somebody loaded, in place of the carried ones."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlcore.lightcurves.catalogues.carried import carried_rows
from mlcore.lightcurves.catalogues.judging import Judged
from mlcore.lightcurves.catalogues.loaded import Catalogues, LoadedTable, newest_catalogues

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets.table import Table
    from mlcore.lightcurves.catalogues.row import CatalogueRow

STAR = "TIC 260271203"
(CARRIED,) = [one for one in carried_rows().of_star(STAR) if one.name == "TOI 207.01"]
LATER = date(2026, 6, 1)


def tois(path: Path, *rows: CatalogueRow) -> Path:
    """Write TOIs as a table that was loaded."""
    columns: dict[str, list[Any]] = {
        "toi": [row.name.removeprefix("TOI ") for row in rows],
        "tid": [row.star.removeprefix("TIC ") for row in rows],
        "tfopwg_disp": ["PC" for _ in rows],
        "pl_orbper": [row.period for row in rows],
        "pl_tranmid": [row.epoch for row in rows],
        "pl_trandurh": [row.duration for row in rows],
        "pl_trandep": [row.depth for row in rows],
        "st_tmag": [row.magnitude for row in rows],
        "ra": [row.right_ascension for row in rows],
        "dec": [row.declination for row in rows],
        "in_test_split": [False for _ in rows],
    }
    pq.write_table(pa.table(columns), path)
    return path


def learnt(*stars: str) -> Any:
    """Return who was trained on some stars, and says half of everything."""

    def judge(table: Table, wanted: NDArray[np.bool_]) -> Judged:
        hosts = [f"TIC {host}" for host in table.hosts[wanted]]
        return Judged(
            model="tess-vetting",
            planet=np.full(len(hosts), 0.5),
            in_sample=np.array([host in stars for host in hosts], dtype=bool),
        )

    return judge


def loaded(path: Path, dated: date | None = LATER, *, judge: Any = None) -> Catalogues:
    table = LoadedTable(mission="tess", path=path, dated=dated)
    return newest_catalogues([table], judge=judge)


def test_a_loaded_table_stands_in_place_of_its_missions_rows_and_of_no_others(
    tmp_path: Path,
) -> None:
    found = loaded(tois(tmp_path / "tois", CARRIED))
    assert found.said == (
        "Signals are looked up in the catalogues of TESS of 2026-06-01, as loaded; of Kepler and K2"
        " of 2025-10-04, as carried."
    )
    (row,) = found.rows.of_star(STAR)
    # The file has no errors, and what is unknown is not equal to itself.
    errors = {"period_error": 0.0, "epoch_error": 0.0}
    assert replace(row, **errors) == replace(CARRIED, disposition="candidate", **errors)
    others = [one for one in ("KIC 11442793", "K2-3") if found.rows.of_star(one)]
    assert others == ["KIC 11442793", "K2-3"]
    assert found.rows.of_star("TIC 1") == carried_rows().of_star("TIC 1") == ()


@pytest.mark.parametrize(("dated", "is_taken"), [(None, True), (date(2025, 10, 3), False)])
def test_a_table_that_is_older_than_the_carried_rows_is_not_taken(
    dated: date | None, is_taken: bool, tmp_path: Path
) -> None:
    found = loaded(tois(tmp_path / "tois", CARRIED), dated)
    assert (found.rows is not carried_rows()) == is_taken
    assert ("as loaded" in found.said) == is_taken


def test_new_rows_and_changed_ones_are_judged_by_a_model_that_did_not_learn_from_the_star(
    tmp_path: Path,
) -> None:
    changed = replace(CARRIED, period=CARRIED.period * 1.01)
    new = replace(CARRIED, name="TOI 99999.01", star="TIC 5")
    path = tois(tmp_path / "tois", changed, new)
    rows = loaded(path, judge=learnt()).rows
    for star in (STAR, "TIC 5"):
        (row,) = rows.of_star(star)
        assert (row.planet, row.model, row.in_sample) == (0.5, "tess-vetting", False)
    # Of a star that it learnt from the carried answer stays, where there is one.
    rows = loaded(path, judge=learnt(STAR, "TIC 5")).rows
    (row,) = rows.of_star(STAR)
    assert (row.planet, row.model, row.in_sample) == (CARRIED.planet, "", False)
    (row,) = rows.of_star("TIC 5")
    assert (row.planet, row.model, row.in_sample) == (0.5, "tess-vetting", True)


def test_a_new_row_that_nobody_judges_has_no_probability(tmp_path: Path) -> None:
    new = replace(CARRIED, name="TOI 99999.01", star="TIC 5")
    (row,) = loaded(tois(tmp_path / "tois", new)).rows.of_star("TIC 5")
    assert np.isnan(row.planet)


def test_a_table_of_k2_that_has_mid_times_and_numbers_of_stars_tells_epochs_and_is_found_by_them(
    tmp_path: Path,
) -> None:
    columns = {
        "pl_name": ["K2-3 b", "K2-3 c"],
        "hostname": ["K2-3"] * 2,
        "default_flag": ["1"] * 2,
        "disposition": ["CONFIRMED"] * 2,
        "pl_orbper": [10.054, 24.647],
        "pl_tranmid": [2456813.4, None],
        "pl_tranmiderr1": [0.001, None],
        "pl_tranmiderr2": [-0.002, None],
        "in_test_split": [False] * 2,
    }
    pq.write_table(pa.table(columns), tmp_path / "k2")
    told = {
        "mission": "k2",
        "path": str(tmp_path / "k2"),
        "dated": "2026-06-01",
        "star_numbers": [[row, number] for row in (1, 2) for number in ("EPIC 201367065", "TIC 7")],
    }
    rows = newest_catalogues([LoadedTable.from_json(told)]).rows
    first, second = rows.of_star("K2-3")
    assert [one.name for one in rows.of_star("EPIC 201367065")] == [first.name, second.name]
    assert first.also == ("EPIC 201367065", "TIC 7")
    assert len(pickle.loads(pickle.dumps(rows)).of_star("TIC 7")) == 2
    assert (first.name, first.period, first.epoch) == ("K2-3 b", 10.054, 2456813.4)
    assert first.epoch_error == pytest.approx(0.002)
    assert np.isnan(second.epoch)
    # The archive's default columns have none.
    assert all(np.isnan(one.epoch) for one in carried_rows().of_star("K2-3"))


def test_the_same_table_gives_the_same_rows_to_the_bit_and_another_one_others(
    tmp_path: Path,
) -> None:
    path = tois(tmp_path / "tois", CARRIED)
    words = {loaded(path, judge=learnt()).rows.fingerprint for _ in range(2)}
    other = tois(tmp_path / "others", replace(CARRIED, epoch=CARRIED.epoch + 1))
    assert len(words) == 1
    assert loaded(other).rows.fingerprint not in words
