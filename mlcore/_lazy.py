"""Public names of a package that load what they stand for when they are first asked for.

A web process asks for the missions and the model types only; it would otherwise load every
numerical library at its start and hold it in memory.
"""

from __future__ import annotations

import sys
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["lazy_names"]


def lazy_names(
    package: str, homes: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return a package's `__getattr__` and `__dir__`, by which Python finds names later (PEP 562).

    Parameters
    ----------
    package
        Name of the package, which Python has begun to import.
    homes
        Where each public name comes from, as ``"package.module:name"``. None may be a submodule's
        name: importing that would put the submodule in its place.
    """

    def find(name: str) -> Any:
        if name not in homes:
            msg = f"module {package!r} has no attribute {name!r}"
            raise AttributeError(msg, name=name, obj=sys.modules[package])
        found = resolve_name(homes[name])
        # From now on Python finds it without asking.
        setattr(sys.modules[package], name, found)
        return found

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return find, names
