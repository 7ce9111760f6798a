"""Several completed sessions held against each other, on the objects that all of them tested.

What a result says never changes, so that what is found of some sessions is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, reduce
from http import HTTPStatus
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlcore.datasets import CLASSES
from mlcore.metrics.curves import curves
from mlcore.metrics.paired import paired_figures
from mlcore.metrics.resampling import RESAMPLES
from mlcore.tasks import PLANET, find_task
from sessions_app.exceptions import RefusedError
from sessions_app.files.results import objects_of
from sessions_app.lifecycle import Status
from sessions_app.models import Session, SessionKind
from sessions_app.selectors.session_titles import KINDS
from sessions_app.selectors.sessions import BULKY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from numpy.typing import NDArray

    from mlcore.metrics.curves import Curve
    from mlcore.metrics.paired import PairedFigures
    from sessions_app.access.ownership import Owner

__all__ = ["FEWEST", "MOST", "Comparison", "Disagreement", "Said", "chosen_sessions", "compared"]

FEWEST, MOST = 2, 5
"""How many sessions can be compared."""
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KEPT = 16
"""Of how many comparisons what was found is kept in each process."""
_METRICS = ("roc_auc", "average_precision", "recall_at_99_precision", "log_loss", "brier", "f1")
_MOST_CELLS = 2_500_000
"""How many weights of rows are drawn, over all sessions: a few tenths of a second."""
_FEWEST_RESAMPLES = 200
_MOST_LISTED = 500
_SPLIT = "objects that all of the compared sessions tested"


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What one session says of an object."""

    number: int
    """The object's number in the session."""
    verdict: str
    planet_probability: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Disagreement:
    """An object of which the sessions say different things."""

    name: str
    host: str
    actual: str | None
    said: tuple[Said, ...]
    """By each session, in their order."""
    spread: float
    """How far the probabilities of a planet are apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What several sessions' results say of the objects that they share."""

    shared: int
    """Objects of which all of them say something."""
    alone: tuple[int, ...]
    """How many further objects each of them has."""
    figures: PairedFigures | None
    """By session's id; None where no shared object has a disposition that the task tells apart."""
    tested: int
    """Shared objects with such a disposition, of which figures can be measured."""
    roc: Mapping[str, Curve]
    """Of planets, on these objects, by session's id."""
    disagreeing: int
    disagreements: tuple[Disagreement, ...]
    """The first of these, where the probabilities are farthest apart."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Result:
    """What a result is known by."""

    pk: UUID
    finished_at: datetime | None
    task: str


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Read:
    """The columns of a result that are compared."""

    names: pa.Array
    hosts: pa.Array
    actual: pa.Array
    verdicts: pa.Array
    probabilities: NDArray[np.float64]
    """Of each disposition, in canonical order."""


def chosen_sessions(ids: Sequence[str], caller: Owner) -> list[Session]:
    """Return the sessions of these ids, in their order.

    Refused where one is no session that the caller may see.
    """
    if len(ids) > MOST:
        raise RefusedError(
            f"{len(ids)} sessions were chosen, but {FEWEST} to {MOST} can be compared.",
            field="session",
        )
    # Whatever else stands in an address is no id.
    wanted = [name for name in ids if _UUID.fullmatch(name)]
    rows = Session.objects.filter(pk__in=wanted).defer(*BULKY)
    found = {
        str(session.pk): session
        for session in rows.select_related(*KINDS, "snapshot")
        if caller.may_read(session.owner_key)
    }
    for name in ids:
        if name.lower() not in found:
            raise RefusedError(
                f"There is no session {name[:60]!r}.", field="session", status=HTTPStatus.NOT_FOUND
            )
    return [found[name.lower()] for name in ids]


def compared(sessions: Sequence[Session]) -> Comparison:
    """Return what several completed sessions say of the objects that they share.

    The figures of the others are held against the first one's. Refused where the sessions cannot be
    compared, with the reason; with 410 where a result's file is gone.
    """
    _check(sessions)
    return _compared(
        tuple(_Result(pk=one.pk, finished_at=one.finished_at, task=one.task) for one in sessions)
    )


def _check(sessions: Sequence[Session]) -> None:
    if not FEWEST <= len(sessions) <= MOST:
        raise RefusedError(
            f"{len(sessions)} sessions were chosen, but {FEWEST} to {MOST} can be compared.",
            field="session",
        )
    if len({session.pk for session in sessions}) < len(sessions):
        raise RefusedError("A session was chosen twice.", field="session")
    for session in sessions:
        if session.kind == SessionKind.ANALYSIS:
            raise RefusedError(
                "An analysis has no figures that could be compared: choose the session that it is"
                " of.",
                field="session",
            )
        if session.status != Status.COMPLETED:
            raise RefusedError(
                f"The {session} has no result that could be compared: it is {session.status}.",
                field="session",
            )
    first = sessions[0]
    for session in sessions[1:]:
        if session.mission != first.mission:
            raise RefusedError(
                f"The sessions are of {first.get_mission_display()} and of"
                f" {session.get_mission_display()}: they share no objects, so that their figures"
                " say nothing of which model is better.",
                field="session",
            )
        if session.task != first.task:
            raise RefusedError(
                f"The sessions answer different questions, “{first.get_task_display()}” and"
                f" “{session.get_task_display()}”: their figures are of different things.",
                field="session",
            )


@lru_cache(_KEPT)
def _compared(results: tuple[_Result, ...]) -> Comparison:
    read = [_read(result) for result in results]
    places = _shared(read)
    shared = len(places[0])
    if not shared:
        raise RefusedError(
            "The sessions share no object: nothing that one of them tested was tested by all.",
            field="session",
        )
    disagreeing, disagreements = _disagreements(read, places)
    figures, roc, tested = _measured(results, read, places)
    return Comparison(
        shared=shared,
        alone=tuple(len(one.names) - shared for one in read),
        figures=figures,
        tested=tested,
        roc=roc,
        disagreeing=disagreeing,
        disagreements=disagreements,
    )


def _read(result: _Result) -> _Read:
    wanted = [f"probability_{kind}" for kind in CLASSES]
    rows = objects_of(Session(pk=result.pk)).columns(
        ["name", "host", "actual", "verdict", "label", *wanted]
    )
    # Before there were verdicts a result said the most probable class.
    labels = pc.replace_substring(_words(rows["label"]), pattern="_", replacement=" ")
    return _Read(
        names=_words(rows["name"]),
        hosts=_words(rows["host"]),
        actual=_words(rows["actual"]),
        verdicts=pc.coalesce(_words(rows["verdict"]), labels),
        probabilities=np.column_stack([rows[name].to_numpy() for name in wanted]),
    )


def _words(column: pa.ChunkedArray) -> pa.Array:
    chunks = column.cast(pa.string()).chunks
    return pa.concat_arrays(chunks) if chunks else pa.array([], pa.string())


def _shared(read: Sequence[_Read]) -> list[NDArray[np.int64]]:
    """Return the places, in each result, of the objects that all of them have.

    Of rows that name the same object the first one counts.
    """
    first = read[0].names
    found = [pc.index_in(first, value_set=one.names) for one in read]
    own = pc.equal(found[0], pa.array(range(len(first)), pa.int32()))
    everywhere = reduce(pc.and_, (pc.is_valid(places) for places in found), own)
    return [np.asarray(places.filter(everywhere)).astype(np.int64) for places in found]


def _disagreements(
    read: Sequence[_Read], places: Sequence[NDArray[np.int64]]
) -> tuple[int, tuple[Disagreement, ...]]:
    verdicts = [one.verdicts.take(pa.array(at)) for one, at in zip(read, places, strict=True)]
    apart = reduce(pc.or_, (pc.not_equal(verdicts[0], other) for other in verdicts[1:]))
    planet = CLASSES.index(PLANET)
    stated = np.column_stack(
        [one.probabilities[at, planet] for one, at in zip(read, places, strict=True)]
    )
    spread = np.ptp(stated, axis=1)
    rows = np.flatnonzero(np.asarray(apart.fill_null(fill_value=False)))
    rows = rows[np.argsort(-spread[rows], kind="stable")]
    listed = rows[:_MOST_LISTED]
    shown = pa.array(places[0][listed])
    about = (read[0].names, read[0].hosts, read[0].actual)
    words = [column.take(pa.array(listed)).to_pylist() for column in verdicts]
    return len(rows), tuple(
        Disagreement(
            name=name,
            host=host or "",
            actual=actual,
            spread=float(spread[row]),
            said=tuple(
                Said(
                    number=int(at[row]) + 1,
                    verdict=of_session[place],
                    planet_probability=float(stated[row, session]),
                )
                for session, (at, of_session) in enumerate(zip(places, words, strict=True))
            ),
        )
        for place, (row, name, host, actual) in enumerate(
            zip(listed, *(column.take(shown).to_pylist() for column in about), strict=True)
        )
    )


def _measured(
    results: Sequence[_Result], read: Sequence[_Read], places: Sequence[NDArray[np.int64]]
) -> tuple[PairedFigures | None, dict[str, Curve], int]:
    """Return figures and curves on the shared objects of which all say what they are."""
    task = find_task(results[0].task)
    actual = [one.actual.take(pa.array(at)) for one, at in zip(read, places, strict=True)]
    known = pc.is_in(actual[0], value_set=pa.array([str(kind) for kind in task.classes]))
    # Two tables may say different things of an object.
    agreed = reduce(pc.and_, (pc.equal(actual[0], other) for other in actual[1:]), known)
    rows = np.flatnonzero(np.asarray(agreed.fill_null(fill_value=False)))
    if not len(rows):
        return None, {}, 0
    tested, hosts = len(rows), read[0].hosts.take(pa.array(places[0])).to_pylist()
    most = _MOST_CELLS // (_FEWEST_RESAMPLES * len(results))
    rows = _of_whole_stars(rows, [hosts[row] for row in rows], most=most)
    stated = {
        str(result.pk): task.probabilities(one.probabilities[at[rows]])
        for result, one, at in zip(results, read, places, strict=True)
    }
    labels = actual[0].take(pa.array(rows)).to_pylist()
    stars = [hosts[row] for row in rows]
    resamples = min(RESAMPLES, _MOST_CELLS // (len(rows) * len(results)))
    figures = paired_figures(
        labels,
        stated,
        stars,
        task=task,
        metrics=_METRICS,
        split=_SPLIT,
        resamples=resamples,
    )
    roc = {
        whose: curve
        for whose, probabilities in stated.items()
        for curve in curves(labels, probabilities, stars, task=task, split=_SPLIT, resamples=0).roc
        if curve.of is PLANET
    }
    return figures, roc, tested


def _of_whole_stars(
    rows: NDArray[np.int64], hosts: Sequence[str], *, most: int
) -> NDArray[np.int64]:
    """Return all rows, or where they are too many those of stars that are drawn at random."""
    if len(rows) <= most:
        return rows
    names, codes, counts = np.unique(
        np.asarray(hosts, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    order = np.random.default_rng(0).permutation(len(names))
    drawn = order[np.cumsum(counts[order]) <= most]
    return rows[np.isin(codes, drawn)]
