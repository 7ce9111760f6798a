"""What deepens a first answer is the same whether it is gathered afterwards or at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlcore.evaluation.evidence import EvidencePart, parts_to_gather
from mlcore.jobs.evidence import evidence_job
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, RESULTS
from mlcore.jobs.run import predict_job, train_job
from mlcore.prediction.stored import prediction_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table


class Gathered:
    """A first answer, and what its evidence added to it."""

    def __init__(self, folder: Path, job: Callable[..., dict[str, Any]], **argument: Any) -> None:
        folder.mkdir(parents=True)
        self.events: list[dict[str, Any]] = []
        given = {**argument, "folder": str(folder), "evidence": False}
        self.first = job(given, self.events.append)
        self.rows = list(prediction_rows(folder / PREDICTIONS))
        self.events.clear()
        trains = job is train_job
        model = self.first["model"]
        parts = parts_to_gather(
            model["model_type"],
            measured=self.first["metrics"] is not None,
            trained=trains or model["fine_tuned"],
            protocols=tuple(argument.get("protocols", ())),
        )
        self.parts = [str(part) for part in parts]
        report = json.loads(json.dumps(self.first["report"]))
        evidence_job(
            {
                "artifact": str(folder / ARTIFACT),
                "training": given if trains else None,
                "prediction": None if trains else given,
                "results": str(folder / RESULTS),
                "folder": str(folder / "evidence"),
                "parts": self.parts,
                "measurement": report["measurement"],
                "probes": report["probes"],
                "search": report["search"],
            },
            self.events.append,
        )
        json.dumps(self.events, allow_nan=False)
        self.found = {event["part"]: event for event in self.events if "part" in event}
        written = folder / "evidence" / PREDICTIONS
        self.deepened = list(prediction_rows(written)) if written.exists() else self.rows

    def whole(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return the result and the rows with everything that was found."""
        result = json.loads(json.dumps(self.first))
        for event in self.found.values():
            for (*way, last), value in event["findings"]:
                place = result["report"]
                for name in way[:-1] if last == "+" else way:
                    place = place[name]
                if last == "+":
                    place[way[-1]] += value
                else:
                    place[last] = value
            result["report"]["notes"] += event["notes"]
            result["warnings"] += event["warnings"]
        return result, self.deepened


def at_once(
    folder: Path, job: Callable[..., dict[str, Any]], **argument: Any
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    folder.mkdir(parents=True)
    result = job({**argument, "folder": str(folder)}, lambda _event: None)
    return json.loads(json.dumps(result)), list(prediction_rows(folder / PREDICTIONS))


def check_the_same(gathered: Gathered, whole: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    result, rows = gathered.whole()
    expected, expected_rows = whole
    assert list(gathered.found) == gathered.parts
    assert sorted(result.pop("warnings")) == sorted(expected.pop("warnings"))
    assert sorted(result["report"].pop("notes")) == sorted(expected["report"].pop("notes"))
    assert result == expected
    assert rows == expected_rows


@pytest.mark.parametrize(
    "further",
    [
        {},
        pytest.param(
            {"protocols": ["cross_validated", "leave_one_mission_out"]}, marks=pytest.mark.long
        ),
    ],
    ids=["plain", "with protocols"],
)
def test_the_evidence_of_a_training_is_the_same_to_the_bit_afterwards_and_at_once(
    snapshot: Callable[[str], Path], tmp_path: Path, further: dict[str, Any]
) -> None:
    path = str(snapshot("kepler"))
    others = {"others": {"k2": str(snapshot("k2"))}} if further else {}
    argument = {
        "dataset": "kepler",
        "model_type": "decision_tree",
        "hyperparameters": {},
        "task": "vetting",
        "seed": 3,
        "snapshot": path,
        "reference": path,
        **further,
        **others,
    }
    gathered = Gathered(tmp_path / "first", train_job, **argument)
    assert gathered.parts == [
        "slices",
        "row_split",
        "permutation_importance",
        "score_intervals",
    ] + (["protocols"] if further else [])
    first = gathered.first["report"]
    assert (first["slices"], first["importance"]["permutation"]) == ([], None)
    assert "row_split" not in [probe["name"] for probe in first["probes"]["probes"]]
    assert "drawn anew within their errors 10 times" in str(gathered.rows[0]["judgement"])
    check_the_same(gathered, at_once(tmp_path / "whole", train_job, **argument))
    assert "drawn anew within their errors 50 times" in str(gathered.deepened[0]["judgement"])


@pytest.mark.long
def test_the_evidence_of_a_fine_tuning_is_the_same_to_the_bit_afterwards_and_at_once(
    snapshot: Callable[[str], Path],
    small_tables: Callable[[str], tuple[Table, Table]],
    tmp_path: Path,
) -> None:
    path = str(snapshot("kepler"))
    at_once(
        tmp_path / "model",
        train_job,
        dataset="kepler",
        model_type="xgboost",
        hyperparameters={"n_estimators": 5},
        task="vetting",
        seed=1,
        snapshot=path,
        reference=path,
    )
    training, testing = small_tables("kepler")
    files = {}
    for name, table in (("training", training), ("testing", testing)):
        table.frame.to_csv(tmp_path / f"{name}.csv", index=False)
        files[f"{name}_file"] = str(tmp_path / f"{name}.csv")
    argument = {"dataset": "kepler", "artifact": str(tmp_path / "model" / ARTIFACT), "seed": 2}
    tuned = Gathered(tmp_path / "first", predict_job, **argument, **files)
    assert "row_split" in tuned.parts
    check_the_same(tuned, at_once(tmp_path / "whole", predict_job, **argument, **files))
    plain = {**argument, "testing_file": files["testing_file"]}
    as_it_is = Gathered(tmp_path / "plain", predict_job, **plain)
    assert "row_split" not in as_it_is.parts
    check_the_same(as_it_is, at_once(tmp_path / "plain whole", predict_job, **plain))


def test_a_part_that_cannot_be_gathered_says_why_and_the_others_are_there(
    snapshot: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(snapshot("kepler"))
    argument = {
        "dataset": "kepler",
        "model_type": "decision_tree",
        "hyperparameters": {},
        "feature_set": "measured",
        "seed": 0,
        "snapshot": path,
    }
    # A job of which the probes were lost.
    without = Gathered.__init__.__globals__["evidence_job"]
    monkeypatch.setitem(
        Gathered.__init__.__globals__,
        "evidence_job",
        lambda given, emit: without({**given, "probes": None}, emit),
    )
    gathered = Gathered(tmp_path / "first", train_job, **argument)
    assert gathered.found["row_split"] == {
        "part": "row_split",
        "failed": "Without the other probes there is nothing to compare with.",
    }
    assert all(
        gathered.found[part].get("failed") is None for part in gathered.parts if part != "row_split"
    )


def test_what_there_is_to_gather_follows_from_the_model_and_its_rows() -> None:
    whole = parts_to_gather(
        "xgboost", measured=True, trained=True, protocols=("time_forward", "cross_validated")
    )
    assert whole == tuple(EvidencePart)
    # Folds are a part of the first answer.
    assert EvidencePart.PROTOCOLS not in parts_to_gather(
        "xgboost", measured=True, trained=True, protocols=("cross_validated",)
    )
    assert parts_to_gather("xgboost", measured=False, trained=True) == (
        EvidencePart.SCORE_INTERVALS,
    )
    assert parts_to_gather("svm", measured=False, trained=False) == ()
