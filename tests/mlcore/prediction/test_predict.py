from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

import mlcore
from mlcore.datasets import Disposition, of_candidates
from mlcore.errors import DataError
from mlcore.features.described import described_columns
from mlcore.features.feature_sets import FeatureSet
from mlcore.inspection import reasons
from mlcore.models.classifier import CLASSES
from mlcore.prediction.predict import Predictions, actual_labels, predict_rows, predict_tables
from mlcore.prediction.stored import prediction_rows
from mlcore.run import RunContext
from mlcore.tasks import PLANET, VETTING
from tests.mlcore.hand_made import FITTED_MODELS, MEASURED
from tests.mlcore.pairs import EVERY_PAIR

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.datasets import Table
    from mlcore.evaluation.model_result import ModelResult
    from tests.mlcore.conftest import Trained

# Of all of these the first answer is enough.
train = partial(mlcore.train, evidence=False)

EVERY_MODEL = pytest.mark.parametrize("model_type", FITTED_MODELS)
EVERY_MISSION = pytest.mark.parametrize("mission", of_candidates())


def without(table: Table, *columns: str) -> Table:
    return replace(table, frame=table.frame.drop(columns=list(columns)))


@EVERY_PAIR
def test_the_label_is_always_the_most_probable_class(
    model_type: str, mission: str, trained: Trained
) -> None:
    predictions = trained(model_type, mission).predictions
    best = predictions.probabilities.argmax(axis=1)
    assert predictions.labels == [str(CLASSES[index]) for index in best]


