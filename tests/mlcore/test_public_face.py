from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mlcore

if TYPE_CHECKING:
    from types import ModuleType

MODULES = [
    "mlcore",
    *(
        module.name
        for module in pkgutil.walk_packages(mlcore.__path__, "mlcore.")
        if not module.name.endswith((".make", ".make_names", ".__main__"))
    ),
]
EVERY_MODULE = pytest.mark.parametrize("name", MODULES)
WEB = ("django", "rest_framework", "django_q", "psycopg", "exoplanet", "sessions_app")


def test_importing_the_library_loads_nothing_of_the_web() -> None:
    code = (
        "import sys, mlcore, mlcore.jobs.run\n"
        f"print([name for name in {WEB!r} if name in sys.modules])"
    )
    completed = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=Path(mlcore.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert completed.stdout == "[]\n"


def test_the_public_face_has_the_verbs_and_the_registries() -> None:
    assert set(mlcore.__all__) >= {
        *("train", "predict", "fine_tune", "explain"),
        *("load_artifact", "save_artifact", "obtain", "read_table", "split"),
        *("DATASETS", "MODELS"),
    }


def names_of(module: ModuleType) -> list[str]:
    """Return the public names of a module; a package may be a room and nothing else."""
    is_package = hasattr(module, "__path__")
    names: list[str] = getattr(module, "__all__", []) if is_package else module.__all__
    return names


@EVERY_MODULE
def test_every_public_name_exists_and_is_listed_in_order(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    names = names_of(module)
    assert isinstance(names, list)
    assert len(set(names)) == len(names)
    for attribute in names:
        assert hasattr(module, attribute), f"{name} has no {attribute}"


@EVERY_MODULE
def test_every_public_function_and_class_says_what_it_does(name: str) -> None:
    module = importlib.import_module(name)
    for attribute in names_of(module):
        member = getattr(module, attribute)
        if inspect.isfunction(member) or inspect.isclass(member):
            assert member.__doc__, f"{name}.{attribute} has no docstring"
            # A dataclass without one of its own gets its signature.
            assert not member.__doc__.startswith(f"{attribute}(")
            assert member.__doc__.strip().splitlines()[0].endswith(".")
