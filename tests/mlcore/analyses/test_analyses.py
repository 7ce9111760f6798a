"""Analyses of sessions that were really run, on real rows and with the default inputs."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.analyses.names import Analysis, refusal_of_analysis
from mlcore.analyses.of_object import _derived_anew, _derived_columns
from mlcore.datasets import KEPLER
from mlcore.datasets.snapshot import read_snapshot, write_snapshot
from mlcore.errors import ArtifactError, DataError
from mlcore.features.feature_sets import Inputs
from mlcore.jobs.analyse import analyse_job
from mlcore.jobs.messages import ARTIFACT, PREDICTIONS, AnalysisJob, PredictionJob, TrainingJob
from mlcore.jobs.run import predict_job, train_job
from mlcore.jobs.run import session as reading
from mlcore.jobs.session import subject_of_session
from mlcore.model_selection.labelled_rows import LabelledRows, rows_to_learn_from
from mlcore.model_selection.training_rows import training_rows
from mlcore.models import MODELS, fit_classifier
from mlcore.models.novelty import fit_novelty
from mlcore.models.stack_weights import StackWeights
from mlcore.models.stacked import stacked_classifier
from mlcore.models.trained_model import TrainedModel
from mlcore.prediction.error_propagation import FEWEST_DRAWS
from mlcore.prediction.predict import assessment, predict_rows
from mlcore.prediction.stored import prediction_rows
from mlcore.tasks import VETTING
from tests.mlcore.hand_made import FITTED_MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlcore.datasets import Table

DISPOSITIONS = ("candidate", "false_positive", "confirmed")
LIGHT = {"n_estimators": 5, "max_iter": 10}
PLANET = "confirmed"


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a job was told, what it said and what it left."""

    told: dict[str, Any]
    result: dict[str, Any]
    artifact: Path
    rows: list[dict[str, Any]]
    trained: dict[str, Any] | None = None
    """What the session was told that trained the model, when this one predicted with it."""

    def job(self, analysis: str, number: int | None = None, **changes: Any) -> AnalysisJob:
        return replace(
            AnalysisJob(
                analysis=analysis,
                artifact=str(self.artifact),
                training=self.told if self.trained is None else self.trained,
                prediction=None if self.trained is None else self.told,
                object_number=number,
                object_name="" if number is None else self.rows[number - 1]["name"],
                seed=1,
            ),
            **changes,
        )

    def answer(self, analysis: str, number: int | None = None, **changes: Any) -> dict[str, Any]:
        """Run an analysis as the isolated process does, and check what every answer must have."""
        events: list[dict[str, Any]] = []
        told = json.loads(json.dumps(asdict(self.job(analysis, number, **changes))))
        found = analyse_job(told, events.append)
        assert set(found) == {"answer", "warnings"}
        answer: dict[str, Any] = json.loads(json.dumps(found, allow_nan=False))["answer"]
        assert answer["analysis"] == analysis
        assert answer["meaning"] == Analysis(analysis).meaning
        assert answer["sentences"]
        assert all(isinstance(each, str) and "nan" not in each for each in answer["sentences"])
        fractions = [event["progress"] for event in events]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0
        return answer


