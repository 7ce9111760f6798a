"""Analyses of a model, on real rows and with the default inputs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mlcore
from mlcore.errors import DataError
from mlcore.jobs.analyse import subject_of_session
from mlcore.jobs.messages import PredictionJob
from mlcore.jobs.run import predict_job
from mlcore.models.stack_weights import StackWeights
from mlcore.models.stacked import stacked_classifier
from tests.mlcore.analyses.analysed import DISPOSITIONS, Session, contributions, finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table


# Of the model


def check_figures(answer: dict[str, Any], of: Session) -> None:
    metrics = of.result["metrics"]
    assert answer["rows"] == metrics["rows"]
    assert answer["stars"] == metrics["stars"]
    assert answer["split"] == metrics["split"]
    assert answer["interval"] == "95 % of 200 resamples by host star"
    every = [answer["baseline"]]
    for quantity in answer["quantities"]:
        every += [quantity["without"], quantity["change"]]
        for name, change in quantity["change"].items():
            rest = quantity["without"][name]["value"] - answer["baseline"][name]["value"]
            assert change["value"] == pytest.approx(rest, abs=1e-12)
    for figures in every:
        assert set(figures) == {"accuracy", "macro_f1", "roc_auc"}
        for figure in figures.values():
            assert figure["low"] <= figure["high"]
    loss = [quantity["change"]["roc_auc"]["value"] for quantity in answer["quantities"]]
    assert loss == sorted(loss)
    columns = [name for quantity in answer["quantities"] for name in quantity["columns"]]
    assert len(columns) == len(set(columns))


@pytest.mark.sampled("decision_tree")
@pytest.mark.parametrize("model_type", ["decision_tree", "xgboost"])
def test_averages_are_compared_with_the_sessions_own_figures(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    answer = of.answer("average_replacement")
    check_figures(answer, of)
    assert answer["mark"] is None
    assert answer["object"] is None
    assert answer["baseline"]["accuracy"]["value"] == pytest.approx(
        of.result["metrics"]["accuracy"]
    )
    assert answer["baseline"]["roc_auc"]["value"] == pytest.approx(
        of.result["metrics"]["roc_auc"]["value"]
    )
    columns = {name for quantity in answer["quantities"] for name in quantity["columns"]}
    assert columns == set(of.result["model"]["columns"])
    assert answer["untried"] == []
    assert f"on {answer['rows']} rows of {answer['stars']} stars" in answer["sentences"][0]
    assert answer["sentences"][1].startswith("With its median in place of ")


@pytest.mark.long
def test_a_model_is_trained_anew_without_each_quantity(session: Callable[..., Session]) -> None:
    of = session("decision_tree", hyperparameters={"max_depth": 3})
    answer = of.answer("drop_columns")
    check_figures(answer, of)
    assert answer["trained_rows"] == of.result["model"]["train_rows"]
    # The same rows, hyperparameters and seed give the same tree, which is not calibrated here.
    model = mlcore.load_artifact(of.artifact)
    subject = subject_of_session(of.job("drop_columns"))
    labels = subject.table.labels
    assert labels is not None
    decided = model.task.decided(labels)
    predicted = model.classifier.uncalibrated(subject.features()[decided]).argmax(axis=1)
    right = [DISPOSITIONS[a] == b for a, b in zip(predicted, labels[decided], strict=True)]
    assert answer["baseline"]["accuracy"]["value"] == pytest.approx(np.mean(right))
    assert answer["untried"] == []
    assert "not calibrated" in answer["note"]


@pytest.mark.long
def test_a_fine_tuned_model_is_asked_with_averages_and_not_trained_anew(tuned: Session) -> None:
    check_figures(tuned.answer("average_replacement"), tuned)
    with pytest.raises(DataError, match=r"^A fine-tuned model .* average_replacement asks it"):
        tuned.answer("drop_columns")


@pytest.mark.long
def test_an_ensemble_is_trained_anew_member_by_member(
    session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    of = session("linear_regression")
    model = mlcore.load_artifact(of.artifact)
    sample = subject_of_session(of.job("drop_columns")).learned_from()
    stacked = stacked_classifier(
        [mlcore.load_artifact(session(name).artifact).classifier for name in ("xgboost",)]
        + [model.classifier],
        StackWeights(weights=(0.7, 0.5), intercepts=(0.1,), shares=(0.6, 0.4)),
        features=sample.features,
        hyperparameters={"time_budget": 30, "max_trials": None},
        seed=1,
    )
    calibrated = replace(stacked, calibration=model.classifier.calibration)
    loaded = replace(model, classifier=calibrated)
    monkeypatch.setattr("mlcore.api.prediction.load_artifact", lambda _: loaded)
    answer = of.answer("drop_columns")
    check_figures(answer, of)
    assert answer["model_type"] == "auto"
    check_figures(of.answer("average_replacement"), of)
    parts = of.answer("probability", 3, object_name="")
    assert parts["base"] + contributions(parts) == pytest.approx(parts["output"], abs=1e-9)
    changed = of.answer("counterfactual", 3, object_name="")
    assert changed["answer"] in {"false_positive", "confirmed"}


@pytest.mark.long
def test_needed_columns_names_what_a_file_lacks_and_has_beyond(
    session: Callable[..., Session], kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    published = session("xgboost")
    frame = kepler_tables[1].frame.drop(columns=["koi_depth"]).assign(remark="x")
    frame.to_csv(tmp_path / "mine.csv", index=False)
    spec = asdict(
        PredictionJob(
            dataset="kepler",
            artifact=str(published.artifact),
            folder=str(tmp_path),
            testing_file=str(tmp_path / "mine.csv"),
        )
    )
    answer = finished(predict_job, spec, tmp_path, trained=published.spec).answer("needed_columns")
    # What answers is a model of the columns at hand, which lacks nothing.
    assert answer["lacking"] == []
    (radius,) = [column for column in answer["needed"] if column["column"] == "koi_prad"]
    assert radius["given"]
    assert "radius_over_valley" in radius["used_by"]
    assert "koi_depth" not in {column["column"] for column in answer["needed"]}
    assert "remark is no column of" in " ".join(answer["sentences"])


@pytest.mark.long
def test_figures_of_a_model_that_saw_what_follows_the_label_are_marked(
    session: Callable[..., Session], kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    files = {}
    for name, table in zip(("training_file", "testing_file"), kepler_tables, strict=True):
        files[name] = str(tmp_path / name)
        table.frame.assign(koi_score=random.random(len(table))).to_csv(files[name], index=False)
    of = session("decision_tree", snapshot=None, label_derived=["koi_score"], **files)
    mark = "uses label-derived columns: koi_score"
    answer = of.answer("average_replacement")
    check_figures(answer, of)
    assert answer["mark"] == mark
    assert answer["split"] == f"the rows of the testing file; {mark}"
    assert of.answer("decision_path", 1)["mark"] == mark


@pytest.mark.long
def test_rows_without_a_disposition_give_no_figures(
    session: Callable[..., Session], kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    training.frame.to_csv(tmp_path / "training.csv", index=False)
    unlabelled = testing.frame.drop(columns="koi_disposition")
    unlabelled.to_csv(tmp_path / "testing.csv", index=False)
    of = session(
        "decision_tree",
        snapshot=None,
        training_file=str(tmp_path / "training.csv"),
        testing_file=str(tmp_path / "testing.csv"),
    )
    with pytest.raises(DataError, match="No test row has a disposition"):
        of.answer("average_replacement")
    # What is asked of one object needs no label.
    assert of.answer("counterfactual", 1)["object"]["number"] == 1
