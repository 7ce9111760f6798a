"""An object's curve, folds and tests are those of the signal that its row names."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from mlcore.datasets import CLASSES
from mlcore.lightcurves.bundles.bundle import bundle_in
from mlcore.lightcurves.bundles.star import measured_star
from mlcore.tasks import PLANET
from sessions_app import services
from sessions_app.execution import worker
from sessions_app.files.curves import curves_of
from sessions_app.models import PredictionSession
from sessions_app.selectors.exports import ExportFormat, exported
from sessions_app.selectors.stretches import stretches_of
from tests.mlcore.lightcurves.bundles.made_files import TOO_FEW, csv_of, zipped
from tests.sessions_app.results import objects
from tests.sessions_app.web.pages import page

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from mlcore.lightcurves.bundles.star import MeasuredStar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "jobs")]

SEEDS = range(30, 37)
AT, BESIDE = "2.1,132.2,2.88", "3.3,131.9,2.88"
"""Ephemerides of a star's two signals, in the second of which nothing dims."""
UNTOLD = 32
"""Of whose planet's star the second signal has no disposition, so that nothing is learnt of it."""


@pytest.fixture
def curves(tmp_path: Path) -> Path:
    """Return an archive with stars of one signal and of two, one of noise, and one that is refused.

    These two come first, so that no star's number is that of its first signal.
    """
    members: dict[str, bytes | str] = {"a few.csv": TOO_FEW, "a noise.csv": csv_of(None, days=6)}
    rows = ["file,period,epoch,duration,disposition"]
    for seed in SEEDS:
        planet, binary = f"planet {seed}.csv", f"binary {seed}.csv"
        members[planet] = csv_of(seed=seed, depth=5e-3 + 1e-4 * seed, days=6)
        members[binary] = csv_of(seed=100 + seed, depth=2e-2, days=6)
        rows += [f"{planet},{AT},CONFIRMED", f"{binary},{AT},FALSE POSITIVE"]
        rows.append(f"{planet},{BESIDE},{'FALSE POSITIVE' if seed != UNTOLD else ''}")
    return zipped(tmp_path / "curves", members | {"signals.csv": "\n".join(rows)})


def completed(**files: Path) -> PredictionSession:
    """Return the completed session that predicts, or learns from, files of light curves."""
    services.install("lightcurves-triage")
    uploads = {
        name: SimpleUploadedFile(f"{name}.zip", path.read_bytes()) for name, path in files.items()
    }
    answer = APIClient().post(
        "/api/v1/prediction-sessions",
        {"data_source": "user", "mission": "lightcurves", **uploads},
        format="multipart",
    )
    assert answer.status_code == 202, answer.json()
    session = PredictionSession.objects.get(pk=answer.json()["id"])
    worker.execute(session.pk)
    session.refresh_from_db()
    assert session.status == "completed", session.error
    return session


def alone(path: Path, name: str) -> MeasuredStar:
    """Return what is measured of a star of an archive by itself."""
    bundle = bundle_in(path, path.name)
    (star,) = (star for star in bundle.stars if star.name == name)
    return measured_star(star, bundle.contents(star))


def check_each_object(client: Client, session: PredictionSession, path: Path) -> None:
    """Check that all that is told of each object is of the signal of its name."""
    rows, records = objects(session), curves_of(session)
    assert records is not None
    assert len(records.signals) == len(rows)
    downloaded = b"".join(exported(session, ExportFormat.CSV)).decode()
    told = {row["name"]: row for row in csv.DictReader(io.StringIO(downloaded))}
    for row in rows:
        name, _, of_star = row.name.rpartition(" signal ")
        own = alone(path, name)
        signal = own.signals[int(of_star) - 1]
        others = [other for other in rows if other.name.startswith(f"{name} signal ")]
        # Numbers that are missing are equal, too, where they are written.
        shown = records.signal(row.number)
        assert shown is not None
        star = replace(
            own.star, number=shown.star.number, numbers=[other.number for other in others]
        )
        assert repr(shown.star) == repr(star)
        assert repr(shown.signal) == repr(replace(signal, number=row.number, star=star.number))
        said = stretches_of(records, row.number)
        assert [one.stretch.name for one in said] == signal.stretch_name
        planet = row.probabilities[CLASSES.index(PLANET)]
        # Both are asked for among other rows, which moves the last bits.
        stated = [one.probability for one in said]
        assert stated == pytest.approx([planet] * len(signal.stretch_name), rel=1e-9)

        address = f"/api/v1/lightcurves/{session.pk}/signals/{row.number}"
        assert client.get(address).json()["near_flux"] == signal.near_flux
        address = f"/api/v1/prediction-sessions/{session.pk}/objects/{row.number}"
        tests = {test["test"]: test["value"] for test in client.get(address).json()["vetting"]}
        measured = dict(zip(signal.measured, signal.values, strict=True))
        assert tests["signal"] == measured["strength"]
        ephemeris = [float(told[row.name][name]) for name in ("value_period", "epoch", "time_zero")]
        assert ephemeris == [signal.period, signal.epoch, star.time_zero]
        assert float(told[row.name]["value_depth"]) == own.rows[int(of_star) - 1]["depth"]
        drawn = client.get(f"{address}/plots/fold", {"as": "csv"}).content.decode()
        points = [cells for cells in csv.reader(io.StringIO(drawn)) if cells[0] == "1"]
        # Panels end with the first and the last bin.
        inside = [
            (phase, flux)
            for phase, flux in zip(signal.points_phase, signal.points_flux, strict=True)
            if signal.near_phase[0] <= phase <= signal.near_phase[-1]
        ]
        assert [float(phase) for _, phase, *_ in points] == [phase for phase, _ in inside]
        flux = np.array([float(flux) for _, _, flux, *_ in points])
        kept = np.array([flux for _, flux in inside])
        assert flux / flux[0] == pytest.approx(kept / kept[0], rel=1e-9)
        text = page(client, f"/sessions/{session.pk}/objects/{row.number}")
        assert f"{name} : {star.points} points over" in text
        for other in others:
            assert other is row or f"Other signals of this star: {other.name}" in text


def test_of_held_out_stars_each_object_is_the_signal_that_it_names(
    client: Client, curves: Path
) -> None:
    session = completed(training_file=curves)
    assert [row.name for row in objects(session)] == [
        *("binary 32 signal 1", "planet 31 signal 1", "planet 31 signal 2")
    ]
    check_each_object(client, session, curves)
    listed = page(client, f"/sessions/{session.pk}/stars")
    assert "3 stars, 1 of which could not be used." in listed
    assert "a noise" not in listed


def test_of_a_file_to_predict_each_object_is_the_signal_that_it_names(
    client: Client, tmp_path: Path
) -> None:
    rows = ["file,period,epoch,duration", *(f"c two.csv,{each}" for each in (AT, BESIDE))]
    members = {
        "a few.csv": TOO_FEW,
        "b noise.csv": csv_of(None, days=6),
        "c two.csv": csv_of(days=6),
        "d one.csv": csv_of(seed=1, days=6),
        "signals.csv": "\n".join(rows),
    }
    path = zipped(tmp_path / "curves", members)
    session = completed(testing_file=path)
    assert [row.name for row in objects(session)] == [
        *("b noise signal 1", "c two signal 1", "c two signal 2", "d one signal 1")
    ]
    check_each_object(client, session, path)
