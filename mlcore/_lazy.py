"""Public names of a package that load what they stand for when they are first asked for.

A web process asks for the missions and the model types only; it would otherwise load every
numerical library at its start and hold it in memory.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["lazy_names"]


def lazy_names(package: str, source: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return a package's `__getattr__` and `__dir__`, by which Python finds names later (PEP 562).

    Parameters
    ----------
    package
        Name of the package, which Python has begun to import.
    source
        Its file. What it imports ``if TYPE_CHECKING:`` is what is found later, so that a type
        checker and Python are told of a name in the same line. None may be a submodule's name:
        importing that would put the submodule in its place.
    """
    homes = {
        alias.asname or alias.name: f"{imported.module}:{alias.name}"
        for block in ast.parse(Path(source).read_text(encoding="utf-8")).body
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for imported in block.body
        if isinstance(imported, ast.ImportFrom)
        for alias in imported.names
    }

    def find(name: str) -> Any:
        if name not in homes:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg, name=name, obj=sys.modules[package])
        value = resolve_name(homes[name])
        # From now on Python finds it without asking.
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return find, names
