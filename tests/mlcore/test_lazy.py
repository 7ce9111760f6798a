from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil

import pytest

import mlcore

PACKAGES = [
    module.name for module in pkgutil.walk_packages(mlcore.__path__, "mlcore.") if module.ispkg
]
WITH_LAZY_NAMES = [
    name
    for name in ["mlcore", *PACKAGES]
    if "lazy_names" in inspect.getsource(importlib.import_module(name))
]
LAZY = pytest.mark.parametrize("package", ["mlcore", "mlcore.models"])


def homes_for_type_checkers(package: str) -> dict[str, str]:
    """Return where a package's source says to type checkers that its names come from."""
    source = ast.parse(inspect.getsource(importlib.import_module(package)))
    return {
        name.asname or name.name: f"{statement.module}:{name.name}"
        for block in source.body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for name in statement.names
    }


@LAZY
def test_type_checkers_and_python_find_every_public_name_in_the_same_place(package: str) -> None:
    module = importlib.import_module(package)
    homes = homes_for_type_checkers(package)
    assert set(module.__all__) == set(homes)
    for name, home in homes.items():
        assert module.__getattr__(name) is pkgutil.resolve_name(home)


@pytest.mark.parametrize("package", WITH_LAZY_NAMES)
def test_no_public_name_is_that_of_a_submodule_which_would_take_its_place(package: str) -> None:
    module = importlib.import_module(package)
    submodules = {submodule.name for submodule in pkgutil.iter_modules(module.__path__)}
    assert submodules.isdisjoint(module.__all__)


@LAZY
def test_a_name_that_was_asked_for_is_found_without_asking_again(package: str) -> None:
    module = importlib.import_module(package)
    for name, home in homes_for_type_checkers(package).items():
        assert getattr(module, name) is pkgutil.resolve_name(home)
        assert name in vars(module)


@LAZY
def test_the_names_are_listed_before_anything_is_loaded(package: str) -> None:
    module = importlib.import_module(package)
    assert set(module.__all__) <= set(dir(module))
    assert "__doc__" in dir(module)


def test_a_name_that_does_not_exist_is_missing_as_from_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'mlcore' has no attribute 'trian'$"):
        mlcore.trian  # noqa: B018
    with pytest.raises(ImportError, match=r"^cannot import name 'trian' from 'mlcore'"):
        from mlcore import trian  # noqa: F401
