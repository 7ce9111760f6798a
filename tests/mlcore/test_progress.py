from __future__ import annotations

import pytest

from mlcore.progress import Progress, silent

STAGES = {"Reading": 1.0, "Fitting": 7.0, "Saving": 2.0}


@pytest.fixture
def reports() -> list[tuple[float, str]]:
    return []


@pytest.fixture
def progress(reports: list[tuple[float, str]]) -> Progress:
    return Progress(STAGES, lambda fraction, step: reports.append((round(fraction, 9), step)))


def test_stages_share_the_whole_by_their_weights(
    progress: Progress, reports: list[tuple[float, str]]
) -> None:
    for name in STAGES:
        with progress.stage(name):
            pass
    assert reports == [
        (0.0, "Reading"),
        (0.1, "Reading"),
        (0.1, "Fitting"),
        (0.8, "Fitting"),
        (0.8, "Saving"),
        (1.0, "Saving"),
    ]


def test_a_stage_reports_its_share_with_a_detail(
    progress: Progress, reports: list[tuple[float, str]]
) -> None:
    with progress.stage("Fitting") as report:
        report(0.5, "3 of 6 trees")
    assert reports[1] == (0.45, "Fitting: 3 of 6 trees")


def test_a_stage_with_steps_of_its_own_shows_their_names(
    progress: Progress, reports: list[tuple[float, str]]
) -> None:
    with progress.stage("Fitting") as report:
        report.nested(0.5, "Growing")
    assert reports[1] == (0.45, "Growing")


def test_the_fraction_never_goes_back(progress: Progress, reports: list[tuple[float, str]]) -> None:
    with progress.stage("Fitting") as report:
        for fraction in (0.9, 0.1, -5.0, 0.5):
            report(fraction)
        report.nested(0.2, "Growing")
    with progress.stage("Reading"):
        pass
    fractions = [fraction for fraction, _ in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 0.8


def test_a_stage_never_reports_more_than_its_share(
    progress: Progress, reports: list[tuple[float, str]]
) -> None:
    with progress.stage("Fitting") as report:
        report(7.0)
        report.nested(7.0, "Growing")
    assert max(fraction for fraction, _ in reports) == 0.8


def test_a_stage_that_is_left_out_is_jumped_over(
    progress: Progress, reports: list[tuple[float, str]]
) -> None:
    with progress.stage("Reading"):
        pass
    with progress.stage("Saving"):
        pass
    assert reports[-2:] == [(0.8, "Saving"), (1.0, "Saving")]


def test_a_stage_that_fails_does_not_report_its_end(
    progress: Progress, reports: list[tuple[float, str]]
) -> None:
    with pytest.raises(ZeroDivisionError), progress.stage("Reading"):
        _ = 1 / 0
    assert reports == [(0.0, "Reading")]


def test_silence_takes_any_report() -> None:
    assert silent(0.5, "Reading") is None  # type: ignore[func-returns-value]
