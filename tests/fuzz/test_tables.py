"""Whatever is sent as a table is read or refused in a sentence, soon, and never anything else.

`EXOPLANET_FUZZ=full` tries eleven thousand files and requests instead of a few hundred.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from mlcore.datasets import DATASETS, Table, read_table
from mlcore.datasets.readers.read import read_columns
from mlcore.errors import DataError
from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.services import Upload, UploadedData
from tests.fuzz.account import count
from tests.fuzz.effort import examples
from tests.fuzz.tables import damaged, files, noise

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.fuzz

LONGEST_SECONDS = 20.0
"""For a file of a few kilobytes, on a machine that is busy."""
LONGEST_SENTENCE = 2500
"""A sentence may list the columns that are expected, and quote a little of the file."""

_UNCHECKED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
many = examples(short=30, full=3000, unchecked=_UNCHECKED)
few = examples(short=12, full=1000, unchecked=_UNCHECKED)


def assert_is_a_sentence(text: str, path: Path) -> None:
    assert text.endswith(".")
    assert len(text) < LONGEST_SENTENCE
    assert str(path) not in text
    assert path.parent.name not in text
    assert not re.search(
        r"Traceback|Exception|0x[0-9a-f]{6}|<class|dtype|pandas|pyarrow|astropy", text
    )


def read_or_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for mission, require_labels in (("kepler", True), ("tess", False)):
        began = time.monotonic()
        try:
            table = read_table(path, DATASETS[mission], require_labels=require_labels)
        except DataError as error:
            assert_is_a_sentence(str(error), path)
            count("files read as a mission's table", refused=True)
        else:
            count("files read as a mission's table", refused=False)
            assert isinstance(table, Table)
            assert len(table) > 0
            assert all(kind == "float64" for kind in table.features.dtypes)
            assert table.names.notna().all()
            assert table.hosts.notna().all()
        assert time.monotonic() - began < LONGEST_SECONDS
    try:
        names, _ = read_columns(path)
        assert all(isinstance(name, str) for name in names)
    except DataError as error:
        assert_is_a_sentence(str(error), path)


@many
@given(content=files())
def test_a_table_with_whatever_in_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    read_or_refused(tmp_path / "received", content)


@many
@given(content=damaged())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    read_or_refused(tmp_path / "received", content)


@many
@given(content=noise())
@example(content=b"")
@example(content=b"\n" * 1000)
@example(content=b"," * 1999)
@example(content=b'"' * 1999)
@example(content=b"koi_period\n" + b'"' * 100_001)
@example(content=b"koi_period,koi_depth\n" + b"\n" * 100_000 + b"1,2\n")
def test_noise_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    read_or_refused(tmp_path / "received", content)


@pytest.mark.long
@pytest.mark.django_db
@few
@given(training=files() | damaged(), testing=files())
def test_a_session_on_whatever_file_is_accepted_or_refused(
    tmp_path: Path, media: Path, training: bytes, testing: bytes
) -> None:
    uploads = []
    for name, content in (("one", training), ("other", testing)):
        path = media / "incoming" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        uploads.append(Upload(path=path, name=f"{name}.csv"))
    data = UploadedData(mission="kepler", training=uploads[0], testing=uploads[1])
    accepted, refused = None, None
    try:
        accepted = services.start_training(
            model_type="decision_tree", hyperparameters={}, data=data
        )
    except RefusedError as refusal:
        refused = refusal
    count("pairs of files for a session", refused=refused is not None)
    if refused is not None:
        assert_is_a_sentence(refused.sentence, uploads[0].path)
        assert refused.field
        assert refused.status in {400, 415}
    if accepted is not None:
        assert accepted.files.count() == 2


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.integers() | st.text(max_size=3), max_size=4)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@pytest.mark.django_db
@few
@given(st.data())
def test_whatever_hyperparameters_are_accepted_or_refused(media: Path, data: st.DataObject) -> None:
    from mlcore import MODELS
    from mlcore.errors import HyperparameterError

    kind = MODELS[data.draw(st.sampled_from([*MODELS]))]
    known = [row.name for row in kind.hyperparameters]
    names = st.sampled_from(known) | st.text(max_size=8)
    sent = data.draw(st.dictionaries(names, VALUES, max_size=4))
    try:
        values, ignored = kind.read_hyperparameters(sent)
        kind.check_cost(values, rows=5000, columns=40)
    except HyperparameterError as error:
        assert_is_a_sentence(str(error), media)
        count("hyperparameters", refused=True)
    else:
        count("hyperparameters", refused=False)
        assert set(values) == set(known)
        assert len(ignored) <= len(sent)
