"""Whatever is sent to the old contract is accepted or refused in its envelope, never with a 5xx."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mlcore import MODELS
from mlcore.datasets import of_candidates
from sessions_app.models import Session
from tests.fuzz.account import count
from tests.fuzz.effort import examples
from tests.fuzz.tables import damaged, files, noise
from tests.served import strict_json

if TYPE_CHECKING:
    from pathlib import Path

    from hypothesis.strategies import DrawFn

pytestmark = [pytest.mark.fuzz, pytest.mark.django_db]

TRAIN, PREDICT = "/api/custom/train", "/api/pretrained/predict"
REFUSED = {400, 413, 415}

_ODD = st.sampled_from(
    [
        "",
        " ",
        "null",
        "NaN",
        "{}",
        "[]",
        "[1",
        '{"a"',
        "0",
        "-1",
        "1e999",
        "9" * 400,
        "\x00",
        "行星",
    ]
) | st.text(max_size=12)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _ODD,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
_HYPERPARAMETERS = sorted({row.name for kind in MODELS.values() for row in kind.hyperparameters})


@st.composite
def fields(draw: DrawFn) -> dict[str, str]:
    """Draw a form whose fields are mostly known, and mostly wrong in one place."""
    usual = {
        "model_type": st.sampled_from([*MODELS]),
        "data_source": st.sampled_from(["nasa", "user"]),
        "dataset_name": st.sampled_from([*of_candidates()]),
        "data_format": st.sampled_from([*of_candidates()]),
        "hyperparameters": st.dictionaries(
            st.sampled_from(_HYPERPARAMETERS) | st.text(max_size=6), _VALUES, max_size=3
        ).map(json.dumps),
    }
    form = {name: draw(known) for name, known in usual.items() if draw(st.integers(0, 5))}
    if draw(st.booleans()):
        form[draw(st.sampled_from([*usual]) | st.text(min_size=1, max_size=8))] = draw(_ODD)
    return form


class Named(io.BytesIO):
    """A file to be sent under any name, also one that Django's own class would not bear."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


many = examples(short=15, full=2000)
few = examples(short=6, full=500)


def assert_accepted_or_refused(path: str, **sent: Any) -> None:
    before = Session.objects.count()
    with transaction.atomic():
        answer = Client(raise_request_exception=False).post(path, **sent)
        started = Session.objects.count() - before
        transaction.set_rollback(True)
    body = strict_json(answer.content.decode())
    if answer.status_code == 202:
        assert body["success"] is True
        assert started == 1
    else:
        assert answer.status_code in REFUSED, answer.content
        assert (body["success"], started) == (False, 0)
        assert body["error"].endswith(".")
        assert not any(word in body["error"] for word in ("Traceback", "psycopg", "site-packages"))
    count("requests to the old contract", refused=answer.status_code != 202)


@pytest.mark.long
@many
@given(path=st.sampled_from([TRAIN, PREDICT]), form=fields())
def test_a_form_of_whatever_fields_is_accepted_or_refused(
    unlimited_server: Path, path: str, form: dict[str, str]
) -> None:
    assert_accepted_or_refused(path, data=form)


@many
@given(path=st.sampled_from([TRAIN, PREDICT]), body=fields() | _VALUES)
def test_whatever_json_is_accepted_or_refused(
    unlimited_server: Path, path: str, body: object
) -> None:
    assert_accepted_or_refused(path, data=json.dumps(body), content_type="application/json")


@many
@given(
    path=st.sampled_from([TRAIN, PREDICT]),
    body=st.binary(max_size=200),
    kind=st.sampled_from(
        ["application/json", "multipart/form-data; boundary=x", "multipart/form-data", "text/csv"]
    ),
)
def test_whatever_bytes_are_accepted_or_refused(
    unlimited_server: Path, path: str, body: bytes, kind: str
) -> None:
    assert_accepted_or_refused(path, data=body, content_type=kind)


@pytest.mark.long
@few
@given(
    path=st.sampled_from([TRAIN, PREDICT]),
    training=files() | damaged() | noise(),
    testing=files() | noise(),
    name=st.text(min_size=1, max_size=20) | st.sampled_from([".", "..", "/", "a/../b", "\x00"]),
)
def test_whatever_files_are_accepted_or_refused(
    unlimited_server: Path, path: str, training: bytes, testing: bytes, name: str
) -> None:
    form = {"model_type": "decision_tree", "data_source": "user", "data_format": "kepler"}
    sent = {"training_file": Named(training, name), "testing_file": Named(testing, name)}
    assert_accepted_or_refused(path, data=form | sent)
