"""Single objects at once: a verdict for values that are told, and what it were with other values.

A process that stays answers, for all of a web process's requests, one after the other. `who` asks
is an owner's `counted_as`: one caller may not have all turns.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mlcore.datasets import DATASETS
from mlcore.datasets.headings.mapping import ColumnMapping
from mlcore.errors import ArtifactError
from mlcore.jobs.asked_values import asked_values as asked_values_of
from sessions_app.exceptions import GoneError, RefusedError, naming
from sessions_app.execution.job_arguments import (
    artifact_of,
    listed_object_job_of,
    object_job_of,
    values_job_of,
)
from sessions_app.isolation import JOB_MODULES, Ending
from sessions_app.isolation.on_request import Allowance, JobsOnRequest
from sessions_app.isolation.resident import Resident, Stay
from sessions_app.selectors.object_names import keys_called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.jobs.asked_values import AskedValue
    from mlcore.jobs.messages import ObjectJob, ValuesJob
    from sessions_app.models import Session, TrainingSession

__all__ = [
    "asked_values",
    "close",
    "movable_quantities",
    "movable_quantities_of_listed",
    "predict_one",
    "warm",
    "what_if",
    "what_if_listed",
    "what_would_change",
    "what_would_change_of_listed",
]

_log = logging.getLogger(__name__)

_MODULES = (*JOB_MODULES, "mlcore.jobs.at_once")
_SECONDS = 20.0
"""How long an answer may take [s]: the first one about a session reads its rows."""
_FITTING_SECONDS = 90.0
"""How long it may take to fit a model for values of which some are lacking [s]."""
_MEMORY_MB = 2_000
"""At which size the process is killed [10⁶ bytes], the imported libraries included."""
_ENOUGH_MEMORY_MB = 1_000
"""From which size on it forgets what it kept."""
_BUSY = "The server is answering other questions at the moment; ask again in a moment."
_OWN_BUSY = "Other questions of yours are being answered: ask again when they have been."
_FITTING_BUSY = "The server is fitting models for other objects; ask again in a moment."


def _stay() -> Stay:
    most = settings.EXOPLANET_JOB_MEMORY_MB
    return Stay(
        memory_bytes=min(_MEMORY_MB, most) * 10**6,
        enough_memory_bytes=min(_ENOUGH_MEMORY_MB, most // 2) * 10**6,
    )


_resident = Resident(
    "mlcore.jobs.at_once:AtOnce",
    _MODULES,
    Allowance(
        at_once=1,
        of_one_caller=1,
        busy=_BUSY,
        own_busy=_OWN_BUSY,
        waiting=10,
        waiting_of_one_caller=3,
    ),
    _stay,
)
_fits = JobsOnRequest(
    _MODULES,
    Allowance(at_once=1, of_one_caller=1, busy=_FITTING_BUSY, own_busy=_FITTING_BUSY),
)


def close() -> None:
    """End the processes; the next question starts others."""
    _resident.close()
    _fits.close()


def warm() -> None:
    """Start the process ahead of the first question, without waiting for it."""
    _resident.warm()


def asked_values(model: TrainingSession, mission: str | None = None) -> tuple[AskedValue, ...]:
    """Return the handful of values to ask for in a form, what matters most to the model first.

    See `mlcore.jobs.asked_values.AskedValue`; the last one is the object's name. Refused where the
    model serves several missions and none is named.
    """
    dataset = DATASETS[_mission(model, mission)]
    importance = (model.report or {}).get("importance") or {}
    moved = (importance.get("mean_absolute_contributions") or {}).get("quantities", ())
    shares = {
        column: quantity["share"] / len(quantity["columns"])
        for quantity in moved
        for column in quantity["columns"]
    }
    try:
        return asked_values_of(artifact_of(model), dataset, shares)
    except (ArtifactError, OSError):
        raise GoneError("The model is no longer on this server.") from None


def predict_one(
    model: TrainingSession,
    values: Mapping[str, Any],
    *,
    mission: str | None = None,
    columns: Any = None,
    seed: int = 0,
    who: str = "",
) -> dict[str, Any]:
    """Return the verdict of one object whose values are told, as a file with one row gets it.

    Parameters
    ----------
    model
        A completed training session, with its report.
    values
        Headings as in a table, the mission's own or people's, with or without units, and what
        stands below: a number, a word, None, or ``{"value": …, "unit": …}``.
    mission
        Of the object; None: the only one that the model serves.
    columns
        What headings mean that do not say it clearly, as in a request with files.
    seed
        Of the draws within the errors.
    who
        See the module.

    Returns
    -------
    dict
        ``object`` (``name``, ``host``), ``verdict``, ``prediction``, ``probabilities``,
        ``conformal``, ``novelty``, ``checks``, ``reasons``, ``explained``, ``values``,
        ``contributions`` and ``columns`` (see `mlcore.analyses.said_at_once.said_of_row`);
        ``score_interval`` and ``score_interval_sentence``; ``nearest_neighbours``;
        ``understood`` (``headings``, what each was read as; ``ignored``; ``missing``, what the
        model would have read beside them; ``refit``, what that cost, or None); ``warnings``.

    Raises
    ------
    RefusedError
        When a value cannot be; it names the field, such as ``values.koi_period``, and what is
        allowed. With 503 when it cannot be answered now.
    """
    chosen = _mission(model, mission)
    with naming("columns"):
        mapping = ColumnMapping.parse(columns=columns)
    job = values_job_of(model, chosen, dict(values), mapping=mapping.as_json(), seed=seed)
    answer = _asked({"values": asdict(job)}, who)
    if "must_be_fitted" in answer:
        _fit(job, who)
        answer = _asked({"values": asdict(job)}, who)
    if "must_be_fitted" in answer:
        raise _not_now()
    return answer


def what_if(
    session: Session, number: int, changes: Mapping[str, float | None], *, who: str = ""
) -> dict[str, Any]:
    """Return what a session's model says of one of its objects with some values replaced.

    Without a change these are the stored numbers, to the bit.

    Parameters
    ----------
    session
        A completed training or prediction session.
    number
        Of one of its objects, from 1.
    changes
        Values of the mission's columns in their units; None for what is not to be known.
    who
        See the module.

    Returns
    -------
    dict
        ``object`` (``number``, ``name``, ``host``), ``changes`` (``column``, ``title``, ``unit``,
        ``unit_in_words``, ``before``, ``after``), ``before`` (``verdict``, ``prediction``,
        ``probabilities`` as it is), what `mlcore.analyses.said_at_once.said_of_row`
        tells of it with the changes, ``warnings``.

    Raises
    ------
    RefusedError
        When a value cannot be; it names the field, such as ``changes.koi_period``. With 410 when
        the session's rows are gone, with 503 when it cannot be answered now.
    """
    return _of_session("what_if", session, number, who, changes=dict(changes))


def movable_quantities(session: Session, number: int, *, who: str = "") -> dict[str, Any]:
    """Return which of an object's values a person would move, those that matter most first.

    Returns
    -------
    dict
        ``object``, ``verdict`` and at most eight ``quantities``: ``column``, ``title``, ``unit``,
        ``unit_in_words``, ``value`` (None where it is not known), ``low`` and ``high`` (between
        which 99 % of the training rows are, and the object), ``scale`` (``linear`` or ``log``),
        ``contribution``.
    """
    return _of_session("movable", session, number, who)


def what_would_change(session: Session, number: int, *, who: str = "") -> dict[str, Any]:
    """Return of each of these values alone the nearest one with which the verdict is another.

    Returns
    -------
    dict
        ``object``, ``verdict``, ``quantities`` as `movable_quantities` returns them with ``at``
        (None: no value within the range changes it), ``verdict``, ``throughout`` (whether all
        values from there on do) and ``sentence``; ``sentences``, those that change it first.
    """
    return _of_session("turning_points", session, number, who)


def what_if_listed(
    model: TrainingSession,
    name: str,
    changes: Mapping[str, float | None],
    *,
    mission: str | None = None,
    who: str = "",
) -> dict[str, Any]:
    """Return `what_if` of an object of the mission's loaded table, by its name in any spelling."""
    return _of_listed("what_if", model, name, mission, who, changes=dict(changes))


