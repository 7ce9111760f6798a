"""Every public name shows how it is used, in lines that run."""

from __future__ import annotations

import ast
import doctest
import functools
import importlib
import inspect
import pkgutil
from itertools import pairwise

import pytest

import mlcore

MODULES = [
    "mlcore",
    *(
        module.name
        for module in pkgutil.walk_packages(mlcore.__path__, "mlcore.")
        if not module.name.endswith((".make", ".make_names", ".__main__"))
    ),
]


def documented(name: str) -> tuple[str, str]:
    """Return where a public name is made, and what its docstring says there."""
    value = getattr(mlcore, name)
    if hasattr(value, "__name__"):
        return f"{value.__module__}.{value.__name__}", inspect.getdoc(value) or ""
    return documented_constants()[name]


@functools.cache
def documented_constants() -> dict[str, tuple[str, str]]:
    """Return of each public constant where it is assigned, and what is said there.

    Its docstring stands below it, and is read by whoever writes the reference.
    """
    return {
        statement.target.id: (f"{module.__name__}.{statement.target.id}", str(below.value.value))
        for module in map(importlib.import_module, MODULES)
        for statement, below in pairwise(ast.parse(inspect.getsource(module)).body)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and statement.target.id in mlcore.__all__
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
    }


def failed_examples(test: doctest.DocTest) -> str:
    """Run examples; return what went wrong, in words, and nothing when all is well."""
    output: list[str] = []
    doctest.DocTestRunner().run(test, out=output.append)
    return "".join(output)


@pytest.mark.parametrize("name", mlcore.__all__)
def test_every_public_name_has_examples_that_run(name: str) -> None:
    home, docstring = documented(name)
    _, heading, examples = docstring.partition("Examples\n--------\n")
    assert heading, f"{home} has no examples"
    test = doctest.DocTestParser().get_doctest(examples, {}, home, None, 0)
    assert f"mlcore.{name}" in test.docstring
    assert any(example.want for example in test.examples)
    assert failed_examples(test) == ""


@functools.cache
def shown_above() -> set[str]:
    return {documented(name)[0] for name in mlcore.__all__}


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_whatever_else_has_some_run(name: str) -> None:
    for test in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name)):
        if test.name not in shown_above():
            assert failed_examples(test) == ""


def test_the_package_and_what_is_behind_its_face_have_examples() -> None:
    finder = doctest.DocTestFinder()
    assert len(finder.find(mlcore)[0].examples) >= 4
    units = finder.find(importlib.import_module("mlcore.datasets.units"))
    assert sum(len(test.examples) for test in units) >= 3
