"""A session's report as tables of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlcore.metrics import METRICS
from mlcore.models import MODELS
from sessions_app.web.formatting import figure, measured_on, percent, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "Row",
    "WordTable",
    "confusion_table",
    "figure_table",
    "leaderboard_table",
    "needed_table",
    "per_class_table",
    "probe_table",
    "protocol_table",
    "reliability_table",
    "rests_on_tables",
    "slice_tables",
    "tuning_tables",
]

Json = dict[str, Any]

_BESIDE = ("roc_auc", "average_precision", "accuracy", "f1", "brier", "expected_calibration_error")
"""Metrics that ways of testing are compared by."""
_SLICED = ("roc_auc", "f1", "accuracy", "expected_calibration_error", "recall_at_99_precision")
_PER_CLASS = tuple(name for name, metric in METRICS.items() if metric.per_class)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row of a table."""

    head: str
    cells: tuple[str, ...]
    note: str = ""
    """What is to be known of it, in a sentence or two."""
    stands_out: bool = False
    bar: float | None = None
    """Length of its bar, as a share of the longest one's; negative to the left."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WordTable:
    """A table whose first column names its rows."""

    title: str
    about: str
    """Which rows its figures are of, or what it shows."""
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    bars: bool = False

    @property
    def bars_begin(self) -> int:
        """Where the bars' scale begins: −1 where one of them goes to the left, else 0."""
        return -1 if any((row.bar or 0) < 0 for row in self.rows) else 0


def figure_table(measured: Json) -> WordTable:
    """Return the figures of the whole task."""
    return WordTable(
        title="Figures on the tested objects",
        about=measured_on(measured),
        columns=("Figure", "Value [95 % interval]"),
        rows=tuple(
            Row(
                head=METRICS[each["name"]].title,
                cells=(figure(each),),
                note="lower is better" if METRICS[each["name"]].lower_is_better else "",
            )
            for each in measured["figures"]
            if each["of"] is None
        ),
    )


def per_class_table(measured: Json) -> WordTable:
    """Return the figures of each class against the others."""
    support = dict(
        zip(measured["classes"], map(sum, measured["confusion_matrix"]["counts"]), strict=True)
    )
    return WordTable(
        title="By class",
        about=measured_on(measured),
        columns=("Class", "Objects", *(METRICS[name].title for name in _PER_CLASS)),
        rows=tuple(
            Row(
                head=words(of).capitalize(),
                cells=(str(support[of]), *_figures(measured, _PER_CLASS, of=of)),
            )
            for of in measured["classes"]
        ),
    )


def confusion_table(measured: Json) -> WordTable:
    """Return how often each true class was given each predicted one."""
    matrix = measured["confusion_matrix"]
    return WordTable(
        title="Confusion matrix",
        about=f"Rows: what the catalogue says; columns: what the model says."
        f" {measured_on(measured)}",
        columns=("Catalogue", *(f"Model: {words(each)}" for each in matrix["classes"])),
        rows=tuple(
            Row(head=words(of).capitalize(), cells=tuple(_counts(matrix, i)))
            for i, of in enumerate(matrix["classes"])
        ),
    )


def probe_table(probes: Json, measured: Json) -> WordTable:
    """Return what the probes reach, beside the model itself."""
    (own,) = _figures(measured, ("roc_auc",))
    rows = [Row(head="The model", cells=(own, str(measured["rows"]), _share(1.0)))]
    for probe in probes["probes"]:
        found = probe["measurement"]
        rows.append(
            Row(
                head=probe["title"],
                note=" ".join(filter(None, (probe["meaning"], probe["note"]))),
                cells=("–", "–", "–")
                if found is None
                else (
                    *_figures(found, ("roc_auc",)),
                    str(found["rows"]),
                    _share(probe["share"], probe.get("share_low"), probe.get("share_high")),
                ),
                stands_out=probe["close"],
            )
        )
    return WordTable(
        title="Probes beside the score",
        about="Probes are models that know almost nothing; one that comes close to the model says"
        f" that its score may rest on a shortcut. {measured_on(measured)} The split by row is"
        f" tested on rows of its own. {probes.get('fitted_on', '')}".rstrip(),
        columns=(
            "Probe",
            "ROC-AUC [95 % interval]",
            "Objects",
            "Share of the gain over chance [with both at the ends of their intervals]",
        ),
        rows=tuple(rows),
    )


