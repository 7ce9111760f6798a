"""A host of several on one database: a part of the project on a state folder of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import psycopg

from exoplanet.environment import BASE_DIR
from tests.faults.playground import Playground, await_some, runs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "qJ4-vYb9zT7xW2nR8kLm5pHs3dGf6cAe1uVo0iXtZyBwQrNjKh"
ANOTHER_KEY = KEY[::-1]


@dataclass(kw_only=True)
class Host(Playground):
    """A host of its own name and state folder."""

    name: str
    url_of_database: str
    media: Path
    checkout: Path = BASE_DIR

    @property
    def media_folder(self) -> Path:
        return self.media

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "DATABASE_URL": self.url_of_database,
            "EXOPLANET_SECRET_KEY": KEY,
            "EXOPLANET_HOST_NAME": self.name,
            "EXOPLANET_LOG_JSON": "off",
            **self.extra,
        }

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def up(self) -> subprocess.CompletedProcess[str]:
        """Run `up` to its end, which is expected soon."""
        return subprocess.run(
            [sys.executable, "manage.py", "up", *(f"--role={role}" for role in self.roles)],
            env=self.environment,
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @contextlib.contextmanager
    def begun(self) -> Iterator[psutil.Popen]:
        """Run `up` for a while, whatever it does; what it says goes to the log."""
        with (self.folder / "log").open("w") as file:
            process = psutil.Popen(
                [sys.executable, "manage.py", "up", *(f"--role={role}" for role in self.roles)],
                env=self.environment,
                cwd=self.checkout,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(60)

    def refusal(self) -> str:
        """Return what `up` says where it refuses to run, which it does before it serves."""
        answer = self.up()
        assert (answer.returncode, answer.stdout) == (1, ""), answer
        return answer.stderr

    def vanish(self) -> None:
        """Lose its power: every process at once, and none says goodbye."""
        family = [self.supervisor, *self.supervisor.children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.supervisor.wait(30)
        await_some(lambda: not any(runs(process) for process in family))

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url_of_database, autocommit=True) as connection:
            ran = connection.execute(statement, values)
            return ran.fetchall() if ran.description else []
