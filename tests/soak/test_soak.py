"""The soak in its short form: that it works, and that what it says of the product holds."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.playground import Playground
from tests.soak.account import what_is_wrong
from tests.soak.clients import Client, OutOfTimeError
from tests.soak.errands import Fate, errands
from tests.soak.soak import Options, soak

if TYPE_CHECKING:
    from pathlib import Path

    from tests.soak.facts import Facts

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        sys.platform != "linux", reason="only Linux tells a child of its parent's death"
    ),
]


@pytest.fixture(scope="module")
def facts() -> Facts:
    return soak(Options(sessions=15, clients=4, seed=1, minutes=5, pause=0.5))


@pytest.mark.long
def test_every_session_of_a_short_soak_is_accounted_for(facts: Facts) -> None:
    # So few sessions do not warm a server up: what grows is seen by the long form.
    assert [fault for fault in what_is_wrong(facts) if " grew from " not in fault] == []
    assert len(facts.accepted) == 15
    assert sum(facts.kills.values()) > 0


@pytest.mark.long
def test_the_idle_server_was_looked_at_in_all_its_parts(facts: Facts) -> None:
    parts = {"supervisor", "web server", "queue", "reaper", "Postgres"}
    for seen in (facts.before, facts.after):
        assert set(seen.memory) == set(seen.processes) == parts
        assert set(seen.files) == parts - {"Postgres"}
        assert all(seen.memory.values())
        assert all(seen.files.values())


def test_a_client_that_is_out_of_time_says_what_it_is_busy_with(tmp_path: Path) -> None:
    nobody = Playground(folder=tmp_path, port=1)
    client = Client(number=3, playground=nobody, began=0.0, deadline=0.0)
    errand = errands("00000000-0000-0000-0000-000000000000")[0]
    with pytest.raises(
        OutOfTimeError, match=f"client 3 is still busy with: {errand.name}, followed"
    ):
        client.run([(errand, Fate.FOLLOWED)], [])
