"""Several sessions held against each other, on what all of them tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessions_app.access.ownership import Owner
from sessions_app.exceptions import GoneError, RefusedError
from sessions_app.files import storage
from sessions_app.lifecycle import Status
from sessions_app.models import AnalysisSession
from sessions_app.selectors import comparison
from sessions_app.selectors.comparison import Said, chosen_sessions, compared
from tests.sessions_app.compared_sessions import (
    OTHERS,
    PLANETS,
    chances,
    completed_session,
    name_of,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]

EVERY = len(PLANETS) + len(OTHERS)


def test_only_objects_that_all_have_are_compared_by_name_whatever_their_place() -> None:
    said = chances()
    turned = dict(reversed(list(said.items()))) | {"K90000.01": 0.5}
    first = completed_session(said)
    second = completed_session(
        {name: value for name, value in turned.items() if name != name_of(1)}
    )
    found = compared([first, second])
    assert (found.shared, found.alone) == (EVERY - 1, (1, 1))
    assert found.figures is not None
    assert (found.tested, found.figures.rows) == (EVERY - 1, EVERY - 1)
    assert found.disagreeing == 0
    assert {(one.value, one.low, one.high) for one in found.figures.differences} == {(0, 0, 0)}


def test_a_difference_is_of_the_others_against_the_first() -> None:
    good, bad = completed_session(chances()), completed_session(chances(off=0.3))
    for sessions, above in (((good, bad), False), ((bad, good), True)):
        figures = compared(sessions).figures
        assert figures is not None
        loss = next(one for one in figures.differences if one.name == "log_loss")
        assert (loss.of, loss.against) == (str(sessions[1].pk), str(sessions[0].pk))
        assert loss.value is not None
        assert (loss.value < 0) is above
        assert loss.sure


def test_they_disagree_where_their_verdicts_differ_the_farthest_apart_first() -> None:
    said = chances()
    other = said | {name_of(2): 0.5, name_of(20): 0.99}
    first, second = completed_session(said), completed_session(other)
    found = compared([first, second])
    assert found.disagreeing == 2
    assert [one.name for one in found.disagreements] == [name_of(20), name_of(2)]
    one = found.disagreements[0]
    assert (one.host, one.actual) == ("K00020", "false_positive")
    assert one.said == (
        Said(number=20, verdict="likely false positive", planet_probability=said[name_of(20)]),
        Said(number=20, verdict="likely planet", planet_probability=0.99),
    )
    assert one.spread == pytest.approx(0.99 - said[name_of(20)])


def test_objects_of_which_two_tables_say_different_things_are_no_test() -> None:
    said = chances()
    labels = {
        name: "confirmed" if value > 0.5 else "false_positive" for name, value in said.items()
    }
    changed = labels | {name_of(1): "false_positive", name_of(2): "candidate", name_of(3): None}
    found = compared([completed_session(said), completed_session(said, actual=changed)])
    assert (found.shared, found.tested) == (EVERY, EVERY - 3)


def test_without_a_disposition_there_are_no_figures_and_disagreements_all_the_same() -> None:
    said = chances()
    first = completed_session(said, actual={})
    second = completed_session(said | {name_of(1): 0.1}, actual={})
    found = compared([first, second])
    assert (found.figures, found.roc, found.tested) == (None, {}, 0)
    assert found.disagreeing == 1


def test_curves_are_of_the_shared_objects() -> None:
    first, second = completed_session(chances()), completed_session(chances(off=0.45))
    found = compared([first, second])
    assert list(found.roc) == [str(first.pk), str(second.pk)]
    for curve in found.roc.values():
        assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    # The first one tells all planets from all others.
    best = found.roc[str(first.pk)]
    assert max(y for x, y in zip(best.x, best.y, strict=True) if x == 0.0) == 1.0


def test_of_very_many_objects_whole_stars_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "_MOST_CELLS", 2 * 200 * 20)
    said = {
        f"K{star:05}.0{planet}": 0.9 - 0.8 * (star % 2) for star in range(20) for planet in (1, 2)
    }
    labels = {
        name: "confirmed" if value > 0.5 else "false_positive" for name, value in said.items()
    }
    sessions = [completed_session(said, actual=labels) for _ in range(2)]
    found = compared(sessions)
    assert (found.tested, found.shared) == (40, 40)
    assert found.figures is not None
    assert (found.figures.rows, found.figures.stars) == (20, 10)
    assert found.figures.resamples == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mission": "k2"}, "Kepler objects of interest and of K2 planets and candidates"),
        ({"task": "disposition"}, "“Vetting” and “Disposition”"),
        ({"status": Status.FAILED}, "it is failed"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(
    fields: dict[str, Any], said: str
) -> None:
    sessions = [completed_session(chances()), completed_session(chances(), **fields)]
    with pytest.raises(RefusedError, match=said) as refused:
        compared(sessions)
    assert refused.value.field == "session"


def test_sessions_that_share_no_object_are_refused() -> None:
    other = completed_session({"K90000.01": 0.5, "K90001.01": 0.1})
    with pytest.raises(RefusedError, match="share no object"):
        compared([completed_session(chances()), other])


def test_one_session_six_sessions_the_same_twice_and_an_analysis_are_refused() -> None:
    session = completed_session(chances())
    analysis = AnalysisSession.objects.create(
        kind="analysis",
        status=Status.COMPLETED,
        mission="kepler",
        task="vetting",
        data_source="user",
        of=session,
        analysis="ablation",
    )
    for sessions, said in (
        ([session], "1 sessions were chosen, but 2 to 5"),
        ([session] * 6, "6 sessions were chosen"),
        ([session, session], "chosen twice"),
        ([session, analysis], "An analysis has no figures"),
    ):
        with pytest.raises(RefusedError, match=said):
            compared(sessions)


def test_a_result_that_is_gone_is_said_to_be_gone(media: Path) -> None:
    first, second = completed_session(chances()), completed_session(chances())
    storage.remove(storage.results_folder(second.pk))
    with pytest.raises(GoneError):
        compared([first, second])


def test_a_session_of_somebody_elses_is_none_and_neither_is_what_is_no_id() -> None:
    own = completed_session(chances(), owner_key="user:1")
    caller = Owner(key="user:2")
    for name in (str(own.pk), "nonsense", ""):
        with pytest.raises(RefusedError, match="There is no session") as refused:
            chosen_sessions([name], caller)
        assert refused.value.status == 404
    (found,) = chosen_sessions([str(own.pk).upper()], Owner(key="user:1"))
    assert found.pk == own.pk
