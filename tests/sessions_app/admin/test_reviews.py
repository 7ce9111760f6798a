"""Reviewers in the admin: what they see, what they write, what is made of it; who did what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.urls import reverse

from mlcore.datasets import DATASETS, read_table
from sessions_app.models import ObjectReview, TrainingSession
from tests.sessions_app.reviewers import on_the_table, reviewer

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

LIST = "admin:sessions_app_objectreview_changelist"


@pytest.fixture
def ada(client: Client) -> Client:
    client.force_login(reviewer())
    return client


def address(session: TrainingSession, number: int) -> str:
    return reverse("admin:sessions_app_trainingsession_prediction", args=[session.pk, number])


def write(client: Client, session: TrainingSession, number: int, **sent: Any) -> HttpResponse:
    written = {"verdict": "false_positive", "reason": "Its transits differ."} | sent
    return client.post(address(session, number), written, follow=True)


def test_a_review_is_written_on_the_page_of_a_prediction(ada: Client) -> None:
    session = on_the_table()
    answer = write(ada, session, 2)
    assert "Your review of K00002.01 is kept." in answer.content.decode()
    review = ObjectReview.objects.get()
    assert (review.name, review.verdict, review.reviewer_name) == (
        "K00002.01",
        "false_positive",
        "ada",
    )
    shown = ada.get(address(session, 2)).content.decode()
    assert "Its transits differ." in shown
    assert "Nobody has reviewed the object." in ada.get(address(session, 3)).content.decode()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"verdict": ""}, "Say what you take the object for."),
        ({"verdict": "planet"}, "Select a valid choice. planet is not one"),
        ({"reason": " "}, "Say in a sentence what the verdict rests on."),
    ],
)
def test_a_review_that_lacks_something_is_not_kept_and_says_so(
    ada: Client, sent: dict[str, str], sentence: str
) -> None:
    answer = write(ada, on_the_table(), 2, **sent)
    assert sentence in answer.content.decode()
    assert not ObjectReview.objects.exists()


def test_whoever_may_only_look_is_offered_no_form_and_writes_nothing(client: Client) -> None:
    session, looks = on_the_table(), reviewer()
    looks.groups.clear()
    looks.user_permissions.set(
        reviewer("bob").groups.get().permissions.exclude(codename="add_objectreview")
    )
    client.force_login(User.objects.get(pk=looks.pk))
    assert "Your review" not in client.get(address(session, 2)).content.decode()
    assert write(client, session, 2).status_code == 403
    assert not ObjectReview.objects.exists()


def test_a_reviewer_sees_sessions_and_changes_nothing(ada: Client) -> None:
    session = on_the_table()
    page = reverse("admin:sessions_app_trainingsession_change", args=[session.pk])
    shown = ada.get(page).content.decode()
    assert "/act/publish/" not in shown
    assert "/act/expire/" not in shown
    for name in ("publish", "expire", "score_again", "cancel"):
        act = reverse("admin:sessions_app_trainingsession_act", args=[session.pk, name])
        assert ada.post(act, {"confirmed": "yes"}).status_code == 403
    for name in ("auth_user", "admin_logentry", "django_q_schedule", "authtoken_tokenproxy"):
        assert ada.get(reverse(f"admin:{name}_changelist")).status_code == 403
    assert not LogEntry.objects.exists()
    session.refresh_from_db()
    assert not session.published


def test_disagreements_are_listed_and_exported_as_a_file_to_train_on(
    ada: Client, tmp_path: Path
) -> None:
    session = on_the_table()
    said = {1: "confirmed", 2: "false_positive", 3: "candidate"}
    for number, verdict in said.items():
        write(ada, session, number, verdict=verdict)
    listed = ada.get(reverse(LIST), {"disagrees__exact": "1"})
    assert [row.name for row in listed.context["cl"].result_list] == ["K00003.01", "K00002.01"]
    export = reverse("admin:sessions_app_objectreview_export", args=["kepler"])
    assert export in listed.content.decode()
    for query, labels in (
        ({}, ["false_positive", "candidate"]),
        ({"which": "every"}, ["confirmed", "false_positive", "candidate"]),
    ):
        sent = ada.get(export, query)
        path = tmp_path / "next.csv"
        path.write_bytes(b"".join(sent.streaming_content))
        table = read_table(path, DATASETS["kepler"], require_labels=True)
        assert list(table.labels) == labels
    entry = LogEntry.objects.order_by("pk").last()
    assert entry is not None
    assert (entry.object_repr, entry.change_message) == (
        "3 object reviews",
        "Exported as a training file.",
    )
    nothing = ada.get(reverse("admin:sessions_app_objectreview_export", args=["tess"]), follow=True)
    assert "There is no disagreement with the model on tess" in nothing.content.decode()


def test_a_review_tells_what_it_was_written_on_also_when_that_is_gone(ada: Client) -> None:
    session = on_the_table()
    write(ada, session, 2)
    page = reverse("admin:sessions_app_objectreview_change", args=[ObjectReview.objects.get().pk])
    shown = ada.get(page).content.decode()
    assert address(session, 2) in shown
    assert "Orbital period" in shown
    TrainingSession.objects.get(pk=session.pk).delete()
    assert f"{session.pk}, which is gone" in ada.get(page).content.decode()


def test_the_record_of_deeds_is_listed_with_filters_and_changed_by_nobody(
    admin_client: Client, client: Client
) -> None:
    session = on_the_table()
    writer = reviewer()
    client.force_login(writer)
    write(client, session, 2)
    client.force_login(User.objects.get(username="admin"))
    listed = client.get(reverse("admin:admin_logentry_changelist"), {"user__id__exact": writer.pk})
    text = listed.content.decode()
    assert "Disagreed with the model, which says confirmed." in text
    entry = LogEntry.objects.get()
    page = reverse("admin:admin_logentry_change", args=[entry.pk])
    assert "K00002.01" in client.get(page).content.decode()
    assert client.post(page, {"change_message": "x"}).status_code == 403
    delete = reverse("admin:admin_logentry_delete", args=[entry.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert LogEntry.objects.get().change_message == entry.change_message
