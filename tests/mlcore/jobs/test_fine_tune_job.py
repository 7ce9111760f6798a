"""A published model goes on learning, by a job, from a user's rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets.snapshot import read_snapshot
from mlcore.errors import DataError
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.model_selection.train_test import FIXED_SPLIT, HELD_OUT_SPLIT, UPLOADED_TEST
from mlcore.models.classifier import CLASSES
from mlcore.persistence.artifact import training_stars
from mlcore.prediction.stored import prediction_rows
from mlcore.training.fine_tune import ROUNDS
from tests.mlcore.jobs.run_jobs import predicted, probes_of, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcore.datasets import Table


def flipped(table: Table) -> Table:
    """Return a user's table that calls every planet a false positive and the other way round."""
    words = {"CONFIRMED": "FALSE POSITIVE", "FALSE POSITIVE": "CONFIRMED"}
    labels = table.frame["koi_disposition"].replace(words)
    return replace(table, frame=table.frame.assign(koi_disposition=labels))


@pytest.mark.long
@pytest.mark.slow
def test_fine_tuning_reports_the_same_rows_before_and_after(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    result = predicted(
        tmp_path / "job",
        published,
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[1], tmp_path / "testing.csv"),
    )
    assert result["model"]["fine_tuned"] is True
    assert result["model"]["fine_tuning_rows"] == len(own[0])
    assert result["model"]["added_rounds"] == ROUNDS
    before, after = result["metrics_before"], result["metrics"]
    assert before["rows"] == after["rows"] == len(own[1])
    assert before["split"] == after["split"] == UPLOADED_TEST
    model = mlcore.load_artifact(published).classifier
    best = model.predict_proba(own[1].features).argmax(axis=1)
    assert own[1].labels is not None
    right = [CLASSES[index] == label for index, label in zip(best, own[1].labels, strict=True)]
    assert before["accuracy"] == pytest.approx(np.mean(right))
    assert before != after
    report = result["report"]
    assert report["before_fine_tuning"]["rows"] == report["measurement"]["rows"] == len(own[1])
    assert [protocol["protocol"] for protocol in report["protocols"]] == ["cross_validated"]
    # Without a loaded table it is held against the test rows of the one that is carried.
    assert report["notes"] == []
    old = report["old_domain"]
    assert old["before"]["split"] == old["after"]["split"]
    assert old["before"]["split"].startswith(f"{FIXED_SPLIT}; of the Kepler Q1-Q17 DR25 table")
    assert 1000 < old["before"]["rows"] == old["after"]["rows"]
    assert training_stars(tmp_path / "job" / ARTIFACT) == (
        training_stars(published) | set(own[0].hosts)
    )


@pytest.mark.long
def test_fine_tuning_on_one_file_holds_a_fifth_of_its_stars_out(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    whole = own[0]
    result = predicted(
        tmp_path / "job", published, training_file=written(whole, tmp_path / "training.csv")
    )
    training, testing = mlcore.split(whole)
    assert result["metrics"]["split"] == result["metrics_before"]["split"] == HELD_OUT_SPLIT
    assert result["metrics"]["rows"] == len(testing)
    assert result["model"]["fine_tuning_rows"] == len(training)
    rows = list(prediction_rows(tmp_path / "job" / PREDICTIONS))
    assert [row["name"] for row in rows] == list(testing.names)
    assert [notice for notice in result["warnings"] if "made the model forget" not in notice] == []


@pytest.mark.long
def test_what_one_file_shows_is_said_of_the_training_file_alone(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    text = Path(written(own[0], tmp_path / "plain.csv")).read_text().splitlines()
    odd = tmp_path / "training.csv"
    odd.write_text("\n".join([f"{text[0]},mood", *(f"{line},1" for line in text[1:])]))
    result = predicted(tmp_path / "job", published, training_file=str(odd))
    assert result["warnings"][0] == (
        "In the training file these unknown columns were ignored: mood."
    )
    assert "testing" not in json.dumps([result["warnings"], result["report"]["notes"]])
    probes = result["report"]["probes"]
    assert "testing file" not in json.dumps(probes)
    (by_row,) = (probe for probe in probes["probes"] if probe["name"] == "row_split")
    assert by_row["measurement"] is not None


@pytest.mark.long
@pytest.mark.slow
def test_the_smallest_file_that_may_be_uploaded_can_be_fine_tuned_on(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    single = own[0].take((~own[0].hosts.duplicated(keep=False)).to_numpy())
    assert single.labels is not None
    # Five stars of two kinds each and ten of the third: what `check_trainable` just lets pass.
    counts = {"candidate": 5, "false_positive": 10, "confirmed": 5}
    smallest = single.take(
        np.concatenate(
            [np.flatnonzero(single.labels == kind)[:count] for kind, count in counts.items()]
        )
    )
    result = predicted(
        tmp_path / "job", published, training_file=written(smallest, tmp_path / "training.csv")
    )
    assert result["model"]["fine_tuning_rows"] == 16
    assert result["metrics"]["rows"] == 4
    with pytest.raises(DataError, match=r"training needs at least 20\.$"):
        predicted(
            tmp_path / "refused",
            published,
            training_file=written(smallest.take(range(19)), tmp_path / "fewer.csv"),
        )


@pytest.mark.long
def test_a_model_that_a_users_file_made_forget_its_mission_is_warned_of(
    published: Path, own: tuple[Table, Table], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    files = {
        "testing_file": written(flipped(own[1]), tmp_path / "testing.csv"),
        "reference": str(snapshot("kepler")),
    }
    misled = predicted(
        tmp_path / "misled",
        published,
        training_file=written(flipped(own[0]), tmp_path / "flipped.csv"),
        **files,
    )
    old = misled["report"]["old_domain"]
    testing = read_snapshot(snapshot("kepler"), mlcore.DATASETS["kepler"])[1]
    assert old["before"]["rows"] == old["after"]["rows"] == len(testing)
    assert old["before"]["split"] == old["after"]["split"] == FIXED_SPLIT
    areas = [
        next(figure["value"] for figure in old[when]["figures"] if figure["name"] == "roc_auc")
        for when in ("before", "after")
    ]
    assert areas[1] < areas[0]
    assert old["warning"].startswith("Fine-tuning made the model forget: on the fixed test split")
    assert misled["warnings"][-1] == old["warning"]
    # On rows like the user's own it is better than before all the same.
    assert misled["metrics"]["accuracy"] > misled["metrics_before"]["accuracy"]


@pytest.mark.long
def test_after_fine_tuning_the_probes_learn_from_the_users_rows_as_the_model_did(
    published: Path, own: tuple[Table, Table], tmp_path: Path
) -> None:
    result = predicted(
        tmp_path / "job",
        published,
        training_file=written(own[0], tmp_path / "training.csv"),
        testing_file=written(own[1], tmp_path / "testing.csv"),
    )
    probes = probes_of(result)
    measured = [probe for probe in probes.values() if probe["measurement"] is not None]
    assert all(probe["measurement"]["rows"] == len(own[1]) for probe in measured)
    assert all(probe["note"] for probe in probes.values() if probe not in measured)
    assert len(measured) >= 3
    assert probes["row_split"]["title"] == "The same fine-tuning under a split by row"
    assert f"{len(own[0])} rows of the training file" in result["report"]["probes"]["fitted_on"]
