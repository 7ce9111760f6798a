"""The soak in its short form: that it works, and that what it says of the product holds."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.faults.playground import Playground
from tests.soak.account import what_is_wrong
from tests.soak.clients import Client, OutOfTimeError
from tests.soak.disasters import ROUND as DISASTERS
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
    assert facts.harms


@pytest.mark.long
def test_the_idle_server_was_looked_at_in_all_its_parts(facts: Facts) -> None:
    parts = {"supervisor", "web server", "queue", "evidence queue", "reaper", "Postgres"}
    for seen in (facts.before, facts.after):
        assert set(seen.memory) == set(seen.processes) == parts
        assert set(seen.files) == parts - {"Postgres"}
        assert all(seen.memory.values())
        assert all(seen.files.values())


@pytest.fixture(scope="module")
def facts_of_three() -> Facts:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root makes networks")
    pytest.importorskip("moto", reason="moto is not installed")
    pytest.importorskip("storages", reason="the extra s3 is not installed")
    return soak(
        Options(
            hosts=3,
            sessions=14,
            clients=4,
            seed=1,
            minutes=15,
            pause=15,
            outage=20,
            calm=2,
            disasters=len(DISASTERS),
        )
    )


@pytest.mark.long
def test_three_hosts_lose_nothing_while_cables_are_pulled_and_the_store_is_away(
    facts_of_three: Facts,
) -> None:
    assert [fault for fault in what_is_wrong(facts_of_three) if " grew from " not in fault] == []
    assert len(facts_of_three.accepted) == 14
    done = Counter(harm.what for harm in facts_of_three.harms)
    assert done >= Counter(DISASTERS)
    assert done.total() > len(DISASTERS)


@pytest.mark.long
def test_each_of_three_hosts_was_looked_at(facts_of_three: Facts) -> None:
    parts = {
        *(f"{part} of host {host}" for host in "abc" for part in ("supervisor", "reaper")),
        *(f"web server of host {host}" for host in "ab"),
        *(f"{part} of host {host}" for host in "bc" for part in ("queue", "evidence queue")),
    }
    assert set(facts_of_three.after.memory) == set(facts_of_three.after.files) == parts


def test_a_client_that_is_out_of_time_says_what_it_is_busy_with(tmp_path: Path) -> None:
    nobody = Playground(folder=tmp_path, port=1)
    client = Client(number=3, reach=nobody, began=0.0, deadline=0.0)
    errand = errands("00000000-0000-0000-0000-000000000000")[0]
    with pytest.raises(
        OutOfTimeError, match=f"client 3 is still busy with: {errand.name}, followed"
    ):
        client.run([(errand, Fate.FOLLOWED)], [])
