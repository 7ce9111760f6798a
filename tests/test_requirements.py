"""What is installed is what was pinned, and each file of it is known by its hash."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from exoplanet.environment import BASE_DIR

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCT, TESTS = "requirements.txt", "tests/requirements.txt"
FILES = pytest.mark.parametrize("file", [PRODUCT, TESTS])
DECLARED = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))


def entries(file: str) -> Iterator[tuple[Requirement, list[str]]]:
    """Yield each requirement of a file with its hashes."""
    text = (BASE_DIR / file).read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            named, *hashes = line.split("--hash=")
            yield Requirement(named.strip()), [digest.strip() for digest in hashes]


def pinned(file: str) -> dict[tuple[str, str], str]:
    """Return the version of each package, by its name and where it is needed."""
    return {
        (canonicalize_name(package.name), str(package.marker or "")): str(package.specifier)
        for package, _ in entries(file)
    }


@FILES
def test_every_package_is_one_version_whose_files_are_known_by_their_hashes(file: str) -> None:
    packages = list(entries(file))
    assert len(packages) > 40
    for requirement, hashes in packages:
        assert re.fullmatch(r"==[\w.!+]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


def test_everything_that_is_asked_for_is_pinned() -> None:
    product = {name for name, _ in pinned(PRODUCT)}
    every = product | {name for name, _ in pinned(TESTS)}
    for needed, pins in (
        (DECLARED["project"]["dependencies"], product),
        (DECLARED["project"]["optional-dependencies"]["server"], product),
        (DECLARED["dependency-groups"]["dev"], every),
    ):
        assert {canonicalize_name(Requirement(requirement).name) for requirement in needed} <= pins


def test_the_tests_run_on_the_products_versions() -> None:
    product, tests = pinned(PRODUCT), pinned(TESTS)
    shared = product.keys() & tests.keys()
    assert len(shared) > 40
    assert {key: product[key] for key in shared} == {key: tests[key] for key in shared}


@FILES
def test_what_is_installed_is_what_is_pinned(file: str) -> None:
    for requirement, _ in entries(file):
        if requirement.marker is None or requirement.marker.evaluate():
            installed = importlib.metadata.version(requirement.name)
            assert requirement.specifier.contains(installed, prereleases=True), requirement
