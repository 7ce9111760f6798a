"""What to cite for a session: what it used, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sessions_app import services

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.test import Client

    from sessions_app.models import DatasetSnapshot, TrainingSession

pytestmark = pytest.mark.django_db


def cited(client: Client, session: TrainingSession) -> tuple[list[str], str]:
    answer: Any = client.get(f"/api/v1/training-sessions/{session.pk}/citation")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/x-bibtex; charset=utf-8"
    text = answer.content.decode()
    return re.findall(r"^@\w+\{(\w+),$", text, re.MULTILINE), text


def test_a_published_model_is_cited_with_its_table_its_methods_and_the_software(
    client: Client, media: Path
) -> None:
    session = services.install("kepler-vetting")
    assert session is not None
    keys, text = cited(client, session)
    assert keys == [
        *("archive_cumulative", "christiansen2025", "borucki2010", "thompson2018"),
        *("chen2016", "lundberg2017", "lundberg2020", "guo2017", "vovk2022", "vovk2015"),
        "exoplanet_playground",
    ]
    assert text.startswith("% This research has made use of the NASA Exoplanet Archive")
    assert "doi = {10.26133/NEA4}," in text
    assert "  version = {0.1.0}," in text


def test_a_table_is_cited_with_its_date_and_digest(
    client: Client, make_session: Callable[..., TrainingSession], kepler: DatasetSnapshot
) -> None:
    session = make_session(
        "anonymous:x", snapshot=kepler, model={"model_type": "svm", "missions": ["kepler"]}
    )
    keys, text = cited(client, session)
    assert "cortes1995" in keys
    assert "chen2016" not in keys
    # It was neither calibrated nor asked for sets.
    assert not {"guo2017", "platt2000", "vovk2022"} & set(keys)
    assert f"note = {{Table cumulative, as of 2025-10-03, SHA-256 {kepler.sha256}}}," in text


def test_an_ensemble_is_cited_with_its_members_and_no_other_trial(
    client: Client, make_session: Callable[..., TrainingSession]
) -> None:
    trials = [
        {"model_type": "extra_trees", "weight": 0.7},
        {"model_type": "random_forest", "weight": 0.0},
    ]
    session = make_session(
        "anonymous:x",
        mission="tess",
        model={"model_type": "auto", "missions": ["tess", "k2"]},
        report={"search": {"trials": trials}},
    )
    keys, _ = cited(client, session)
    assert {"archive_toi", "archive_k2pandc", "ricker2015", "howell2014", "geurts2006"} < set(keys)
    assert {"bergstra2011", "wolpert1992"} < set(keys)
    assert "breiman2001" not in keys
    assert len(keys) == len(set(keys))


def test_it_is_as_private_as_the_result(
    client: Client, make_session: Callable[..., TrainingSession]
) -> None:
    for owner, status, expected in (("user:1", "completed", 404), ("anonymous:x", "running", 409)):
        session = make_session(owner, status=status)
        answer = client.get(f"/api/v1/training-sessions/{session.pk}/citation")
        assert answer.status_code == expected
