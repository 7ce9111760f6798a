"""What became of a mission's objects between two snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mlcore.datasets import Disposition
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.selectors.snapshot_differences import (
    ChangedObject,
    SnapshotObject,
    differences,
)
from tests.sessions_app.snapshots import kept_snapshot

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.django_db


def rows(*objects: tuple[str | None, str | None, str | None]) -> dict[str, Any]:
    names = ("kepoi_name", "kepid", "koi_disposition")
    return dict(zip(names, map(list, zip(*objects, strict=True)), strict=True))


OLDER = rows(
    ("K00001.01", "100", "CANDIDATE"),
    ("K00002.01", "200", "CANDIDATE"),
    ("K00003.01", "300", "FALSE POSITIVE"),
    ("K00004.01", "400", "CONFIRMED"),
    ("K00005.01", "500", None),
)
NEWER = rows(
    ("K00002.01", "200", "CONFIRMED"),
    ("K00001.01", "100", "FALSE POSITIVE"),
    # The same objects, spelled otherwise.
    ("KOI-3.01", "300", "FALSE POSITIVE"),
    ("KOI-5.01", "500", "CONFIRMED"),
    ("K00006.01", None, "CANDIDATE"),
)


def test_objects_that_came_went_and_changed_are_told_apart(media: Path) -> None:
    found = differences(kept_snapshot(OLDER), kept_snapshot(NEWER))
    assert found.added == (
        SnapshotObject(name="K00006.01", host="", disposition=Disposition.CANDIDATE),
    )
    assert found.removed == (
        SnapshotObject(name="K00004.01", host="400", disposition=Disposition.CONFIRMED),
    )
    assert found.changed == (
        ChangedObject(
            name="K00002.01",
            host="200",
            before=Disposition.CANDIDATE,
            after=Disposition.CONFIRMED,
        ),
        ChangedObject(
            name="K00001.01",
            host="100",
            before=Disposition.CANDIDATE,
            after=Disposition.FALSE_POSITIVE,
        ),
        ChangedObject(name="KOI-5.01", host="500", before=None, after=Disposition.CONFIRMED),
    )
    assert found.unchanged == 1
    assert set(found.moves.values()) == {1}


def test_a_snapshot_does_not_differ_from_itself(media: Path) -> None:
    snapshot = kept_snapshot(OLDER)
    found = differences(snapshot, snapshot)
    assert (found.added, found.removed, found.changed, found.unchanged) == ((), (), (), 5)


def test_back_in_time_everything_is_the_other_way_round(media: Path) -> None:
    older, newer = kept_snapshot(OLDER), kept_snapshot(NEWER)
    on, back = differences(older, newer), differences(newer, older)
    assert [one.name for one in back.added] == [one.name for one in on.removed]
    assert [one.name for one in back.removed] == [one.name for one in on.added]
    assert {(one.after, one.before) for one in back.changed} == set(on.moves)


def test_words_of_one_meaning_are_no_change_and_a_number_has_its_catalogue(media: Path) -> None:
    older = kept_snapshot({"toi": ["1000.01"], "tid": ["5"], "tfopwg_disp": ["PC"]}, mission="tess")
    newer = kept_snapshot(
        {"toi": ["1000.01", "7.01"], "tid": ["5", "6"], "tfopwg_disp": ["APC", "KP"]},
        mission="tess",
    )
    found = differences(older, newer)
    assert found.changed == ()
    assert [one.name for one in found.added] == ["TOI 7.01"]


def test_a_row_without_a_name_is_no_object_that_can_be_met_again(media: Path) -> None:
    older = kept_snapshot(rows((None, None, "CANDIDATE"), ("K00001.01", "100", "CANDIDATE")))
    newer = kept_snapshot(rows(("K00001.01", "100", "CANDIDATE"), (None, None, "CONFIRMED")))
    found = differences(older, newer)
    assert (found.added, found.removed, found.changed, found.unchanged) == ((), (), (), 1)


def test_two_missions_are_not_compared(media: Path) -> None:
    tess = kept_snapshot({"toi": ["1.01"], "tfopwg_disp": ["PC"]}, mission="tess")
    with pytest.raises(RefusedError, match="only two of one mission can be compared"):
        differences(kept_snapshot(OLDER), tess)


def test_a_file_that_is_gone_is_told(media: Path) -> None:
    lost = kept_snapshot(rows(("K00009.01", "900", "CANDIDATE")))
    (media / lost.file.name).unlink()
    with pytest.raises(GoneError, match="no longer on this server"):
        differences(lost, kept_snapshot(OLDER))