def protocol_table(protocols: Sequence[Json], measured: Json | None) -> WordTable:
    """Return the figures of each way of testing."""
    rows = [] if measured is None else [_tested_by("Test rows", measured)]
    rows += [_tested_by(words(each["protocol"]).capitalize(), each) for each in protocols]
    return WordTable(
        title="Ways of testing",
        about="The same kind of model, tested in other ways beside its test rows; each has"
        " rows of its own. In brackets: 95 % intervals, host stars resampled.",
        columns=("Way of testing", *(METRICS[name].title for name in _BESIDE)),
        rows=tuple(rows),
    )


def tuning_tables(report: Json) -> Iterator[WordTable]:
    """Yield the figures before and after fine-tuning, on the user's rows and the mission's."""
    old = report["old_domain"]
    for title, before, after in (
        ("On your rows", report["before_fine_tuning"], report["measurement"]),
        (
            "On the mission's own test rows",
            old and old["before"],
            old and old["after"],
        ),
    ):
        if before and after:
            yield WordTable(
                title=f"Before and after fine-tuning: {title.lower()}",
                about=measured_on(after),
                columns=("Model", *(METRICS[name].title for name in _BESIDE)),
                rows=(
                    _tested_by("Before, as published", before, rows_too=False),
                    _tested_by("After fine-tuning", after, rows_too=False),
                ),
            )


def reliability_table(curves: Json) -> WordTable:
    """Return how often stated probabilities came true."""
    return WordTable(
        title="Reliability in numbers",
        about=f"{curves['rows']} objects of {curves['stars']} host stars: {curves['split']}."
        " In brackets: 95 % intervals, host stars resampled.",
        columns=("Stated probability", "Of", "Mean stated", "Came true", "Objects (stars)"),
        rows=tuple(
            Row(
                head=f"{100 * each['begin']:.0f} to {100 * each['end']:.0f} %",
                cells=(
                    words(each["of"]),
                    percent(each["stated"]),
                    figure(each | {"value": each["observed"]}),
                    f"{each['rows']} ({each['stars']})",
                ),
            )
            for each in curves["reliability"]
        ),
    )


def slice_tables(report: Json) -> Iterator[WordTable]:
    """Yield the figures by kind of object, a table a quantity."""
    for slicing in report["slices"]:
        parts = slicing["slices"]
        yield WordTable(
            title=slicing["title"],
            about=slicing["note"]
            or f"Tested on {report['split']}. In brackets: 95 % intervals, host stars resampled.",
            columns=("Range", "Objects (stars)", *(METRICS[name].title for name in _SLICED)),
            rows=tuple(
                Row(
                    head=part["range"],
                    cells=(
                        f"{part['rows']} ({part['stars']})",
                        *_figures(part, _SLICED),
                    ),
                    note=part.get("small") or "",
                )
                for part in parts
            ),
        )


def rests_on_tables(importance: Json) -> Iterator[WordTable]:
    """Yield what the model rests on, asked in two ways."""
    permutation = importance["permutation"]
    if permutation is not None:
        yield _bar_table(
            "Permutation importance",
            "What ROC-AUC loses when a quantity's values are dealt out among the rows: mean of"
            f" {permutation['repeats']} repeats on {permutation['rows']} objects:"
            f" {importance['split']}. In brackets: 95 % intervals, host stars resampled.",
            "Loss of ROC-AUC",
            [
                (each["quantity"], each["mean"]["roc_auc"], _loss(each))
                for each in permutation["losses"]
            ],
        )
    moved = importance["mean_absolute_contributions"]
    yield _bar_table(
        "Mean absolute contribution",
        "How far a quantity moves the model's output (mean absolute SHAP value), as a share of"
        f" all, over {moved['rows']} objects: {importance['split']}. In brackets: 95 % intervals,"
        " host stars resampled.",
        "Share",
        [(each["quantity"], each["share"], _moved(each)) for each in moved["quantities"]],
    )


