from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.calibration.prior_shift import prior_corrected
from mlcore.errors import DataError
from mlcore.evaluation.probes import fit_small_booster
from mlcore.evaluation.protocols import (
    ProtocolResult,
    later_dispositions,
    leave_one_mission_out,
    time_forward,
)
from mlcore.metrics import measure
from mlcore.model_selection.labelled_rows import LabelledRows
from mlcore.model_selection.protocol import Protocol
from mlcore.tasks import DISPOSITION, TASKS, VETTING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.model_selection.folds import FittedModel

EVERY_TASK = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
# A column with the same quantity in the same unit for both missions.
SHARED = {
    "koi_period": "pl_orbper",
    "koi_duration": "pl_trandurh",
    "koi_depth": "pl_trandep",
    "koi_prad": "pl_rade",
    "koi_teq": "pl_eqt",
    "koi_insol": "pl_insol",
    "koi_steff": "st_teff",
    "koi_slogg": "st_logg",
    "koi_srad": "st_rad",
}


def labels_of(table: Table) -> pd.Series[str]:
    assert table.labels is not None
    return table.labels


@pytest.fixture(scope="module")
def newer(archive_dir: Path) -> Table:
    (path,) = archive_dir.glob("koi_cumulative_2025*_default49.csv")
    return mlcore.read_table(path, mlcore.DATASETS["kepler"], require_labels=True)


@pytest.fixture(scope="module")
def vetted_since(kepler_table: Table, newer: Table) -> ProtocolResult:
    return time_forward(
        fit_small_booster,
        LabelledRows.of([kepler_table], kepler_table.features),
        later_dispositions(kepler_table, newer),
        task=VETTING,
    )


def test_objects_are_matched_by_name_with_what_they_are_now(
    kepler_table: Table, newer: Table
) -> None:
    later = later_dispositions(kepler_table, newer)
    assert len(later) == len(kepler_table)
    then = labels_of(kepler_table) == "candidate"
    counts = later[then].value_counts()
    assert counts.to_dict() == {"candidate": 1231, "confirmed": 437, "false_positive": 129}
    place = 17
    name = kepler_table.frame["kepoi_name"].iloc[place]
    same = (newer.frame["kepoi_name"] == name).to_numpy()
    assert later.iloc[place] == labels_of(newer)[same].iloc[0]


def test_an_object_without_a_name_matches_nothing(kepler_table: Table, newer: Table) -> None:
    few = kepler_table.take(np.arange(10))
    nameless = replace(few, frame=few.frame.copy())
    nameless.frame.loc[3:, "kepoi_name"] = None
    lacking = replace(newer, frame=newer.frame.copy())
    lacking.frame.loc[:99, "kepoi_name"] = None
    assert (
        later_dispositions(nameless, lacking).notna().tolist()
        == [
            name in set(lacking.frame["kepoi_name"].dropna())
            for name in few.frame["kepoi_name"][:3]
        ]
        + [False] * 7
    )


def test_tables_that_cannot_be_matched_are_refused(kepler_table: Table, newer: Table) -> None:
    few = newer.take(np.arange(20))
    nameless = replace(few, frame=few.frame.drop(columns="kepoi_name"))
    with pytest.raises(DataError, match="no column kepoi_name, which names the objects"):
        later_dispositions(kepler_table, nameless)
    unlabelled = replace(few, frame=few.frame.drop(columns="koi_disposition"))
    with pytest.raises(DataError, match="newer table has no column koi_disposition"):
        later_dispositions(kepler_table, unlabelled)
    twice = replace(few, frame=few.frame.assign(kepoi_name="K00752.01"))
    with pytest.raises(DataError, match=r"twice in column kepoi_name: K00752\.01\.$"):
        later_dispositions(kepler_table, twice)
    others = replace(few, frame=few.frame.assign(kepoi_name=[f"X{i}" for i in range(20)]))
    with pytest.raises(DataError, match="no object of the same name"):
        later_dispositions(kepler_table, others)


def test_candidates_that_were_decided_since_are_tested_by_the_labels_of_then(
    vetted_since: ProtocolResult, kepler_table: Table
) -> None:
    assert vetted_since.protocol is Protocol.TIME_FORWARD
    assert vetted_since.trained_rows == 6257
    assert vetted_since.measurement.rows == 437 + 129
    assert len(vetted_since.rows) == len(vetted_since.probabilities) == 566
    assert (labels_of(kepler_table).iloc[vetted_since.rows] == "candidate").all()
    assert vetted_since.measurement.split.endswith(
        "98 of the 566 have a neighbour at the same star that was trained on"
    )
    auc = vetted_since.measurement.figure("roc_auc").value
    assert auc is not None
    assert 0.92 < auc < 0.96


