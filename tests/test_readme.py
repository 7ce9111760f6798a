"""The README says what is so: its session works, its table of variables is the code's own."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

from exoplanet.environment import BASE_DIR, VARIABLES

if TYPE_CHECKING:
    from served import Served

README = (BASE_DIR / "README.md").read_text(encoding="utf-8")


def test_the_curl_session_works_when_it_is_pasted(served: Served) -> None:
    found = re.search(r"<!-- session -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert found is not None
    session = found[1].replace("http://localhost:5000", served.url)
    pasted = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", session],
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert pasted.returncode == 0, pasted.stderr
    polls = [line for line in pasted.stdout.splitlines() if line.startswith("{")]
    assert '"completed"' in polls[-1]
    assert re.search(r"^accuracy 0\.\d{3}, macro F1 0\.\d{3}$", pasted.stdout, re.MULTILINE)
    assert re.search(
        r"^K\d{5}\.\d{2} is predicted to be: (Exoplanet|Candidate|False Positive)$",
        pasted.stdout,
        re.MULTILINE,
    )
    assert len(re.findall(r" speaks (?:for|against) ", pasted.stdout)) >= 3


def test_the_table_of_variables_is_the_codes() -> None:
    found = re.search(r"<!-- variables -->\n(.*?)<!-- /variables -->", README, re.DOTALL)
    assert found is not None
    assert found[1].splitlines()[2:] == [
        f"| `{each.name}` | {f'`{each.default}`' if each.default else ''} | {each.help} |"
        for each in VARIABLES
    ]


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"manage\.py (\w+)", README))
    from django.core.management import get_commands

    assert named <= set(get_commands())
    assert {"up", "load_dataset", "train_pretrained", "benchmark"} <= named
