from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.playground import FIT, Playground
from tests.served import any_port

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def laid_out() -> Iterator[Playground]:
    """One project for all faults, to be started: none of them may keep it from going on."""
    with tempfile.TemporaryDirectory(
        prefix="exoplanet faults ", ignore_cleanup_errors=True
    ) as name:
        Path(name).chmod(0o755)
        playground = Playground(folder=Path(name), port=any_port())
        try:
            playground.load_small_table()
            yield playground
        finally:
            playground.stop()


@pytest.fixture(scope="session")
def started(laid_out: Playground) -> Playground:
    if not laid_out.is_up:
        laid_out.start()
    return laid_out


@pytest.fixture
def playground(started: Playground) -> Iterator[Playground]:
    """A project that has to be as good as before when the test is over."""
    yield started
    started.assert_all_is_accounted_for()


@pytest.fixture(scope="session")
def undisturbed(started: Playground) -> list[tuple[Any, ...]]:
    """The result of a fit that nothing happened to."""
    session_id = started.train(FIT)
    assert started.await_end(session_id) == "completed"
    assert started.history(session_id) == ["completed"]
    return started.predictions(session_id)
