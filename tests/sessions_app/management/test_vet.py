"""`manage.py vet` on a folder of small light curves, killed and started again."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

import mlcore
from exoplanet.environment import BASE_DIR
from mlcore.lightcurves.catalogues.carried import carried_rows, carried_weights
from mlcore.lightcurves.catalogues.loaded import newest_catalogues
from mlcore.lightcurves.ephemeris import Ephemeris
from mlcore.many_curves import run
from mlcore.many_curves.table import COLUMNS, left_out_beside
from mlcore.prediction.table_formats.described import columns_in, provenance_in
from tests.mlcore.lightcurves.made_curves import dip, noise_of, times
from tests.sessions_app.snapshots import koi_snapshot
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from mlcore.lightcurves.catalogues.row import CatalogueRow

pytestmark = pytest.mark.django_db

STARS = 5
PERIODS = [2.1 + 0.37 * place for place in range(STARS)]
DAYS = 12.0


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the folder of a tree that was trained on an eighth of the carried signals."""
    whole = mlcore.TrainingAPI().data("lightcurves")
    training, testing = (table.take(range(0, len(table), 8)) for table in whole)
    result = mlcore.TrainingAPI().train(
        mlcore.TrainingSetup(
            model_type="decision_tree",
            tables=[training],
            task=mlcore.TASKS["triage"],
            inputs=mlcore.Inputs(feature_set=mlcore.FeatureSet.MEASURED),
        ),
        mlcore.EvaluationSetup(tables=[testing]),
    )
    folder = tmp_path_factory.mktemp("model") / "tree"
    mlcore.PredictionAPI().save(result.model, folder)
    return str(folder)


@pytest.fixture(scope="module")
def curves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of stars with a planet each, and a file that is no light curve."""
    folder = tmp_path_factory.mktemp("curves")
    time = times(DAYS)
    for place, period in enumerate(PERIODS):
        transits = dip(time, Ephemeris(period=period, epoch=132.5, duration=0.12), 0.004)
        frame = pd.DataFrame({"time": time, "flux": 1 + noise_of(time, place) - transits})
        frame.to_csv(folder / f"star {place}.csv", index=False)
    (folder / "broken.fits").write_bytes(b"SIMPLE  =                    T" + bytes(100))
    return folder


@pytest.fixture(autouse=True)
def _state(settings: SettingsWrapper, tmp_path: Path) -> None:
    settings.EXOPLANET_STATE_DIR = tmp_path / "state"
    settings.EXOPLANET_STATE_DIR.mkdir()


def vetted(folder: Path, table: Path, model: str, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("vet", folder, out=table, model=model, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def undisturbed(curves: Path, model: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the table of a run that nothing happened to."""
    table = tmp_path_factory.mktemp("undisturbed") / "signals.csv"
    run.vet_folder(curves, table, model=model)
    return table


def test_each_star_has_its_planet_s_period_a_probability_and_a_verdict(undisturbed: Path) -> None:
    rows = pd.read_csv(undisturbed)
    assert list(rows) == [column.name for column in COLUMNS]
    first = rows[rows["signal"] == 1]
    assert first["file"].tolist() == [f"star {place}.csv" for place in range(STARS)]
    assert np.allclose(first["period"], PERIODS, rtol=2e-3)
    assert rows["p_planet"].between(0, 1).all()
    assert rows["verdict"].notna().all()
    assert rows["reasons"].notna().all()


def test_a_broken_file_costs_its_own_star_alone_and_the_reason_is_listed(undisturbed: Path) -> None:
    left_out = pd.read_csv(undisturbed.with_name("signals-left-out.csv"))
    assert left_out["file"].tolist() == ["broken.fits"]
    assert left_out["reason"].str.endswith(".").all()


