from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn import metrics as reference

from mlcore.datasets import Disposition
from mlcore.metrics import METRICS, measure
from mlcore.tasks import DISPOSITION, TASKS, VETTING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.metrics import Measurement
    from mlcore.tasks import Task

F, P = "false_positive", "confirmed"
EVERY_TASK = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))


class Rows:
    """Labels, probabilities with ties, and stars of one to four rows."""

    def __init__(self, task: Task, rows: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.task = task
        self.targets = random.integers(len(task.classes), size=rows)
        scores = random.normal(size=(rows, len(task.classes)))
        scores[np.arange(rows), self.targets] += 1.5
        exact = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        # In steps of a fiftieth, so that scores repeat.
        coarse = np.round(exact * 50) + 0.01
        self.probabilities: NDArray[np.float64] = coarse / coarse.sum(axis=1, keepdims=True)
        self.labels = [str(task.classes[i]) for i in self.targets]
        self.hosts = [f"star {i}" for i in np.repeat(np.arange(rows), random.integers(1, 5, rows))]
        self.hosts = self.hosts[:rows]

    def measured(self, **options: object) -> Measurement:
        return measure(
            self.labels,
            self.probabilities,
            self.hosts,
            task=self.task,
            split="these rows",
            **options,  # type: ignore[arg-type]
        )


def binary(
    true: list[int], planet: list[float], hosts: list[str] | None = None, resamples: int = 0
) -> Measurement:
    column = np.array(planet)
    return measure(
        [P if is_planet else F for is_planet in true],
        np.column_stack([1 - column, column]),
        hosts or [f"star {i}" for i in range(len(true))],
        task=VETTING,
        split="these rows",
        resamples=resamples,
    )


@EVERY_TASK
@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_scikit_learns(task: Task, seed: int) -> None:
    rows = Rows(task, 300, seed)
    measured = rows.measured(resamples=0)
    y, p, k = rows.targets, rows.probabilities, len(task.classes)
    best, truth = p.argmax(axis=1), np.eye(k)[y]
    of_each = range(k)
    values = {figure.name: figure.value for figure in measured.figures if figure.of is None}
    planet = y == k - 1
    averages = [reference.average_precision_score(truth[:, i], p[:, i]) for i in of_each]
    expected = {
        "accuracy": reference.accuracy_score(y, best),
        "precision": reference.precision_score(y, best, average="macro"),
        "recall": reference.recall_score(y, best, average="macro"),
        "f1": reference.f1_score(y, best, average="macro"),
        "roc_auc": np.mean([reference.roc_auc_score(truth[:, i], p[:, i]) for i in of_each]),
        "average_precision": averages[-1] if k == 2 else np.mean(averages),
        "brier": reference.brier_score_loss(y, p[:, 1])
        if k == 2
        else reference.brier_score_loss(y, p),
        "log_loss": reference.log_loss(y, p),
    }
    for name, value in expected.items():
        assert values[name] == pytest.approx(value, abs=1e-12), name
    precision, recall, _ = reference.precision_recall_curve(planet, p[:, -1])
    for name, bound in (("recall_at_95_precision", 0.95), ("recall_at_99_precision", 0.99)):
        assert values[name] == pytest.approx(recall[precision >= bound].max())
    false, true, _ = reference.roc_curve(planet, p[:, -1], drop_intermediate=False)
    assert values["recall_at_1_false_positive_rate"] == pytest.approx(true[false <= 0.01].max())
    assert [list(row) for row in measured.confusion.counts] == reference.confusion_matrix(
        y, best
    ).tolist()


@EVERY_TASK
def test_the_figures_of_each_class_are_scikit_learns(task: Task) -> None:
    rows = Rows(task, 300, 7)
    measured = rows.measured(resamples=0)
    y, p = rows.targets, rows.probabilities
    report = reference.classification_report(y, p.argmax(axis=1), output_dict=True)
    for i, kind in enumerate(task.classes):
        for name, column in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert measured.figure(name, kind).value == pytest.approx(report[str(i)][column])
        assert measured.figure("roc_auc", kind).value == pytest.approx(
            reference.roc_auc_score(y == i, p[:, i])
        )
        assert measured.figure("average_precision", kind).value == pytest.approx(
            reference.average_precision_score(y == i, p[:, i])
        )


def test_the_calibration_error_is_the_one_that_is_counted_by_hand() -> None:
    # Bin 0.1–0.2: stated 0.1 twice and observed once; bin 0.9–1: stated 0.95 and 1, both true.
    measured = binary([0, 1, 1, 1], [0.1, 0.1, 0.95, 1.0])
    expected = (2 * abs(0.1 - 0.5) + 2 * abs(0.975 - 1.0)) / 4
    assert measured.figure("expected_calibration_error").value == pytest.approx(expected)


def test_the_calibration_error_of_three_classes_is_that_of_the_predicted_one() -> None:
    measured = measure(
        ["candidate", F, P],
        np.array([[0.65, 0.2, 0.15], [0.65, 0.2, 0.15], [0.0, 0.1, 0.9]]),
        ["a", "b", "c"],
        task=DISPOSITION,
        split="these rows",
        resamples=0,
    )
    expected = (2 * abs(0.65 - 0.5) + abs(0.9 - 1)) / 3
    assert measured.figure("expected_calibration_error").value == pytest.approx(expected)


def test_recall_at_a_precision_is_that_of_the_best_threshold() -> None:
    # The first find is wrong, so that only a lower threshold reaches 95 %: 19 of 20.
    planet = [1.0, *[0.9] * 19, 0.5, 0.1]
    true = [0, *[1] * 19, 0, 1]
    measured = binary(true, planet)
    assert measured.figure("recall_at_95_precision").value == 19 / 20
    assert measured.figure("recall_at_99_precision").value == 0.0
    assert measured.figure("recall_at_1_false_positive_rate").value == 0.0


def test_only_rows_that_the_task_tells_apart_count() -> None:
    few = binary([0, 1, 1, 0], [0.2, 0.7, 0.4, 0.1])
    more = measure(
        [F, P, P, F, "candidate", None],
        np.array([[0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.9, 0.1], [0.5, 0.5], [0.0, 1.0]]),
        ["star 0", "star 1", "star 2", "star 3", "star 4", "star 4"],
        task=VETTING,
        split="these rows",
        resamples=0,
    )
    assert more == few
    assert (more.rows, more.stars) == (4, 4)


def test_each_figure_names_its_rows_stars_and_split() -> None:
    measured = Rows(VETTING, 120, 1).measured(resamples=50)
    stars = len(set(Rows(VETTING, 120, 1).hosts))
    assert stars < 120
    for figure in measured.figures:
        assert (figure.rows, figure.stars, figure.split) == (120, stars, "these rows")


@EVERY_TASK
def test_every_metric_is_measured_for_the_task_and_where_declared_for_each_class(
    task: Task,
) -> None:
    keys = [(figure.name, figure.of) for figure in Rows(task, 60, 2).measured(resamples=20).figures]
    expected = [
        (name, of)
        for name, metric in METRICS.items()
        for of in (None, *(task.classes if metric.per_class else ()))
    ]
    assert keys == expected


def test_only_the_metrics_that_are_wanted_are_given() -> None:
    measured = Rows(VETTING, 60, 2).measured(metrics=["brier", "accuracy"], resamples=20)
    assert [figure.name for figure in measured.figures] == ["accuracy", "brier"]
    with pytest.raises(KeyError, match="roc_auc of confirmed"):
        measured.figure("roc_auc", Disposition.CONFIRMED)
    with pytest.raises(ValueError, match="there is no metric magic"):
        Rows(VETTING, 60, 2).measured(metrics=["magic"])


@EVERY_TASK
@pytest.mark.parametrize("seed", range(3))
def test_an_interval_contains_its_figure(task: Task, seed: int) -> None:
    measured = Rows(task, 150, seed).measured(resamples=100)
    for figure in measured.figures:
        assert figure.value is not None
        assert figure.low is not None
        assert figure.high is not None
        assert 0 <= figure.low <= figure.value <= figure.high
    low, high = measured.confusion.low, measured.confusion.high
    assert low is not None
    assert high is not None
    counts = np.array(measured.confusion.counts)
    assert ((np.array(low) <= counts) & (counts <= np.array(high))).all()


def test_fewer_stars_give_wider_intervals() -> None:
    few, many = (Rows(VETTING, rows, 5).measured() for rows in (150, 2400))
    for name in ("accuracy", "f1", "roc_auc", "brier", "log_loss"):
        assert width(few, name) > 2 * width(many, name)


def test_equal_rows_of_a_star_make_nothing_surer() -> None:
    once = Rows(VETTING, 300, 3)
    once.hosts = [f"star {i}" for i in range(300)]
    by_star = measure(
        once.labels * 4,
        np.tile(once.probabilities, (4, 1)),
        once.hosts * 4,
        task=VETTING,
        split="these rows",
    )
    by_row = measure(
        once.labels * 4,
        np.tile(once.probabilities, (4, 1)),
        [f"row {i}" for i in range(1200)],
        task=VETTING,
        split="these rows",
    )
    alone = once.measured()
    for name in ("accuracy", "f1", "roc_auc", "brier", "log_loss"):
        assert by_star.figure(name).value == pytest.approx(alone.figure(name).value)
        # The same stars are drawn, whatever the number of their rows.
        assert width(by_star, name) == pytest.approx(width(alone, name))
        assert width(by_star, name) == pytest.approx(2 * width(by_row, name), rel=0.25)


@pytest.mark.long
def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    covered = {"accuracy": 0, "brier": 0, "expected_calibration_error": 0}
    whole = Simulated(200_000, seed=0).measured(resamples=0)
    tries = 300
    for seed in range(1, tries + 1):
        measured = Simulated(400, seed=seed).measured(metrics=list(covered), resamples=200)
        for name in covered:
            figure, truth = measured.figure(name), whole.figure(name).value
            assert figure.low is not None
            assert figure.high is not None
            assert truth is not None
            covered[name] += figure.low <= truth <= figure.high
    # Three standard errors below 95 %; the calibration error's own noise costs it a little more.
    assert covered["accuracy"] > 0.91 * tries
    assert covered["brier"] > 0.91 * tries
    assert covered["expected_calibration_error"] > 0.88 * tries


class Simulated:
    """Overconfident probabilities of stars that have one or two similar rows."""

    def __init__(self, stars: int, *, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.hosts = np.repeat(np.arange(stars), random.integers(1, 3, stars))
        odds = 2.4 * random.normal(size=stars)[self.hosts] + random.normal(size=len(self.hosts))
        self.true = random.random(len(odds)) < 1 / (1 + np.exp(-odds))
        self.planet = 1 / (1 + np.exp(-1.6 * odds))

    def measured(self, **options: object) -> Measurement:
        return measure(
            np.where(self.true, P, F).tolist(),
            np.column_stack([1 - self.planet, self.planet]),
            [str(host) for host in self.hosts],
            task=VETTING,
            split="simulated",
            **options,  # type: ignore[arg-type]
        )


def test_the_same_seed_gives_the_same_intervals_and_another_other_ones() -> None:
    rows = Rows(VETTING, 200, 4)
    first, again, other = (rows.measured(seed=seed, resamples=100) for seed in (1, 1, 2))
    assert first == again
    assert first.figure("accuracy").value == other.figure("accuracy").value
    assert first.figure("brier").low != other.figure("brier").low


def test_without_labels_every_figure_says_so() -> None:
    measured = measure(
        [None, "candidate"], np.full((2, 2), 0.5), ["a", "b"], task=VETTING, split="these rows"
    )
    assert (measured.rows, measured.stars) == (0, 0)
    for figure in measured.figures:
        assert (figure.value, figure.low, figure.high) == (None, None, None)
        assert figure.note == "No row has a true label that this task tells apart."
    assert measured.confusion.counts == ((0, 0), (0, 0))
    assert measured.confusion.low is None


def test_with_one_class_only_what_needs_two_is_not_defined() -> None:
    measured = binary([1, 1, 1], [0.9, 0.6, 0.3], resamples=50)
    undefined = {(figure.name, figure.of) for figure in measured.figures if figure.value is None}
    of_false_positives = {
        (name, Disposition.FALSE_POSITIVE) for name in ("precision", "recall", "f1")
    }
    ranked = {
        (name, of) for name in ("roc_auc", "average_precision") for of in (None, *VETTING.classes)
    }
    thresholds = {(name, None) for name in METRICS if name.startswith("recall_at")}
    assert undefined == of_false_positives | ranked | thresholds
    assert measured.figure("roc_auc").note == "Not defined: every row's true label is confirmed."
    assert measured.figure("recall", Disposition.FALSE_POSITIVE).note == (
        "Not defined: no row's true label is false positive."
    )
    assert measured.figure("recall").value == measured.figure("accuracy").value == 2 / 3


def test_a_class_that_does_not_occur_is_left_out_of_the_means() -> None:
    rows = Rows(DISPOSITION, 200, 6)
    kept = rows.targets != 0
    measured = measure(
        np.array(rows.labels)[kept].tolist(),
        rows.probabilities[kept],
        np.array(rows.hosts)[kept].tolist(),
        task=DISPOSITION,
        split="these rows",
        resamples=50,
    )
    both = [measured.figure("recall", kind).value for kind in VETTING.classes]
    assert measured.figure("recall").value == pytest.approx(np.mean(np.array(both, dtype=float)))
    assert measured.figure("roc_auc", Disposition.CANDIDATE).value is None
    assert measured.figure("roc_auc").low is not None


def test_a_single_star_has_figures_without_intervals() -> None:
    measured = binary([0, 1, 1], [0.2, 0.6, 0.9], hosts=["a", "a", "a"], resamples=50)
    figure = measured.figure("accuracy")
    assert (figure.value, figure.low, figure.high) == (1.0, None, None)
    assert figure.note == "There is no interval: all rows are of one star."


def test_too_few_resamples_with_every_class_give_no_interval() -> None:
    measured = binary([0, 1, 1], [0.2, 0.6, 0.9], resamples=200)
    assert measured.figure("accuracy").low is not None
    auc = measured.figure("roc_auc")
    assert (auc.value, auc.low) == (1.0, None)
    assert auc.note == "There is no interval: too few resamples have every class."


def test_a_certain_mistake_costs_a_finite_log_loss() -> None:
    measured = binary([0, 1], [1.0, 1.0])
    assert measured.figure("log_loss").value == pytest.approx(-np.log(np.finfo(float).eps) / 2)


def test_everything_is_strict_json() -> None:
    for measured in (Rows(DISPOSITION, 60, 2).measured(resamples=20), binary([1, 1], [0.5, 0.5])):
        assert json.loads(json.dumps(measured.as_json(), allow_nan=False)) == measured.as_json()


@pytest.mark.parametrize(
    "probabilities",
    [np.full((2, 3), 1 / 3), np.array([[0.5, 0.4], [0.5, 0.5]]), np.full((2, 2), np.nan)],
    ids=["three classes", "not one", "missing"],
)
def test_what_are_no_probabilities_of_the_task_is_refused(
    probabilities: NDArray[np.float64],
) -> None:
    with pytest.raises(ValueError, match="probabilities"):
        measure([P, F], probabilities, ["a", "b"], task=VETTING, split="these rows")


def test_all_metrics_of_a_test_split_with_their_intervals_take_little_time() -> None:
    rows = Rows(DISPOSITION, 1929, 1)
    begin = time.process_time()
    rows.measured()
    # Measured 0.3 s; the bound only notices another order of growth.
    assert time.process_time() - begin < 3.0


def width(measured: Measurement, name: str) -> float:
    figure = measured.figure(name)
    assert figure.low is not None
    assert figure.high is not None
    return figure.high - figure.low
