"""How jobs end, and what is said about it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

import pytest

from exoplanet.logs import AboutFilter
from sessions_app.isolation import Ending
from sessions_app.log_context import about_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sessions_app.isolation.conftest import Run

INTERNAL_ERROR = "The job stopped unexpectedly because of an internal error."


def test_a_job_completes_and_hands_back_what_its_target_returned(run: Run) -> None:
    outcome = run("adds", argument={"terms": [1, 2, 3.5]})
    assert outcome.ending is Ending.COMPLETED
    assert outcome.value["sum"] == 6.5
    assert outcome.value["pid"] != os.getpid()
    assert (outcome.sentence, outcome.traceback) == ("", "")
    assert outcome.peak_memory_bytes > 2**20
    assert outcome.cpu_seconds >= 0
    assert outcome.wall_seconds > 0


def test_events_arrive_in_order_and_before_the_job_is_over(run: Run) -> None:
    events = []
    outcome = run("counts_up", argument={"to": 5000}, on_event=events.append)
    assert events == [{"number": number} for number in range(5000)]
    assert outcome.value == 5000


def test_a_refusal_carries_the_sentence_of_the_error(run: Run) -> None:
    outcome = run("refuses")
    assert outcome.ending is Ending.REFUSED
    assert outcome.sentence == "The column koi_period holds text; it must hold numbers."
    assert "DataError" in outcome.traceback


def test_an_exception_is_a_crash_whose_details_only_operators_see(run: Run) -> None:
    outcome = run("raises")
    assert outcome.ending is Ending.CRASHED
    assert outcome.sentence == INTERNAL_ERROR
    assert "KeyError: 'secret detail'" in outcome.traceback
    assert outcome.traceback.endswith("the last words on stderr\n")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("aborts", ["SIGABRT", "Fatal Python error: Aborted", "in aborts"]),
        ("reads_address_zero", ["SIGSEGV", "Segmentation fault", "in reads_address_zero"]),
        ("exits_at_once", ["The job ended with exit status 3 and no result."]),
        ("exits", ["SystemExit: 3"]),
        ("no_such_function", ["AttributeError"]),
    ],
)
def test_a_fault_below_python_is_a_crash_and_says_where(
    run: Run, function: str, words: Any
) -> None:
    outcome = run(function)
    assert outcome.ending is Ending.CRASHED
    assert outcome.sentence == INTERNAL_ERROR
    assert [word for word in words if word not in outcome.traceback] == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_job_killed_from_outside_is_told_apart_from_one_that_crashed(
    run: Run, number: Any
) -> None:
    outcome = run(
        "announces_itself_and_sleeps", on_event=lambda event: os.kill(event["pid"], number)
    )
    assert outcome.ending is Ending.KILLED
    assert "from outside" in outcome.sentence
    assert outcome.traceback == f"The job was ended by {number.name}."


def test_the_death_of_the_server_is_noticed_and_the_next_job_gets_another_one(
    run: Run, is_gone: Callable[[int], bool]
) -> None:
    announced = []

    def kill_the_server(event: dict[str, Any]) -> None:
        announced.append(event)
        os.kill(event["server"], signal.SIGKILL)

    outcome = run("announces_itself_and_sleeps", on_event=kill_the_server)
    assert outcome.ending is Ending.KILLED
    assert outcome.traceback == "The server was ended by SIGKILL."
    assert outcome.peak_memory_bytes is None
    assert is_gone(announced[0]["pid"])
    assert run("adds", argument={"terms": [1]}).value["server"] != announced[0]["server"]


def test_a_job_is_killed_when_it_grows_beyond_its_memory_limit(run: Run) -> None:
    outcome = run("fills_memory", argument={"mebibytes": 4096}, memory_limit_bytes=200 * 10**6)
    assert outcome.ending is Ending.OUT_OF_MEMORY
    assert outcome.sentence == "The job needed more memory than the 200 MB it may use."
    # The kernel's two counts of a process's memory are a few pages apart.
    assert 199 * 10**6 < outcome.peak_memory_bytes < 2**30


def test_the_memory_limit_holds_while_the_host_is_busy_with_an_event(
    run: Run, is_gone: Callable[[int], bool]
) -> None:
    def wait_for_its_end(event: dict[str, Any]) -> None:
        assert is_gone(event["pid"], seconds=20)

    outcome = run(
        "fills_memory",
        argument={"mebibytes": 1024},
        memory_limit_bytes=100 * 2**20,
        on_event=wait_for_its_end,
    )
    assert outcome.ending is Ending.OUT_OF_MEMORY


def test_address_space_that_is_only_reserved_is_not_memory(run: Run) -> None:
    outcome = run("reserves_address_space", memory_limit_bytes=500 * 2**20)
    assert outcome.ending is Ending.COMPLETED
    assert outcome.value == 2**36


def test_an_allocation_that_python_cannot_make_is_out_of_memory_too(run: Run) -> None:
    outcome = run("allocates_the_impossible", memory_limit_bytes=2**30)
    assert outcome.ending is Ending.OUT_OF_MEMORY
    assert outcome.sentence == "The job asked for more memory than this machine can give."
    assert "MemoryError" in outcome.traceback


@pytest.mark.parametrize("how", ["as it is", "under a library's error", "in a library's words"])
def test_a_full_disk_is_no_internal_error(run: Run, how: str) -> None:
    outcome = run("finds_the_disk_full", argument={"how": how})
    assert outcome.ending is Ending.NO_ROOM
    assert outcome.sentence == "The server's disk has no room left for the session's files."
    assert "No space left on device" in outcome.traceback


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("emits_nan", "Out of range float values are not JSON compliant"),
        ("returns_infinity", "Out of range float values are not JSON compliant"),
        ("emits_a_numpy_integer", "int64 is not JSON serializable"),
    ],
)
def test_what_strict_json_cannot_hold_is_a_crash_that_says_so(
    run: Run, function: str, words: str
) -> None:
    events = []
    outcome = run(function, on_event=events.append)
    assert outcome.ending is Ending.CRASHED
    assert words in outcome.traceback
    assert events == []


def test_an_argument_that_is_not_json_is_the_callers_error(run: Run) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        run("adds", argument={"terms": [float("nan")]})


def test_what_libraries_print_reaches_the_workers_log_and_nothing_else(
    run: Run, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    caplog.handler.addFilter(AboutFilter())
    events = []
    with about_session("5e55104"):
        outcome = run("prints_everywhere", on_event=events.append)
    assert outcome.value == "the real value"
    assert events == [{"number": 1}]
    assert capsys.readouterr().out == ""
    printed = [record for record in caplog.records if "the job printed: " in record.message]
    assert {record.session_id for record in printed} == {"5e55104"}
    for words in ("forged", "from C", "from a child", "a library warns"):
        assert any(words in record.message for record in printed)


def test_only_the_last_of_much_output_is_kept(run: Run) -> None:
    outcome = run("prints_much_then_raises")
    assert outcome.ending is Ending.CRASHED
    assert outcome.traceback.endswith("line 19999\n")
    assert "line 0\n" not in outcome.traceback
    assert 64 * 1024 <= len(outcome.traceback) < 66 * 1024
