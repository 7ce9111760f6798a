"""What the soak's clients ask for: requests that are accepted, and some that have to be refused."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.sessions_app.api.legacy.forms import LIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TRAINING, PREDICTION, ANALYSIS = "training-sessions", "prediction-sessions", "analyses"
TRAINING_DRAW, TESTING_DRAW = "soak training", "soak testing"

_OLD = {TRAINING: "custom/train", PREDICTION: "pretrained/predict"}
_NASA = {"data_source": "nasa", "dataset_name": "kepler"}
_NASA_NOW = {"data_source": "nasa", "mission": "kepler"}
_USER = {"data_source": "user", "data_format": "kepler"}
_USER_NOW = {"data_source": "user", "mission": "kepler"}
_NOBODYS = str(UUID(int=0))


class Fate(StrEnum):
    """What a client does with a session once it was accepted."""

    FOLLOWED = "followed to its end"
    CANCELLED_WAITING = "cancelled at once"
    CANCELLED_RUNNING = "cancelled while it ran"
    RETRIED = "cancelled and asked for again"
    DELETED = "deleted after its end"


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand:
    """A request that is accepted."""

    name: str
    """Requests of one name are the same request, by whichever interface: so is what they give."""
    kind: str
    old: bool = False
    """Whether it is made by the first frontend's contract."""
    fields: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)
    """Draws of real rows by the field in which they are uploaded."""

    @property
    def address(self) -> str:
        return f"/api/{_OLD[self.kind]}" if self.old else f"/api/v1/{self.kind}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRequest:
    """A request that has to be refused."""

    name: str
    address: str
    method: str = "POST"
    keywords: Mapping[str, Any] = field(default_factory=dict)


BASE = Errand(
    name="decision_tree",
    kind=TRAINING,
    old=True,
    fields={
        "model_type": "decision_tree",
        "hyperparameters": json.dumps(LIGHT["decision_tree"]),
        **_NASA,
    },
)
"""The first one of all, whose model the analyses are about."""


def errands(base: str) -> list[Errand]:
    """Return all kinds of request; `base` is a completed session that everybody may read."""
    kinds = [BASE]
    # The longer fits are the likelier to be met by a kill.
    light = {**LIGHT, "random_forest": {"n_estimators": "80"}}
    for model_type, hyperparameters in light.items():
        fields = {"model_type": model_type, "hyperparameters": json.dumps(hyperparameters)}
        kinds.append(Errand(name=model_type, kind=TRAINING, old=True, fields={**fields, **_NASA}))
        now = {**fields, **_NASA_NOW}
        kinds += [
            Errand(name=model_type, kind=TRAINING, fields={**now, "task": "disposition"}),
            Errand(name=f"{model_type}, vetting", kind=TRAINING, fields=now),
        ]
    for model_type in ("decision_tree", "random_forest", "xgboost"):
        fields = {"model_type": model_type, "hyperparameters": json.dumps(light[model_type])}
        both = {"training_file": TRAINING_DRAW, "testing_file": TESTING_DRAW}
        name = f"{model_type} on uploaded files"
        now = {**fields, **_USER_NOW, "task": "disposition"}
        kinds += [
            Errand(name=name, kind=TRAINING, old=True, fields={**fields, **_USER}, files=both),
            Errand(name=name, kind=TRAINING, fields=now, files=both),
        ]
    for name, files in (
        ("prediction", {}),
        ("prediction of an uploaded file", {"testing_file": TESTING_DRAW}),
        ("fine-tuning", {"training_file": TRAINING_DRAW, "testing_file": TESTING_DRAW}),
    ):
        before, now = (_USER, _USER_NOW) if files else (_NASA, _NASA_NOW)
        now = {**now, "task": "disposition"}
        kinds += [
            Errand(name=name, kind=PREDICTION, old=True, fields=before, files=files),
            Errand(name=name, kind=PREDICTION, fields=now, files=files),
        ]
    for analysis, further in (
        ("decision_path", {"object_number": 1}),
        ("counterfactual", {"object_number": 2}),
        ("probability", {"object_number": 3}),
        ("average_replacement", {}),
        ("drop_columns", {}),
        ("needed_columns", {}),
    ):
        fields = {"session": base, "analysis": analysis, **further}
        kinds.append(Errand(name=f"analysis {analysis}", kind=ANALYSIS, fields=fields))
    return kinds


def bad_requests(base: str) -> list[BadRequest]:
    """Return requests that have to be refused; `base` is a session that has ended."""
    garbage = ("rows.csv", b"\x00\xff not a table \x00" * 50)
    tree = {"model_type": "decision_tree", **_NASA_NOW}
    return [
        BadRequest(
            name="an unknown model type",
            address="/api/custom/train",
            keywords={"data": {"model_type": "oracle", **_NASA}},
        ),
        BadRequest(
            name="a hyperparameter out of bounds",
            address="/api/v1/training-sessions",
            keywords={"json": {**tree, "hyperparameters": {"max_depth": -3}}},
        ),
        BadRequest(
            name="an upload that is no table",
            address="/api/pretrained/predict",
            keywords={"data": _USER, "files": {"testing_file": garbage}},
        ),
        BadRequest(
            name="a user's data without a file",
            address="/api/v1/prediction-sessions",
            keywords={"json": _USER_NOW},
        ),
        BadRequest(
            name="a body that is no JSON",
            address="/api/v1/training-sessions",
            keywords={"data": "{", "headers": {"Content-Type": "application/json"}},
        ),
        BadRequest(
            name="an analysis of no session",
            address="/api/v1/analyses",
            keywords={"json": {"session": _NOBODYS, "analysis": "decision_path"}},
        ),
        BadRequest(
            name="an analysis of an object that is not there",
            address="/api/v1/analyses",
            keywords={
                "json": {"session": base, "analysis": "decision_path", "object_number": 10**6}
            },
        ),
        BadRequest(
            name="the cancellation of what has ended",
            address=f"/api/v1/training-sessions/{base}/cancel",
        ),
        BadRequest(
            name="the progress of no session",
            method="GET",
            address=f"/api/custom/progress/{_NOBODYS}",
        ),
    ]


def plan(known: Sequence[Errand], *, count: int, seed: int) -> list[tuple[Errand, Fate]]:
    """Draw what is asked for and what becomes of it."""
    drawn = random.Random(seed)
    fates = [*[Fate.FOLLOWED] * 5, *Fate]
    return [(drawn.choice(known), drawn.choice(fates)) for _ in range(count)]
