"""Which version this host runs: a digest of the code, and the libraries that figures depend on."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from exoplanet.environment import BASE_DIR

_CODE = (("exoplanet", "*.py"), ("mlcore", "*.py"), ("sessions_app", "*.py"), ("templates", "*"))
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "xgboost-cpu", "xgboost")


@cache
def code_version() -> str:
    """Return a word that two checkouts share where their code is the same."""
    digest = hashlib.sha256()
    for folder, pattern in _CODE:
        for file in sorted(BASE_DIR.joinpath(folder).rglob(pattern)):
            if file.is_file():
                content = file.read_bytes()
                digest.update(f"{file.relative_to(BASE_DIR)} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()[:12]


def libraries() -> dict[str, str]:
    """Return the versions of what computes, by name."""
    versions = {"Python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            versions[name.removesuffix("-cpu")] = version(name)
        except PackageNotFoundError:
            continue
    return versions
