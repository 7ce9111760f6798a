from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from mlcore._json import strict
from mlcore.datasets import KEPLER, Table
from mlcore.datasets.opinion import Opinion, OpinionKind
from mlcore.evaluation.paired import COMPARED
from mlcore.evaluation.second_opinion import COMBINED, MODEL, OPINION, SecondOpinion, second_opinion
from mlcore.tasks import DISPOSITION, VETTING

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCORE = Opinion(column="score", kind=OpinionKind.SCORE)
ROWS = 1200


def made(rows: int = ROWS, *, seed: int = 0) -> tuple[Table, NDArray[Any], pd.Series[float]]:
    """Return objects, what a model says of them, and what another vetter says: each half of it."""
    generator = np.random.default_rng(seed)
    planet = generator.random(rows) < 0.4
    hidden = generator.normal(size=(2, rows)) + 1.5 * planet - 0.6
    frame = pd.DataFrame(
        {
            "kepid": (np.arange(rows) // 2).astype(str),
            "kepoi_name": [f"K{number:05d}.01" for number in range(rows)],
            "koi_disposition": np.where(planet, "CONFIRMED", "FALSE POSITIVE"),
        }
    ).astype("str")
    table = Table(dataset=KEPLER, frame=frame, row_numbers=np.arange(1, rows + 1))
    stated = expit(1.5 * hidden[0] - 0.4)
    return table, VETTING.of_all(np.column_stack([1 - stated, stated])), pd.Series(hidden[1])


def held(
    table: Table, model: NDArray[Any], said: pd.Series[float], opinion: Opinion = SCORE
) -> SecondOpinion:
    return second_opinion(opinion, said, model, table, task=VETTING, split="these", seed=0)


@pytest.fixture(scope="module")
def measured() -> SecondOpinion:
    """The two voices on 1200 objects."""
    return held(*made())


def test_each_voice_is_measured_as_scikit_learn_does(measured: SecondOpinion) -> None:
    table, model, said = made()
    planet = table.labels == "confirmed"
    for voice, score in ((MODEL, model[:, 2]), (OPINION, said)):
        auc = roc_auc_score(planet, score)
        assert measured.figure(voice, "roc_auc").value == pytest.approx(auc)
        assert measured.figure(voice, "average_precision").value == pytest.approx(
            average_precision_score(planet, score)
        )
    assert measured.figure(MODEL, "log_loss").value == pytest.approx(log_loss(planet, model[:, 2]))


def test_two_that_err_differently_are_better_together(measured: SecondOpinion) -> None:
    for against in (MODEL, OPINION):
        apart = {
            one.name: one
            for one in measured.differences
            if (one.of, one.against) == (COMBINED, against)
        }
        assert tuple(apart) == COMPARED
        assert apart["average_precision"].low is not None
        assert apart["average_precision"].low > 0
        assert apart["log_loss"].high is not None
        assert apart["log_loss"].high < 0
    assert measured.weights is not None
    assert min(measured.weights) > 0.5


def test_a_difference_is_that_of_the_figures_and_surer_than_they_are(
    measured: SecondOpinion,
) -> None:
    for one in measured.differences:
        of, against = (measured.figure(voice, one.name) for voice in (one.of, one.against))
        assert one.value == pytest.approx(of.value - against.value)
        if (one.of, one.name) == (COMBINED, "roc_auc"):
            assert one.high - one.low < (of.high - of.low) + (against.high - against.low)


def test_the_opinion_is_calibrated_where_its_numbers_are_no_probabilities(
    measured: SecondOpinion,
) -> None:
    table, _, said = made()
    assert said.min() < -1
    assert said.max() > 1
    rate = (table.labels == "confirmed").mean()
    guess = log_loss(table.labels == "confirmed", np.full(ROWS, rate))
    assert measured.figure(OPINION, "log_loss").value < 0.85 * guess


def test_noise_gets_no_weight_and_changes_nothing() -> None:
    table, model, _ = made()
    noise = pd.Series(np.random.default_rng(5).normal(size=ROWS))
    measured = held(table, model, noise)
    assert measured.weights is not None
    assert abs(measured.weights[1]) < 0.3
    apart = next(
        one
        for one in measured.differences
        if (one.of, one.against, one.name) == (COMBINED, MODEL, "average_precision")
    )
    assert apart.low is not None
    assert apart.high is not None
    assert apart.low < 0.002
    assert apart.high > -0.002


def test_a_rows_own_star_teaches_nothing_of_it() -> None:
    table, model, _ = made(400)
    # A vetter that gives each star a number of its own, by which its label could be learnt.
    by_star = held(table, model, pd.Series(pd.factorize(table.hosts)[0].astype("float64")))
    alone = by_star.figure(MODEL, "roc_auc").value
    assert by_star.figure(COMBINED, "roc_auc").value < alone + 0.02


def test_a_column_that_points_the_other_way_is_read_so_and_told(measured: SecondOpinion) -> None:
    table, model, said = made()
    turned = held(table, model, -said)
    assert len(turned.notes) == 1
    assert "points the other way than the request says: lower scores go" in turned.notes[0]
    same = measured.figure(COMBINED, "average_precision").value
    assert turned.figure(COMBINED, "average_precision").value == pytest.approx(same, abs=0.005)
    assert measured.notes == ()


def test_a_disposition_keeps_its_precision_and_recall() -> None:
    table, model, said = made()
    word = (said > 0.2).astype("float64")
    opinion = Opinion(column="verdict", kind=OpinionKind.DISPOSITION, planet=("PC",))
    measured = held(table, model, word, opinion)
    planet = (table.labels == "confirmed").to_numpy()
    both = (planet & (word == 1)).sum()
    assert measured.figure(OPINION, "precision").value == pytest.approx(both / (word == 1).sum())
    assert measured.figure(OPINION, "recall").value == pytest.approx(both / planet.sum())


def test_objects_on_which_they_disagree_are_listed_the_farthest_first(
    measured: SecondOpinion,
) -> None:
    listed = measured.disagreements
    assert measured.disagreeing >= len(listed) == 100
    assert all((one.model >= 0.5) != (one.opinion >= 0.5) for one in listed)

    def apart(one: Any) -> float:
        odds = [np.log(p / (1 - p)) for p in (one.model, one.opinion)]
        return float(abs(odds[0] - odds[1]))

    assert [apart(one) for one in listed] == sorted(map(apart, listed), reverse=True)
    table, model, _ = made()
    first = listed[0]
    assert first.name == table.names[first.number - 1]
    assert first.label == table.labels[first.number - 1]
    assert first.model == model[first.number - 1, 2]


def test_rows_of_which_nothing_is_said_are_counted_and_not_measured() -> None:
    table, model, said = made()
    said[::3] = np.nan
    measured = held(table, model, said)
    assert (measured.rows, measured.without) == (800, 400)
    assert all(one.number % 3 != 1 for one in measured.disagreements)


def test_without_labels_it_is_calibrated_on_nothing_and_says_so() -> None:
    table, model, said = made(30)
    unlabelled = replace(table, frame=table.frame.drop(columns="koi_disposition"))
    measured = held(unlabelled, model, said)
    assert measured.notes == (
        "No tested row has a label, so that the second opinion is calibrated on nothing.",
    )
    assert measured.as_json()["voices"] == {}


def test_too_few_stars_are_told_and_not_measured() -> None:
    table, model, said = made(8)
    (note,) = held(table, model, said).notes
    assert note.startswith("The second opinion was neither calibrated nor compared. The rows that")


def test_a_row_without_a_label_is_spoken_of_by_what_all_labelled_ones_taught() -> None:
    table, model, said = made()
    frame = table.frame.copy()
    frame.loc[:9, "koi_disposition"] = None
    measured = held(replace(table, frame=frame), model, said)
    assert measured.rows == ROWS - 10
    assert {one.label for one in measured.disagreements} <= {None, "confirmed", "false_positive"}


def test_of_three_dispositions_planets_are_held_against_false_positives() -> None:
    table, model, said = made()
    frame = table.frame.copy()
    frame.loc[::4, "koi_disposition"] = "CANDIDATE"
    measured = second_opinion(
        SCORE, said, model, replace(table, frame=frame), task=DISPOSITION, split="these"
    )
    assert measured.rows == ROWS * 3 // 4


def test_the_same_seed_gives_the_same_bits_in_strict_json(measured: SecondOpinion) -> None:
    saved = measured.as_json()
    assert strict(saved) == saved == held(*made()).as_json()
    assert saved["sentence"].startswith("Second opinion score on 1200 rows: average precision of")
