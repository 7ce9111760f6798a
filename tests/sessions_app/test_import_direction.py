from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from exoplanet.environment import BASE_DIR


def test_imports_run_one_way() -> None:
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
    assert "broken." in checked.stdout.splitlines()[-1]
