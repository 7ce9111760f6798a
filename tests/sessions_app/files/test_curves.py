"""The records of stars and signals beside a result."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from sessions_app.exceptions import GoneError
from sessions_app.files import storage
from sessions_app.files.curves import curves_of
from tests.sessions_app.curves import a_refused_star, a_signal, a_star, keep_records

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db


def test_a_signal_is_read_with_its_star(signals: TrainingSession) -> None:
    keep_records(signals, [a_refused_star(1), a_star(2)], [a_signal(1, star=2)])
    curves = curves_of(signals)
    assert curves is not None
    found = curves.signal(1)
    assert found is not None
    assert (found.star, found.signal) == (a_star(2), a_signal(1, star=2))
    assert curves.signal(2) is None


def test_a_catalogues_objects_and_uploaded_values_have_no_curves(
    signals: TrainingSession, completed: Callable[..., TrainingSession]
) -> None:
    assert curves_of(signals) is None
    assert curves_of(completed()) is None


def test_curves_that_went_with_their_result_are_gone(signals: TrainingSession) -> None:
    keep_records(signals, [a_star()], [a_signal()])
    shutil.rmtree(storage.results_folder(signals.pk))
    with pytest.raises(GoneError, match="no longer on this server"):
        curves_of(signals)
