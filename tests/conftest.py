"""What every test stands on: settings of its own and a real Postgres."""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import os
import shutil
import tempfile
import uuid
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import django
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase

from mlcore._one_thread import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

    from tests.buckets import Bucket, BucketServer
    from tests.served import Served

# Collecting tests leaves little rubbish, and looking for it takes a seventh of the time.
gc.disable()
# Before anything loads a numerical library.
os.environ.update(ONE_THREAD)
# It looks for hundreds of names in all modules that are there: later it takes three times as long.
importlib.import_module("skops.io")

_FOLDER = Path(tempfile.mkdtemp(prefix="exoplanet-tests-"))
# Postgres' user has to enter it when root runs the tests.
_FOLDER.chmod(0o755)
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
# The settings that an operator may have made for a server of theirs are not the tests' settings.
for name in [name for name in os.environ if name.startswith("EXOPLANET_")]:
    if name not in {
        *("EXOPLANET_ARCHIVE_DIR", "EXOPLANET_CASES_DIR", "EXOPLANET_FUZZ"),
        "EXOPLANET_LIGHTCURVE_DIR",
    }:
        del os.environ[name]
os.environ["EXOPLANET_STATE_DIR"] = str(_FOLDER / "state")
os.environ["EXOPLANET_MEDIA_ROOT"] = str(_FOLDER / "media")
os.environ["DJANGO_SETTINGS_MODULE"] = "exoplanet.settings"
# Playwright keeps an event loop in the thread whose tests use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Here and not by pytest-django's own option, which would load the settings before the lines above.
django.setup()
# What protects a stolen table of passwords takes half a second for each user that a test makes.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test client would look through all static files before its first request.
settings.WHITENOISE_AUTOREFRESH = True
_KEPT_TABLES = {"django_content_type", "auth_permission"}
"""What Django's own way of emptying a database makes again after each test."""


def _empty_tables(_: TransactionTestCase) -> None:
    emptied = sorted(set(connection.introspection.django_table_names()) - _KEPT_TABLES)
    # A table that is truncated is made anew with its indexes, which takes seven times as long as
    # deleting the few rows of a test. No key is checked meanwhile: the tables have any order.
    deleting = [f"DELETE FROM {table}" for table in emptied]
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("; ".join(["SET LOCAL session_replication_role = replica", *deleting]))


