"""The card that an object's page begins with: what the model says, and how far to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.datasets import CLASSES, Disposition
from mlcore.in_words import counted
from mlcore.levels import COVERAGE
from mlcore.lightcurves.catalogues.evidence import contamination
from mlcore.prediction.verdict import verdict_of
from mlcore.tasks import PLANET, VETTING, find_task
from sessions_app.selectors.row_evidence import row_evidence
from sessions_app.web.formatting import level, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlcore.lightcurves.catalogues.evidence import RowEvidence
    from mlcore.lightcurves.records import SignalRecord
    from mlcore.prediction.stored import ObjectPrediction
    from mlcore.tasks import Task
    from sessions_app.models import Session
    from sessions_app.selectors.catalogue_object import CatalogueObject

__all__ = ["Sign", "VerdictCard", "card_of_answer", "card_of_listed", "card_of_prediction"]

_PLANET = CLASSES.index(PLANET)
_UNCATALOGUED = "The catalogue does not say what it is."
_NO_ROW = "No row of Kepler's, K2's or TESS's catalogue is known to be this signal."


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """Something to know beside the verdict."""

    state: str
    """``good``, ``bad`` or ``open``."""
    sentence: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerdictCard:
    """What is said of an object first."""

    word: str
    probability: float
    """Of a planet, calibrated."""
    low: float | None
    high: float | None
    about: str
    """What the interval says, or whose probability it is."""
    catalogue: str
    possible: Sequence[str]
    """What cannot be ruled out."""
    set_about: str
    """What the set says, in a sentence."""
    signs: Sequence[Sign]
    uncatalogued: str = _UNCATALOGUED
    """What is said where no catalogue says what it is."""
    rank: int | None = None
    """Its place in the follow-up list."""
    by_row: Sequence[str] = ()
    """Of a signal that a catalogue has: what curve, row and both say, as sentences."""
    with_row: str = ""
    """The verdict by its light curve and the catalogue's row together, where `word` is by the light
    curve alone."""


def card_of_prediction(
    session: Session, row: ObjectPrediction, signal: SignalRecord | None = None
) -> VerdictCard:
    """Return the card of an object of a result.

    Parameters
    ----------
    session, row
        A session and one of its objects.
    signal
        The object's record, where it is a signal of a light curve.
    """
    evidence = row_evidence(row, signal)
    judgement = row.judgement or {}
    task = find_task(session.task)
    interval = (judgement.get("score_interval") or {}).get(str(PLANET)) or {}
    conformal = judgement.get("conformal")
    return VerdictCard(
        word=row.verdict or words(row.label),
        probability=row.probabilities[_PLANET],
        low=interval.get("low"),
        high=interval.get("high"),
        # Nobody's catalogue has values of a signal that was measured here.
        about="" if signal is not None else judgement.get("score_interval_sentence") or "",
        catalogue=row.actual or "",
        uncatalogued=_UNCATALOGUED if signal is None else _NO_ROW,
        possible=_possible(conformal["possible"], task) if conformal else (),
        set_about=_said_of_set(conformal) if conformal else "",
        signs=[
            *_other_star(signal),
            *_novelty(judgement),
            *(_physics(judgement) if signal is None or _checked(judgement) else ()),
        ],
        rank=row.follow_up_rank,
        by_row=() if evidence is None else evidence.sentences,
        with_row=_with_row(evidence),
    )


def _with_row(evidence: RowEvidence | None) -> str:
    if evidence is None or evidence.together is None:
        return ""
    planet = evidence.together
    return verdict_of(VETTING, {PLANET: planet, Disposition.FALSE_POSITIVE: 1 - planet}, None)


def card_of_listed(found: CatalogueObject) -> VerdictCard | None:
    """Return the card of an object of a mission's table; None where no model speaks of it."""
    said = found.row.verdict
    if said is None or found.model is None:
        return None
    return VerdictCard(
        word=str(said.word),
        probability=said.planet_probability,
        low=None,
        high=None,
        about="By a model that was not trained on its star.",
        catalogue=str(found.row.disposition or ""),
        possible=_possible(said.possible, find_task(found.model.task)),
        set_about=f"What cannot be ruled out: the true answer is among these for {level(COVERAGE)}"
        " of the objects of each class.",
        signs=(),
    )


def card_of_answer(answer: dict[str, Any], task: Task) -> VerdictCard:
    """Return the card of an object that was asked about at once; see `selectors.at_once`."""
    conformal, novelty = answer.get("conformal"), answer.get("novelty")
    interval = (answer.get("score_interval") or {}).get(str(PLANET)) or {}
    checks = answer["checks"]
    return VerdictCard(
        word=str(answer["verdict"]),
        probability=answer["probabilities"].get(str(PLANET), 0.0),
        low=interval.get("low"),
        high=interval.get("high"),
        about=answer.get("score_interval_sentence") or "",
        catalogue="",
        possible=_possible(conformal["possible"], task) if conformal else (),
        set_about=_said_of_set(conformal) if conformal else "",
        signs=[
            *_novelty({"domain": novelty}),
            *_physics(
                {
                    "failed_checks": checks["failed"],
                    "passed_checks": checks["passed"],
                    "unchecked": checks["unchecked"],
                }
            ),
        ],
    )


def _said_of_set(conformal: dict[str, Any]) -> str:
    held = level(conformal["coverage"])
    return (
        f"{conformal['reason']} Such sets hold the true class for {held} of each class's objects."
    )


def _possible(kinds: Sequence[str], task: Task) -> list[str]:
    return [task.called(Disposition(kind)) for kind in kinds]


def _other_star(signal: SignalRecord | None) -> list[Sign]:
    sentence = "" if signal is None else contamination(signal)
    return [Sign(state="bad", sentence=sentence)] if sentence else []


def _novelty(judgement: dict[str, Any]) -> list[Sign]:
    domain = judgement.get("domain")
    if not domain:
        return []
    sentence = f"{domain.get('sentence') or 'Within what the model was trained on'}."
    return [Sign(state="bad" if domain.get("outside") else "good", sentence=sentence)]


def _checked(judgement: dict[str, Any]) -> bool:
    """Tell whether a physical check was possible: a light curve alone allows none of them."""
    return bool(judgement.get("failed_checks") or judgement.get("passed_checks"))


def _physics(judgement: dict[str, Any]) -> list[Sign]:
    failed = [
        check.get("sentence") or words(check["check"])
        for check in judgement.get("failed_checks") or ()
    ]
    passed, unchecked = judgement.get("passed_checks") or (), judgement.get("unchecked") or ()
    signs = [Sign(state="bad", sentence=f"{sentence}.") for sentence in failed]
    if passed:
        rest = "" if not failed else " others"
        signs.append(
            Sign(state="good", sentence=f"{counted(len(passed), 'physical check')}{rest} passed.")
        )
    if unchecked:
        signs.append(
            Sign(
                state="open",
                sentence=f"{counted(len(unchecked), 'physical check')} not possible: values are"
                " missing.",
            )
        )
    return signs
