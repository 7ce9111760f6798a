from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlcore
from mlcore.in_words import cardinal, fraction, level
from mlcore.levels import (
    COVERAGE,
    EXPLAINED_VARIANCE,
    INTERVAL,
    INTERVAL_LEVEL,
    PERCENTILES,
    TEST_FRACTION,
)
from mlcore.metrics import METRICS
from mlcore.metrics.figures import interval_in_words
from mlcore.model_selection.protocol import FOLDS, FOLDS_TO_CALIBRATE
from mlcore.model_selection.train_test import FIXED_SPLIT, HELD_OUT_SPLIT

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(mlcore.__file__).parent.parent
STATED = re.compile(
    rf"{fraction(TEST_FRACTION)}|9[05]\s?%|9[05] per cent"
    rf"|({cardinal(FOLDS)}|{cardinal(FOLDS_TO_CALIBRATE)}) folds"
)
SOURCES = [
    path
    for package in ("mlcore", "sessions_app", "exoplanet")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
]


def literals(path: Path) -> Iterator[str]:
    """Yield the strings of a module that it can show to anybody, and not its docstrings."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in documentation
        ):
            yield node.value


def test_no_sentence_states_a_level_that_a_constant_holds() -> None:
    # A metric is named by its level, which is no choice of the project's.
    allowed = {metric.title for metric in METRICS.values()}
    stated = {
        (path.relative_to(ROOT).as_posix(), text)
        for path in SOURCES
        for text in literals(path)
        if STATED.search(text) and text not in allowed
    }
    assert stated == set()


def test_no_template_states_a_level_that_a_constant_holds() -> None:
    stated = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        if STATED.search(path.read_text())
    ]
    assert stated == []


@pytest.mark.parametrize(
    ("said", "constant"),
    [
        (FIXED_SPLIT, fraction(TEST_FRACTION)),
        (HELD_OUT_SPLIT, fraction(TEST_FRACTION)),
        (INTERVAL, level(INTERVAL_LEVEL)),
        (interval_in_words(500), level(INTERVAL_LEVEL)),
    ],
)
def test_what_is_said_begins_from_the_constant(said: str, constant: str) -> None:
    assert constant in said


def test_the_words_are_those_of_saved_reports_and_cards() -> None:
    assert FIXED_SPLIT == "the fixed test split: a fifth of the host stars, none of them trained on"
    assert HELD_OUT_SPLIT == (
        "rows of the training file that were held out: a fifth of its host stars"
    )
    assert interval_in_words(500) == "95 %, 500 resamples of the host stars"
    assert INTERVAL == "95 % interval"
    assert [level(COVERAGE), level(EXPLAINED_VARIANCE), cardinal(FOLDS)] == ["95 %", "95 %", "five"]
    assert PERCENTILES == (5, 95)


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("mlcore/model_selection/protocol.py", f"{fraction(TEST_FRACTION).capitalize()} of the"),
        ("mlcore/metrics/resampling.py", f"the middle {level(INTERVAL_LEVEL)}"),
        ("mlcore/prediction/assessment.py", "{}th and {}th percentile".format(*PERCENTILES)),
    ],
)
def test_docstrings_state_the_constants_too(docstring: str, said: str) -> None:
    assert said in (ROOT / docstring).read_text()