def leaderboard_table(search: Json) -> WordTable:
    """Return what an automatic search tried."""
    names = ("log_loss", "roc_auc", "average_precision", "accuracy")

    def cells(figures: Mapping[str, Any] | None) -> tuple[str, ...]:
        return tuple(figure(figures[name]) if figures else "–" for name in names)

    rows = [
        Row(
            head="The ensemble",
            cells=("–", *cells(search["ensemble"]), "–", "–"),
            stands_out=True,
        )
    ]
    for trial in search["trials"]:
        given = ", ".join(f"{name} {value}" for name, value in trial["hyperparameters"].items())
        label = MODELS[trial["model_type"]].label if trial["model_type"] in MODELS else ""
        note = " ".join(filter(None, (given, trial["note"])))
        rows.append(
            Row(
                head=f"{trial['number']}. {label or trial['model_type']}",
                note=note,
                cells=(
                    str(trial["rank"] or words(trial["state"])),
                    *cells(trial["figures"]),
                    percent(trial["weight"]),
                    f"{trial['seconds']:.0f} s",
                ),
            )
        )
    return WordTable(
        title="What the search tried",
        about=f"{search['rows']} training objects, each scored by a model that had not seen its"
        f" star ({search['folds']} folds), with 95 % intervals by star. These figures chose the"
        " models, so they flatter a little; those on the tested objects do not.",
        columns=(
            "Trial",
            "Rank",
            *(METRICS[name].title for name in names),
            "Share in the ensemble",
            "Time",
        ),
        rows=tuple(rows),
    )


def needed_table(columns: Json) -> WordTable:
    """Return which columns the model needs."""
    return WordTable(
        title="Columns that it needs",
        about="A column that the table lacks is taken as unknown for every object.",
        columns=("Column", "What it is", "In the table"),
        rows=tuple(
            Row(
                head=each["name"],
                cells=(
                    f"{each['meaning']}{f', {unit}' if (unit := each['unit']) else ''}",
                    "yes" if each["given"] else "no",
                ),
                stands_out=not each["given"],
            )
            for each in columns["needed"]
        ),
    )


def _bar_table(
    title: str, about: str, column: str, found: Sequence[tuple[str, float | None, str]]
) -> WordTable:
    """Return quantities with their bars; those without any effect in one sentence."""
    longest = max((abs(value or 0.0) for _, value, _ in found), default=0.0)
    without = [quantity for quantity, value, _ in found if not value]
    rest = f" Without any effect: {', '.join(without).lower()}." if without else ""
    return WordTable(
        title=title,
        about=about + rest,
        columns=("Quantity", column),
        bars=True,
        rows=tuple(
            Row(head=quantity, cells=(shown,), bar=value / longest)
            for quantity, value, shown in found
            if value
        ),
    )


def _tested_by(head: str, measured: Json, *, rows_too: bool = True) -> Row:
    note = ""
    if rows_too:
        trained = f" Trained on {measured['trained_rows']}." if "trained_rows" in measured else ""
        note = f"{measured['rows']} objects of {measured['stars']} host stars: {measured['split']}."
        note += trained
    return Row(head=head, note=note, cells=_figures(measured, _BESIDE))


def _figures(measured: Json, names: Sequence[str], *, of: str | None = None) -> tuple[str, ...]:
    found = {each["name"]: each for each in measured["figures"] if each["of"] == of}
    return tuple(figure(found[name]) if name in found else "–" for name in names)


def _counts(matrix: Json, i: int) -> Iterator[str]:
    for j, count in enumerate(matrix["counts"][i]):
        if matrix["low"] is None:
            yield str(count)
        else:
            yield f"{count} [{matrix['low'][i][j]:.0f}, {matrix['high'][i][j]:.0f}]"


def _loss(loss: Json) -> str:
    ends = {end: (loss.get(end) or {}).get("roc_auc") for end in ("low", "high")}
    return figure({"value": loss["mean"]["roc_auc"], **ends})


def _moved(quantity: Json) -> str:
    low, high = quantity.get("share_low"), quantity.get("share_high")
    bounds = "no interval" if low is None or high is None else f"{percent(low)}, {percent(high)}"
    return f"{percent(quantity['share'])} [{bounds}]".replace(" ", "\N{NO-BREAK SPACE}")


def _share(share: float | None, low: float | None = None, high: float | None = None) -> str:
    if share is None:
        return "–"
    bounds = "" if low is None or high is None else f" [{low:.0%}, {high:.0%}]"
    shown = f"{share:.0%}{bounds}".replace(" ", "\N{NO-BREAK SPACE}")
    return shown.replace("%", "\N{NO-BREAK SPACE}%").replace("-", "−")
