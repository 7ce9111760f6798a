"""The pages that start sessions and list them, asked as a browser without scripts asks."""

from __future__ import annotations

import html
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mlcore import MODELS
from mlcore.tasks import DISPOSITION, TRIAGE, VETTING
from sessions_app import lifecycle, services
from sessions_app.access.identity import COOKIE
from sessions_app.execution import worker
from sessions_app.lifecycle import Status
from sessions_app.models import Session, TrainingSession
from sessions_app.web.formatting import value
from tests.mlcore.lightcurves.bundles.made_files import csv_of
from tests.sessions_app.real_rows import HEADER, drawn
from tests.sessions_app.web.pages import page, plain, with_score, words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from sessions_app.models import DatasetSnapshot

pytestmark = pytest.mark.django_db
ROWS = {"data_source": "nasa", "mission": "kepler", "task": "vetting"}
TREE = ROWS | {"model_type": "decision_tree", "feature_set": "measured"}


def test_the_form_has_every_model_with_its_hyperparameters_and_asks_for_vetting(
    client: Client,
) -> None:
    text = client.get("/train").content.decode()
    for entry in MODELS.values():
        assert f'data-model="{entry.name}"' in text
        for row in entry.hyperparameters:
            assert f'name="{entry.name}.{row.name}"' in text
            assert html.escape(f"{row.help} Must be {row.allowed}") in text
    assert re.search(r'value="vetting"[^>]*checked', text)
    assert not re.search(r'value="disposition"[^>]*checked', text)
    assert "koi_score" in text
    # Nothing that the content policy would stop.
    assert not re.search(r"<script(?![^>]*src)|<style|\sstyle=|\son\w+=", text)


@pytest.mark.long
def test_a_model_is_trained_from_the_form_and_its_page_shows_the_result(
    client: Client, kepler: DatasetSnapshot, jobs: None
) -> None:
    answer = client.post("/train", TREE | {"decision_tree.max_depth": "3", "seed": "7"})
    session = TrainingSession.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/sessions/{session.pk}")
    assert (session.task, session.feature_set, session.seed) == ("vetting", "measured", 7)
    assert session.hyperparameters["max_depth"] == 3
    assert session.owner_key.startswith("anonymous:")
    assert COOKIE in answer.cookies

    waiting = client.get(f"/sessions/{session.pk}")
    assert f'data-address="/api/v1/training-sessions/{session.pk}/progress"' in str(waiting.content)
    assert f'data-words="/sessions/{session.pk}/progress"' in str(waiting.content)
    assert '<meta http-equiv="refresh"' in waiting.content.decode()
    assert "Waiting for a worker" in words(waiting)

    worker.execute(session.pk)
    text = page(client, f"/sessions/{session.pk}")
    session.refresh_from_db()
    assert session.report is not None
    auc = next(
        figure for figure in session.report["measurement"]["figures"] if figure["name"] == "roc_auc"
    )
    assert plain(f"ROC-AUC {value(auc)}") in text
    assert "Decision tree on Kepler" in page(client, "/sessions/")
    assert "Object 1 of" in page(client, f"/sessions/{session.pk}/objects/1?sort=number")


def test_hyperparameters_of_another_model_do_not_matter(
    client: Client, kepler: DatasetSnapshot
) -> None:
    answer = client.post("/train", TREE | {"svm.C": "-5", "xgboost.max_depth": "many"})
    assert answer.status_code == 302
    assert set(TrainingSession.objects.get().hyperparameters) == {
        row.name for row in MODELS["decision_tree"].hyperparameters
    }


@pytest.mark.parametrize(
    ("sent", "field", "sentence"),
    [
        (
            {"decision_tree.max_depth": "0"},
            "decision_tree.max_depth",
            "max_depth was '0', but it must be a whole number from 1 to",
        ),
        ({"mission": "k2"}, "mission", "mission: the k2 table is not loaded on this server"),
        (
            {"data_source": "user"},
            "training_file",
            "training_file is missing: with data_source user",
        ),
        (
            {"label_derived_columns": "kepler.koi_fpflag_nt"},
            "label_derived_columns",
            "Only for a file of your own can you choose it all the same.",
        ),
    ],
)
def test_a_refusal_stands_beside_its_field(
    client: Client, kepler: DatasetSnapshot, sent: dict[str, str], field: str, sentence: str
) -> None:
    answer = client.post("/train", TREE | sent)
    assert 400 <= answer.status_code < 500
    fields = html.unescape(answer.content.decode()).split('<div class="field')
    wrong = [field for field in fields if 'class="problem" role="alert"' in field]
    (own,) = [shown for shown in wrong if f'name="{field}"' in shown]
    assert sentence in own
    assert own is wrong[0]
    assert "<title>Error: Train" in answer.content.decode()
    assert 'aria-invalid="true"' in own
    assert "autofocus" in own
    assert not any("autofocus" in shown for shown in wrong[1:])
    assert not TrainingSession.objects.exists()


