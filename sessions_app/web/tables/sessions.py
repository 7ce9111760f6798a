"""A session and its result as the pages show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.in_words import counted
from sessions_app.models import SessionKind
from sessions_app.selectors.pretrained_models import model_title
from sessions_app.selectors.session_titles import kind_row, session_title
from sessions_app.web.formatting import measured_on, named_figure, words
from sessions_app.web.tables import measurements
from sessions_app.web.tables.features import needed_table
from sessions_app.web.tables.importance import importance_tables
from sessions_app.web.tables.leaderboard import leaderboard_table
from sessions_app.web.tables.second_opinion import opinion_tables

if TYPE_CHECKING:
    from sessions_app.models import Session

__all__ = [
    "figures_of",
    "kind_row",
    "session_facts",
    "session_title",
    "settings_of",
    "testing_of",
]

_METHODS = {
    "temperature": "a temperature",
    "sigmoid": "a sigmoid",
    "isotonic": "an isotonic step function",
}


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
        ("File", f"{file.name}: {counted(file.rows, 'row')}, for {words(file.purpose)}")
        for file in session.files.all()
    ]
    return [*facts, ("Seed", str(session.seed))]


def figures_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return a result's figures: of which rows they are, said once, and their tables."""
    measured, importance = report["measurement"], report["importance"]
    main = (measurements.figure_table, measurements.confusion_table, measurements.per_class_table)
    return {
        "measured_on": measured_on(measured) if measured else "",
        "tables": [
            *([table(measured) for table in main] if measured else ()),
            *measurements.fine_tuning_tables(report),
            *(importance_tables(importance) if importance else ()),
        ],
    }


def testing_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return how a result was tested: by what, beside what, and on which kinds of objects."""
    measured, probes, protocols = report["measurement"], report["probes"], report["protocols"]
    # What was stored before there were subsets, or second opinions, has none.
    subsets = [part for part in report.get("subsets", ()) if part["measurement"]]
    opinion, search = report.get("second_opinion"), report["search"]
    tables = []
    if measured and subsets:
        tables.append(measurements.subset_table(subsets, measured))
    if measured and probes and probes["probes"]:
        tables.append(measurements.probe_table(probes, measured))
    if protocols:
        tables.append(measurements.protocol_table(protocols, measured))
    if report["curves"]:
        tables.append(measurements.reliability_table(report["curves"]))
    calibration = report["calibration"]
    return {
        "tables": tables,
        "calibration": calibration and _calibration(calibration),
        "second_opinion": list(opinion_tables(opinion)) if opinion else [],
        "leaderboard": search and leaderboard_table(search),
        "slices": list(measurements.slice_tables(report)),
    }


def settings_of(report: dict[str, Any]) -> dict[str, Any]:
    """Return which columns a result's model needs."""
    return {"needed": needed_table(report["columns"])}


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
