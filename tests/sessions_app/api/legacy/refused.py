"""How a refusal has to look, and the requests that are refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.sessions_app.api.legacy.contract import check_shape

if TYPE_CHECKING:
    from tests.served import Answer

TRAIN, PREDICT = "/api/custom/train", "/api/pretrained/predict"
USER = {"model_type": "decision_tree", "data_source": "user", "data_format": "kepler"}

# What would betray the server's inside: a folder, a traceback, a page, a library's own words.
INSIDE = re.compile(
    r"/tmp|/home|/work|\.py\b|Traceback|<[a-z!/]|Error\b|Exception|pandas|numpy|sklearn|django",
    re.IGNORECASE,
)


def check_refused(answer: Answer, sentence: str, status: int = 400) -> None:
    """Check that a request was refused in the contract's envelope with this very sentence."""
    assert (answer.status, answer.body) == (status, {"success": False, "error": sentence})
    check_shape("error", answer.body)
    assert not INSIDE.search(sentence)
    assert answer.headers["Content-Type"] == "application/json"


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}
