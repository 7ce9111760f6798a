"""Published models asked about rows of catalogues."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

import mlcore
from mlcore.computed import NOTHING_KEPT
from mlcore.datasets.spec import CLASSES
from mlcore.jobs.catalogues import judge_by, vetting_model
from mlcore.tasks import PLANET

if TYPE_CHECKING:
    from mlcore.datasets.table import Table
    from mlcore.models.trained_model import TrainedModel


def published(mission: str) -> tuple[str, TrainedModel] | None:
    name = vetting_model(mission)
    return (name, mlcore.load_published(name)) if mission == "kepler" else None


JUDGE = judge_by(published, computed=NOTHING_KEPT)


def test_a_row_is_judged_among_all_rows_of_its_table_and_whether_its_star_was_learnt_from_is_told(
    kepler_table: Table,
) -> None:
    table = kepler_table.take(np.arange(60))
    wanted = np.arange(60) < 3
    judged = JUDGE(table, wanted)
    assert judged is not None
    assert judged.model == "kepler-vetting"
    model = mlcore.load_published(judged.model)
    assert judged.in_sample.tolist() == model.knows(table)[wanted].tolist()
    said = mlcore.predict(model, table.take(wanted), reference=table).probabilities
    assert judged.planet.tolist() == said[:, CLASSES.index(PLANET)].tolist()


def test_without_a_model_or_with_columns_that_it_lacks_nothing_is_said(
    kepler_table: Table,
) -> None:
    table = kepler_table.take(np.arange(5))
    fewer = replace(table, frame=table.frame.drop(columns="koi_depth"))
    assert JUDGE(fewer, np.ones(5, dtype=bool)) is None
    assert judge_by(lambda _: None, computed=NOTHING_KEPT)(table, np.ones(5, dtype=bool)) is None
