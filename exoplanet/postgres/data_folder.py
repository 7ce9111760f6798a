"""The server's folders: whose they are, where they lie, how they are made, checked and freed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import shutil
import signal
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from exoplanet import child_process
from exoplanet.child_process import Identity
from exoplanet.postgres.programs import PostgresError

if TYPE_CHECKING:
    from exoplanet.postgres.programs import Programs

ROLE = "exoplanet"
"""The role that owns everything in the database."""

SERVER_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
"""Nothing of the caller's: a PGDATA or PGPORT of theirs is meant for another server."""


def server_identity(state_dir: Path) -> Identity | None:
    """Return the user that the server runs as, or None for the one who asks.

    Postgres refuses root, so root's server runs as whoever the database belongs to already, and
    else as nobody.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(OSError):
        owner = (state_dir / "postgres" / "data").stat()
        if owner.st_uid != 0:
            return Identity(uid=owner.st_uid, gid=owner.st_gid)
    with contextlib.suppress(KeyError):
        nobody = pwd.getpwnam("nobody")
        return Identity(uid=nobody.pw_uid, gid=nobody.pw_gid)
    return Identity(uid=65534, gid=65534)


def database_home(state_dir: Path, identity: Identity | None) -> Path:
    """Return the folder that holds the database folder, made where it is missing.

    The server's user must be able to enter it. Under a folder that it cannot enter, `postgres` in
    the state folder is a link to a place outside: opening up somebody's folders is not ours to do.
    """
    home = state_dir / "postgres"
    if not home.exists():
        if home.is_symlink():
            raise PostgresError(
                f"The database folder {home.readlink()} that {home} links to is gone: "
                "bring it back, or remove the link to start anew."
            )
        if identity is None or _may_enter(state_dir, identity):
            home.mkdir()
        else:
            home.symlink_to(tempfile.mkdtemp(prefix="exoplanet-playground-", dir="/var/lib"))
        home.chmod(0o755)
    return home.resolve()


def _may_enter(folder: Path, identity: Identity) -> bool:
    for place in (folder, *folder.parents):
        facts = place.stat()
        owns = facts.st_uid == identity.uid and facts.st_mode & 0o100
        if not owns and not facts.st_mode & 0o001:
            return False
    return True


def socket_folder(state_dir: Path) -> Path:
    """Return where the server on a state folder has its socket.

    The folder is not in the state folder: a socket's path may have no more than 103 bytes.
    """
    identity = server_identity(state_dir)
    uid = identity.uid if identity else os.geteuid()
    place = hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"exoplanet-{uid}-{place}")


def make_socket_folder(folder: Path, identity: Identity | None) -> None:
    """Make the folder of the socket, for the server's user alone."""
    owner = identity.uid if identity else os.geteuid()
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in {owner, os.geteuid()}:
        raise PostgresError(
            f"{folder} belongs to somebody else: remove it, or set TMPDIR to another folder."
        )
    folder.chmod(0o700)
    if identity is not None:
        os.chown(folder, identity.uid, identity.gid)


def make_database_folder(
    data: Path, programs: Programs, *, identity: Identity | None, log: Path, durable: bool
) -> None:
    """Make an empty database; a PostgresError says why that fails."""
    # A folder that is only half made must never be taken for a database.
    partial = data.with_name("data.partial")
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700)
    if identity is not None:
        os.chown(partial, identity.uid, identity.gid)
    with log.open("wb") as output:
        status = child_process.start(
            [
                programs.folder / "initdb",
                f"--pgdata={partial}",
                f"--username={ROLE}",
                "--auth-local=trust",
                "--auth-host=reject",
                "--locale=C",
                "--encoding=UTF8",
                "--no-instructions",
                *([] if durable else ["--no-sync"]),
            ],
            death_signal=signal.SIGKILL,
            env=SERVER_ENVIRONMENT,
            cwd=Path("/"),
            output=output,
            identity=identity,
        ).wait()
    if status != 0:
        raise PostgresError(
            f"The database folder {data} cannot be made: "
            f"{last_complaint(log) or f'initdb ended with {status}'}."
        )
    partial.rename(data)


def check_database_folder(data: Path, programs: Programs) -> None:
    """Refuse a folder that is no database, or of a version that these programs cannot read."""
    try:
        version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError, UnicodeError):
        version = ""
    if not version.isdigit():
        raise damaged(data, "its version is missing")
    if version != programs.major:
        raise PostgresError(
            f"The database folder {data} was made by Postgres {version} and cannot be read by "
            f"Postgres {programs.major}: install Postgres {version}, "
            "or move the folder away to start anew."
        )


def damaged(data: Path, reason: str) -> PostgresError:
    """Return the error that says that a folder is beyond our repair."""
    return PostgresError(
        f"The database folder {data} is damaged ({reason}): "
        "restore it from a copy, or move it away to start anew."
    )


def end_leftover_server(data: Path) -> None:
    """End the server whose owner died before it; only the owner of the lock may ask."""
    mark = data / "postmaster.pid"
    try:
        pid = int(mark.read_text(encoding="utf-8").split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = str(data) in process.cmdline()
    except (FileNotFoundError, ValueError, psutil.Error):
        return
    if not ours:
        # The number went to another process since; Postgres itself would take that for a server.
        mark.unlink(missing_ok=True)
        return
    try:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
    except psutil.TimeoutExpired:
        kill_family(pid)
    except psutil.Error:
        return


def kill_family(pid: int) -> None:
    """Kill a server with the processes that serve its clients.

    One of those that was stopped, and not ended, would not see its server die: its client would
    wait for ever, and no other server could start on the folder.
    """
    with contextlib.suppress(psutil.Error):
        server = psutil.Process(pid)
        # A server that is stopped starts no others meanwhile.
        server.suspend()
        for process in (*server.children(recursive=True), server):
            with contextlib.suppress(psutil.Error):
                process.kill()


def last_complaint(log: Path) -> str:
    """Return the last error in a log of Postgres' programs, without the full stop; "" for none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    complaints = re.findall(r"(?:FATAL|PANIC|ERROR|error|^postgres):\s+(.+)", text, re.MULTILINE)
    return complaints[-1].rstrip(".") if complaints else ""