def test_a_known_signal_that_cannot_be_tested_is_listed_and_its_star_is_not_left_out(
    curves: Path, model: str, tmp_path: Path
) -> None:
    folder, table = tmp_path / "curves", tmp_path / "signals.csv"
    shutil.copytree(curves, folder)
    (folder / "signals.csv").write_text(
        "file,period,epoch,duration\nstar 0.csv,2.5,132.5,2.9\nstar 0.csv,700,900,3\n"
    )
    said, _ = vetted(folder, table, model)
    assert f"1 star and 1 known signal left out: {left_out_beside(table)}" in said
    left_out = pd.read_csv(left_out_beside(table))
    assert left_out["file"].tolist() == ["broken.fits", "star 0.csv"]
    assert "700 d" in left_out["reason"][1]
    rows = pd.read_csv(table)
    assert rows[rows["file"] == "star 0.csv"]["period"].tolist() == [2.5]


def test_what_is_kept_of_stars_is_removed_when_the_table_is_complete(undisturbed: Path) -> None:
    assert sorted(path.name for path in undisturbed.parent.iterdir()) == [
        "signals-left-out.csv",
        "signals.csv",
    ]


_TRIES = 3


@pytest.fixture
def _interruptible() -> Iterator[None]:
    # What a shell starts in the background ignores Ctrl-C, and so does what it starts itself.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _ended(how: signal.Signals, curves: Path, model: str, table: Path) -> int:
    """Return how a run ends to which a signal is sent when its first star is done."""
    parts = table.with_name(f"{table.name}.parts")
    command = [sys.executable, "manage.py", "vet", str(curves), "--out", str(table)]
    with subprocess.Popen(
        [*command, "--model", model, "--cores", "1"],
        cwd=BASE_DIR,
        # Without a database it goes by what the package carries.
        env={
            **os.environ,
            "EXOPLANET_STATE_DIR": str(table.parent / "state"),
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: len(list(parts.glob("*/*.json"))) >= 1 or process.poll() is not None)
        process.send_signal(how)
        return process.wait()


@pytest.mark.slow
@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize(
    "how",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, marks=pytest.mark.long),
    ],
)
def test_a_run_that_is_ended_goes_on_where_it_was_to_the_same_bits(
    how: signal.Signals, curves: Path, model: str, undisturbed: Path, tmp_path: Path
) -> None:
    table = tmp_path / "signals.csv"
    parts = tmp_path / "signals.csv.parts"
    # Under load a run may be over before anybody ends it.
    for _ in range(_TRIES):
        ended = _ended(how, curves, model, table)
        if ended != 0:
            break
        table.unlink()
    assert ended == (130 if how is signal.SIGINT else -how)
    assert not table.exists()
    said, _ = vetted(curves, table, model, cores=1)
    resumed = re.search(r"(\d) of them from before", said)
    assert resumed is not None
    assert int(resumed[1]) >= 1
    assert table.read_bytes() == undisturbed.read_bytes()
    assert not parts.exists()


