"""A session and its result as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.analyses.names import Analysis
from mlcore.metrics import METRICS
from sessions_app.models import AnalysisSession, PredictionSession, SessionKind, TrainingSession
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.charts import Chart, drawable
from sessions_app.web.formatting import figure, words
from sessions_app.web.tables import measurements
from sessions_app.web.tables.features import needed_table
from sessions_app.web.tables.importance import importance_tables
from sessions_app.web.tables.leaderboard import leaderboard_table

if TYPE_CHECKING:
    from sessions_app.models import Session
    from sessions_app.web.tables.word_table import WordTable

__all__ = ["Result", "kind_row", "mark_of", "result_of", "session_facts", "session_title"]

_ROWS = {
    SessionKind.TRAINING: TrainingSession,
    SessionKind.PREDICTION: PredictionSession,
    SessionKind.ANALYSIS: AnalysisSession,
}
_METHODS = {
    "temperature": "a temperature",
    "sigmoid": "a sigmoid",
    "isotonic": "an isotonic step function",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a completed session's page shows, in its order."""

    mark: str | None
    question: str
    split: str
    main: tuple[WordTable, ...]
    metrics: tuple[Any, ...]
    """What each figure means."""
    probes: WordTable | None
    probe_warnings: tuple[str, ...]
    protocols: WordTable | None
    tuning: tuple[WordTable, ...]
    forgotten: str | None
    charts: tuple[Chart, ...]
    reliability: WordTable | None
    slices: tuple[WordTable, ...]
    rests_on: tuple[WordTable, ...]
    calibration: str | None
    leaderboard: WordTable | None
    search_notes: tuple[str, ...]
    needed: WordTable
    lacking: tuple[str, ...]
    excess: tuple[str, ...]
    notes: tuple[str, ...]


def kind_row(session: Session) -> Any:
    """Return a session as the kind of session that it is."""
    return _ROWS[SessionKind(session.kind)].objects.get(pk=session.pk)


def session_title(session: Session) -> str:
    """Return what a session is called in a list and on its page."""
    where = session.get_mission_display()
    match session.kind:
        case SessionKind.TRAINING:
            return f"{session.trainingsession.get_model_type_display()} on {where}"  # type: ignore[attr-defined]
        case SessionKind.PREDICTION:
            return f"Prediction for {where}"
    row = session.analysissession  # type: ignore[attr-defined]
    of = f" of object {row.object_number}" if row.object_number else ""
    return f"Analysis{of}: {words(row.analysis)}"


def mark_of(session: Session) -> str | None:
    """Return what must stand beside every figure of a session, None where nothing must."""
    return session.mark


def session_facts(session: Session) -> list[tuple[str, str]]:
    """Return what was asked for, as names and values in words."""
    row = kind_row(session)
    facts = [("Question", session.get_task_display()), ("Mission", session.get_mission_display())]
    match session.kind:
        case SessionKind.TRAINING:
            facts += [
                ("Model", row.get_model_type_display()),
                ("Columns", row.get_feature_set_display()),
                *((words(name), _value(value)) for name, value in row.hyperparameters.items()),
            ]
            if row.label_derived:
                facts.append(("Label-derived columns", ", ".join(row.label_derived)))
        case SessionKind.PREDICTION:
            facts.append(("Published model", model_title(row.published_model)))
        case SessionKind.ANALYSIS:
            facts.append(("Analysis", Analysis(row.analysis).meaning))
            facts += [("Disposition", row.get_wanted_display())] if row.wanted else []
    table = session.snapshot
    if table is not None:
        facts.append(("Table", f"{table}, from the {table.source}"))
    facts += [
        ("File", f"{each.name}: {each.rows} rows, for {words(each.purpose)}")
        for each in session.files.all()
    ]
    return [*facts, ("Seed", str(session.seed))]


def result_of(session: Session) -> Result:
    """Return the result of a completed session as words and tables."""
    report = session.report or {}
    measured = report["measurement"]
    probes = report["probes"] or {"probes": [], "warnings": []}
    old, columns, search = report["old_domain"], report["columns"], report["search"]
    return Result(
        mark=session.mark,
        question=report["question"],
        split=report["split"],
        main=()
        if measured is None
        else (
            measurements.figure_table(measured),
            measurements.confusion_table(measured),
            measurements.per_class_table(measured),
        ),
        metrics=tuple(METRICS.values()),
        probes=measurements.probe_table(probes, measured)
        if probes["probes"] and measured
        else None,
        probe_warnings=tuple(probes["warnings"]),
        protocols=measurements.protocol_table(report["protocols"], measured)
        if report["protocols"]
        else None,
        tuning=tuple(measurements.fine_tuning_tables(report)),
        forgotten=old["warning"] if old else None,
        charts=tuple(drawable(report["curves"])),
        reliability=measurements.reliability_table(report["curves"]) if report["curves"] else None,
        slices=tuple(measurements.slice_tables(report)),
        rests_on=tuple(importance_tables(report["importance"])) if report["importance"] else (),
        calibration=_calibration(report["calibration"]),
        leaderboard=leaderboard_table(search) if search else None,
        search_notes=tuple(search["notes"]) if search else (),
        needed=needed_table(columns),
        lacking=tuple(columns["lacking"]),
        excess=tuple(each["sentence"] for each in columns["excess"]),
        notes=tuple(report["notes"]),
    )


def _calibration(found: dict[str, Any] | None) -> str | None:
    if found is None:
        return None
    before, after = (
        figure(
            {
                "value": found[name],
                "low": found.get(f"{name}_low"),
                "high": found.get(f"{name}_high"),
            }
        )
        for name in ("log_loss_before", "log_loss_after")
    )
    return (
        "Probabilities are calibrated within the training rows, by star:"
        f" {_METHODS.get(found['method'], found['method'])} was learnt on {found['rows']} objects"
        f" of {found['stars']} host stars, each scored by a model that had not seen its star. Their"
        f" log loss went from {before} to {after}."
    )


def _value(value: Any) -> str:
    if value is None:
        return "chosen by the model"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