def test_files_of_ones_own_with_a_column_that_follows_the_label(
    client: Client, media: Path
) -> None:
    files = {
        f"{name}_file": SimpleUploadedFile(
            "mine.csv", (HEADER + with_score(name, 300).to_csv(index=False)).encode()
        )
        for name in ("training", "testing")
    }
    own = {"data_source": "user", "label_derived_columns": ["kepler.koi_score", "tess.none"]}
    answer = client.post("/train", TREE | own | files)
    # A choice that does not exist is refused; with those that do the session starts.
    assert answer.status_code == 400
    for file in files.values():
        file.seek(0)
    answer = client.post(
        "/train", TREE | own | files | {"label_derived_columns": "kepler.koi_score"}
    )
    assert answer.status_code == 302, words(answer)
    assert TrainingSession.objects.get().label_derived == ["koi_score"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    client: Client, media: Path, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_UPLOAD_LIMIT_MB = 1
    for size in (1_200_000, 6_000_000):
        large = SimpleUploadedFile("mine.csv", b"#" * size)
        answer = client.post("/train", TREE | {"data_source": "user", "training_file": large})
        assert answer.status_code == 413
        assert "a file may have at most 1 MB" in words(answer)


@pytest.mark.parametrize("address", ["/train", "/predict"])
def test_a_form_of_another_site_starts_nothing(address: str, kepler: DatasetSnapshot) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(address, TREE).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', str(strict.get(address).content))
    assert token
    if address == "/train":
        sent = TREE | {"csrfmiddlewaretoken": token[1]}
        assert strict.post(address, sent).status_code == 302


def test_predicting_with_a_published_model(client: Client, kepler: DatasetSnapshot) -> None:
    models = {model.card["name"]: model for model in services.install_carried()}
    assert models["kepler-vetting"].card["title"] in page(client, "/predict")
    answer = client.post("/predict", ROWS)
    assert answer.status_code == 302
    started = Session.objects.exclude(kind="training").get()
    assert started.predictionsession.published_model == models["kepler-vetting"]
    assert "Prediction for Kepler" in page(client, f"/sessions/{started.pk}")

    wrong = client.post("/predict", ROWS | {"model": models["tess-vetting"].pk})
    assert wrong.status_code == 400
    assert "model: it reads the columns of" in words(wrong)


def test_only_questions_that_a_published_model_answers_are_offered(
    client: Client, kepler: DatasetSnapshot
) -> None:
    services.install_carried()
    questions = [task.question for task in (VETTING, DISPOSITION, TRIAGE)]
    assert [question in page(client, "/predict") for question in questions] == [True, True, True]
    assert [question in page(client, "/train") for question in questions] == [True, True, True]


def test_too_many_requests_are_told_to_wait(
    client: Client, kepler: DatasetSnapshot, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_STARTS_PER_MINUTE = 1
    assert client.post("/train", TREE).status_code == 302
    answer = client.post("/train", TREE)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "too many requests" in words(answer)


def test_where_everybody_needs_an_account_the_form_says_so(
    client: Client, kepler: DatasetSnapshot, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_ANONYMOUS = False
    answer = client.post("/train", TREE)
    assert answer.status_code == 401
    assert "Only users who are signed in can do this" in words(answer)
    client.force_login(User.objects.create_user("ada"))
    assert client.post("/train", TREE).status_code == 302


def test_the_first_page_names_each_catalogue_once(client: Client) -> None:
    assert "NASA's Kepler, K2 and TESS catalogues, or" in page(client, "/")


def test_the_first_page_shows_a_visitors_own_sessions_and_nobody_elses(
    client: Client, kepler: DatasetSnapshot
) -> None:
    assert "Your last sessions" not in page(client, "/")
    address = client.post("/train", TREE)["Location"]
    assert f'href="{address}">Decision tree on Kepler' in client.get("/").text
    assert address not in Client().get("/").text


# A session


def test_only_its_owner_sees_and_lists_a_users_session(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    ada = User.objects.create_user("ada")
    session = completed(owner_key=f"user:{ada.pk}")
    addresses = [f"/sessions/{session.pk}{rest}" for rest in ("", "/objects", "/objects/1")]
    for address in [*addresses, f"/sessions/{session.pk}/plots/roc"]:
        assert client.get(address).status_code == 404
    assert client.post(f"/sessions/{session.pk}/cancel").status_code == 404
    assert "None yet." in page(client, "/sessions/")
    client.force_login(ada)
    for address in addresses:
        assert client.get(address).status_code == 200
    assert "Decision tree on Kepler" in page(client, "/sessions/")


def test_a_session_is_cancelled_and_run_again(client: Client, kepler: DatasetSnapshot) -> None:
    address = client.post("/train", TREE)["Location"]
    assert client.post(f"{address}/retry").status_code == 409
    assert client.post(f"{address}/cancel")["Location"] == address
    assert "The session was cancelled." in page(client, address)
    refused = client.post(f"{address}/cancel")
    assert refused.status_code == 409
    assert "The session has ended and cannot be cancelled: it is cancelled." in words(refused)
    assert client.post(f"{address}/retry")["Location"] == address
    assert TrainingSession.objects.get().status == Status.QUEUED


def test_the_servers_own_sessions_are_not_for_everybody_to_change(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    assert client.post(f"/sessions/{session.pk}/cancel").status_code == 403
    assert "Run again" not in page(client, f"/sessions/{session.pk}")


def test_a_failed_session_says_why(client: Client, media: Path) -> None:
    session = TrainingSession.objects.create(
        kind="training",
        mission="kepler",
        data_source="nasa",
        model_type="svm",
        owner_key="anonymous:a",
    )
    lifecycle.fail(Session.objects.all(), session.pk, error="The table <b>vanished</b>.")
    text = client.get(f"/sessions/{session.pk}").content.decode()
    assert "The table &lt;b&gt;vanished&lt;/b&gt;." in text
    assert "Run again" in text
    assert "http-equiv" not in text
    assert client.get(f"/sessions/{session.pk}/objects").status_code == 302
    assert client.get(f"/sessions/{session.pk}/objects/1").status_code == 404


def test_what_is_nowhere_is_a_plain_404(
    client: Client, completed: Callable[..., TrainingSession]
) -> None:
    session = completed()
    for address in (
        f"/sessions/{uuid.uuid4()}",
        f"/sessions/{session.pk}/objects/100000",
        f"/sessions/{session.pk}/charts/other.svg",
    ):
        assert client.get(address).status_code == 404
    assert client.get(f"/sessions/{session.pk}/cancel").status_code == 405
    assert client.get("/sessions")["Location"] == "/sessions/"


# What would happen, before it does


def table(draw: str = "a", **renamed: str) -> SimpleUploadedFile:
    content = drawn(draw).rename(columns=renamed).to_csv(index=False)
    return SimpleUploadedFile(f"{draw}.csv", content.encode())


def kept_in(answer: Any) -> dict[str, str]:
    """Return the tokens of the files that a form holds."""
    found = re.findall(r'name="(\w+_kept)" value="([^"]+)"', answer.content.decode())
    return {name: html.unescape(token) for name, token in found}


OWN = TREE | {"data_source": "user"}


def test_the_page_says_what_would_happen_before_anything_is_sent(
    client: Client, kepler: DatasetSnapshot
) -> None:
    for address in ("/train", "/predict"):
        services.install_carried()
        text = page(client, address)
        assert "Nothing would be refused." in text
        assert "About" in text


def test_of_a_light_curve_it_is_told_what_was_understood_and_no_time_that_nobody_knows(
    client: Client, judge: TrainingSession
) -> None:
    file = SimpleUploadedFile("KIC 5.csv", csv_of())
    sent = {"data_source": "user", "mission": "kepler", "task": "triage", "testing_file": file}
    text = words(client.post("/predict/preview", sent))
    assert "Nothing would be refused." in text
    assert "1 star is searched for transits" in text
    assert 'What was understood: The brightness is that of the column "flux".' in text
    assert "light curves of 1 star" in text
    assert "declared cost" not in text
    assert "transit signals" not in page(client, "/predict").split("Whose rows")[0]


def test_a_file_is_sent_once_looked_at_corrected_and_started_from(
    client: Client, media: Path
) -> None:
    files = {"training_file": table(koi_period="Perriod"), "testing_file": table("b")}
    looked = client.post("/train/preview", OWN | files)
    assert looked.status_code == 200
    kept = kept_in(looked)
    assert set(kept) == {"training_file_kept", "testing_file_kept"}
    text = words(looked)
    assert "1 thing would be refused" in text
    assert 'Heading "Perriod" is nearly the one of koi_period' in text
    assert 'name="means:Perriod"' in looked.content.decode()
    assert not TrainingSession.objects.exists()

    refused = client.post("/train", OWN | kept)
    assert refused.status_code == 400
    assert kept_in(refused) == kept
    assert "a.csv" in words(refused)

    answer = client.post("/train", OWN | kept | {"means:Perriod": "koi_period"})
    assert answer.status_code == 302, words(answer)
    session = TrainingSession.objects.get()
    assert sorted(session.files.values_list("name", flat=True)) == ["a.csv", "b.csv"]
    assert session.mapping["columns"] == {"Perriod": {"column": "koi_period", "unit": ""}}
    # What was started from waits no longer.
    assert not list((media / "waiting").iterdir())


def test_a_file_of_somebody_else_cannot_be_started_from(client: Client, media: Path) -> None:
    kept = kept_in(client.post("/train/preview", OWN | {"training_file": table()}))
    other = Client().post("/train", OWN | kept)
    assert other.status_code == 400
    assert "The file is kept no longer: choose it again." in words(other)


def test_a_form_with_errors_keeps_its_files_without_any_script(client: Client, media: Path) -> None:
    files = {"training_file": table(), "testing_file": table("b")}
    refused = client.post("/train", OWN | files | {"decision_tree.max_depth": "0"})
    assert refused.status_code == 400
    assert "max_depth was '0'" in words(refused)
    answer = client.post("/train", OWN | kept_in(refused) | {"decision_tree.max_depth": "2"})
    assert answer.status_code == 302


def test_a_file_is_taken_back_and_its_choices_with_it(client: Client, media: Path) -> None:
    first = client.post("/train/preview", OWN | {"training_file": table(koi_period="Perriod")})
    kept = kept_in(first)
    choice = {"means:Perriod": "koi_period"}
    removed = client.post("/train/preview", OWN | kept | choice | {"remove": "training_file"})
    assert kept_in(removed) == {}
    # A choice about its headings says nothing of the file that takes its place.
    other = client.post("/train/preview", OWN | kept | choice | {"training_file": table("b")})
    assert "Perriod" not in words(other)


def test_words_of_the_label_are_chosen_and_a_written_mapping_stays(
    client: Client, media: Path
) -> None:
    numbers = {"CONFIRMED": "1", "CANDIDATE": "2", "FALSE POSITIVE": "0"}
    content = drawn("a").replace({"koi_disposition": numbers}).to_csv(index=False).encode()
    sent = OWN | {
        "training_file": SimpleUploadedFile("mine.csv", content),
        "testing_file": table("b"),
        "columns": '{"koi_impact": null}',
        "word:1": "planet",
        "word:2": "-",
        "word:0": "false_positive",
    }
    answer = client.post("/train", sent)
    assert answer.status_code == 302, words(answer)
    mapping = TrainingSession.objects.get().mapping
    assert mapping["label_words"] == {"1": "confirmed", "2": None, "0": "false_positive"}
    assert mapping["columns"] == {"koi_impact": None}


def test_text_of_a_file_is_never_markup(client: Client, media: Path) -> None:
    evil = SimpleUploadedFile("<b>x</b>.csv", b"koi_period,<i>y</i>\n1,<script>z</script>\n")
    text = client.post("/predict/preview", OWN | {"testing_file": evil}).content.decode()
    assert "&lt;script&gt;z" in text
    assert not re.search(r"<(script|i|b)>", text)


def test_looking_needs_an_account_where_starting_does(
    client: Client, media: Path, settings: SettingsWrapper
) -> None:
    settings.EXOPLANET_ANONYMOUS = False
    answer = client.post("/train/preview", OWN | {"training_file": table()})
    assert answer.status_code == 401
    assert not (media / "waiting").exists()


# One object, typed in


def test_an_objects_form_asks_for_a_handful_of_values_and_refuses_none_at_all(
    client: Client, kepler: DatasetSnapshot
) -> None:
    services.install_carried()
    text = client.get("/predict/object").content.decode()
    fields = re.findall(r'<input type="text" name="(\w+)"', text)
    assert 5 <= len(fields) <= 12
    assert "koi_period" in fields
    answer = client.post("/predict/object", {"mission": "kepler", "kepoi_name": "K00752.01"})
    assert answer.status_code == 400
    assert "Type in at least one value" in words(answer)
    assert 'value="K00752.01"' in answer.content.decode()
    assert client.get("/predict/object", {"mission": "corot"}).status_code == 400


def test_where_no_model_is_published_the_page_says_so(client: Client, media: Path) -> None:
    answer = client.get("/predict/object")
    assert answer.status_code == 400
    assert "there is no published kepler model on this server" in words(answer)
