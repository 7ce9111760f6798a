"""The table of faults: a row for each test that injects one, as its marker tells it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exoplanet.environment import BASE_DIR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

HEADER = ("| fault | what happens | test |", "|---|---|---|")
TESTS = BASE_DIR / "tests"


@dataclass(frozen=True, kw_only=True)
class Row:
    fault: str
    outcome: str
    test: str
    """Its path and name, as pytest takes them."""

    def in_markdown(self, *, outcome: str = "") -> str:
        return f"| {self.fault} | {outcome or self.outcome} | `{self.test}` |"


def rows() -> list[Row]:
    """Return the rows of all tests, those that need a running server first."""
    paths = sorted(TESTS.rglob("test_*.py"), key=lambda path: (path.parent.name != "faults", path))
    return [row for path in paths for row in _rows_of(path)]


def in_markdown(lines: Iterable[str]) -> str:
    return "\n".join((*HEADER, *lines))


def _rows_of(path: Path) -> Iterator[Row]:
    text = path.read_text(encoding="utf-8")
    if "mark.fault(" not in text:
        return
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith(
                "mark.fault"
            ):
                fault, outcome = (ast.literal_eval(argument) for argument in decorator.args)
                place = path.relative_to(BASE_DIR).as_posix()
                yield Row(fault=fault, outcome=outcome, test=f"{place}::{function.name}")
