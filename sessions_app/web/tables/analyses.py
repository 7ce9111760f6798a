"""Analyses as the pages show them: which fit a session, and their answers as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlcore.analyses.names import Analysis, refusal_of_analysis
from sessions_app.web.formatting import decimal, figure, signed
from sessions_app.web.tables.report import Row, WordTable, needed_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessions_app.models import Session

__all__ = ["answer_tables", "contribution_row", "fitting_analyses"]

_FIGURES = {"roc_auc": "ROC-AUC", "macro_f1": "Macro F1", "accuracy": "Accuracy"}


def fitting_analyses(session: Session, *, of_one_object: bool) -> list[Analysis]:
    """Return what can be asked about a completed session's model, or about its objects."""
    model = session.model or {}
    return [
        each
        for each in Analysis
        if each.of_one_object is of_one_object
        and not refusal_of_analysis(
            each,
            model_type=model.get("model_type", ""),
            fine_tuned=bool(model.get("fine_tuned")),
            measured=session.metrics is not None,
        )
    ]


def answer_tables(answer: dict[str, Any]) -> Iterator[WordTable]:
    """Yield what an analysis found beside its sentences."""
    if answer.get("quantities"):
        yield _effects(answer)
    if answer.get("changes"):
        yield _changes(answer)
    if answer.get("columns"):
        yield _contributions(answer)
    if "needed" in answer:
        yield needed_table(answer)


def contribution_row(
    head: str, value: str, contribution: float, longest: float, *, note: str = "", error: str = ""
) -> Row:
    """Return the row of a column that moved an output."""
    return Row(
        head=head,
        note=note,
        cells=(value, f"{signed(contribution)}{error}"),
        bar=contribution / longest if longest else 0.0,
    )


def _effects(answer: dict[str, Any]) -> WordTable:
    return WordTable(
        title="What the figures lose or gain",
        about=f"{answer['rows']} objects of {answer['stars']} host stars: {answer['split']}."
        f" In brackets: {answer['interval']}.",
        columns=("Quantity", *(f"Change of {title}" for title in _FIGURES.values())),
        rows=(
            Row(
                head="The model as it is",
                cells=tuple(figure(answer["baseline"][name]) for name in _FIGURES),
            ),
            *(
                Row(
                    head=each["quantity"],
                    cells=tuple(figure(each["change"][name]) for name in _FIGURES),
                )
                for each in answer["quantities"]
            ),
        ),
    )


def _changes(answer: dict[str, Any]) -> WordTable:
    return WordTable(
        title="What would have to be different",
        about="The smallest change that was found, in the columns' own units.",
        columns=("Column", "Quantity", "Is", "Would have to be"),
        rows=tuple(
            Row(
                head=column["column"],
                cells=(
                    change["quantity"],
                    _with_unit(column["before"], column["unit"]),
                    _with_unit(column["after"], column["unit"]),
                ),
            )
            for change in answer["changes"]
            for column in change["columns"]
        ),
    )


def _contributions(answer: dict[str, Any]) -> WordTable:
    found = answer["columns"]
    longest = max((abs(each["contribution"]) for each in found), default=0.0)
    return WordTable(
        title="How much each column moved it",
        about=f"{answer['estimand']}. From {decimal(answer['base'])} by the contributions to"
        f" {decimal(answer['output'])}; ± is the standard error of the estimate.",
        columns=("Column", "Value", "Contribution"),
        bars=True,
        rows=tuple(
            contribution_row(
                each["meaning"],
                _with_unit(each["value"], each["unit"]),
                each["contribution"],
                longest,
                note=each["column"],
                error=f" ± {decimal(each['standard_error'])}" if each["standard_error"] else "",
            )
            for each in found
        ),
    )


def _with_unit(value: float | None, unit: str) -> str:
    if value is None:
        return "not known"
    return f"{value:.4g} {unit}".rstrip().replace("-", "−")
