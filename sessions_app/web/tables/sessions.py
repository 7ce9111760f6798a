"""A session and its result as the pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessions_app.models import SessionKind
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.web.charts import drawable
from sessions_app.web.formatting import named_figure, words
from sessions_app.web.tables import measurements
from sessions_app.web.tables.features import needed_table
from sessions_app.web.tables.importance import importance_tables
from sessions_app.web.tables.leaderboard import leaderboard_table
from sessions_app.web.tables.second_opinion import opinion_tables

if TYPE_CHECKING:
    from sessions_app.models import Session

_METHODS = {
    "temperature": "a temperature",
    "sigmoid": "a sigmoid",
    "isotonic": "an isotonic step function",
}


def kind_row(session: Session) -> Any:
    """Return a session as the kind of session that it is."""
    return getattr(session, f"{session.kind}session")


def session_title(session: Session) -> str:
    """Return what a session is called in a list and on its page."""
    where = session.get_mission_display()
    if session.kind == SessionKind.PREDICTION:
        return f"Prediction for {where}"
    row = kind_row(session)
    if session.kind == SessionKind.TRAINING:
        return f"{row.get_model_type_display()} on {where}"
    of = f" of object {row.object_number}" if row.object_number else ""
    return f"Analysis{of}: {words(row.analysis)}"


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
            facts.append(("Analysis", row.get_analysis_display()))
            facts += [("Disposition", row.get_wanted_display())] if row.wanted else []
    table = session.snapshot
    if table is not None:
        facts.append(("Table", f"{table}, from the {table.source}"))
    facts += [
        ("File", f"{file.name}: {file.rows} rows, for {words(file.purpose)}")
        for file in session.files.all()
    ]
    return [*facts, ("Seed", str(session.seed))]


def result_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return the tables and pictures of a completed session's page, in its order."""
    measured, probes, curves = report["measurement"], report["probes"], report["curves"]
    protocols, calibration = report["protocols"], report["calibration"]
    importance, search = report["importance"], report["search"]
    # What was stored before there were subsets has none.
    subsets = [part for part in report.get("subsets", ()) if part["measurement"]]
    # A report that was written before there were second opinions has none.
    opinion = report.get("second_opinion")
    main = (measurements.figure_table, measurements.confusion_table, measurements.per_class_table)
    has_probes = measured and probes and probes["probes"]
    return {
        "main": [table(measured) for table in main] if measured else [],
        "subsets": measured and subsets and measurements.subset_table(subsets, measured),
        "probes": has_probes and measurements.probe_table(probes, measured),
        "fine_tuning": list(measurements.fine_tuning_tables(report)),
        "protocols": protocols and measurements.protocol_table(protocols, measured),
        "charts": drawable(curves),
        "reliability": curves and measurements.reliability_table(curves),
        "calibration": calibration and _calibration(calibration),
        "importance": importance and list(importance_tables(importance)),
        "second_opinion": list(opinion_tables(opinion)) if opinion else [],
        "leaderboard": search and leaderboard_table(search),
        "slices": list(measurements.slice_tables(report)),
        "needed": needed_table(report["columns"]),
    }


def _calibration(calibration: dict[str, Any]) -> str:
    method = calibration["method"]
    return (
        "Probabilities are calibrated within the training rows, by star:"
        f" {_METHODS.get(method, method)} was learnt on {calibration['rows']} objects of"
        f" {calibration['stars']} host stars, each scored by a model that had not seen its star."
        f" Their log loss went from {named_figure(calibration, 'log_loss_before')} to"
        f" {named_figure(calibration, 'log_loss_after')}."
    )


def _value(value: Any) -> str:
    if value is None:
        return "chosen by the model"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
