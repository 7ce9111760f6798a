"""What a job on light curves is told of the tables that its signals are looked up in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from mlcore.jobs.catalogues import catalogues_of
from mlcore.jobs.messages import PredictionJob
from sessions_app.execution.catalogues import looked_up_in, table_told
from sessions_app.files import storage
from sessions_app.models import DataSource, ObjectName, PredictionSession, SessionKind
from tests.sessions_app.snapshots import kept_snapshot

if TYPE_CHECKING:
    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_a_rows_changed_values_are_judged_by_the_published_model_that_is_installed(
    kepler: DatasetSnapshot, spoken_of: TrainingSession
) -> None:
    rows = pq.read_table(storage.local_file(kepler.file.name)).to_pandas()
    rows["koi_period"] *= 1.001
    changed = kept_snapshot(
        {name: rows[name].tolist() for name in rows},
        label_counts={},
        dated=date(2026, 6, 1),
    )
    session = PredictionSession.objects.create(
        kind=SessionKind.PREDICTION,
        mission="lightcurves",
        data_source=DataSource.USER,
        published_model=spoken_of,
    )
    session.catalogues.set([changed])
    (told,) = looked_up_in(session)
    assert (told["mission"], told["dated"]) == ("kepler", "2026-06-01")
    assert told["model"]["name"] == "kepler-vetting"
    assert Path(told["model"]["artifact"]).is_dir()
    found = catalogues_of(
        PredictionJob(dataset="lightcurves", artifact="", folder="", catalogues=[told])
    )
    of_both = [found.rows.of_star(f"KIC {host}")[0] for host in rows["kepid"].unique()]
    assert {row.model for row in of_both} == {"", "kepler-vetting"}
    # Whoever learnt from the star is not asked: the carried answer stays.
    assert not any(row.in_sample for row in of_both)
    assert all(0 < row.planet < 1 for row in of_both)


def test_stars_are_told_by_all_numbers_that_light_curves_have_of_them() -> None:
    snapshot = kept_snapshot(
        {"pl_name": ["K2-3 b"], "hostname": ["K2-3"], "disposition": ["CONFIRMED"]}, mission="k2"
    )
    names = {
        "EPIC 201367065.01": "EPIC 201367065",
        "EPIC 201367065": "EPIC 201367065",
        "TIC 173103335": "TIC 173103335",
        "hip 2": "hip 2",
    }
    ObjectName.objects.bulk_create(
        ObjectName(snapshot=snapshot, row=1, object_key="K2-3 b", name=name, key=name, star_key=of)
        for name, of in names.items()
    )
    told = table_told(snapshot)
    assert told["star_numbers"] == [[1, "EPIC 201367065"], [1, "TIC 173103335"]]
    assert told["dated"] is None