def test_a_star_whose_file_changed_meanwhile_is_searched_again(
    curves: Path, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, table = tmp_path / "two", tmp_path / "signals.csv"
    folder.mkdir()
    for place in range(2):
        (folder / f"star {place}.csv").write_bytes((curves / f"star {place}.csv").read_bytes())
    with monkeypatch.context() as stopping:
        # The run ends when all stars are done and before there is a table.
        stopping.setattr(run, "write_rows", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(CommandError, match=r"^Stopped\. The same command goes on"):
            vetted(folder, table, model)
    (folder / "star 1.csv").write_bytes((curves / "star 2.csv").read_bytes())
    said, told = vetted(folder, table, model)
    assert "2 stars, 1 of them from before" in said
    assert re.sub(r" *\d+% ", "", told).split("\n")[:-1] == ["star 1"]
    assert np.allclose(pd.read_csv(table).query("signal == 1")["period"], PERIODS[::2][:2], 2e-3)


def test_parquet_has_units_and_the_model_and_two_cores_give_the_same_rows(
    curves: Path, model: str, undisturbed: Path, tmp_path: Path
) -> None:
    table = tmp_path / "signals.parquet"
    vetted(curves, table, model, cores=2, at_once=3)
    schema = pq.read_schema(table)
    assert columns_in(schema) == list(COLUMNS)
    assert [fact.value for fact in provenance_in(schema)] == [model, newest_catalogues().said]
    expected = pd.read_csv(undisturbed)
    found = pd.read_parquet(table)
    assert found["star"].tolist() == expected["star"].tolist()
    # Written in full: the same numbers to the bit.
    numbers = [column.name for column in COLUMNS if column.kind is float]
    assert found[numbers].equals(expected[numbers].astype("float64"))


@pytest.fixture
def koi(tmp_path: Path) -> tuple[Path, CatalogueRow]:
    """Return a folder with the curve of a KOI, and its row."""
    folder = tmp_path / "koi"
    folder.mkdir()
    (row,) = [one for one in carried_rows().of_star("KIC 10797460") if one.name == "K00752.01"]
    time = times(30.0)
    transits = Ephemeris(period=row.period, epoch=row.epoch - 2454833, duration=0.12)
    frame = pd.DataFrame({"time": time, "flux": 1 + noise_of(time) - dip(time, transits, 0.004)})
    frame.to_csv(folder / "KIC 10797460.csv", index=False)
    return folder, row


def test_a_signal_of_a_catalogue_has_its_row_beside_the_curve(
    model: str, koi: tuple[Path, CatalogueRow], tmp_path: Path
) -> None:
    folder, row = koi
    table = tmp_path / "signals.csv"
    vetted(folder, table, model)
    first = pd.read_csv(table).iloc[0]
    assert (first["catalogue_object"], first["catalogue_disposition"]) == (
        "KOI-752.01",
        "confirmed",
    )
    assert first["p_catalogue_row"] == pytest.approx(row.planet)
    both = carried_weights()["kepler"].together(first["p_planet"], row.planet)
    assert first["p_together"] == pytest.approx(both)


def test_a_signal_of_a_table_that_was_loaded_has_its_row_and_the_table_is_named(
    model: str, koi: tuple[Path, CatalogueRow], tmp_path: Path
) -> None:
    folder, row = koi
    koi_snapshot(
        "K09999.01",
        kepid=10797460,
        period=row.period,
        epoch=row.epoch - 2454833,
        dated=date(2026, 6, 1),
    )
    table = tmp_path / "signals.csv"
    said, _ = vetted(folder, table, model)
    assert (
        "Signals are looked up in the catalogues of Kepler of 2026-06-01, as loaded; of K2 and TESS"
        " of 2025-10-04, as carried."
    ) in said
    first = pd.read_csv(table).iloc[0]
    # No model can judge a row of so few columns.
    assert (first["catalogue_object"], first["catalogue_disposition"]) == (
        "KOI-9999.01",
        "candidate",
    )
    assert first[["p_catalogue_row", "p_together"]].isna().all()


def test_without_a_star_that_can_be_used_it_ends_with_an_error_and_no_table(
    model: str, tmp_path: Path
) -> None:
    folder = tmp_path / "curves"
    folder.mkdir()
    (folder / "a.csv").write_text("garbage\n")
    with pytest.raises(CommandError, match=r"^None of the 1 light curves can be used\. a\.csv: "):
        vetted(folder, tmp_path / "signals.csv", model)
    assert not (tmp_path / "signals.csv").exists()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("signals.txt", r"^A table is called \.csv, \.parquet, \.ecsv, \.fits or \.vot\.$"),
        ("curves/signals.csv", r"^The table would lie among the light curves"),
    ],
)
def test_a_table_that_cannot_be_written_is_refused_before_anything_is_measured(
    table: str, words: str, model: str, tmp_path: Path
) -> None:
    (tmp_path / "curves").mkdir()
    (tmp_path / "curves" / "star.csv").write_text("time,flux\n1,1\n")
    with pytest.raises(CommandError, match=words):
        vetted(tmp_path / "curves", tmp_path / table, model)


def test_a_model_of_a_mission_s_table_does_not_judge_light_curves(
    curves: Path, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"^The model kepler-vetting is not for signals of"):
        vetted(curves, tmp_path / "signals.csv", "kepler-vetting")
