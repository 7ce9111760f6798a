"""What the documents say that a defence or a fault is tested by is there."""

from __future__ import annotations

import ast
import re

import pytest

from exoplanet.environment import BASE_DIR

TESTS = BASE_DIR / "tests"


def written() -> dict[str, set[str]]:
    """Return the names of the tests of each file."""
    return {
        path.relative_to(BASE_DIR).as_posix(): {
            node.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for path in TESTS.rglob("test_*.py")
    }


@pytest.mark.parametrize("document", ["SECURITY.md"])
def test_every_test_that_a_document_names_exists(document: str) -> None:
    text = (BASE_DIR / document).read_text(encoding="utf-8")
    files = written()
    names = set().union(*files.values())
    mentioned = re.findall(r"(?<![\w/])(test_\w+)(?!\w*\.py)", text)
    assert len(mentioned) > 15
    assert {ref for ref in mentioned if ref not in names} == set()
    paths = re.findall(r"tests/[\w/]+\.py", text)
    assert {ref for ref in paths if ref not in files and not (BASE_DIR / ref).exists()} == set()
    for path, name in named_in(text):
        assert name in files[path], (path, name)


def named_in(text: str) -> list[tuple[str, str]]:
    """Return each test that follows the path of a file in its line, with the last such path."""
    pairs = []
    for line in text.splitlines():
        path = ""
        for file, name in re.findall(r"(tests/[\w/]+\.py)|(?<![\w/])(test_\w+)(?!\w*\.py)", line):
            path = file or path
            if name and path:
                pairs.append((path, name))
    return pairs


def test_a_name_is_looked_for_in_the_file_that_stands_before_it() -> None:
    line = "| `tests/a.py`: `test_one`, `test_two`; `tests/b.py::test_three` |\n| `test_four` |"
    assert named_in(line) == [
        ("tests/a.py", "test_one"),
        ("tests/a.py", "test_two"),
        ("tests/b.py", "test_three"),
    ]
