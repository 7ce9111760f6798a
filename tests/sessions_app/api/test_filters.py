"""Lists are filtered, searched and put in order by the same words everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from sessions_app import services
from sessions_app.models import AnalysisSession, PredictionSession, TrainingSession
from tests.sessions_app.results import an_object, keep_objects

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

pytestmark = pytest.mark.django_db

V1 = "/api/v1"


def found(client: Any, address: str, key: str = "id", **asked: Any) -> list[Any]:
    answer = client.get(f"{V1}/{address}", asked)
    assert answer.status_code == 200, answer.content
    return [row[key] for row in answer.json()["results"]]


def refused(client: Any, address: str, **asked: Any) -> str:
    answer = client.get(f"{V1}/{address}", asked)
    assert answer.status_code == 400, answer.content
    (name,) = asked
    assert answer.json()["field"] == name
    return str(answer.json()["detail"])


# Sessions


@pytest.fixture
def client(ada: User, as_user: Callable[[User], APIClient]) -> APIClient:
    return as_user(ada)


@pytest.fixture
def three(ada: User) -> dict[str, TrainingSession]:
    """Return three of the user's sessions that differ in everything, and one of somebody else."""
    facts: dict[str, dict[str, Any]] = {
        "old": {"status": "failed", "mission": "kepler", "error": "The column koi_x is unknown."},
        "middle": {"status": "completed", "mission": "k2", "model_type": "xgboost"},
        "new": {"status": "running", "mission": "tess", "task": "vetting", "published": True},
    }
    made = {
        name: TrainingSession.objects.create(
            **{"kind": "training", "data_source": "nasa", "model_type": "svm"}
            | {"owner_key": f"user:{ada.pk}"}
            | of_one
        )
        for name, of_one in facts.items()
    }
    TrainingSession.objects.create(
        kind="training", data_source="nasa", model_type="svm", mission="kepler", owner_key="user:0"
    )
    for day, session in enumerate(made.values(), 1):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        TrainingSession.objects.filter(pk=session.pk).update(created_at=at, finished_at=at)
    return made


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, ["new", "middle", "old"]),
        ({"status": "failed"}, ["old"]),
        ({"mission": "k2"}, ["middle"]),
        ({"task": "vetting"}, ["new"]),
        ({"model_type": "svm"}, ["new", "old"]),
        ({"data_source": "user"}, []),
        ({"feature_set": "default"}, ["new", "middle", "old"]),
        ({"published": "true"}, ["new"]),
        ({"published": "false"}, ["middle", "old"]),
        ({"created_after": "2026-11-02"}, ["new", "middle"]),
        ({"created_after": "2026-11-02T12:00:00Z"}, ["new", "middle"]),
        ({"created_after": "2026-11-02T14:00:00+01:00"}, ["new"]),
        ({"created_before": "2026-11-02T12:00:00Z"}, ["old"]),
        ({"created_after": "2026-11-02", "created_before": "2026-11-03"}, ["middle"]),
        ({"search": "KOI_X"}, ["old"]),
        ({"search": "boost"}, ["middle"]),
        ({"search": "100%"}, []),
        ({"ordering": "created_at"}, ["old", "middle", "new"]),
        ({"ordering": "-finished_at"}, ["new", "middle", "old"]),
        ({"ordering": "mission"}, ["middle", "old", "new"]),
        ({"ordering": "-status", "model_type": "svm"}, ["new", "old"]),
        ({"status": "failed", "mission": "k2"}, []),
    ],
)
def test_a_list_of_sessions_holds_what_is_asked_for_in_its_order(
    client: APIClient, three: dict[str, TrainingSession], asked: dict[str, str], names: list[str]
) -> None:
    assert found(client, "training-sessions", **asked) == [str(three[name].pk) for name in names]


def test_a_session_is_found_by_a_part_of_its_id(
    client: APIClient, three: dict[str, TrainingSession]
) -> None:
    wanted = str(three["old"].pk)
    assert found(client, "training-sessions", search=wanted[:13]) == [wanted]