@EVERY_MISSION
def test_every_row_of_the_table_is_predicted_under_its_own_name(
    mission: str, trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    predictions, testing = trained("xgboost", mission).predictions, small_tables(mission)[1]
    assert len(predictions) == len(testing)
    assert predictions.names == list(testing.names)
    assert predictions.hosts == list(testing.hosts)
    assert predictions.actual == list(testing.labels if testing.labels is not None else [])
    np.testing.assert_array_equal(predictions.temperatures, testing.temperatures)
    np.testing.assert_array_equal(
        predictions.values, testing.features.loc[:, list(predictions.explanation.columns)]
    )


@EVERY_MISSION
def test_what_is_written_is_what_is_read_missing_values_included(
    mission: str, trained: Trained, tmp_path: Path
) -> None:
    predictions = trained("xgboost", mission).predictions
    assert np.isnan(predictions.values).any()
    path = tmp_path / "predictions.parquet"
    predictions.write(path)
    rows = list(prediction_rows(path))
    assert len(rows) == len(predictions)
    for i, row in enumerate(rows):
        assert row == dict(  # noqa: C408 - one field a line
            number=i + 1,
            name=predictions.names[i],
            host=predictions.hosts[i],
            label=predictions.labels[i],
            actual=predictions.actual[i],
            probabilities=predictions.probabilities[i].tolist(),
            temperature=_known(predictions.temperatures[i]),
            values=[_known(value) for value in predictions.values[i]],
            contributions=predictions.explanation.contributions[i].tolist(),
            base=float(predictions.explanation.base[i]),
            output=float(predictions.explanation.output[i]),
            reasons=list(predictions.reasons[i]),
            follow_up_rank=None,
            judgement=json.loads(json.dumps(predictions.assessments[i].as_json())),
            verdict=str(predictions.assessments[i].verdict),
        )
    assert any(value is None for row in rows for value in row["values"])
    json.dumps(rows, allow_nan=False)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def test_a_star_without_a_temperature_has_none_in_the_file(
    trained: Trained, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    testing = without(kepler_tables[1].take(range(3)), "koi_steff")
    model = trained("xgboost").model
    predict_rows(model, testing).write(tmp_path / "file")
    assert [row["temperature"] for row in prediction_rows(tmp_path / "file")] == [None] * 3


def test_numbers_begin_at_one(trained: Trained, tmp_path: Path) -> None:
    trained("pca").predictions.write(tmp_path / "file")
    numbers = [row["number"] for row in prediction_rows(tmp_path / "file")]
    assert numbers == list(range(1, len(trained("pca").predictions) + 1))


def test_a_frame_has_a_row_for_each_object(trained: Trained) -> None:
    predictions = trained("random_forest").predictions
    frame = predictions.to_frame()
    assert list(frame.columns) == [
        *("name", "host", "prediction", "verdict", "actual"),
        *("p_candidate", "p_false_positive", "p_confirmed"),
        *("answer", "outside_domain", "p_low", "p_high"),
        *("failed_checks", "alike", "reasons"),
    ]
    assert list(frame["name"]) == predictions.names
    assert list(frame["prediction"]) == predictions.labels
    assert list(frame["verdict"]) == [str(one.verdict) for one in predictions.assessments]
    assert list(frame["actual"]) == predictions.actual
    probabilities = frame[["p_candidate", "p_false_positive", "p_confirmed"]]
    np.testing.assert_array_equal(probabilities, predictions.probabilities)
    for place, assessment in enumerate(predictions.assessments):
        assert assessment.interval is not None
        best = int(predictions.probabilities[place].argmax())
        assert (frame["p_low"][place], frame["p_high"][place]) == assessment.interval[best]
        assert frame["failed_checks"][place] == "; ".join(assessment.failed_checks)
        nearest = assessment.nearest_neighbours[0]
        assert frame["alike"][place].startswith(f"{nearest.name} ({nearest.disposition})")
    assert any(frame["failed_checks"])
    assert frame["reasons"][0] == "; ".join(predictions.reasons[0])


def test_a_frame_of_unlabelled_objects_has_no_column_for_what_they_are(
    trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    unlabelled = without(kepler_tables[1], "koi_disposition")
    model = trained("pca").model
    predictions = predict_rows(model, unlabelled)
    assert predictions.actual == [None] * len(unlabelled)
    assert "actual" not in predictions.to_frame()
    assert predictions.labels == trained("pca").predictions.labels


def test_unlabelled_objects_survive_the_file(
    trained: Trained, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    unlabelled = without(kepler_tables[1].take(range(4)), "koi_disposition")
    model = trained("pca").model
    predict_rows(model, unlabelled).write(tmp_path / "f")
    assert [row["actual"] for row in prediction_rows(tmp_path / "f")] == [None] * 4


def test_the_actual_label_of_a_row_without_one_is_not_known(
    kepler_tables: tuple[Table, Table],
) -> None:
    testing = kepler_tables[1].take(range(3))
    frame = testing.frame.copy()
    frame.loc[1, "koi_disposition"] = None
    actual = actual_labels(replace(testing, frame=frame))
    assert testing.labels is not None
    assert actual == [testing.labels[0], None, testing.labels[2]]


@pytest.mark.sampled(every=3)
@EVERY_MODEL
def test_columns_that_a_table_lacks_count_as_missing_values(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing = without(kepler_tables[1].take(range(20)), "koi_depth", "koi_period")
    model = trained(model_type).model
    predictions = predict_rows(model, testing)
    depth = model.classifier.columns.index("koi_depth")
    assert np.isnan(predictions.values[:, depth]).all()
    assert np.isfinite(predictions.probabilities).all()


def test_reasons_are_those_of_the_rows_own_contributions(trained: Trained) -> None:
    result = trained("extra_trees")
    predictions, dataset = result.predictions, mlcore.DATASETS["kepler"]
    columns = described_columns(dataset, result.model.columns(dataset))
    for i in (0, 5, len(predictions) - 1):
        assert predictions.reasons[i] == reasons(
            columns,
            predictions.values[i],
            predictions.explanation.contributions[i],
            CLASSES[predictions.probabilities[i].argmax()],
        )


@EVERY_MODEL
def test_a_table_without_rows_is_refused(
    model_type: str, trained: Trained, kepler_tables: tuple[Table, Table]
) -> None:
    testing, model = kepler_tables[1], trained(model_type).model
    empty = testing.take(np.zeros(len(testing), dtype=bool))
    with pytest.raises(DataError, match=r"^The table has no row to predict\.$"):
        predict_rows(model, empty)


@pytest.fixture(scope="module")
def vetted(kepler_tables: tuple[Table, Table]) -> ModelResult:
    """Return a model of planets against false positives, with candidates among the tested rows."""
    return train("linear_regression", *kepler_tables, task=VETTING, inputs=MEASURED, seed=3)


def test_only_candidates_are_on_the_follow_up_list_and_each_has_a_rank(
    vetted: ModelResult,
) -> None:
    predictions = vetted.predictions
    ranks = [rank for rank in predictions.ranks if rank is not None]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    assert len(ranks) > 10
    pairs = zip(predictions.actual, predictions.ranks, strict=True)
    assert all((actual == "candidate") == (rank is not None) for actual, rank in pairs)


def test_the_follow_up_list_begins_with_the_likeliest_planet(vetted: ModelResult) -> None:
    predictions = vetted.predictions
    planet = predictions.probabilities[:, CLASSES.index(PLANET)]
    listed = sorted(
        (rank, -planet[i]) for i, rank in enumerate(predictions.ranks) if rank is not None
    )
    falling = [planet for _, planet in listed]
    assert falling == sorted(falling)
    assert falling[0] < falling[-1]


def test_vetting_never_answers_candidate(vetted: ModelResult) -> None:
    predictions = vetted.predictions
    assert set(predictions.labels) == {"false_positive", "confirmed"}
    assert (predictions.probabilities[:, CLASSES.index(Disposition.CANDIDATE)] == 0.0).all()
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1.0, atol=1e-12)
    for assessment in predictions.assessments:
        assert assessment.conformal is not None
        assert Disposition.CANDIDATE not in assessment.conformal.possible


@EVERY_MODEL
def test_nothing_is_ranked_when_all_three_dispositions_are_told_apart(
    model_type: str, trained: Trained
) -> None:
    predictions = trained(model_type).predictions
    assert predictions.ranks == [None] * len(predictions)
    assert "follow_up_rank" not in predictions.to_frame()


def test_rows_without_a_label_are_followed_up_too(
    vetted: ModelResult, kepler_tables: tuple[Table, Table], tmp_path: Path
) -> None:
    unlabelled = without(kepler_tables[1].take(range(6)), "koi_disposition")
    predictions = predict_rows(vetted.model, unlabelled)
    assert sorted(rank for rank in predictions.ranks if rank) == [1, 2, 3, 4, 5, 6]
    predictions.write(tmp_path / "file")
    ranks = [row["follow_up_rank"] for row in prediction_rows(tmp_path / "file")]
    assert ranks == predictions.ranks
    assert list(predictions.to_frame()["follow_up_rank"]) == predictions.ranks


def test_of_rows_with_and_without_a_label_the_undecided_are_ranked(
    vetted: ModelResult, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1].take(range(40))
    frame = testing.frame.copy()
    frame.loc[:9, "koi_disposition"] = None
    partly = replace(testing, frame=frame)
    assert partly.labels is not None
    predictions = predict_rows(vetted.model, partly)
    undecided = ~partly.labels.isin(["confirmed", "false_positive"])
    assert [rank is not None for rank in predictions.ranks] == list(undecided)
    frame_of_it = predictions.to_frame()
    assert list(frame_of_it["follow_up_rank"].isna()) == list(~undecided)


def test_several_tables_have_one_follow_up_list(
    vetted: ModelResult, kepler_tables: tuple[Table, Table]
) -> None:
    testing = kepler_tables[1].take(range(60))
    parts = [testing.take(range(25)), testing.take(range(25, 60))]
    seen: list[float] = []
    joined = predict_tables(
        vetted.model,
        parts,
        references={"kepler": kepler_tables[0]},
        run=RunContext(progress=lambda done, _step: seen.append(done)),
    )
    whole = predict_rows(vetted.model, testing)
    assert isinstance(joined, Predictions)
    assert joined.ranks == whole.ranks
    assert joined.names == whole.names
    assert joined.labels == whole.labels
    assert joined.actual == whole.actual
    assert joined.reasons == whole.reasons
    assert len(joined.assessments) == len(whole.assessments) == 60
    # How many rows a matrix has decides in which order a library adds up its cells.
    np.testing.assert_allclose(joined.probabilities, whole.probabilities, atol=1e-12)
    np.testing.assert_allclose(joined.explanation.output, whole.explanation.output, atol=1e-12)
    np.testing.assert_array_equal(joined.values, whole.values)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_model_refuses_another_missions_rows_unless_it_sees_shared_columns(
    trained: Trained, small_tables: Callable[[str], tuple[Table, Table]]
) -> None:
    testing = small_tables("tess")[1].take(range(12))
    with pytest.raises(DataError) as refusal:
        predict_rows(trained("linear_regression").model, testing)
    assert str(refusal.value) == (
        "The model reads the columns of Kepler objects of interest; only a model on the harmonised"
        " columns can score TESS objects of interest."
    )
    shared = trained("linear_regression", "kepler", FeatureSet.HARMONISED).model
    predictions = predict_rows(shared, testing)
    assert predictions.names == list(testing.names)
    assert np.isfinite(predictions.probabilities).all()


def test_the_whole_catalogue_around_the_rows_changes_what_a_model_sees_of_their_neighbours(
    trained: Trained, kepler_table: Table
) -> None:
    model = trained("linear_regression", "kepler", FeatureSet.DEFAULT).model
    counts = kepler_table.hosts.map(kepler_table.hosts.value_counts())
    one_of_many = kepler_table.take((counts >= 4).to_numpy().nonzero()[0][:1])
    alone = predict_rows(model, one_of_many)
    among = predict_rows(model, one_of_many, reference=kepler_table)
    column = model.classifier.columns.index("objects_of_star")
    assert alone.values[0, column] == 1.0
    assert among.values[0, column] == counts[(counts >= 4).to_numpy()].iloc[0]
    assert (alone.probabilities != among.probabilities).any()
