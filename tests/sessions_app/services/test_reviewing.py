"""Reviewers' verdicts on objects, and the training file that is made of where they disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import User

from mlcore.datasets import DATASETS, read_table
from sessions_app import services
from sessions_app.exceptions import RefusedError
from sessions_app.models import ObjectReview, Session
from sessions_app.selectors.reviews import newest_reviews, reviews_of, training_file
from sessions_app.services import review_object
from tests.sessions_app.results import an_object, objects
from tests.sessions_app.reviewers import on_the_table, reviewer
from tests.sessions_app.snapshots import kept_snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from mlcore.datasets import Table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

WHY = "The odd and even transits differ in depth."


def read_back(tmp_path: Path, mission: str = "kepler", **which: Any) -> Table:
    path = tmp_path / "next.csv"
    path.write_bytes(b"".join(training_file(mission, **which)))
    return read_table(path, DATASETS[mission], require_labels=True)


def test_a_review_says_who_said_what_of_which_object_and_why() -> None:
    session, ada = on_the_table(), reviewer()
    review = review_object(session.pk, 3, verdict="false_positive", reason=f" {WHY} ", reviewer=ada)
    review.refresh_from_db()
    assert (review.mission, review.name, review.host) == ("kepler", "K00003.01", "3")
    assert (review.session_id, review.object_number) == (session.pk, 3)
    assert (review.model_label, review.verdict, review.reason) == (
        "confirmed",
        "false_positive",
        WHY,
    )
    assert (review.reviewer, review.reviewer_name, review.disagrees) == (ada, "ada", True)
    assert review.columns == {
        "kepoi_name": "K00003.01",
        "kepid": "103",
        "koi_period": 3.0,
        "koi_depth": 300.0,
    }
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.action_flag) == (ada, str(review.pk), ADDITION)
    assert entry.change_message == "Disagreed with the model, which says confirmed."


@pytest.mark.parametrize(
    ("verdict", "disagrees"), [("confirmed", False), ("undecided", False), ("candidate", True)]
)
def test_only_another_disposition_is_a_disagreement(verdict: str, disagrees: bool) -> None:
    review = review_object(on_the_table().pk, 1, verdict=verdict, reason=WHY, reviewer=reviewer())
    assert review.disagrees is disagrees


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"verdict": "planet"}, "verdict was 'planet', but it must be one of candidate,"),
        ({"reason": "  "}, "reason is missing"),
        ({"reason": "a" * 2001}, "reason has 2001 letters, but at most 2000 are kept"),
        ({"number": 13}, "object_number was 13, but the session's objects are numbered from 1 to"),
    ],
)
def test_a_review_that_cannot_be_is_refused(sent: dict[str, Any], sentence: str) -> None:
    asked = {"number": 1, "verdict": "candidate", "reason": WHY} | sent
    with pytest.raises(RefusedError, match=sentence):
        review_object(on_the_table().pk, asked.pop("number"), reviewer=reviewer(), **asked)
    assert not ObjectReview.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_binary_task_has_no_third_answer() -> None:
    session = on_the_table(task="vetting")
    with pytest.raises(RefusedError, match="one of false_positive, confirmed, undecided"):
        review_object(session.pk, 1, verdict="candidate", reason=WHY, reviewer=reviewer())


@pytest.mark.parametrize("status", ["running", "failed"])
def test_a_session_without_a_result_is_not_reviewed(status: str) -> None:
    session, ada = on_the_table(status=status), reviewer()
    with pytest.raises(RefusedError, match=f"it is {status}, and only a completed one"):
        review_object(session.pk, 1, verdict="candidate", reason=WHY, reviewer=ada)
    with pytest.raises(RefusedError, match="there is no training or prediction session"):
        review_object(uuid4(), 1, verdict="candidate", reason=WHY, reviewer=ada)


@pytest.mark.parametrize("staff", [False, True])
def test_nobody_but_a_reviewer_writes_reviews(staff: bool) -> None:
    user = User.objects.create_user("eve", is_staff=staff)
    with pytest.raises(RefusedError, match="Only reviewers may write a verdict"):
        review_object(on_the_table().pk, 1, verdict="candidate", reason=WHY, reviewer=user)


def test_the_group_of_reviewers_may_see_and_write_reviews_and_nothing_else() -> None:
    allowed = reviewer().get_all_permissions()
    assert {name for name in allowed if ".view_" not in name} == {"sessions_app.add_objectreview"}
    assert {"sessions_app.view_trainingsession", "sessions_app.view_uploadedfile"} <= allowed
    assert {name.split(".")[0] for name in allowed} == {"sessions_app"}


def test_an_object_that_the_table_does_not_name_is_refused() -> None:
    session = on_the_table([an_object(1, name="K09999.01")])
    with pytest.raises(RefusedError, match="has no row of its own name"):
        review_object(session.pk, 1, verdict="candidate", reason=WHY, reviewer=reviewer())


def test_the_products_own_reader_takes_disagreements_as_a_training_file(tmp_path: Path) -> None:
    session, ada = on_the_table(), reviewer()
    said = {1: "confirmed", 2: "false_positive", 3: "candidate", 4: "undecided"}
    for number, verdict in said.items():
        review_object(session.pk, number, verdict=verdict, reason=WHY, reviewer=ada)
    table = read_back(tmp_path)
    assert list(table.names) == ["K00002.01", "K00003.01"]
    assert list(table.hosts) == ["102", "103"]
    assert list(table.labels) == ["false_positive", "candidate"]
    assert list(table.frame["koi_period"]) == [2.0, 3.0]
    assert list(table.frame["koi_depth"]) == [200.0, 300.0]
    every = read_back(tmp_path, disagreements_only=False)
    assert list(every.labels) == ["confirmed", "false_positive", "candidate"]
    assert every.frame["koi_depth"].isna().tolist() == [True, False, False]


def test_of_several_reviews_the_newest_counts(tmp_path: Path) -> None:
    first, second = on_the_table(), on_the_table(snapshot=None)
    second.snapshot = first.snapshot
    second.save()
    ada, bob = reviewer(), reviewer("bob")
    review_object(first.pk, 5, verdict="false_positive", reason=WHY, reviewer=ada)
    review_object(second.pk, 5, verdict="candidate", reason=WHY, reviewer=bob)
    review_object(first.pk, 6, verdict="candidate", reason=WHY, reviewer=ada)
    review_object(first.pk, 6, verdict="confirmed", reason=WHY, reviewer=bob)
    assert [one.verdict for one in newest_reviews("kepler")] == ["candidate"]
    row = objects(first)[4]
    assert [one.reviewer_name for one in reviews_of(first, row)] == ["bob", "ada"]
    assert list(read_back(tmp_path).labels) == ["candidate"]


def test_a_users_own_row_is_learnt_from_by_its_stored_values_and_goes_with_its_session(
    tmp_path: Path,
) -> None:
    session = on_the_table(
        [
            an_object(1, name="mine 1", values=[4.5, None, 7.0]),
            an_object(2, name="row 2", host="row 2", values=[1.5, 80.0, 7.0]),
        ],
        data_source="user",
        snapshot=None,
    )
    ada = reviewer()
    for number in (1, 2):
        review_object(session.pk, number, verdict="candidate", reason=WHY, reviewer=ada)
    table = read_back(tmp_path)
    assert list(table.frame["koi_period"]) == [4.5, 1.5]
    assert list(table.frame["koi_depth"].isna()) == [True, False]
    assert list(table.labels) == ["candidate", "candidate"]
    services.delete_session(Session.objects.get(pk=session.pk))
    assert not ObjectReview.objects.exists()


def test_a_review_of_the_archives_object_outlives_the_session(tmp_path: Path) -> None:
    session = on_the_table()
    review_object(session.pk, 2, verdict="candidate", reason=WHY, reviewer=reviewer())
    services.delete_session(Session.objects.get(pk=session.pk))
    assert list(read_back(tmp_path).labels) == ["candidate"]


def test_a_file_of_k2_keeps_all_objects(tmp_path: Path) -> None:
    session = on_the_table(
        [an_object(n, name=f"EPIC 20000000{n}.01", values=[1.0 + n]) for n in (1, 2)],
        mission="k2",
        data_source="user",
        snapshot=None,
        model={"columns": ["pl_orbper"]},
    )
    for number in (1, 2):
        review_object(
            session.pk, number, verdict="candidate", reason=WHY, reviewer=reviewer(str(number))
        )
    assert list(read_back(tmp_path, "k2").frame["pl_orbper"]) == [2.0, 3.0]


def test_what_a_spreadsheet_would_compute_begins_with_an_apostrophe() -> None:
    session = on_the_table(
        [an_object(1, name="=1+1", values=[1.0, 2.0, 3.0])], data_source="user", snapshot=None
    )
    review_object(session.pk, 1, verdict="candidate", reason=WHY, reviewer=reviewer())
    assert b"'=1+1" in b"".join(training_file("kepler"))


def test_a_declination_keeps_its_minus(tmp_path: Path) -> None:
    table = kept_snapshot(
        {
            "toi": ["1000.01"],
            "decstr": ["-12d41m45.46s"],
            "pl_orbper": [2.5],
            "tfopwg_disp": ["PC"],
        },
        mission="tess",
    )
    session = on_the_table([an_object(1, name="TOI 1000.01")], mission="tess", snapshot=table)
    review_object(session.pk, 1, verdict="candidate", reason=WHY, reviewer=reviewer())
    assert b",-12d41m45.46s," in b"".join(training_file("tess"))
    assert list(read_back(tmp_path, "tess").labels) == ["candidate"]