def test_the_pages_of_a_filtered_list_keep_the_filter(
    client: APIClient, three: dict[str, TrainingSession]
) -> None:
    first = client.get(f"{V1}/training-sessions?model_type=svm&page_size=1").json()
    assert (first["count"], "model_type=svm" in first["next"]) == (2, True)
    assert client.get(first["next"]).json()["results"][0]["id"] == str(three["old"].pk)


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize("kind", ["training-sessions", "prediction-sessions", "analyses"])
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"status": "lost"}, "status was 'lost', but it must be one of queued, running,"),
        (
            {"mission": ""},
            "mission was '', but it must be one of kepler, k2, tess, tce, lightcurves, joint.",
        ),
        ({"task": "Vetting"}, "task was 'Vetting', but it must be one of "),
        (
            {"created_after": "yesterday"},
            (
                "created_after was 'yesterday', but it must be a date or a time such as 2026-11-30"
                " or 2026-11-30T12:00:00Z."
            ),
        ),
        ({"created_before": "2026-13-01"}, "created_before was '2026-13-01', but it must be a da"),
        ({"search": "x" * 101}, "search was 'xxxxxxxxxx"),
        ({"search": "a\0"}, "search was 'a\\x00', but it must be text of 1 to 100 characters."),
        ({"search": ""}, "search was '', but it must be text of 1 to 100 characters."),
        ({"ordering": "seed"}, "ordering was 'seed', but it must be one of created_at, -created_"),
    ],
)
def test_what_is_no_filter_is_refused_with_what_is(
    client: APIClient, kind: str, asked: dict[str, str], sentence: str
) -> None:
    assert refused(client, kind, **asked).startswith(sentence)


def test_predictions_and_analyses_are_filtered_by_what_they_are_of(
    client: APIClient, ada: User, three: dict[str, TrainingSession]
) -> None:
    facts: dict[str, Any] = {"mission": "kepler", "data_source": "nasa"}
    facts["owner_key"] = f"user:{ada.pk}"
    middle, new = three["middle"], three["new"]
    of_middle, of_new = (
        PredictionSession.objects.create(kind="prediction", published_model=model, **facts)
        for model in (middle, new)
    )
    assert found(client, "prediction-sessions", model=middle.pk) == [str(of_middle.pk)]
    assert found(client, "prediction-sessions") == [str(of_new.pk), str(of_middle.pk)]
    first, second = (
        AnalysisSession.objects.create(kind="analysis", of=middle, analysis=analysis, **facts)
        for analysis in ("probability", "needed_columns")
    )
    assert found(client, "analyses", analysis="probability") == [str(first.pk)]
    assert found(client, "analyses", session=middle.pk, ordering="created_at") == [
        str(first.pk),
        str(second.pk),
    ]
    assert found(client, "analyses", session=new.pk) == []
    assert found(client, "analyses", search="needed") == [str(second.pk)]
    assert refused(client, "analyses", session="x").startswith("session was 'x', but it must be an")


def test_a_filtered_list_asks_as_few_questions_as_any(
    client: APIClient, three: dict[str, TrainingSession]
) -> None:
    asked = {"search": "s", "ordering": "status", "created_after": "2026-01-01"}
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{V1}/training-sessions", asked)
    assert len([one for one in queries if "sessions_app_session" in one["sql"]]) <= 3


# Models


@pytest.fixture
def models() -> list[TrainingSession]:
    kinds = [
        ("kepler", "vetting", "xgboost"),
        ("k2", "vetting", "svm"),
        ("k2", "disposition", "pca"),
    ]
    return [
        TrainingSession.objects.create(
            kind="training",
            status="completed",
            published=True,
            data_source="nasa",
            mission=mission,
            task=task,
            model_type=model_type,
        )
        for mission, task, model_type in kinds
    ]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"mission": "k2"}, {1, 2}),
        ({"task": "vetting"}, {0, 1}),
        ({"mission": "k2", "task": "vetting"}, {1}),
        ({"model_type": "pca"}, {2}),
        ({"feature_set": "wide"}, set()),
        ({"search": "boost"}, {0}),
    ],
)
def test_published_models_are_filtered(
    models: list[TrainingSession], asked: dict[str, str], places: set[int]
) -> None:
    ids = found(APIClient(), "models", **asked)
    assert sorted(ids) == sorted(str(models[place].pk) for place in places)


