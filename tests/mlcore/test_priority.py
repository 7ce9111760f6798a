"""What is to take the cores that are free takes no more of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

GROUP = Path("/proc/self/autogroup")


@pytest.mark.skipif(not GROUP.is_file(), reason="this system has no groups of sessions")
@pytest.mark.parametrize(("niceness", "expected"), [(0, 0), (7, 7), (19, 10)])
def test_a_session_counts_among_others_for_its_process_niceness(
    niceness: int, expected: int
) -> None:
    code = (
        f"import os; os.nice({niceness}); from mlcore import _priority as own;"
        f" own.extend_niceness_to_session(); print(open('{GROUP}').read())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    assert told.stdout.split("nice")[-1].strip() == str(expected)
