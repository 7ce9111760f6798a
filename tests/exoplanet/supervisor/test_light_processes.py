from __future__ import annotations

import subprocess
import sys

import pytest

from exoplanet.environment import BASE_DIR

HEAVY = ("matplotlib", "numba", "scipy", "shap", "skops", "sklearn", "xgboost")


def loaded_after(code: str) -> list[str]:
    """Return which of the heavy libraries a fresh interpreter has loaded after running `code`."""
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])",
        ],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


@pytest.mark.sampled("web")
@pytest.mark.parametrize(
    "code",
    [
        "import django; django.setup(); import exoplanet.urls",
        "import django; django.setup(); import sessions_app.tasks",
        "import django; django.setup(); import sessions_app.management.commands.load_dataset",
    ],
    ids=["web", "worker", "load_dataset"],
)
def test_a_process_that_fits_nothing_loads_no_library_that_fits(code: str) -> None:
    assert loaded_after(code) == []


@pytest.mark.long
def test_what_jobs_are_forked_from_has_loaded_the_libraries_that_fit() -> None:
    # Also shows that the test above would see them.
    code = (
        "import importlib\n"
        "from sessions_app.isolation import JOB_MODULES\n"
        "for name in JOB_MODULES: importlib.import_module(name)"
    )
    assert set(loaded_after(code)) == set(HEAVY) - {"matplotlib", "shap"}
