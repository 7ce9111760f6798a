from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlcore.evaluation.summary import sentences_of

if TYPE_CHECKING:
    from tests.mlcore.conftest import Trained


def test_every_part_of_a_report_is_told_with_its_rows_and_its_interval(trained: Trained) -> None:
    report = trained("xgboost").report
    lines = list(sentences_of(report))
    auc = report.measurement.figure("roc_auc")
    rows = f"n {auc.rows} rows of {auc.stars} stars ({auc.split}): ROC-AUC"
    assert lines[0].startswith(f"O{rows} {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f}), ")
    assert "Expected calibration error 0." in lines[0]
    assert lines[1].startswith("Tested another way, cross validated: on ")
    probes = [line for line in lines if line.startswith("Probe, ")]
    possible = [tried for tried in report.probes.probes if tried.measurement is not None]
    assert len(probes) == len(possible) >= 3
    assert all(probe.title.lower() in line for probe, line in zip(possible, probes, strict=True))
    assert set(report.probes.warnings) <= set(lines)
    begun = f"The {report.calibration.method} calibration, learnt on "
    (learnt,) = (line for line in lines if line.startswith(begun))
    after = report.calibration
    bounds = f"({after.log_loss_after_low:.3f} to {after.log_loss_after_high:.3f})."
    assert learnt.endswith(f" to {after.log_loss_after:.3f} {bounds}")
    first = report.feature_importance.permutation.losses[0]
    begun = f"The model rests most on: {first.quantity} ({-first.mean['roc_auc']:+.3f} ROC-AUC "
    assert any(line.startswith(begun) for line in lines)
    assert lines[len(lines) - len(report.notes) :] == list(report.notes)


def test_what_training_found_reads_as_its_report_and_its_warnings(trained: Trained) -> None:
    result = trained("xgboost")
    warned = replace(result, warnings=(*result.report.probes.warnings, "Mind the gap."))
    assert str(warned).splitlines() == [*sentences_of(result.report), "Mind the gap."]


def test_without_a_true_label_it_is_told_what_moves_the_output(trained: Trained) -> None:
    report = trained("xgboost").report
    feature_importance = replace(report.feature_importance, permutation=None)
    tested = replace(report.tested, measurement=None)
    lines = sentences_of(
        replace(
            report, tested=tested, probes=None, protocols=(), feature_importance=feature_importance
        )
    )
    share = feature_importance.contributions[0]
    begun = f"The model rests most on: {share.quantity} ({share.share:.0%} of the movement"
    assert any(line.startswith(begun) for line in lines)
    assert not any("ROC-AUC" in line for line in lines)


def test_the_mark_of_columns_that_follow_the_label_is_told(trained: Trained) -> None:
    marked = replace(trained("xgboost").report, mark="uses label-derived columns")
    assert "Every figure uses label-derived columns." in sentences_of(marked)


def test_a_leaderboard_is_told_by_who_makes_the_answer(trained: Trained) -> None:
    trials = [
        {"label": "XGBoost", "weight": 0.75},
        {"label": "Random forest", "weight": 0.25},
        {"label": "Decision tree", "weight": 0.0},
    ]
    searched = replace(trained("xgboost").report, search={"trials": trials})
    sentence = (
        "Of 3 models that were tried, the answer is made by: XGBoost (75%), Random forest (25%)."
    )
    assert sentence in sentences_of(searched)
