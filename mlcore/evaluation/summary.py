"""A report as sentences, for whoever reads it in a notebook or a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import (
    SENTENCE_CHANGE,
    SENTENCE_SHARE,
    bounds,
    counted,
    decimal,
    figure,
    percent,
)
from mlcore.inspection.inspected_rows import RANKED_BY
from mlcore.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcore.evaluation.feature_importance import FeatureImportance
    from mlcore.evaluation.report import Report
    from mlcore.metrics.figures import Measurement

__all__ = ["sentences_of"]

_MOST_QUANTITIES = 5
"""How many quantities are named."""


def sentences_of(report: Report) -> tuple[str, ...]:
    """Return what is known of a tested model: figures, probes, calibration, what it rests on.

    Every sentence with a figure names its rows and its interval.
    """
    return tuple(_sentences(report))


def _sentences(report: Report) -> Iterator[str]:
    yield from (subset.warning for subset in report.subsets)
    if report.measurement is not None:
        yield _figures(report.measurement, "", _named())
    for subset in report.subsets:
        if subset.measurement is not None:
            yield _figures(subset.measurement, f"{subset.title}: ", _named())
    for protocol in report.protocols:
        way = str(protocol.protocol).replace("_", " ")
        yield _figures(protocol.measurement, f"Tested another way, {way}: ", _named()[:1])
    if report.probes is not None:
        for probe in report.probes.probes:
            if probe.measurement is not None:
                yield _figures(probe.measurement, f"Probe, {probe.title.lower()}: ", _named()[:1])
        yield from report.probes.warnings
    if report.calibration is not None:
        learnt = report.calibration
        before = learnt.log_loss_before, learnt.log_loss_before_low, learnt.log_loss_before_high
        after = learnt.log_loss_after, learnt.log_loss_after_low, learnt.log_loss_after_high
        yield (
            f"The {learnt.method} calibration, learnt on {learnt.rows} held-out rows of"
            f" {learnt.stars} stars, took the log loss from {figure(*before)} to {figure(*after)}."
        )
    if report.second_opinion is not None and report.second_opinion.sentence:
        yield report.second_opinion.sentence
    if report.search is not None:
        yield _leaderboard(report.search)
    if report.feature_importance is not None:
        yield _importance(report.feature_importance)
    if report.mark is not None:
        yield f"Every figure {report.mark}."
    yield from report.notes


def _named() -> tuple[str, ...]:
    """Return the names of the metrics that sentences name, the first of them the main one."""
    named = [metric for metric in METRICS.values() if metric.sentence]
    return tuple(metric.name for metric in sorted(named, key=lambda metric: metric.sentence))


def _figures(measurement: Measurement, begun: str, names: tuple[str, ...]) -> str:
    rows = f"on {measurement.rows} rows of {measurement.stars} stars ({measurement.split})"
    figures = [
        f"no {METRICS[name].title}"
        if (measured := measurement.figure(name)).value is None
        else f"{METRICS[name].title} {figure(measured.value, measured.low, measured.high)}"
        for name in names
    ]
    sentence = f"{begun}{rows}: {', '.join(figures)}."
    return sentence[0].upper() + sentence[1:]


def _leaderboard(search: dict[str, Any]) -> str:
    trials = search["trials"]
    members = [
        f"{trial['label']} ({percent(trial['weight'])})" for trial in trials if trial["weight"]
    ]
    tried = f"{counted(len(trials), 'model')} that {'was' if len(trials) == 1 else 'were'} tried"
    return f"Of {tried}, the answer is made by: {', '.join(members)}."


def _importance(feature_importance: FeatureImportance) -> str:
    if feature_importance.permutation is None:
        named = [
            f"{moved.quantity} ({percent(moved.share)} of the movement of the output,"
            f" {bounds(moved.share_low, moved.share_high, SENTENCE_SHARE)})"
            for moved in feature_importance.contributions[:_MOST_QUANTITIES]
        ]
    else:
        named = [
            f"{loss.quantity}"
            f" ({decimal(-loss.mean[RANKED_BY], SENTENCE_CHANGE)} ROC-AUC without it,"
            f" {bounds(-loss.high[RANKED_BY], -loss.low[RANKED_BY], SENTENCE_CHANGE)})"
            for loss in feature_importance.permutation.losses[:_MOST_QUANTITIES]
        ]
    return f"The model rests most on: {', '.join(named)}."