@pytest.fixture(scope="session")
def kepler_snapshot(
    kepler_tables: tuple[Table, Table], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    training, testing = kepler_tables
    path = tmp_path_factory.mktemp("analysed snapshot") / "kepler.parquet"
    frame = pd.concat([training.frame, testing.frame], ignore_index=True)
    write_snapshot(replace(training, frame=frame, row_numbers=np.arange(len(frame)) + 1), path)
    return path


@pytest.fixture(scope="session")
def session(
    kepler_snapshot: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Session]:
    """Return what runs a small training session on the snapshot, once for each request."""
    done: dict[str, Session] = {}

    def run(model_type: str = "decision_tree", **changes: Any) -> Session:
        key = json.dumps([model_type, changes], sort_keys=True)
        if key not in done:
            folder = tmp_path_factory.mktemp("analysed")
            told = asdict(
                TrainingJob(
                    **{
                        "dataset": "kepler",
                        "model_type": model_type,
                        "hyperparameters": LIGHT,
                        "seed": 1,
                        "folder": str(folder),
                        "task": "vetting",
                        "snapshot": str(kepler_snapshot),
                        "reference": str(kepler_snapshot),
                    }
                    | changes
                )
            )
            done[key] = finished(train_job, told, folder)
        return done[key]

    return run


@contextmanager
def few_draws() -> Iterator[None]:
    """Save the time of most draws within the catalogue's errors, which no analysis looks at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assessment, "DRAWS", FEWEST_DRAWS)
        yield


def finished(
    job: Any, told: dict[str, Any], folder: Path, trained: dict[str, Any] | None = None
) -> Session:
    with few_draws():
        result = job(told, lambda _: None)
    return Session(
        told=told,
        result=result,
        artifact=folder / ARTIFACT,
        rows=list(prediction_rows(folder / PREDICTIONS)),
        trained=trained,
    )


@pytest.fixture(scope="session")
def tuned(
    session: Callable[..., Session],
    kepler_table: Table,
    kepler_tables: tuple[Table, Table],
    kepler_snapshot: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Session:
    """Return a session that fine-tuned on a user's file and predicted its held-out rows."""
    known = set(kepler_tables[0].hosts) | set(kepler_tables[1].hosts)
    others = kepler_table.take(~kepler_table.hosts.isin(known).to_numpy()).take(range(300))
    folder = tmp_path_factory.mktemp("tuned")
    others.frame.to_csv(folder / "mine.csv", index=False)
    published = session("xgboost")
    told = asdict(
        PredictionJob(
            dataset="kepler",
            artifact=str(published.artifact),
            folder=str(folder),
            training_file=str(folder / "mine.csv"),
            reference=str(kepler_snapshot),
        )
    )
    return finished(predict_job, told, folder, trained=published.told)


# The rows are those of the session


def every_object_is_the_predicted_one(of: Session) -> None:
    subject = subject_of_session(of.job("needed_columns"))
    names = list(subject.table.names)
    assert names == [row["name"] for row in of.rows]
    values = np.array([row["values"] for row in of.rows], dtype=float)
    np.testing.assert_array_equal(subject.features().to_numpy(), values)
    for number in (1, len(of.rows) // 2, len(of.rows)):
        row = of.rows[number - 1]
        asked = subject.object_at(number, row["name"])
        # How many rows are scored at once may decide the last bits.
        assert asked.probabilities == pytest.approx(row["probabilities"], rel=0, abs=1e-12)
        assert asked.label == row["label"]
        assert asked.as_json()["name"] == row["name"]


@pytest.mark.parametrize("model_type", ["decision_tree", "xgboost"])
def test_an_objects_number_is_that_of_its_prediction(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    every_object_is_the_predicted_one(of)
    # The candidates of the training side come last.
    assert of.rows[-1]["actual"] == "candidate"


def test_an_objects_number_is_that_of_its_prediction_where_rows_were_held_out(
    tuned: Session,
) -> None:
    assert tuned.result["model"]["fine_tuned"]
    every_object_is_the_predicted_one(tuned)


def test_the_rows_learnt_from_are_those_of_the_training(session: Callable[..., Session]) -> None:
    of = session("decision_tree")
    subject = subject_of_session(of.job("drop_columns"))
    assert len(subject.learned_from()) == of.result["model"]["train_rows"]
    assert set(subject.learned_from().hosts) == subject.model.stars


def test_a_fine_tuned_model_learnt_from_the_missions_rows_and_the_users(tuned: Session) -> None:
    subject = subject_of_session(tuned.job("average_replacement"))
    sample = subject.learned_from()
    assert len(sample) == (subject.model.train_rows + tuned.result["model"]["fine_tuning_rows"])
    assert set(sample.hosts) == subject.model.stars


def test_without_the_training_sessions_rows_those_of_its_stars_are_taken(
    tuned: Session, session: Callable[..., Session]
) -> None:
    whole = subject_of_session(tuned.job("average_replacement")).learned_from()
    # As it is with a model that came with the program.
    nameless = {**session("xgboost").told, "snapshot": None, "training_file": None}
    for training in (None, nameless):
        job = tuned.job("average_replacement", training=training)
        again = subject_of_session(job).learned_from()
        pd.testing.assert_frame_equal(again.features, whole.features)


def test_rows_that_have_changed_are_not_analysed(session: Callable[..., Session]) -> None:
    of = session("decision_tree")
    with pytest.raises(DataError, match=r"object 2 is .* and not K00000\.01 any more\.$"):
        of.answer("decision_path", 2, object_name="K00000.01")
    for number in (0, len(of.rows) + 1):
        with pytest.raises(DataError, match=f"object_number was {number}, but it must be"):
            of.answer("decision_path", None, object_number=number)


def test_a_model_that_is_gone_is_not_analysed(
    session: Callable[..., Session], tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError):
        session("decision_tree").answer("needed_columns", artifact=str(tmp_path / "nowhere"))


# From a notebook


def test_a_notebook_gets_the_answers_of_a_session_with_the_same_rows(
    session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    of = session("decision_tree", hyperparameters={"max_depth": 3})
    subject = subject_of_session(of.job("decision_path", 3))
    learned_from, _ = read_snapshot(kepler_snapshot, KEPLER)
    for analysis, number in (("decision_path", 3), ("counterfactual", 3), ("needed_columns", None)):
        found = mlcore.analyse(
            analysis,
            subject.model,
            subject.table,
            learned_from=learned_from,
            reference=subject.reference,
            number=number,
            seed=1,
        )
        assert found == of.answer(analysis, number)


def test_without_a_catalogue_the_given_rows_are_each_others_neighbours(
    session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    model = mlcore.load_artifact(session("decision_tree").artifact)
    training, testing = read_snapshot(kepler_snapshot, KEPLER)
    both = training.with_rows_of(testing)
    given = {"learned_from": training, "number": 2}
    alone = mlcore.analyse("counterfactual", model, testing, **given)
    assert alone == mlcore.analyse("counterfactual", model, testing, **given, reference=both)


@pytest.mark.parametrize(
    ("analysis", "sentence"),
    [
        ("tea_leaves", "^analysis was tea_leaves, but it must be one of drop_columns, "),
        ("average_replacement", "^The rows that the model was trained on are not at hand"),
        ("decision_path", "^object_number was None, but it must be a whole number from 1 to "),
    ],
)
def test_a_notebook_is_told_what_an_analysis_lacks(
    analysis: str, sentence: str, session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    model = mlcore.load_artifact(session("decision_tree").artifact)
    _, testing = read_snapshot(kepler_snapshot, KEPLER)
    with pytest.raises(DataError, match=sentence):
        mlcore.analyse(analysis, model, testing)


# Of the model


def check_figures(answer: dict[str, Any], of: Session) -> None:
    metrics = of.result["metrics"]
    assert answer["rows"] == metrics["rows"]
    assert answer["stars"] == metrics["stars"]
    assert answer["split"] == metrics["split"]
    assert answer["interval"] == "95 % of 200 resamples by host star"
    every = [answer["baseline"]]
    for each in answer["quantities"]:
        every += [each["without"], each["change"]]
        for name, change in each["change"].items():
            rest = each["without"][name]["value"] - answer["baseline"][name]["value"]
            assert change["value"] == pytest.approx(rest, abs=1e-12)
    for figures in every:
        assert set(figures) == {"accuracy", "macro_f1", "roc_auc"}
        for figure in figures.values():
            assert figure["low"] <= figure["high"]
    loss = [each["change"]["roc_auc"]["value"] for each in answer["quantities"]]
    assert loss == sorted(loss)
    columns = [name for each in answer["quantities"] for name in each["columns"]]
    assert len(columns) == len(set(columns))


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
    columns = {name for each in answer["quantities"] for name in each["columns"]}
    assert columns == set(of.result["model"]["columns"])
    assert answer["untried"] == []
    assert f"on {answer['rows']} rows of {answer['stars']} stars" in answer["sentences"][0]
    assert answer["sentences"][1].startswith("With its median in place of ")


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
    found = model.classifier.uncalibrated(subject.features()[decided]).argmax(axis=1)
    right = [DISPOSITIONS[a] == b for a, b in zip(found, labels[decided], strict=True)]
    assert answer["baseline"]["accuracy"]["value"] == pytest.approx(np.mean(right))
    assert answer["untried"] == []
    assert "not calibrated" in answer["note"]


def test_a_fine_tuned_model_is_asked_with_averages_and_not_trained_anew(tuned: Session) -> None:
    check_figures(tuned.answer("average_replacement"), tuned)
    with pytest.raises(DataError, match=r"^A fine-tuned model .* average_replacement asks it"):
        tuned.answer("drop_columns")


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
    monkeypatch.setattr(reading, "load_artifact", lambda _: replace(model, classifier=calibrated))
    answer = of.answer("drop_columns")
    check_figures(answer, of)
    assert answer["model_type"] == "auto"
    check_figures(of.answer("average_replacement"), of)
    found = of.answer("probability", 3, object_name="")
    assert found["base"] + contributions(found) == pytest.approx(found["output"], abs=1e-9)
    changed = of.answer("counterfactual", 3, object_name="")
    assert changed["answer"] in {"false_positive", "confirmed"}


def test_needed_columns_names_what_a_file_lacks_and_has_beyond(
    session: Callable[..., Session], kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    published = session("xgboost")
    frame = kepler_tables[1].frame.drop(columns=["koi_depth"]).assign(remark="x")
    frame.to_csv(tmp_path / "mine.csv", index=False)
    told = asdict(
        PredictionJob(
            dataset="kepler",
            artifact=str(published.artifact),
            folder=str(tmp_path),
            testing_file=str(tmp_path / "mine.csv"),
        )
    )
    answer = finished(predict_job, told, tmp_path, trained=published.told).answer("needed_columns")
    assert answer["lacking"] == ["koi_depth"]
    (depth,) = [each for each in answer["needed"] if each["name"] == "koi_depth"]
    assert not depth["given"]
    assert "radius_ratio_from_depth" in depth["used_by"]
    assert depth["sentence"] in answer["sentences"]
    assert "remark is no column of" in " ".join(answer["sentences"])


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


# Of one object


def contributions(answer: dict[str, Any]) -> float:
    return sum(each["contribution"] for each in answer["columns"])


@pytest.mark.parametrize("model_type", ["decision_tree", "xgboost", "linear_regression"])
def test_a_planets_probability_is_attributed_in_the_same_way_for_every_model(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    row = of.rows[4]
    answer = of.answer("probability", 5)
    assert answer["disposition"] == PLANET
    assert answer["output"] == pytest.approx(row["probabilities"][2], abs=1e-12)
    assert answer["base"] + contributions(answer) == pytest.approx(answer["output"], abs=1e-9)
    assert {each["column"] for each in answer["columns"]} == set(of.result["model"]["columns"])
    sizes = [abs(each["contribution"]) for each in answer["columns"]]
    assert sizes == sorted(sizes, reverse=True)
    assert answer["object"] == {
        "number": 5,
        "name": row["name"],
        "label": row["label"],
        "probabilities": pytest.approx(
            dict(zip(DISPOSITIONS, row["probabilities"], strict=True)), abs=1e-12
        ),
    }
    # Of two classes one gains what the other loses.
    other = of.answer("probability", 5, wanted="false_positive")
    assert other["output"] == pytest.approx(1 - answer["output"])
    assert contributions(other) == pytest.approx(-contributions(answer), abs=1e-9)


@pytest.mark.parametrize("model_type", ["decision_tree", "random_forest"])
def test_path_dependent_values_add_up_to_the_votes(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    answer = of.answer("path_dependent", 7)
    assert answer["base"] + contributions(answer) == pytest.approx(answer["output"], abs=1e-9)
    subject = subject_of_session(of.job("path_dependent", 7))
    votes = subject.model.classifier.uncalibrated(subject.features().iloc[[6]])[0]
    assert answer["output"] == pytest.approx(votes[DISPOSITIONS.index(answer["disposition"])])


def test_a_decision_path_is_told_in_words(session: Callable[..., Session]) -> None:
    of = session("decision_tree")
    answer = of.answer("decision_path", 2)
    values = dict(zip(of.result["model"]["columns"], of.rows[1]["values"], strict=True))
    assert answer["trees"] == 1
    assert answer["sentences"][0].startswith("The model is one tree")
    assert answer["sentences"][-1] == answer["conclusion"]
    for step in answer["steps"]:
        assert step["value"] == values[step["column"]]
        if step["value"] is not None:
            assert step["at_most"] == (np.float32(step["value"]) <= step["threshold"])


def test_each_tree_of_a_forest_tells_its_own_path(session: Callable[..., Session]) -> None:
    of = session("random_forest")
    first, other = (of.answer("decision_path", 2, tree=tree) for tree in (1, 3))
    assert (first["tree"], other["tree"]) == (1, 3)
    assert other["sentences"][0].startswith(f"This is tree 3 of {other['trees']}, whose votes")
    assert first["steps"] != other["steps"]


def test_a_model_that_does_not_fit_is_refused_in_its_own_words(
    session: Callable[..., Session],
) -> None:
    of = session("xgboost")
    for analysis, words in {
        "decision_path": "has no decision path",
        "path_dependent": "has no path-dependent values",
    }.items():
        with pytest.raises(DataError, match=words):
            of.answer(analysis, 1)


@pytest.mark.parametrize("model_type", ["decision_tree", "xgboost"])
def test_a_counterfactual_is_another_answer_of_the_same_model(
    model_type: str, session: Callable[..., Session]
) -> None:
    of = session(model_type)
    number = next(row["number"] for row in of.rows if row["label"] == PLANET)
    answer = of.answer("counterfactual", number, wanted="false_positive")
    assert answer["found"]
    assert answer["answer"] == "false_positive"
    assert answer["probability"] > 0.5 > answer["probability_before"]
    changed = {each["column"] for change in answer["changes"] for each in change["columns"]}
    assert changed.isdisjoint(_derived_columns(of.result["model"]["columns"]))

    # Changing the object's catalogue in this way gives this probability.
    subject = subject_of_session(of.job("counterfactual", number))
    asked = subject.object_at(number)
    after = asked.features.assign(
        **{
            each["column"]: np.nan if each["after"] is None else each["after"]
            for change in answer["changes"]
            for each in change["columns"]
        }
    )
    derive = _derived_anew(subject.model, asked)
    assert derive is not None
    found = subject.model.classifier.predict_proba(derive(after))[0]
    assert found[DISPOSITIONS.index("false_positive")] == pytest.approx(answer["probability"])
    with pytest.raises(DataError, match="answer is confirmed already"):
        of.answer("counterfactual", number, wanted=PLANET)


@pytest.mark.parametrize("feature_set", ["default", "harmonised"])
def test_what_is_derived_follows_a_change_of_what_is_measured(
    feature_set: str, session: Callable[..., Session]
) -> None:
    of = session("decision_tree", feature_set=feature_set)
    subject = subject_of_session(of.job("counterfactual", 3))
    asked = subject.object_at(3)
    derive = _derived_anew(subject.model, asked)
    assert derive is not None
    # As it is, nothing changes but rounding of units.
    np.testing.assert_allclose(derive(asked.features), asked.features, rtol=1e-12)
    period = "koi_period" if feature_set == "default" else "period"
    longer = asked.features.assign(**{period: 10 * asked.features[period]})
    frame = asked.table.frame.assign(koi_period=10 * asked.table.frame["koi_period"])
    matrix = subject.model.features_drawn(replace(asked.table, frame=frame), asked.features)
    found = derive(longer)
    derived = [name for name in found if name in _derived_columns(list(found))]
    np.testing.assert_allclose(found[derived], matrix[derived], rtol=1e-9)
    assert not np.allclose(found["scaled_axis"], asked.features["scaled_axis"])
    # Siblings and matches stay as they are.
    fixed = [name for name in found if name not in derived and name != period]
    np.testing.assert_array_equal(found[fixed], asked.features[fixed])


# What is refused before anything runs


def test_an_analysis_that_cannot_fit_a_model_is_known_by_its_name() -> None:
    facts = {"model_type": "random_forest", "fine_tuned": False, "measured": True}
    for analysis in Analysis:
        assert refusal_of_analysis(analysis, **facts) is None
    for analysis in (Analysis.DECISION_PATH, Analysis.PATH_DEPENDENT):
        for model_type in MODELS:
            fits = model_type in {"decision_tree", "random_forest", "extra_trees"}
            refusal = refusal_of_analysis(analysis, **{**facts, "model_type": model_type})
            assert (refusal is None) == fits
    drop = refusal_of_analysis(Analysis.DROP_COLUMNS, **{**facts, "fine_tuned": True})
    assert drop is not None
    assert "average_replacement asks it as it is" in drop
    average = refusal_of_analysis(Analysis.AVERAGE_REPLACEMENT, **{**facts, "measured": False})
    assert average is not None
    assert "none of the session's rows has a disposition" in average


# Explanations as they are stored


@pytest.mark.parametrize("model_type", FITTED_MODELS)
def test_stored_contributions_add_up_to_the_stored_output(
    model_type: str, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    training, testing = kepler_tables
    inputs, kind = Inputs(), MODELS[model_type]
    rows = training_rows(training, VETTING)
    part = LabelledRows.of([rows], inputs.matrix(rows, reference=training))
    sample = rows_to_learn_from([part], inputs)
    classifier = fit_classifier(
        kind,
        kind.read_hyperparameters(LIGHT)[0],
        sample,
        seed=1,
        task=VETTING,
    )
    model = TrainedModel(
        classifier=classifier,
        missions=("kepler",),
        inputs=inputs,
        conformal=None,
        novelty=fit_novelty(sample.features, sample.columns),
        stars=frozenset(sample.hosts),
        frequencies=(0.5, 0.5),
        train_rows=len(sample),
    )
    with few_draws():
        predictions = predict_rows(model, testing.take(range(40)), reference=training)
    predictions.write(tmp_path / PREDICTIONS)
    stored = list(prediction_rows(tmp_path / PREDICTIONS))
    assert len(stored) == 40
    assert len(stored[0]["contributions"]) == len(sample.columns) > 60
    for row in stored:
        summed = row["base"] + sum(row["contributions"])
        assert summed == pytest.approx(row["output"], rel=0, abs=1e-9)
    assert max(abs(each) for row in stored for each in row["contributions"]) > 0.01
