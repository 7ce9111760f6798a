"""The README says what is so: its session and notebook work, its diagram is the code's own."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from exoplanet.environment import BASE_DIR
from mlcore._one_thread import ONE_THREAD

if TYPE_CHECKING:
    from tests.served import Served

README = (BASE_DIR / "README.md").read_text(encoding="utf-8")


def test_the_curl_session_works_when_it_is_pasted(served: Served) -> None:
    block = re.search(r"<!-- session -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block is not None
    session = block[1].replace("http://localhost:5000", served.url)
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


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= 150


def test_the_way_of_a_request_enters_each_room_once_and_never_climbs_back() -> None:
    drawn = re.search(r"```mermaid\n(.*?)```", README, re.DOTALL)
    assert drawn is not None
    rooms = re.findall(r"\[((?:sessions_app|mlcore)/\w+)\]", drawn[1])
    assert len(rooms) == len(set(rooms)) > 10
    for room in rooms:
        assert (BASE_DIR / room).is_dir() or (BASE_DIR / f"{room}.py").is_file(), room
    for package in ("sessions_app", "mlcore"):
        floors = floors_of(package)
        for way in ways(package, drawn[1]):
            assert [floors[name] for name in way] == sorted(floors[name] for name in way), way


def floors_of(package: str) -> dict[str, int]:
    """Return the floor of each room, the highest first, as import-linter holds them."""
    declared = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        contract["layers"]
        for contract in declared["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == [package]
    )
    return {name.strip(): floor for floor, layer in enumerate(layers) for name in layer.split("|")}


def ways(package: str, drawn: str) -> list[list[str]]:
    """Return the rooms of a package in their order, a list for each process that goes through."""
    # A dotted arrow goes to another process.
    return [
        re.findall(rf"\[{package}/(\w+)\]", part)
        for part in re.split(r"-\.->", drawn)
        if f"[{package}/" in part
    ]


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


@pytest.mark.long
def test_the_notebook_runs_when_it_is_pasted() -> None:
    pasted = subprocess.run(
        [sys.executable, "-c", notebook()],
        cwd=BASE_DIR,
        env=os.environ | ONE_THREAD,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert pasted.returncode == 0, pasted.stderr
    output = pasted.stdout
    assert re.search(
        r"^On \d+ rows of \d+ stars \(.*\): ROC-AUC 0\.9\d+ \(0\.9\d+ to 0\.9\d+\)", output
    )
    # On a machine that is slow or busy the search's budget may not last that long, which is said.
    no_time = "The time budget left no time to probe for shortcuts."
    assert "Probe, missing values alone: " in output or no_time in output
    assert re.search(r"^Of \d+ models? that w(as|ere) tried", output, re.MULTILINE)
    assert "The model rests most on: " in output
    for column in ("answer", "outside_domain", "p_low", "failed_checks", "alike", "reasons"):
        assert re.search(rf"^{column} ", output, re.MULTILINE)
    assert "the answer would be " in output or "can change the answer with values" in output
    assert re.search(r"^\[\d+ rows x \d+ columns\]$", output, re.MULTILINE)


def notebook() -> str:
    block = re.search(r"<!-- notebook -->\n```python\n(.*?)```", README, re.DOTALL)
    assert block is not None
    return block[1]