def movable_quantities_of_listed(
    model: TrainingSession, name: str, *, mission: str | None = None, who: str = ""
) -> dict[str, Any]:
    """Return `movable_quantities` of an object of the mission's loaded table."""
    return _of_listed("movable", model, name, mission, who)


def what_would_change_of_listed(
    model: TrainingSession, name: str, *, mission: str | None = None, who: str = ""
) -> dict[str, Any]:
    """Return `what_would_change` of an object of the mission's loaded table."""
    return _of_listed("turning_points", model, name, mission, who)


def _of_session(
    question: str, session: Session, number: int, who: str, **facts: Any
) -> dict[str, Any]:
    job = object_job_of(session, question, number, **facts)
    try:
        return _of_object(job, who)
    except RefusedError as refusal:
        if refusal.field == "number":
            raise RefusedError(refusal.sentence, status=HTTPStatus.NOT_FOUND) from None
        raise


def _of_listed(
    question: str,
    model: TrainingSession,
    name: str,
    mission: str | None,
    who: str,
    **facts: Any,
) -> dict[str, Any]:
    chosen = _mission(model, mission)
    called = keys_called(name, [DATASETS[chosen]])
    # What several objects are called, such as their star, is none of them.
    name = called.pop() if len(called) == 1 else name
    return _of_object(listed_object_job_of(model, chosen, question, name, **facts), who)


def _of_object(job: ObjectJob, who: str) -> dict[str, Any]:
    return _asked({"object": asdict(job)}, who)


def _asked(question: Mapping[str, Any], who: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = _resident.ask(question, seconds=_SECONDS, who=who)
    except RefusedError as refusal:
        if refusal.status is HTTPStatus.BAD_REQUEST and not refusal.field:
            # What the session left is not what it was.
            raise GoneError(refusal.sentence) from None
        raise
    return answer


def _fit(job: ValuesJob, who: str) -> None:
    """Fit the model of such values, for everybody who lacks the same, in a process of its own."""
    outcome = _fits.run(
        "mlcore.jobs.at_once:fit_for_values_job",
        asdict(job),
        seconds=_FITTING_SECONDS,
        memory_bytes=settings.EXOPLANET_JOB_MEMORY_MB * 10**6,
        who=who,
    )
    if outcome.ending is Ending.REFUSED:
        raise RefusedError(outcome.sentence, field="values")
    if outcome.ending is not Ending.COMPLETED:
        _log.warning("no model was fitted (%s): %s", outcome.ending, outcome.traceback)
        raise _not_now()


def _not_now() -> RefusedError:
    return RefusedError(
        "A model of the values at hand cannot be fitted at the moment; ask again in a moment.",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        retry_after=5,
    )


def _mission(model: TrainingSession, mission: str | None) -> str:
    """Return which of the missions that a model serves an object is of."""
    served = list((model.model or {}).get("missions", ())) or [model.mission]
    if mission is None and len(served) == 1:
        return str(served[0])
    if mission not in served:
        said = "is missing" if mission is None else f"was {str(mission)[:60]!r}"
        raise RefusedError(
            f"mission {said}; it must be one of {', '.join(served)}, which the model serves.",
            field="mission",
            allowed=served,
        )
    return mission
