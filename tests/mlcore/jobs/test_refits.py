"""Tables that lack columns, and the models that are kept for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.errors import DataError
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS
from mlcore.prediction.stored import prediction_rows
from mlcore.prediction.verdict import NOT_MEASURED
from tests.mlcore.jobs.run_jobs import FEW, predicted, trained_on, written

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table


@pytest.fixture(scope="module")
def narrow(own: tuple[Table, Table], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a user's file without errors and without the star's temperature."""
    frame = own[1].frame
    lacking = ["koi_steff", *(name for name in frame if str(name).endswith(("err1", "err2")))]
    table = replace(own[1], frame=frame.drop(columns=lacking))
    return written(table, tmp_path_factory.mktemp("narrow") / "narrow.csv")


def asked(
    folder: Path, published: Path, narrow: str, snapshot: Callable[[str], Path], **more: Any
) -> dict[str, Any]:
    refits = folder.parent / "refits"
    refits.mkdir(exist_ok=True)
    return predicted(
        folder,
        published,
        testing_file=narrow,
        reference=str(snapshot("kepler")),
        refits=str(refits),
        **more,
    )


@pytest.mark.long
def test_a_table_that_lacks_columns_is_answered_by_a_model_of_those_at_hand_and_told_so_first(
    published: Path, narrow: str, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    result = asked(tmp_path / "job", published, narrow, snapshot)
    fewer = result["report"]["fewer_columns"]
    assert "koi_steff" in fewer["lacking"]
    assert set(fewer["left_out"]).isdisjoint(result["model"]["columns"])
    assert result["model"]["left_out"] == sorted(fewer["left_out"])
    assert fewer["measurement"]["rows"] == fewer["with_all_columns"]["rows"] > 0
    told = [warning for warning in result["warnings"] if not warning.startswith("In the testing")]
    assert told[0] == fewer["sentence"]
    assert result["report"]["columns"]["lacking"] == []


def test_the_model_is_kept_and_the_next_one_who_lacks_the_same_gets_it(
    published: Path,
    narrow: str,
    snapshot: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = asked(tmp_path / "first", published, narrow, snapshot)
    (kept,) = (tmp_path / "refits").iterdir()
    monkeypatch.setattr("mlcore.jobs.refits.refit_without", None)
    second = asked(tmp_path / "second", published, narrow, snapshot)
    assert second == first
    rows = [list(prediction_rows(tmp_path / name / PREDICTIONS)) for name in ("first", "second")]
    assert str(rows[0]) == str(rows[1])
    assert list((tmp_path / "refits").iterdir()) == [kept]


@pytest.mark.long
def test_a_kept_model_that_is_damaged_is_fitted_again(
    published: Path, narrow: str, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    first = asked(tmp_path / "first", published, narrow, snapshot)
    (kept,) = (tmp_path / "refits").iterdir()
    (kept / ARTIFACT / "estimator.ubj").write_bytes(b"")
    assert asked(tmp_path / "second", published, narrow, snapshot) == first


def test_a_table_with_all_columns_leaves_no_model(
    published: Path, own: tuple[Table, Table], snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    file = written(own[1], tmp_path / "whole.csv")
    result = asked(tmp_path / "job", published, file, snapshot)
    assert result["report"]["fewer_columns"] is None
    assert list((tmp_path / "refits").iterdir()) == []


def test_well_known_planets_of_which_no_transit_was_measured_are_called_nothing(
    published: Path, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / "famous.csv"
    file.write_text(
        "kepoi_name,koi_period,koi_prad,koi_srad,koi_steff,koi_slogg,koi_kepmag\n"
        "Kepler-22 b,289.86,2.33,0.98,5518,4.44,11.7\n"
        "WASP-12 b,1.0914,21.7,1.66,6360,4.16,11.7\n"
        "Kepler-452 b,384.84,1.63,1.11,5757,4.32,13.4\n"
    )
    result = asked(tmp_path / "job", published, str(file), snapshot)
    assert NOT_MEASURED in result["report"]["read_first"]
    rows = prediction_rows(tmp_path / "job" / PREDICTIONS)
    assert [row["judgement"]["verdict"] for row in rows] == ["undecided"] * 3


@pytest.mark.long
def test_one_depth_is_enough_to_vet(
    published: Path, narrow: str, snapshot: Callable[[str], Path], tmp_path: Path
) -> None:
    result = asked(tmp_path / "job", published, narrow, snapshot)
    assert NOT_MEASURED not in result["report"]["read_first"]
    verdicts = {
        row["judgement"]["verdict"] for row in prediction_rows(tmp_path / "job" / PREDICTIONS)
    }
    assert {"would be called confirmed", "would be called false positive"} <= verdicts


def test_who_does_not_wish_for_it_is_refused(published: Path, narrow: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^The table lacks koi_period_err1, .*koi_steff, which"):
        predicted(tmp_path / "job", published, testing_file=narrow, refit=None)


@pytest.mark.long
def test_a_model_of_ones_own_is_fitted_anew_on_the_rows_that_it_was_trained_on(
    own: tuple[Table, Table], narrow: str, tmp_path: Path
) -> None:
    files = {
        "training_file": written(own[0], tmp_path / "training.csv"),
        "testing_file": written(own[1], tmp_path / "testing.csv"),
    }
    usual = {
        "dataset": "kepler",
        "model_type": "xgboost",
        "hyperparameters": FEW,
        "seed": 1,
        "feature_set": "measured",
    }
    trained_on(tmp_path / "mine", **files)
    result = predicted(
        tmp_path / "job",
        tmp_path / "mine" / ARTIFACT,
        testing_file=narrow,
        refit={"training_job": {**usual, **files, "folder": ""}},
    )
    fewer = result["report"]["fewer_columns"]
    assert fewer["fitted_on"] == "the rows that the model itself was trained on"
    assert fewer["train_rows"] == len(own[0])
    assert fewer["measurement"]["split"] == "the rows of the testing file"
