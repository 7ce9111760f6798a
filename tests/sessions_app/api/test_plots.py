"""Plots in the modern API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import User

from sessions_app.lifecycle import Status
from sessions_app.models import TrainingSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db


def test_a_result_lists_its_plots_and_each_is_where_it_says(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    here = f"/api/v1/training-sessions/{completed().pk}/plots"
    listed = client.get(here).json()["results"]
    assert "roc" in {plot["name"] for plot in listed}
    for plot in listed:
        answer = client.get(plot["url"])
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/vnd.vegalite.v6+json"
        spec = answer.json()
        assert spec["$schema"].endswith("/vega-lite/v6.json")
        assert spec["title"]


def test_a_plot_is_drawn_as_svg_and_png_in_either_theme(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    here = f"/api/v1/training-sessions/{completed().pk}/plots/reliability"
    pictures = {
        theme: client.get(here, {"as": "svg", "theme": theme}) for theme in ("light", "dark")
    }
    assert pictures["light"].content != pictures["dark"].content
    for answer in pictures.values():
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
        assert answer["Content-Disposition"] == 'inline; filename="reliability.svg"'
    assert client.get(here, {"as": "png"}).content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"as": "gif"}, "as"), ({"theme": "sepia"}, "theme"), ({"quantity": "Colour"}, "quantity")],
)
def test_a_plot_that_is_asked_for_wrongly_is_refused_by_the_fields_name(
    client: Client, completed: Callable[..., TrainingSession], asked: dict[str, str], field: str
) -> None:
    answer = client.get(f"/api/v1/training-sessions/{completed().pk}/plots/dependence", asked)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["allowed"]


def test_there_is_no_plot_of_another_name_of_a_session_that_runs_or_of_somebody_elses(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    here = f"/api/v1/training-sessions/{session.pk}"
    assert client.get(f"{here}/plots/beauty").status_code == 404
    assert client.get(f"{here}/objects/9999/plots/waterfall").status_code == 404
    assert client.get(f"{here}/objects/1/plots/waterfall").status_code == 200
    assert client.get(f"{here}/objects/1/plots/period-radius").status_code == 404
    TrainingSession.objects.filter(pk=session.pk).update(status=Status.RUNNING)
    assert client.get(f"{here}/plots/roc").status_code == 409
    ada = User.objects.create_user("ada")
    private = completed(owner_key=f"user:{ada.pk}")
    assert client.get(f"/api/v1/training-sessions/{private.pk}/plots/roc").status_code == 404


def test_objects_of_a_missions_table_are_drawn_too(client: Client, kepler: DatasetSnapshot) -> None:
    here = "/api/v1/datasets/kepler"
    name = client.get("/search", {"q": "K00001.01"})["Location"].rsplit("/", 1)[1]
    answer = client.get(f"{here}/objects/{name}/plots/depth-duration")
    assert answer.status_code == 200
    assert name in answer.json()["description"]
    assert client.get(f"{here}/objects/K99999.01/plots/depth-duration").status_code == 404
    assert client.get("/api/v1/datasets/tess/plots/sky").status_code == 404
