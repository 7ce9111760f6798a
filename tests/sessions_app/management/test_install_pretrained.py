from __future__ import annotations

import shutil
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from mlcore.pretrained import PUBLISHED
from mlcore.pretrained.load import MODELS_FOLDER
from sessions_app.models import TrainingSession

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media", "no_network")]


def install() -> list[str]:
    out, err = StringIO(), StringIO()
    call_command("install_pretrained", stdout=out, stderr=err)
    install.complained = err.getvalue().splitlines()
    return out.getvalue().splitlines()


def test_it_publishes_what_is_carried_and_says_so_once() -> None:
    assert install() == [f"{name}: the carried model is published." for name in PUBLISHED]
    assert install() == []
    assert install.complained == []
    assert TrainingSession.objects.filter(published=True).count() == len(PUBLISHED)


@pytest.mark.long
def test_it_offers_no_longer_what_cannot_be_read_and_says_so(media: Path) -> None:
    install()
    old = TrainingSession.objects.create(
        kind="training",
        status="completed",
        mission="tess",
        data_source="nasa",
        model_type="xgboost",
        published=True,
    )
    assert install() == [f"{old} is offered no longer: its model cannot be read."]
    old.refresh_from_db()
    assert not old.published


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("model.zip", "The carried model is missing or damaged."),
        pytest.param(
            "card.json", "The carried model's card is missing or damaged.", marks=pytest.mark.long
        ),
    ],
)
def test_a_damaged_model_keeps_none_of_the_others_from_being_published(
    file: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(MODELS_FOLDER, tmp_path / "models")
    monkeypatch.setattr("mlcore.pretrained.load.MODELS_FOLDER", tmp_path / "models")
    (tmp_path / "models" / "k2-vetting" / file).write_bytes(b"rubbish")
    said = install()
    assert said == [
        f"{name}: the carried model is published." for name in PUBLISHED if name != "k2-vetting"
    ]
    assert install.complained == [f"k2-vetting is not published. {reason}"]