def test_published_models_have_an_order(models: list[TrainingSession]) -> None:
    ids = found(APIClient(), "models", ordering="-created_at")
    assert ids == [str(model.pk) for model in reversed(models)]
    assert refused(APIClient(), "models", mission="plato").startswith("mission was 'plato', but")


def test_a_published_models_card_is_found_by_its_name() -> None:
    model = services.install("k2-vetting")
    assert model is not None
    assert found(APIClient(), "models", search="K2-VETTING", key="name") == ["k2-vetting"]
    rows = f"models/{model.pk}/verdicts"
    names = found(APIClient(), rows, key="name", ordering="name", page_size=500)
    assert names == sorted(names)
    assert len(names) > 50
    likeliest = APIClient().get(f"{V1}/{rows}?ordering=-probability_confirmed").json()["results"]
    planet = [row["probabilities"]["confirmed"] for row in likeliest]
    assert planet == sorted(planet, reverse=True)
    # With what else is asked.
    assert set(found(APIClient(), rows, key="disposition", disposition="false_positive")) == {
        "false_positive"
    }
    assert found(APIClient(), rows, key="mission", mission="kepler") == []
    word = names[0].lower()
    assert names[0] in found(APIClient(), rows, key="name", search=word)


# Objects of a result


@pytest.fixture
def rows(make_session: Callable[..., TrainingSession]) -> str:
    """Return where the predictions of a result with four objects are."""
    session = make_session("anonymous:x", model={"columns": []})
    facts: list[dict[str, Any]] = [
        {"name": "K1.01", "probabilities": [0, 0.1, 0.9], "follow_up_rank": 2},
        {"name": "K2.01", "probabilities": [0, 0.8, 0.2], "label": "false_positive"},
        {"name": "K3.01", "probabilities": [0, 0.3, 0.7], "actual": "candidate"},
        {"name": "K10.01", "probabilities": [0, 0.3, 0.7], "follow_up_rank": 1},
    ]
    keep_objects(
        session,
        [
            an_object(number, host=f"star {number}", verdict="undecided", **of_one)
            for number, of_one in enumerate(facts, 1)
        ],
    )
    return f"training-sessions/{session.pk}/predictions"


@pytest.mark.sampled(every=2)
@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"ordering": "-number"}, [4, 3, 2, 1]),
        ({"ordering": "name"}, [1, 4, 2, 3]),
        ({"ordering": "follow_up_rank"}, [4, 1, 2, 3]),
        ({"ordering": "probability_confirmed"}, [2, 3, 4, 1]),
        ({"ordering": "-probability_confirmed"}, [1, 3, 4, 2]),
        ({"prediction": "false_positive"}, [2]),
        ({"prediction": "confirmed", "ordering": "-number"}, [4, 3, 1]),
        ({"disposition": "candidate"}, [3]),
        ({"verdict": "undecided"}, [1, 2, 3, 4]),
        ({"verdict": "likely planet"}, []),
        ({"search": "k1"}, [1, 4]),
        ({"search": "STAR 3"}, [3]),
        ({"search": "k1", "ordering": "-probability_confirmed"}, [1, 4]),
    ],
)
def test_the_objects_of_a_result_are_filtered_and_in_the_order_that_is_asked_for(
    rows: str, asked: dict[str, str], numbers: list[int]
) -> None:
    assert found(APIClient(), rows, key="number", **asked) == numbers


def test_the_objects_that_fit_come_in_pages(rows: str) -> None:
    page = APIClient().get(f"{V1}/{rows}?prediction=confirmed&page_size=2&page=2").json()
    assert (page["count"], [row["number"] for row in page["results"]]) == (3, [4])


def test_what_is_no_filter_of_objects_is_refused(rows: str) -> None:
    client = APIClient()
    assert refused(client, rows, prediction="planet").startswith(
        "prediction was 'planet', but it must be"
    )
    assert refused(client, rows, verdict="yes").startswith("verdict was 'yes', but it must be one")
    assert refused(client, rows, ordering="rank").startswith("ordering was 'rank', but it must be")
    assert refused(client, rows, search="").startswith("search was '', but it must be text of 1 to")