@pytest.mark.long
def test_a_tested_candidate_is_not_even_trained_on_as_a_candidate(
    kepler_table: Table, newer: Table
) -> None:
    trained: list[NDArray[np.int64]] = []

    def recorded(rows: LabelledRows, seed: int) -> FittedModel:
        trained.append(rows.tables[0].row_numbers)
        return fit_small_booster(rows, seed)

    forward = time_forward(
        recorded,
        LabelledRows.of([kepler_table], kepler_table.features),
        later_dispositions(kepler_table, newer),
        task=DISPOSITION,
        resamples=20,
    )
    assert set(trained[0]).isdisjoint(kepler_table.row_numbers[forward.rows])
    assert len(trained[0]) == forward.trained_rows == len(kepler_table) - 566
    assert forward.measurement.figure("recall", DISPOSITION.classes[0]).value is None


def test_the_rate_of_planets_among_decided_candidates_corrects_their_probabilities(
    vetted_since: ProtocolResult, kepler_table: Table, newer: Table
) -> None:
    labels = labels_of(kepler_table)
    share = (labels == "confirmed").sum() / VETTING.decided(labels).sum()
    corrected = prior_corrected(
        vetted_since.probabilities,
        trained=(1 - share, share),
        expected=(129 / 566, 437 / 566),
    )
    later = later_dispositions(kepler_table, newer).iloc[vetted_since.rows]
    after = measure(
        later, corrected, kepler_table.hosts.iloc[vetted_since.rows], task=VETTING, split="since"
    )
    for name in ("expected_calibration_error", "log_loss", "brier"):
        before = vetted_since.measurement.figure(name).value
        figure = after.figure(name).value
        assert before is not None
        assert figure is not None
        assert figure < before


def test_without_a_candidate_decided_since_time_forward_is_refused(kepler_table: Table) -> None:
    table = kepler_table.take(np.arange(200))
    rows = LabelledRows.of([table], table.features)
    with pytest.raises(DataError, match="No candidate of the older table has a decided"):
        time_forward(fit_small_booster, rows, labels_of(table), task=VETTING)
    planets = pd.Series(
        np.where(table.labels == "confirmed", "confirmed", "candidate"), dtype="str"
    )
    later = pd.Series(["confirmed"] * 200, dtype="str")
    with pytest.raises(
        DataError,
        match=r"^The older table leaves rows of 1 disposition to train on; at least two of false"
        r" positive, confirmed are needed\.$",
    ):
        time_forward(fit_small_booster, replace(rows, labels=planets), later, task=VETTING)


def test_each_mission_is_tested_by_a_model_of_the_other(
    whole_table: Callable[[str], Table],
) -> None:
    kepler, tess = whole_table("kepler"), whole_table("tess")
    features = pd.concat(
        [
            kepler.frame[list(SHARED)],
            tess.frame[list(SHARED.values())].set_axis(list(SHARED), axis=1),
        ],
        ignore_index=True,
    )
    labels = pd.concat([labels_of(kepler), labels_of(tess)], ignore_index=True)
    hosts = pd.concat(["kepler " + kepler.hosts, "tess " + tess.hosts], ignore_index=True)
    missions = pd.Series(["kepler"] * len(kepler) + ["tess"] * len(tess), dtype="str")
    seen: list[float] = []
    tests = leave_one_mission_out(
        fit_small_booster,
        LabelledRows(features=features, labels=labels, hosts=hosts, tables=(kepler, tess)),
        task=VETTING,
        progress=lambda fraction, _step: seen.append(fraction),
    )
    assert list(tests) == ["kepler", "tess"]
    assert seen == [0.0, 0.5, 1.0]
    decided = {name: VETTING.decided(labels[(missions == name).to_numpy()]).sum() for name in tests}
    for name, other in (("kepler", "tess"), ("tess", "kepler")):
        result = tests[name]
        assert result.protocol is Protocol.LEAVE_ONE_MISSION_OUT
        assert result.trained_rows == decided[other]
        assert result.measurement.rows == decided[name]
        assert (missions.iloc[result.rows] == name).all()
        assert result.measurement.split == (
            f"all rows of {name}, scored by a model that was trained on {other} alone"
        )
    # Known of these columns: 0.83 from Kepler to TESS, 0.89 back.
    from_kepler = tests["tess"].measurement.figure("roc_auc").value
    from_tess = tests["kepler"].measurement.figure("roc_auc").value
    assert from_kepler is not None
    assert from_tess is not None
    assert 0.78 < from_kepler < 0.88
    assert 0.84 < from_tess < 0.93


def test_one_mission_alone_cannot_be_left_out(kepler_tables: tuple[Table, Table]) -> None:
    table = kepler_tables[0]
    rows = LabelledRows.of([table], table.features)
    with pytest.raises(DataError, match="The rows are of one mission only"):
        leave_one_mission_out(fit_small_booster, rows, task=VETTING)
    planets = labels_of(table) == "confirmed"
    others, another = table.take(~planets), table.take(planets)
    another = replace(another, dataset=replace(another.dataset, name="another"))
    features = pd.concat([another.features, others.features], ignore_index=True)
    with pytest.raises(DataError, match=r"^kepler leaves rows of 1 disposition to train on"):
        leave_one_mission_out(
            fit_small_booster, LabelledRows.of([another, others], features), task=VETTING
        )