TransactionTestCase._fixture_teardown = _empty_tables


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Run Postgres for as long as the tests' database is needed."""
    from exoplanet.postgres.server import embedded_postgres

    if not settings.EXOPLANET_EMBEDDED_POSTGRES:
        yield
        return
    with embedded_postgres(settings.EXOPLANET_STATE_DIR, durable=False):
        yield


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Drop no database whose server is removed with all its files.

    Whatever still closes its connection at that moment would refuse it.
    """
    return bool(settings.EXOPLANET_EMBEDDED_POSTGRES)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return an empty folder that every user can enter, with a space in its name."""
    with tempfile.TemporaryDirectory(prefix="exoplanet tests ", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def media(settings: SettingsWrapper, tmp_path: Path) -> Path:
    """Return the media folder of this test alone."""
    folder = tmp_path / "media"
    (folder / "incoming").mkdir(parents=True)
    settings.MEDIA_ROOT = folder
    settings.FILE_UPLOAD_TEMP_DIR = folder / "incoming"
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let the tests of buckets run against two servers that share no code."""
    if "bucket_server" in metafunc.fixturenames:
        servers = ["moto", pytest.param("rclone", marks=pytest.mark.long)]
        metafunc.parametrize("bucket_server", servers, indirect=True, scope="session")


@pytest.fixture(scope="session")
def bucket_server(request: pytest.FixtureRequest) -> Iterator[BucketServer]:
    """Run an S3-like store of this process alone: moto's where the test does not say which."""
    from tests.buckets import BucketServer
    from tests.rclone import RcloneServer

    server = RcloneServer() if getattr(request, "param", "moto") == "rclone" else BucketServer()
    yield server
    server.stop()


@pytest.fixture
def bucket(
    bucket_server: BucketServer,
    media: Path,
    settings: SettingsWrapper,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Bucket]:
    """Keep in an empty bucket what outlives a host's job."""
    from sessions_app.files import host_cache
    from sessions_app.monitoring import store
    from tests.buckets import KEYS, Bucket, close_connections, storages_of

    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    bucket_server.start()
    made = Bucket(server=bucket_server, name=f"bucket-{uuid.uuid4()}")
    made.make()
    settings.STORAGES = storages_of(made.options)
    settings.EXOPLANET_STATE_DIR = tmp_path / "state"
    settings.EXOPLANET_STATE_DIR.mkdir()
    monkeypatch.setattr(store, "_last", {"at": float("-inf"), "answers": True})
    monkeypatch.setattr(host_cache, "_pruned", {"at": float("-inf")})
    yield made
    close_connections()


@pytest.fixture(scope="session")
def archive_dir() -> Path:
    """Return the folder with the archive's real tables."""
    named = os.environ.get("EXOPLANET_ARCHIVE_DIR")
    if not named:
        _absent("EXOPLANET_ARCHIVE_DIR names no folder with the archive's tables")
    return Path(named)


@pytest.fixture(scope="session")
def cases_dir() -> Path:
    """Return the folder with files in the shapes that people really send.

    It lies beside that of the archive's tables, or where EXOPLANET_CASES_DIR says.
    """
    archive = os.environ.get("EXOPLANET_ARCHIVE_DIR", "")
    folder = Path(os.environ.get("EXOPLANET_CASES_DIR", "") or Path(archive).parent / "cases")
    if not archive or not folder.is_dir():
        # Not every checkout has them: small tables in the tests show each kind too.
        pytest.skip("there is no folder with the cases")
    return folder


@pytest.fixture(scope="session")
def light_curve_samples() -> Path:
    """Return the folder with unchanged light curves of the missions.

    It is the one named samples where EXOPLANET_LIGHTCURVE_DIR says.
    """
    named = os.environ.get("EXOPLANET_LIGHTCURVE_DIR", "")
    if not named or not (Path(named) / "samples").is_dir():
        # Not every checkout has them: small files in the tests show each kind too.
        pytest.skip("EXOPLANET_LIGHTCURVE_DIR names no folder with samples of light curves")
    return Path(named) / "samples"


@pytest.fixture(scope="session")
def served_archive(
    archive_dir: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the folder with the tables that the whole project runs on.

    They are small, but where tests are run that are long by nature.
    """
    from tests.archive_tables import write_some

    if any(item.get_closest_marker("long") for item in request.session.items):
        return archive_dir
    folder = tmp_path_factory.mktemp("archive")
    write_some(archive_dir, folder)
    return folder


@pytest.fixture(scope="session")
def served(served_archive: Path) -> Iterator[Served]:
    """Run the whole project with all missions and their published models, as `make up` does."""
    from tests.served import Served, free_port

    with tempfile.TemporaryDirectory(prefix="exoplanet served ") as name:
        Path(name).chmod(0o755)
        running = Served(folder=Path(name), archive=served_archive, port=free_port())
        try:
            running.start()
            yield running
        finally:
            running.stop()


CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
"""Without what a window needs it takes half the processor time."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Launch the machine's own Chromium: Playwright's would be a download of its own."""
    return {
        "executable_path": CHROMIUM,
        # Chromium refuses root its sandbox, and containers have a small /dev/shm.
        "args": ["--no-sandbox", "--disable-dev-shm-usage"],
    }


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each process that runs tests make folders, and with them a Postgres, of its own.

    Whoever finds this variable loads the settings before the lines above.
    """
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep together, in one process, what shares a server or the fixtures of a file."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _shared(str(super()._split_scope(nodeid)))

    return Together(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run two more processes than there are cores: many a test waits for what it has started."""
    return (os.cpu_count() or 1) + 2


SLOW_FIXTURES = {"trained", "archive_dir", "jobs", "session", "done", "twice"}
"""What trains models, or reads the whole tables."""
SLOW_FILES = (
    *("exoplanet/middleware/slow_clients/test_", "exoplanet/postgres/", "hosts/"),
    *("exoplanet/supervisor/test_light", "exoplanet/supervisor/test_service"),
    *("exoplanet/supervisor/test_up", "exoplanet/supervisor/test_watch_database"),
    *("exoplanet/supervisor/test_watch_web", "exoplanet/test_logs.py::test_what_is_logged_of"),
    *("exoplanet/test_child_process", "mlcore/automl/test_process", "mlcore/automl/test_search"),
    *("mlcore/calibration/test_calibrate", "mlcore/calibration/test_conf"),
    *("mlcore/evaluation/probes/", "mlcore/jobs/test_fine", "mlcore/jobs/test_predict_job"),
    *("mlcore/jobs/test_train_job", "mlcore/training/test_fine_tune.py"),
    *("mlcore/metrics/test_slices", "mlcore/pretrained/test_pretrained", "mlcore/test_examples"),
    *("mlcore/test_public_face", "mlcore/training/test_training_tables", "sessions_app/admin/"),
    *("sessions_app/api/legacy/test_without", "sessions_app/api/test_active_sessions"),
    *("sessions_app/api/test_headers", "sessions_app/api/test_idempotency"),
    *("sessions_app/api/test_models", "sessions_app/api/test_streamed_results"),
    *("sessions_app/files/test_check_upload", "sessions_app/isolation/"),
    *("sessions_app/management/test_install", "sessions_app/queue/test_presence"),
    *(
        f"sessions_app/management/test_train_pretrained.py::test_{name}"
        for name in ("it_publishes", "a_mission_means", "check_trains", "carry_puts")
    ),
    *("sessions_app/services/test_loading", "sessions_app/services/test_publishing"),
    *("sessions_app/services/test_upload_limits", "sessions_app/test_a_fourth_mission"),
    *("sessions_app/web/test_model_pages", "soak/"),
)
"""Tests that start processes or train again and again, by how their addresses begin."""
QUICK = {
    "test_a_counterfactual_is_another_answer_of_the_same_model[decision_tree]",
    "test_a_job_that_cannot_work_leaves_nothing_behind",
    "test_a_mark_stands_first_and_beside_every_table",
    "test_a_model_is_trained_on_a_missions_snapshot[decision_tree-kepler-measured]",
    "test_a_planets_probability_is_attributed_in_the_same_way_for_every_model[decision_tree]",
    "test_a_testing_file_alone_is_predicted_by_the_published_model",
    "test_a_training_session_completes_with_rows_figures_and_a_model",
    "test_an_analysis_of_an_object_is_started_and_its_answer_is_shown",
    "test_averages_are_compared_with_the_sessions_own_figures[decision_tree]",
    "test_curves_are_pictures_that_load_nothing[vetting]",
    "test_each_tree_of_a_forest_tells_its_own_path",
    "test_every_figure_stands_with_its_interval_rows_and_split[vetting]",
    "test_objects_come_in_pages_of_fifty_in_the_order_that_was_asked_for",
    "test_new_trees_are_grown_with_the_published_models_settings",
    "test_path_dependent_values_add_up_to_the_votes[decision_tree]",
    "test_unlabelled_uploads_are_predicted_and_not_measured",
}
"""The few of them that walk a session's whole way in this process, and are quick all the same."""


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark as slow what trains models or starts processes."""
    slow = item.nodeid.startswith(tuple(f"tests/{name}" for name in SLOW_FILES))
    trains = SLOW_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    if (slow or trains) and item.name not in QUICK:
        item.add_marker(pytest.mark.slow)
    if sampled := item.get_closest_marker("sampled"):
        name, _, params = item.nodeid.partition("[")
        seen, every = _seen[name], sampled.kwargs.get("every")
        seen.append(len(seen) % every == 0 if every else params[:-1] in sampled.args)
        if not seen[-1]:
            item.add_marker(pytest.mark.long)


_seen: defaultdict[str, list[bool]] = defaultdict(list)
"""Of each test with samples, which of its parameters are one."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage look at nothing that lasts as long as the tests."""
    without = [name for name, seen in _seen.items() if not any(seen)]
    if without and session.config.option.markexpr == "not long":
        raise pytest.UsageError(f"No parameters are called as the samples of {without}.")
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest in one process, so that the others do not wait for it.

    At the end comes what only computes: many short files, for whichever process is free.
    """
    items.sort(key=lambda item: _rank(_shared(item.nodeid.split("::")[0])))


def _rank(shared: str) -> int:
    longest = ("served", "faults", "hosts", "trained", "judge", "analyses")
    alone = len(longest) + shared.startswith("tests/mlcore/")
    return longest.index(shared) if shared in longest else alone


@functools.cache
def _shared(file: str) -> str:
    for folder, shared in (
        ("tests/faults/", "faults"),
        ("tests/hosts/", "hosts"),
        ("tests/mlcore/analyses/", "analyses"),
    ):
        if file.startswith(folder):
            return shared
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    for fixture, shared in (
        ("served: Served", "served"),
        ("trained: Trained", "trained"),
        ("judge: TrainingSession", "judge"),
    ):
        if fixture in text:
            return shared
    return file


def pytest_runtest_setup(item: pytest.Item) -> None:
    if CHROMIUM is None and item.get_closest_marker("browser") is not None:
        _absent("there is no chromium on this machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of faults where they were asked for, as the README has it."""
    if terminalreporter.config.option.markexpr != "fault":
        return
    from tests.fault_table import in_markdown, rows

    def of(kind: str) -> list[str]:
        reports = terminalreporter.stats.get(kind, [])
        return [report.nodeid.split("[")[0] for report in reports]

    # What went wrong in any of a test's cases went wrong.
    said = dict.fromkeys(of("passed"), "")
    for kind in ("skipped", "failed", "error"):
        said |= dict.fromkeys(of(kind), f"**{kind}**")
    lines = [row.in_markdown(outcome=said[row.test]) for row in rows() if row.test in said]
    terminalreporter.write_line(f"\n{in_markdown(lines)}\n")


def _absent(reason: str) -> NoReturn:
    """Skip the test, except where nothing may go untested."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Let no session of a file's tests keep the workers busy while those of the next one wait."""
    served = getattr(item, "funcargs", {}).get("served")
    if served is not None and (nextitem is None or nextitem.path != item.path):
        served.forget()
