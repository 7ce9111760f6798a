"""CONTRIBUTING leads to files that exist, and so do the documents that name commands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from exoplanet.environment import BASE_DIR
from tests.mutations import MUTATIONS, Mutation, in_markdown

TEXT = (BASE_DIR / "CONTRIBUTING.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]+) \| `([\w/.]+)` \| `(tests/[\w/.]+)` \|$", re.MULTILINE)
DOCUMENTS = [
    BASE_DIR / "README.md",
    BASE_DIR / "CONTRIBUTING.md",
    BASE_DIR / "SECURITY.md",
    *sorted((BASE_DIR / "docs" / "guides").glob("*.md")),
    *sorted((BASE_DIR / "docs" / "reference").glob("*.md")),
]


def test_at_least_thirty_changes_lead_to_a_file_and_a_test_that_exist() -> None:
    rows = ROW.findall(TEXT.split("## Behaviours")[0])
    assert len(rows) >= 30
    assert len({change for change, _, _ in rows}) == len(rows)
    named = {path for _, file, test in rows for path in (file, test)}
    assert {path for path in named if not (BASE_DIR / path).is_file()} == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_that_a_document_names_exists(document: Any) -> None:
    from django.core.management import get_commands

    text = document.read_text(encoding="utf-8")
    makefile = (BASE_DIR / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(re.findall(r"manage\.py (\w+)", text)) <= set(get_commands())
    assert set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", text, re.MULTILINE)) <= targets


def test_the_table_of_behaviours_is_that_of_the_mutations() -> None:
    block = re.search(r"<!-- mutations -->\n(.*?)\n<!-- /mutations -->", TEXT, re.DOTALL)
    assert block is not None
    assert block[1] == in_markdown()
    assert len(MUTATIONS) >= 20


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.behaviour)
def test_what_a_mutation_breaks_stands_in_the_source_once(mutation: Mutation) -> None:
    assert mutation.source.count(mutation.old) == 1
    path, _, name = mutation.test.partition("::")
    assert (BASE_DIR / path).exists()
    if name:
        assert f"def {name}(" in (BASE_DIR / path).read_text(encoding="utf-8")
