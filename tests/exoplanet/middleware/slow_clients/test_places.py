"""Places for those whom a thread may have to wait for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from exoplanet.middleware.slow_clients.places import Place, Places
from sessions_app.exceptions import RefusedError
from tests.waiting import wait_until


def place(who: str = "somebody") -> Place:
    return Place(who=who, patience=20.0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody's wait end because the machine is busy."""
    monkeypatch.setattr("exoplanet.middleware.slow_clients.places._SLOW_SECONDS", 60.0)


@pytest.mark.usefixtures("patient")
def test_who_comes_when_all_places_are_taken_gets_the_next_that_is_left() -> None:
    places = Places(total=1, slow=3, waiting=1)
    first = places.take(place())
    second = place()
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(places.take, second)
        with pytest.raises(TimeoutError):
            taking.result(timeout=0.2)
        places.leave(first)
        assert taking.result(timeout=30) is second


@pytest.mark.usefixtures("patient")
def test_a_burst_of_those_who_are_quick_is_served_whole() -> None:
    places = Places(total=2, slow=3, waiting=10)
    together = threading.Barrier(12)

    def come() -> None:
        together.wait()
        mine = places.take(place())
        time.sleep(0.05)
        places.leave(mine)

    with ThreadPoolExecutor(12) as pool:
        for coming in [pool.submit(come) for _ in range(12)]:
            coming.result(timeout=30)


def test_who_waits_in_vain_for_a_place_is_refused_soon() -> None:
    places = Places(total=1, slow=3, waiting=1)
    places.take(place())
    with pytest.raises(RefusedError) as refused:
        places.take(place())
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.usefixtures("patient")
def test_only_so_many_wait_for_a_place_and_the_next_is_refused_at_once() -> None:
    places = Places(total=1, slow=3, waiting=1)
    first = places.take(place())
    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(places.take, place())
        wait_until(lambda: places.waiting == 1, seconds=30)
        with pytest.raises(RefusedError) as refused:
            places.take(place())
        assert not taking.done()
        places.leave(first)
        taking.result(timeout=30)
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE


def test_an_address_that_is_slow_is_refused_at_once_whether_there_are_places_or_not() -> None:
    places = Places(total=4, slow=2, waiting=1)
    slow = [places.take(place("slow")) for _ in range(2)]
    for taken in slow:
        taken.waited_for_since = time.monotonic() - 10
    with pytest.raises(RefusedError) as refused:
        places.take(place("slow"))
    assert refused.value.status == HTTPStatus.TOO_MANY_REQUESTS
    assert places.take(place("another"))


def test_a_place_that_is_left_twice_is_one_place() -> None:
    places = Places(total=1, slow=3, waiting=0)
    first = places.take(place())
    places.leave(first)
    places.take(place())
    places.leave(first)
    with pytest.raises(RefusedError):
        places.take(place())
