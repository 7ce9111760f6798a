"""One object asked about again and again: as it is stored, with other values, where it turns."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import mlcore
from mlcore.analyses.at_hand import ObjectAtHand
from mlcore.analyses.movable import movable_quantities
from mlcore.analyses.said_at_once import said_at_once
from mlcore.analyses.turning_points import TurningPoint, turning_points
from mlcore.errors import ArtifactError, DataError
from mlcore.features.surroundings import COMPARED_BY, Around, surroundings_of
from mlcore.jobs.at_once import AtOnce
from mlcore.jobs.messages import ObjectJob, TrainingJob
from mlcore.jobs.tables import tables_to_train
from mlcore.persistence.artifact import load_artifact
from mlcore.prediction.predict import predict_tables
from mlcore.prediction.verdict import Verdict
from mlcore.run import RunContext

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from tests.mlcore.analyses.analysed import Session

NAMED = ("candidate", "false_positive", "confirmed")


def asked(of: Session, number: int, question: str = "what_if", **changes: Any) -> ObjectJob:
    return ObjectJob(
        question=question,
        mission="kepler",
        artifact=str(of.artifact),
        training=of.spec if of.trained is None else of.trained,
        prediction=None if of.trained is None else of.spec,
        results=str(of.artifact.parent / "results"),
        number=number,
        changes=changes,
    )


def answered(by: AtOnce, job: ObjectJob) -> dict[str, Any]:
    """Ask as the process that stays is asked: everything is strict JSON."""
    question = json.loads(json.dumps({"object": asdict(job)}))
    return dict(json.loads(json.dumps(by.answer(question), allow_nan=False)))


def check_is_as_stored(said: dict[str, Any], row: dict[str, Any]) -> None:
    assert said["object"] == {name: row[name] for name in ("number", "name", "host")}
    assert [said["probabilities"][kind] for kind in NAMED] == row["probabilities"]
    assert list(said["values"].values()) == row["values"]
    assert list(said["contributions"].values()) == row["contributions"]
    assert (said["explained"]["base"], said["explained"]["output"]) == (row["base"], row["output"])
    assert (said["prediction"], said["verdict"]) == (row["label"], row["verdict"])
    assert said["reasons"] == row["reasons"]
    judgement = row["judgement"]
    assert said["conformal"] == judgement["conformal"]
    assert said["novelty"] == judgement["domain"]
    failed = [(check["check"], check["sentence"]) for check in said["checks"]["failed"]]
    assert failed == [(one["check"], one["sentence"]) for one in judgement["failed_checks"]]
    passed = [check["check"] for check in said["checks"]["passed"]]
    assert passed == judgement["passed_checks"]
    assert said["checks"]["unchecked"] == judgement["unchecked"]


@pytest.mark.sampled("decision_tree")
@pytest.mark.parametrize("model_type", ["decision_tree", "logistic_regression"])
def test_changing_nothing_gives_exactly_what_is_stored(
    session: Callable[..., Session], model_type: str
) -> None:
    of, by = session(model_type), AtOnce()
    for number in (1, 2, 3, 40, len(of.rows)):
        said = answered(by, asked(of, number))
        check_is_as_stored(said, of.rows[number - 1])
        itself = {name: said[name] for name in ("verdict", "prediction", "probabilities")}
        assert (said["before"], said["changes"], said["warnings"]) == (itself, [], [])


@pytest.mark.long
def test_it_is_so_of_a_users_file_and_a_fine_tuned_model(tuned: Session) -> None:
    by = AtOnce()
    for number in (1, 5):
        check_is_as_stored(answered(by, asked(tuned, number)), tuned.rows[number - 1])


def test_a_change_is_answered_as_a_table_with_that_value_is_predicted(
    session: Callable[..., Session],
) -> None:
    of = session()
    tables = tables_to_train(TrainingJob(**of.spec))
    place, changes = 4, {"koi_period": 3.25, "koi_depth": 410.0}
    frame = tables.testing.frame.copy()
    frame.loc[place, list(changes)] = list(changes.values())
    changed = replace(tables.testing, frame=frame)
    whole = predict_tables(
        load_artifact(of.artifact),
        [changed],
        references={"kepler": tables.reference},
        draws=10,
        run=RunContext(seed=1),
    )
    said = answered(AtOnce(), asked(of, place + 1, **changes))
    assert list(said["probabilities"].values()) == whole.probabilities[place].tolist()
    values = [None if np.isnan(value) else value for value in whole.values[place].tolist()]
    assert list(said["values"].values()) == values
    assert list(said["contributions"].values()) == whole.explanation.contributions[place].tolist()
    # What follows from the changed values follows them, the features of neighbours among it.
    stored = dict(zip(said["values"], of.rows[place]["values"], strict=True))
    moved = {name for name, value in said["values"].items() if value != stored[name]}
    assert {
        "koi_period",
        "koi_depth",
        "duty_cycle",
        "radius_from_depth",
        "deeper_siblings",
    } <= moved
    assert said["changes"] == [
        {
            "column": "koi_period",
            "title": "Orbital period",
            "unit": "d",
            "unit_in_words": "days",
            "before": stored["koi_period"],
            "after": 3.25,
        },
        {
            "column": "koi_depth",
            "title": "Transit depth",
            "unit": "ppm",
            "unit_in_words": "ppm",
            "before": stored["koi_depth"],
            "after": 410.0,
        },
    ]


def test_a_value_can_be_taken_away(session: Callable[..., Session]) -> None:
    of = session()
    said = answered(AtOnce(), asked(of, 1, koi_srad=None))
    assert said["values"]["koi_srad"] is None
    assert said["values"]["stellar_density"] is None
    assert said["changes"][0]["after"] is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"koi_period": -1.0},
            (
                "changes.koi_period was -1.0, but it must be a number from 0.02 to 1000000 days, or"
                " null where it is not known."
            ),
        ),
        (
            {"koi_depth": 0},
            (
                "changes.koi_depth was 0, but it must be a number from 0.5 to 2000000 ppm, or null"
                " where it is not known."
            ),
        ),
        (
            {"koi_steff": "hot"},
            (
                'changes.koi_steff was "hot", but it must be a number from 1000 to 200000 K, or'
                " null where it is not known."
            ),
        ),
        (
            {"koi_impact": True},
            (
                "changes.koi_impact was True, but it must be a number from 0 to 300, or null where"
                " it is not known."
            ),
        ),
    ],
)
def test_what_a_value_cannot_be_is_refused(
    session: Callable[..., Session], changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DataError) as caught:
        AtOnce().answer({"object": asdict(asked(session(), 1, **changes))})
    assert (str(caught.value), caught.value.field) == (sentence, f"changes.{next(iter(changes))}")


@pytest.mark.parametrize("name", ["koi_score", "koi_disposition", "kepid", "stellar_density", "x"])
def test_only_what_the_model_reads_of_the_object_can_be_changed(
    session: Callable[..., Session], name: str
) -> None:
    with pytest.raises(DataError) as caught:
        AtOnce().answer({"object": asdict(asked(session(), 1, **{name: 1.0}))})
    assert str(caught.value).startswith(f"changes.{name} is none of the values that the model")
    assert caught.value.field == f"changes.{name}"
    assert {"koi_period", "koi_time0bk", "ra"} <= set(caught.value.allowed)


def test_rows_that_are_not_what_they_were_are_not_asked_about(
    session: Callable[..., Session],
) -> None:
    job = asked(session(), 3)
    other = replace(
        job, training=session().spec | {"task": "disposition"}, number=len(session().rows)
    )
    with pytest.raises(DataError, match=r"^The session's rows have changed: object \d+ is not K"):
        AtOnce().answer({"object": asdict(other)})
    gone = replace(job, training=session().spec | {"snapshot": "/nowhere"})
    with pytest.raises(DataError, match=r"^The session's rows are no longer on this server"):
        AtOnce().answer({"object": asdict(gone)})
    unsaid = replace(job, results="/nowhere")
    with pytest.raises(DataError, match=r"^The session's predictions are no longer on this"):
        AtOnce().answer({"object": asdict(unsaid)})


@pytest.mark.parametrize("number", [0, -1, 10**6])
def test_there_is_no_object_but_those_of_the_session(
    session: Callable[..., Session], number: int
) -> None:
    with pytest.raises(DataError, match=rf"^The session has no object {number}: it has") as caught:
        AtOnce().answer({"object": asdict(replace(asked(session(), 1), number=number))})
    assert caught.value.field == "number"


def test_a_model_that_was_replaced_is_read_anew_and_one_that_is_gone_is_not_remembered(
    session: Callable[..., Session], tmp_path: Path
) -> None:
    tree, linear, by = session(), session("logistic_regression"), AtOnce()
    artifact = tmp_path / "artifact"
    job = replace(asked(tree, 1), artifact=str(artifact))
    for of in (tree, linear):
        shutil.rmtree(artifact, ignore_errors=True)
        shutil.copytree(of.artifact, artifact)
        said = answered(by, job)
        assert [said["probabilities"][kind] for kind in NAMED] == of.rows[0]["probabilities"]
    shutil.rmtree(artifact)
    with pytest.raises(ArtifactError):
        answered(by, job)


def test_an_object_of_a_catalogue_is_found_in_any_spelling(
    session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    of, by = session(), AtOnce()
    job = ObjectJob(
        question="what_if",
        mission="kepler",
        artifact=str(of.artifact),
        catalogue=str(kepler_snapshot),
        name=f"koi-{of.rows[0]['name'].removeprefix('K').lstrip('0')}",
    )
    said = answered(by, job)
    assert said["object"] == {"number": None} | {
        name: of.rows[0][name] for name in ("name", "host")
    }
    assert [said["probabilities"][kind] for kind in NAMED] == of.rows[0]["probabilities"]
    with pytest.raises(DataError) as caught:
        by.answer({"object": asdict(replace(job, name="K99999.01"))})
    assert caught.value.field == "object"


def test_whoever_was_trained_on_is_told_so(
    session: Callable[..., Session], kepler_snapshot: Path
) -> None:
    of = session()
    training = tables_to_train(TrainingJob(**of.spec)).training
    assert training is not None
    decided = training.take((training.labels == "confirmed").to_numpy())
    job = ObjectJob(
        question="what_if",
        mission="kepler",
        artifact=str(of.artifact),
        catalogue=str(kepler_snapshot),
        name=str(decided.names.iloc[0]),
    )
    assert answered(AtOnce(), job)["warnings"] == [
        "The model was trained on objects of this star, so that its answer flatters it here."
    ]


# Moved one at a time, by a carried model


@pytest.fixture(scope="module")
def at_hand(kepler_table: Table) -> Callable[[str], ObjectAtHand]:
    """Return an object of the carried table by its name."""
    model = mlcore.load_published("kepler-vetting")
    everything = surroundings_of(kepler_table, None)
    places = {name: place for place, name in enumerate(kepler_table.names)}

    def find(name: str) -> ObjectAtHand:
        place = places[name]
        return ObjectAtHand(
            model=model,
            number=None,
            name=name,
            host=str(kepler_table.hosts.iloc[place]),
            table=kepler_table.take([place]),
            measured=True,
            around=Around(everything=everything, begin=place, end=place + 1),
        )

    return find


def test_at_most_eight_measured_values_can_be_moved_between_the_ends_of_the_training_rows(
    at_hand: Callable[[str], ObjectAtHand],
) -> None:
    one = at_hand("K00007.01")
    said = said_at_once(one)
    moved = movable_quantities(one, said["contributions"])
    names = [quantity.column.name for quantity in moved]
    assert len(names) == len(set(names)) == 8
    assert {"koi_period", "koi_duration", "koi_depth"} <= set(names)
    declared = [one.dataset.column(name) for name in names]
    assert not any(column.uncertainty_of or column.text for column in declared)
    for quantity in moved:
        assert quantity.low <= quantity.value <= quantity.high
        assert quantity.value == one.table.frame[quantity.column.name].iloc[0]
    told = {quantity.column.name: quantity.as_json() for quantity in moved}
    assert {name: told[name]["scale"] for name in ("koi_depth", "koi_impact")} == {
        "koi_depth": "log",
        "koi_impact": "linear",
    }
    period = told["koi_period"]
    assert (period["title"], period["unit"]) == ("Orbital period", "d")
    assert (round(period["low"], 2), round(period["high"])) == (0.5, 586)


def test_what_is_not_known_of_an_object_comes_last_and_is_not_tried(
    at_hand: Callable[[str], ObjectAtHand],
) -> None:
    one = at_hand("K00007.01").changed({"koi_period": float("nan")})
    moved = movable_quantities(one, said_at_once(one)["contributions"], most=30)
    assert moved[-1].column.name == "koi_period"
    assert moved[-1].as_json()["value"] is None
    points = turning_points(one, moved)
    assert [point.quantity for point in points] == moved[:-1]


@pytest.mark.sampled("K00006.01")
@pytest.mark.parametrize("name", ["K00006.01", "K00007.01", "K00112.02"])
def test_at_each_value_that_is_named_the_verdict_is_what_is_said(
    at_hand: Callable[[str], ObjectAtHand], name: str
) -> None:
    one = at_hand(name)
    said = said_at_once(one)
    points = turning_points(one, movable_quantities(one, said["contributions"]))
    assert len(points) == 8
    turned = [point for point in points if point.verdict is not None]
    assert turned
    for point in turned:
        quantity, own = point.quantity, point.quantity.value
        there = said_at_once(one.changed({quantity.column.name: point.at}))
        assert there["verdict"] == point.verdict != said["verdict"]
        # Before it nothing has changed yet, but for the digits that are not said. What objects are
        # compared by has windows too narrow for any grid: a period that another star's object has.
        compared = {one.dataset.quantities[name] for name in COMPARED_BY}
        for value in quantity.between(own, point.at, 6)[1:-1]:
            if abs(value / point.at - 1) < 0.02 or quantity.column.name in compared:
                continue
            before = said_at_once(one.changed({quantity.column.name: float(value)}))
            assert before["verdict"] == said["verdict"]


def test_a_false_positive_that_repeats_with_another_star_is_none_at_another_period(
    at_hand: Callable[[str], ObjectAtHand],
) -> None:
    one = at_hand("K00006.01")
    (period,) = (
        quantity
        for quantity in movable_quantities(one, said_at_once(one)["contributions"])
        if quantity.column.name == "koi_period"
    )
    (point,) = turning_points(one, [period])
    assert (point.at, point.verdict) == (1.34, "likely planet")


@pytest.mark.parametrize(
    ("at", "verdict", "throughout", "sentence"),
    [
        (
            *(410.0, Verdict.UNDECIDED, True),
            "A transit depth below 410 ppm (now 728 ppm) would make it undecided.",
        ),
        (
            *(1000.0, Verdict.LIKELY_FALSE_POSITIVE, True),
            "A transit depth above 1000 ppm (now 728 ppm) would make it a likely false positive.",
        ),
        (
            *(727.9, Verdict.CALLED_CANDIDATE, False),
            "A transit depth of 727.9 ppm (now 727.8 ppm) would have it called a candidate.",
        ),
    ],
)
def test_a_turning_point_is_worded_as_an_astronomer_would(
    at_hand: Callable[[str], ObjectAtHand],
    at: float,
    verdict: Verdict,
    throughout: bool,
    sentence: str,
) -> None:
    one = at_hand("K00007.01")
    moved = movable_quantities(one, said_at_once(one)["contributions"])
    (depth,) = (each for each in moved if each.column.name == "koi_depth")
    point = TurningPoint(quantity=depth, at=at, verdict=verdict, throughout=throughout)
    assert point.sentence == sentence


def test_of_many_values_tried_together_each_sees_its_neighbours_alone(
    at_hand: Callable[[str], ObjectAtHand],
) -> None:
    one = at_hand("K00006.01")
    periods = np.geomspace(0.6, 500, 12)
    together = one.features_of(one.rows({"koi_period": periods}))
    alone = [one.changed({"koi_period": float(period)}).features for period in periods]
    for name in together:
        told = np.array([features[name].iloc[0] for features in alone])
        if name in {"match_chance", "match_chance_near"}:
            assert np.allclose(together[name], told, atol=0.02, equal_nan=True)
        else:
            assert np.array_equal(together[name], told, equal_nan=True), name


def test_that_nothing_changes_the_verdict_is_said_with_the_range_that_was_tried(
    at_hand: Callable[[str], ObjectAtHand],
) -> None:
    one = at_hand("K00007.01")
    moved = movable_quantities(one, said_at_once(one)["contributions"])
    (gravity,) = (each for each in moved if each.column.name == "koi_slogg")
    assert TurningPoint(quantity=gravity).sentence == (
        "No value of a stellar surface gravity from 2.2 (log g) to 4.91 (log g) changes the"
        " verdict."
    )
    assert TurningPoint(quantity=gravity).as_json()["at"] is None
