"""What every test stands on: settings of its own and a real Postgres."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import django
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from served import Served

# Before anything loads a numerical library.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

_FOLDER = Path(tempfile.mkdtemp(prefix="exoplanet-tests-"))
# Postgres' user has to enter it when root runs the tests.
_FOLDER.chmod(0o755)
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
# The settings that an operator may have made for a server of theirs are not the tests' settings.
for name in [name for name in os.environ if name.startswith("EXOPLANET_")]:
    if name != "EXOPLANET_ARCHIVE_DIR":
        del os.environ[name]
os.environ["EXOPLANET_STATE_DIR"] = str(_FOLDER / "state")
os.environ["EXOPLANET_MEDIA_ROOT"] = str(_FOLDER / "media")
os.environ["DJANGO_SETTINGS_MODULE"] = "exoplanet.settings"
# Playwright keeps an event loop in the thread whose tests use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Here and not by pytest-django's own option, which would load the settings before the lines above.
django.setup()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Run Postgres for as long as the tests' database is needed."""
    from django.conf import settings

    from exoplanet.postgres import embedded_postgres

    if not settings.EXOPLANET_EMBEDDED_POSTGRES:
        yield
        return
    with embedded_postgres(settings.EXOPLANET_STATE_DIR, durable=False):
        yield


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return an empty folder that every user can enter, with a space in its name."""
    with tempfile.TemporaryDirectory(prefix="exoplanet tests ", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def archive_dir() -> Path:
    """Return the folder with the archive's real tables."""
    named = os.environ.get("EXOPLANET_ARCHIVE_DIR")
    if not named:
        _absent("EXOPLANET_ARCHIVE_DIR names no folder with the archive's tables")
    return Path(named)


@pytest.fixture(scope="session")
def served(archive_dir: Path) -> Iterator[Served]:
    """Run the whole project with all missions and their published models, as `make up` does."""
    from served import Served, free_port

    with tempfile.TemporaryDirectory(prefix="exoplanet served ") as name:
        Path(name).chmod(0o755)
        running = Served(folder=Path(name), archive=archive_dir, port=free_port())
        try:
            running.start()
            yield running
        finally:
            running.stop()


CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Launch the machine's own Chromium: Playwright's would be a download of its own."""
    return {
        "executable_path": CHROMIUM,
        # Chromium refuses root its sandbox, and containers have a small /dev/shm.
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
    }


def pytest_runtest_setup(item: pytest.Item) -> None:
    if CHROMIUM is None and item.get_closest_marker("browser") is not None:
        _absent("there is no chromium on this machine")


def _absent(reason: str) -> NoReturn:
    """Skip the test, except where nothing may go untested."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
