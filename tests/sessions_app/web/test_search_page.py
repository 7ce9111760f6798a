"""The page of an automatic search."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.sessions_app.plots.searched import SEARCH
from tests.sessions_app.web.pages import page, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from sessions_app.models import TrainingSession

pytestmark = pytest.mark.django_db


def test_each_trial_says_what_it_was_how_long_it_took_and_how_good_it_was(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed(search=SEARCH)
    text = page(client, f"/sessions/{session.pk}/search")
    assert "Ensemble, log loss 0.1000 0.0900 to 0.1100" in text
    assert "Trials 3 2 came to their end; in the ensemble: 1" in text
    assert (
        "XGBoost max depth 3, subsample chosen by the model, learning rate 0.101 1 2 2.0 s 0 %"
        " 0.300 [0.290, 0.310]" in text
    )
    assert "Given up after 1 of 5 folds. 3 given up 1.0 s 0 % – – – –" in text
    shown = client.get(f"/sessions/{session.pk}/search").content.decode()
    assert f'data-plot="/api/v1/training-sessions/{session.pk}/plots/search"' in shown
    plot = client.get(f"/api/v1/training-sessions/{session.pk}/plots/search").json()
    assert plot["title"] == "What the search tried"


@pytest.mark.parametrize(
    ("sort", "trials"),
    [
        ("", "213"),
        ("rank", "213"),
        ("-rank", "123"),
        ("trial", "123"),
        ("-seconds", "213"),
        ("log_loss", "213"),
        ("-log_loss", "123"),
        ("model", "213"),
    ],
)
def test_trials_are_put_in_order_and_those_without_a_figure_come_last(
    client: Client, completed: Callable[..., TrainingSession], sort: str, trials: str
) -> None:
    session = completed(search=SEARCH)
    shown = client.get(f"/sessions/{session.pk}/search", {"sort": sort}).content.decode()
    first = re.findall(r'</th><td class="amount">(\d)</td>', shown)
    assert "".join(first) == trials


def test_an_order_that_is_none_is_said_with_400(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed(search=SEARCH)
    answer = client.get(f"/sessions/{session.pk}/search", {"sort": "luck"})
    assert answer.status_code == 400
    assert "sort was 'luck', but it must be one of trial, model, rank" in words(answer)


def test_only_a_result_with_a_search_has_the_page_and_its_tab(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    searched, plain = completed(search=SEARCH), completed()
    assert "The search" in page(client, f"/sessions/{searched.pk}/figures")
    assert "The search" not in page(client, f"/sessions/{plain.pk}/figures")
    assert client.get(f"/sessions/{plain.pk}/search").status_code == 404
