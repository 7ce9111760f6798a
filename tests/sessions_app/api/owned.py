"""Where a session is found by those who may find it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rest_framework.test import APIClient


LIST = "/api/v1/training-sessions"
TREE = {"model_type": "decision_tree", "data_source": "nasa", "mission": "kepler"}
OLD_TREE = {"model_type": "decision_tree", "data_source": "nasa", "dataset_name": "kepler"}


def listed(client: APIClient) -> list[str]:
    answer = client.get(LIST)
    assert answer.status_code == 200
    return [session["id"] for session in answer.json()["results"]]
