"""A session's figures as tables of words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlcore.datasets import Disposition
from mlcore.levels import INTERVAL
from mlcore.metrics import METRICS
from mlcore.tasks import DISPOSITION
from sessions_app.web.formatting import (
    IN_BRACKETS,
    NOTHING,
    figure,
    figure_of,
    gain,
    measured_on,
    on_rows,
    percent,
    words,
)
from sessions_app.web.tables.word_table import Row, WordTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json = dict[str, Any]

_BESIDE = ("roc_auc", "average_precision", "accuracy", "f1", "brier", "expected_calibration_error")
"""Metrics that ways of testing are compared by."""
_SLICED = ("roc_auc", "f1", "accuracy", "expected_calibration_error", "recall_at_99_precision")
_PER_CLASS = tuple(name for name, metric in METRICS.items() if metric.per_class)


def figure_table(measured: Json) -> WordTable:
    """Return the figures of the whole task."""
    whole = [(METRICS[one["name"]], one) for one in measured["figures"] if one["of"] is None]
    return WordTable(
        title="Figures on the tested objects",
        about="",
        columns=("Figure", f"Value [{INTERVAL}]"),
        rows=[
            Row(metric.title, figure(one), note="lower is better" if metric.lower_is_better else "")
            for metric, one in whole
        ],
    )


def per_class_table(measured: Json) -> WordTable:
    """Return the figures of each class against the others."""
    counts = map(sum, measured["confusion_matrix"]["counts"])
    return WordTable(
        title="By class",
        about="",
        columns=("Class", "Objects", *_titles(_PER_CLASS)),
        rows=[
            Row(words(of).capitalize(), str(count), *_figures(measured, _PER_CLASS, of=of))
            for of, count in zip(measured["classes"], counts, strict=True)
        ],
    )


def _called(of: str, matrix: Json) -> str:
    """Return what a class is called as a model's answer."""
    task = replace(DISPOSITION, classes=tuple(map(Disposition, matrix["classes"])))
    return task.called(Disposition(of))


def confusion_table(measured: Json) -> WordTable:
    """Return how often each true class was given each predicted one."""
    matrix = measured["confusion_matrix"]
    return WordTable(
        title="Confusion matrix",
        about="Rows: what the catalogue says; columns: what the model says.",
        columns=("Catalogue", *(f"Model: {_called(of, matrix)}" for of in matrix["classes"])),
        rows=[
            Row(words(of).capitalize(), *_counts(matrix, i))
            for i, of in enumerate(matrix["classes"])
        ],
    )


def probe_table(probes: Json, measured: Json) -> WordTable:
    """Return what the probes reach, beside the model itself."""
    own = figure(figure_of(measured, "roc_auc"))
    return WordTable(
        title="Probes beside the score",
        about="Probes are models that know almost nothing; one that comes close to the model says"
        f" that its score may rest on a shortcut. {measured_on(measured)} The split by row is"
        f" tested on rows of its own. {probes.get('fitted_on', '')}".rstrip(),
        columns=(
            "Probe",
            f"ROC-AUC [{INTERVAL}]",
            "Objects",
            "Share of the gain over chance [with both at the ends of their intervals]",
        ),
        rows=[
            Row("The model", own, str(measured["rows"]), percent(1.0)),
            *map(_probe, probes["probes"]),
        ],
    )


def protocol_table(protocols: Sequence[Json], measured: Json | None) -> WordTable:
    """Return the figures of each way of testing."""
    rows = [] if measured is None else [_tested_by("Test rows", measured)]
    rows += [_tested_by(words(other["protocol"]).capitalize(), other) for other in protocols]
    return WordTable(
        title="Ways of testing",
        about="The same kind of model, tested in other ways beside its test rows; each has"
        f" rows of its own.{IN_BRACKETS}",
        columns=("Way of testing", *_titles(_BESIDE)),
        rows=rows,
    )


def subset_table(subsets: Sequence[Json], measured: Json) -> WordTable:
    """Return the figures without the rows that are no fair test, beside those of all rows."""
    rows = [_tested_by("All tested rows", measured)]
    rows += [_tested_by(part["title"], part["measurement"]) for part in subsets]
    return WordTable(
        title="Without rows that are no fair test",
        about=f"The tested rows without those that are no fair test of the model.{IN_BRACKETS}",
        columns=("Rows", *_titles(_BESIDE)),
        rows=rows,
    )


def fine_tuning_tables(report: Json) -> Iterator[WordTable]:
    """Yield the figures before and after fine-tuning, on the user's rows and the mission's."""
    old = report["old_domain"] or {"before": None, "after": None}
    for rows, before, after in (
        ("on your rows", report["before_fine_tuning"], report["measurement"]),
        ("on the mission's own test rows", old["before"], old["after"]),
    ):
        if before and after:
            yield WordTable(
                title=f"Before and after fine-tuning: {rows}",
                about=measured_on(after),
                columns=("Model", *_titles(_BESIDE)),
                rows=[
                    Row("Before, as published", *_figures(before, _BESIDE)),
                    Row("After fine-tuning", *_figures(after, _BESIDE)),
                ],
            )


def reliability_table(curves: Json) -> WordTable:
    """Return how often stated probabilities came true."""
    return WordTable(
        title="Reliability in numbers",
        about=f"{on_rows(curves)}{IN_BRACKETS}",
        columns=("Stated probability", "Of", "Mean stated", "Came true", "Objects (stars)"),
        rows=[
            Row(
                f"{100 * part['begin']:.0f} to {100 * part['end']:.0f} %",
                words(part["of"]),
                percent(part["stated"]),
                figure(part | {"value": part["observed"]}),
                f"{part['rows']} ({part['stars']})",
            )
            for part in curves["reliability"]
        ],
    )


def slice_tables(report: Json) -> Iterator[WordTable]:
    """Yield the figures by kind of object, a table a quantity."""
    for slicing in report["slices"]:
        yield WordTable(
            title=slicing["title"],
            about=slicing["note"] or f"Tested on {report['split']}.{IN_BRACKETS}",
            columns=("Range", "Objects (stars)", *_titles(_SLICED)),
            rows=[
                Row(
                    part["range"],
                    f"{part['rows']} ({part['stars']})",
                    *_figures(part, _SLICED),
                    note=part.get("small") or "",
                )
                for part in slicing["slices"]
            ],
        )


def _probe(probe: Json) -> Row:
    cells: tuple[str, ...] = (NOTHING, NOTHING, NOTHING)
    if (reached := probe["measurement"]) is not None:
        cells = (figure(figure_of(reached, "roc_auc")), str(reached["rows"]), gain(probe))
    note = " ".join(filter(None, (probe["meaning"], probe["note"])))
    return Row(probe["title"], *cells, note=note, stands_out=probe["close"])


def _tested_by(head: str, measured: Json) -> Row:
    trained = f" Trained on {measured['trained_rows']}." if "trained_rows" in measured else ""
    return Row(head, *_figures(measured, _BESIDE), note=f"{on_rows(measured)}{trained}")


def _figures(measured: Json, names: Sequence[str], *, of: str | None = None) -> tuple[str, ...]:
    return tuple(figure(figure_of(measured, name, of)) for name in names)


def _titles(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(METRICS[name].title for name in names)


def _counts(matrix: Json, i: int) -> Iterator[str]:
    for j, count in enumerate(matrix["counts"][i]):
        if matrix["low"] is None:
            yield str(count)
        else:
            yield f"{count} [{matrix['low'][i][j]:.0f}, {matrix['high'][i][j]:.0f}]"
