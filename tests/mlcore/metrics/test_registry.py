from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef

import mlcore
from mlcore.benchmark.protocol import QUICK, measured_by_seed
from mlcore.benchmark.rows import Aim, Bar
from mlcore.evaluation.report import summary
from mlcore.evaluation.summary import sentences_of
from mlcore.metrics import METRICS, Metric, registry
from tests.mlcore.hand_made import MEASURED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mlcore.datasets import Table
    from mlcore.metrics.weighted import WeightedScores


def matthews(scores: WeightedScores) -> NDArray[np.float64]:
    counts = scores.confusion
    true, predicted = counts.sum(axis=2), counts.sum(axis=1)
    right = np.trace(counts, axis1=1, axis2=2)
    together = right * scores.total - (true * predicted).sum(axis=1)
    alone = [scores.total**2 - (side**2).sum(axis=1) for side in (true, predicted)]
    both = np.sqrt(alone[0] * alone[1])
    # Where all rows are, or are said to be, of one class it is not defined.
    return np.divide(together, both, out=np.full(len(both), np.nan), where=both > 0)


def test_a_metric_that_is_added_as_one_row_is_in_everything_that_measures(
    kepler_tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Metric(
        name="matthews",
        title="Matthews correlation",
        meaning="Correlation of predicted and true class (Matthews 1975).",
        whole=matthews,
        sliced=True,
        summarised=True,
        sentence=7,
        inspected_as="matthews",
    )
    monkeypatch.setitem(registry._BY_NAME, row.name, row)
    training, testing = kepler_tables
    result = mlcore.train("decision_tree", training, testing, task="vetting", inputs=MEASURED)
    report = result.report
    assert report.measurement is not None
    decided = report.task.decided(testing.labels)
    expected = matthews_corrcoef(
        np.array(testing.labels)[decided], np.array(result.predictions.labels)[decided]
    )
    figure = report.measurement.figure("matthews")
    assert figure.value == pytest.approx(expected)
    assert figure.low is not None
    assert figure.low < expected < figure.high  # type: ignore[operator]
    shown = report.as_json()
    assert "matthews" in {
        metric["name"]
        for slicing in shown["slices"]
        for part in slicing["slices"]
        for metric in part["figures"]
    }
    permutation = shown["importance"]["permutation"]
    assert permutation["baseline"]["matthews"] == pytest.approx(expected)
    assert permutation["losses"][0]["mean"]["matthews"] > 0
    replaced = mlcore.analyse("average_replacement", result.model, testing, learned_from=training)
    assert replaced["baseline"]["matthews"]["value"] == pytest.approx(expected)
    assert replaced["quantities"][0]["change"]["matthews"]["high"] is not None
    beside = summary(report.measurement)
    assert beside is not None
    assert beside["matthews"] == figure.value
    assert figure.as_json() in beside["figures"]
    assert f"Matthews correlation {expected:.3f} (" in sentences_of(report)[0]
    aim = Aim(name="x", task="x", features="x", bars=(Bar(metric="matthews"),), needs="")
    stated = report.task.probabilities(result.predictions.probabilities)
    (line,) = measured_by_seed(
        aim,
        QUICK,
        lambda _seed: stated,
        testing.labels,
        testing.hosts,
        task=report.task,
        split="x",
    )
    assert line.value == pytest.approx(expected)


def test_a_metric_is_of_the_whole_task_or_of_each_class() -> None:
    words = {"name": "both", "title": "Both", "meaning": "It is refused."}
    for functions in ({}, {"whole": matthews, "of_class": lambda scores, _place: scores.total}):
        with pytest.raises(ValueError, match="both must be of the whole task or of each class"):
            Metric(**words, **functions)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="both grows with noise"):
        Metric(**words, whole=matthews, grows_with_noise=True, inspected_as="both")


def test_each_metric_has_its_own_place_among_the_sentences() -> None:
    places = sorted(metric.sentence for metric in METRICS.values() if metric.sentence)
    assert places == list(range(1, len(places) + 1))
