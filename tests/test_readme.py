"""The README says what is so: its session works, its table of variables is the code's own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

from exoplanet import environment
from exoplanet.environment import BASE_DIR
from tests.fault_table import in_markdown, rows

if TYPE_CHECKING:
    from tests.served import Served

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
    found = re.search(r"<!-- variables -->\n(.*?)\n<!-- /variables -->", README, re.DOTALL)
    assert found is not None
    assert found[1] == environment.in_markdown()


def test_the_table_of_faults_is_that_of_the_tests_which_inject_them() -> None:
    found = re.search(r"<!-- faults -->\n(.*?)\n<!-- /faults -->", README, re.DOTALL)
    assert found is not None
    assert found[1] == in_markdown(row.in_markdown() for row in rows())


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"manage\.py (\w+)", README))
    from django.core.management import get_commands

    assert named <= set(get_commands())
    assert {"up", "load_dataset", "train_pretrained", "benchmark"} <= named


def test_the_notebook_has_ten_lines_of_at_most_a_hundred_characters() -> None:
    assert isinstance(ast.parse(notebook()).body[0], ast.Import)
    lines = [line for line in notebook().splitlines() if line]
    assert len(lines) == 10
    assert max(map(len, lines)) <= 100
    formatter = (sys.executable, "-m", "ruff", "format", "--line-length", "100", "-")
    formatted = subprocess.run(
        formatter, input=notebook(), capture_output=True, text=True, check=True
    )
    assert formatted.stdout == notebook()


def test_the_notebook_runs_when_it_is_pasted() -> None:
    pasted = subprocess.run(
        [sys.executable, "-c", notebook()],
        cwd=BASE_DIR,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert pasted.returncode == 0, pasted.stderr
    told = pasted.stdout
    assert re.search(
        r"^On \d+ rows of \d+ stars \(.*\): ROC-AUC 0\.9\d+ \(0\.9\d+ to 0\.9\d+\)", told
    )
    assert "Probe, missing values alone: " in told
    assert re.search(r"^Of \d+ models? that w(as|ere) tried", told, re.MULTILINE)
    assert "The model rests most on: " in told
    for column in ("answer", "outside_domain", "p_low", "failed_checks", "alike", "reasons"):
        assert re.search(rf"^{column} ", told, re.MULTILINE)
    assert "the answer would be " in told or "can change the answer with values" in told
    assert re.search(r"^\[\d+ rows x \d+ columns\]$", told, re.MULTILINE)


def notebook() -> str:
    found = re.search(r"<!-- notebook -->\n```python\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]
