"""Following a session."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.sessions_app.api.legacy.contract import check_shape

if TYPE_CHECKING:
    from tests.served import Served

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def long_session(served: Served) -> str:
    return served.begin(
        "/api/custom/train",
        json={
            "model_type": "random_forest",
            "data_source": "nasa",
            "dataset_name": "kepler",
            "hyperparameters": {"n_estimators": 250},
        },
    )


@pytest.fixture(scope="module")
def early(served: Served, long_session: str) -> dict[str, Any]:
    """Ask for the result before there is one."""
    return {
        pair: served.get(f"/api/{pair}/result/{long_session}") for pair in ("custom", "pretrained")
    }


@pytest.fixture(scope="module")
def polled(served: Served, early: dict[str, Any], long_session: str) -> list[dict[str, Any]]:
    return served.follow(long_session, seconds=0.05)


@pytest.mark.parametrize("pair", ["custom", "pretrained"])
def test_a_result_before_its_time_is_refused_with_400(early: dict[str, Any], pair: str) -> None:
    assert early[pair].status == 400
    check_shape("error", early[pair].body)
    assert early[pair].body["error"].startswith("The session has not completed yet: it is ")


def test_every_poll_has_the_contracts_shape(polled: list[dict[str, Any]]) -> None:
    for body in polled:
        check_shape("progress", body)


def test_progress_never_goes_back(polled: list[dict[str, Any]]) -> None:
    assert all(before["progress"] <= after["progress"] for before, after in pairwise(polled))


def test_progress_moves_while_the_session_runs(polled: list[dict[str, Any]]) -> None:
    # How much of it a poll meets during the fit depends on what else the machine does.
    assert len({body["progress"] for body in polled if 0 < body["progress"] < 100}) >= 4


def test_the_step_counts_the_trees(polled: list[dict[str, Any]]) -> None:
    assert any(" of 250 trees" in body["current_step"] for body in polled)


def test_the_status_goes_from_waiting_to_completed_and_ends_at_100(
    polled: list[dict[str, Any]],
) -> None:
    order = ["initialized", "running", "completed"]
    seen = [order.index(body["status"]) for body in polled]
    assert seen == sorted(seen)
    assert polled[-1] == {
        "success": True,
        "progress": 100,
        "current_step": "Completed",
        "status": "completed",
    }
    assert all(body["progress"] < 100 for body in polled if body["status"] != "completed")


def test_either_pair_of_routes_takes_any_session(
    served: Served, polled: list[dict[str, Any]], long_session: str
) -> None:
    predicting = served.begin(
        "/api/pretrained/predict", json={"data_source": "nasa", "dataset_name": "k2"}
    )
    served.follow(predicting, pair="custom")
    for session_id in (long_session, predicting):
        for route in ("progress", "result"):
            one, other = (
                served.get(f"/api/{pair}/{route}/{session_id}") for pair in ("custom", "pretrained")
            )
            assert (one.status, one.body) == (200, other.body)


@pytest.mark.parametrize("pair", ["custom", "pretrained"])
@pytest.mark.parametrize("route", ["progress", "result"])
@pytest.mark.parametrize(
    "session_id", ["00000000-0000-4000-8000-000000000000", "42", "行星", "%00", "x" * 5000]
)
def test_an_unknown_session_is_404(served: Served, pair: str, route: str, session_id: str) -> None:
    answer = served.get(f"/api/{pair}/{route}/{session_id}")
    assert answer.status == 404
    check_shape("error", answer.body)
    assert answer.body["error"].startswith("There is no session ")
    assert len(answer.body["error"]) < 100
