"""Whether this host fits the database, the files and the other hosts: what does not, in sentences.

A host that signs with another key, computes with other code or looks into another media folder
would do harm without anybody seeing it. So this is asked before anything is served: once before
the database is migrated, when its tables may be missing, and once afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

from exoplanet.supervisor.roles import Role
from exoplanet.version import code_version, libraries
from sessions_app.files import store_identity
from sessions_app.models import Host, Installation
from sessions_app.queue import presence

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

__all__ = ["Misfits", "is_prepared", "key_digest", "misfits", "missing_migrations", "present"]

_APP = "sessions_app"
"""The app whose migrations tell the version; those of libraries come and go with it."""


@dataclass(frozen=True, slots=True)
class Misfits:
    """What does not fit."""

    refusals: list[str] = field(default_factory=list)
    """What would do harm."""
    warnings: list[str] = field(default_factory=list)
    """What the operator should know."""


def key_digest(store: UUID) -> str:
    """Return what the database keeps of this host's secret key: whether another is the same."""
    return salted_hmac(
        "exoplanet.supervisor.fit", str(store), secret=settings.SECRET_KEY, algorithm="sha256"
    ).hexdigest()


def misfits(*, roles: Collection[Role], owns_database: bool) -> Misfits:
    """Return what does not fit.

    Whoever owns the database, the project's own Postgres on a state folder, is told where others
    are refused: nobody else works on it.
    """
    found = Misfits()
    if unknown := _applied_migrations() - _own_migrations():
        found.refusals.append(
            f"The database was migrated by a newer version of the project (it has {_APP}"
            f" {max(unknown)}, which is unknown here): bring this host to that version."
        )
        # Nothing else can be asked of tables that are unknown.
        return found
    shared = _installation()
    severity = found.warnings if owns_database else found.refusals
    if shared is not None:
        store, digest = shared
        said = [
            _of_key(store, digest, owns_database=owns_database),
            _of_files(store, owns_database=owns_database),
        ]
    else:
        said = [_of_unknown_files(owns_database=owns_database)]
    severity.extend(filter(None, said))
    if shared is not None:
        _look_at_others(found)
    if not owns_database and (complaint := _too_few_connections(roles)):
        found.warnings.append(complaint)
    return found


def is_prepared() -> bool:
    """Tell whether the database has all migrations, and a host has made it its own."""
    return not missing_migrations() and _installation() is not None


def present() -> list[Host]:
    """Return the hosts that are present, as they were when they started."""
    return list(Host.objects.filter(number__in=presence.present_hosts()))


def missing_migrations() -> set[str]:
    """Return the names of the migrations that the database lacks."""
    return _own_migrations() - _applied_migrations()


def _of_key(store: UUID, digest: str, *, owns_database: bool) -> str:
    if constant_time_compare(digest, key_digest(store)):
        return ""
    if owns_database:
        return "The secret key is another one than before: who was signed in has to sign in again."
    return (
        "The secret key is not the one that this database's first host uses: give this host the"
        " same by EXOPLANET_SECRET_KEY or EXOPLANET_SECRET_KEY_FILE (that host may keep it as"
        " secret_key in its state folder), or change it for all with `manage.py adopt secret_key`."
    )


def _of_unknown_files(*, owns_database: bool) -> str:
    if store_identity.marked() is None:
        return ""
    place, variable = store_identity.place_and_variable()
    if owns_database:
        return (
            f"The {place} belonged to another database: what this one does not name will be deleted"
            " from it."
        )
    return (
        f"The {place} belongs to another database, and what this one does not name would be deleted"
        f" from it: set {variable} to another one, or remove {store_identity.NAME} from it if that"
        " database is gone."
    )


def _of_files(store: UUID, *, owns_database: bool) -> str:
    if store_identity.marked() == store:
        return ""
    place, variable = store_identity.place_and_variable()
    if owns_database:
        return (
            f"The {place} is not the one that this database was used with: models and files of"
            " earlier sessions may be missing."
        )
    return (
        f"The files are not seen: the {place} is not the one that this database's hosts use; name"
        f" that one by {variable}, or, where the files were restored to a new place or are lost,"
        " run `manage.py adopt media`."
    )


def _look_at_others(found: Misfits) -> None:
    version, here = code_version(), libraries()
    for host in present():
        if host.number == presence.host_number():
            continue
        if host.version != version:
            found.refusals.append(
                f'This host runs another version of the code ({version}) than "{host.name}"'
                f" ({host.version}), which is present: bring both to one version, or stop the other"
                " first."
            )
        differing = [
            f"{name} {here.get(name, 'absent')} instead of {of_host}"
            for name, of_host in host.libraries.items()
            if here.get(name) != of_host
        ]
        if differing:
            found.warnings.append(
                f'This host computes with other libraries than "{host.name}"'
                f" ({', '.join(differing)}): the same session may have other figures here."
            )


def _too_few_connections(roles: Collection[Role]) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int")
        (offered,) = cursor.fetchone()
    needed = 10
    if Role.WEB in roles:
        needed += settings.EXOPLANET_WEB_WORKERS * settings.EXOPLANET_WEB_THREADS
    if Role.WORKERS in roles:
        # Each worker has three (see the settings); so has the one that gathers evidence.
        needed += 3 * (settings.EXOPLANET_WORKERS + 1)
    if offered >= needed:
        return ""
    return (
        f"The database takes {offered} connections at a time, and this host alone may want {needed}"
        ": raise its max_connections."
    )


def _installation() -> tuple[UUID, str] | None:
    if not _has_table(Installation._meta.db_table):  # noqa: SLF001 - documented
        return None
    return Installation.objects.values_list("store", "key_digest").first()


def _own_migrations() -> set[str]:
    # By their files: to import them all takes longer than everything else that is asked here.
    folder = Path(apps.get_app_config(_APP).path, "migrations")
    return {file.stem for file in folder.glob("0*.py")}


def _applied_migrations() -> set[str]:
    if not _has_table("django_migrations"):
        return set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = %s", [_APP])
        return {name for (name,) in cursor.fetchall()}


def _has_table(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])
