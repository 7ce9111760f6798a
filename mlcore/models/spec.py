"""What a model type is: its hyperparameters, its cost, how it is explained, fitted and checked.

Whoever asks what can be trained loads no numerical library; `ModelType.recipe` does, with
`mlcore.models.estimators`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pickle import PicklingError
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from mlcore.errors import HyperparameterError
from mlcore.model_selection.protocol import FOLDS_TO_CALIBRATE, Protocol
from mlcore.models import papers
from mlcore.models.costs import A_ROW
from mlcore.models.hyperparameter_kinds import Choice, Hyperparameter
from mlcore.models.workload import MOST_SECONDS, Workload, affordable_folds, may_repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlcore.models.estimators import Recipe
    from mlcore.references import Reference

__all__ = ["Explainer", "ModelType", "OutputScale"]


class Explainer(StrEnum):
    """The exact or sampled method that attributes a model's output to its columns."""

    TREES = "trees"
    LINEAR = "linear"
    KERNEL = "kernel"
    SAMPLING = "sampling"
    STACK = "stack"

    @property
    def asks_slowly(self) -> bool:
        """Whether asking its models again costs so much that it is done as seldom as possible.

        A kernel compares each row with thousands of training rows; an ensemble asks each of its
        members within a time budget.
        """
        return self in {Explainer.KERNEL, Explainer.STACK}

    @property
    def references(self) -> tuple[Reference, ...]:
        """What to cite for it."""
        return _PAPERS[self]


_PAPERS = {
    Explainer.TREES: (papers.SHAPLEY, papers.TREE_SHAPLEY),
    Explainer.LINEAR: (papers.SHAPLEY,),
    Explainer.KERNEL: (papers.AUMANN_SHAPLEY,),
    Explainer.SAMPLING: (papers.SHAPLEY, papers.PERMUTATIONS),
    # Which of the others its members need, the session says.
    Explainer.STACK: (papers.SHAPLEY,),
}


class OutputScale(StrEnum):
    """What kind of number an explanation adds up to."""

    PROBABILITY = "uncalibrated probability"
    SCORE = "score"

    @property
    def meaning(self) -> str:
        """What it is beside the probability that is stated, as a sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    OutputScale.PROBABILITY: "The probability of the class as the model itself states it, before"
    " it is calibrated: contributions add up to this, and the stated probability differs from it"
    " by the calibration.",
    OutputScale.SCORE: "The model's own score of the class, which grows with its probability:"
    " contributions add up to this, and the stated probability is made of the scores of all"
    " classes.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelType:
    """A kind of classifier that a user can train."""

    name: str
    """Name in requests."""
    label: str
    """Name for people."""
    description: str
    """One sentence on what it does and when it suits."""
    aliases: tuple[str, ...] = ()
    """Other names that requests may use."""
    hyperparameters: tuple[Hyperparameter, ...]
    seconds: Callable[[Mapping[str, Any], int, int], float]
    """Rough seconds on one core to fit it and explain the usual share of rows, from values, rows
    and columns."""
    seconds_a_row: Callable[[Mapping[str, Any], int, int], float] = (
        lambda _values, _rows, _columns: A_ROW
    )
    """Rough seconds on one core to predict, explain and assess one row, from values, training rows
    and columns."""
    fit_seconds: Callable[[Mapping[str, Any], int, int], float] | None = None
    """The same of a fit alone, that nobody has to explain; None where it is as much."""
    estimator: str = ""
    """Where its `mlcore.models.estimators.Recipe` stands, as ``module:name``; empty: a search."""
    explainer: Explainer
    output: OutputScale
    """What explanations add up to: always an output before calibration, and one in which they are
    exact. Trees and forests vote with probabilities, and a network is sampled in them; everything
    else is additive in the score whose softmax is the probability. An ensemble's score is a
    weighted sum of such outputs, so it is as exact as its members'."""
    goes_on_learning: bool = False
    """Whether it goes on learning from other rows: see `mlcore.training.fine_tune`."""
    sees_missing: bool = False
    """Whether the estimator takes missing values; else the training median stands in for them."""
    minds_scale: bool = False
    """Whether columns that span decades go in as logarithms."""
    standardised: Callable[[Mapping[str, Any]], bool] = lambda _values: False
    """Whether columns are brought to mean 0 and standard deviation 1 before the estimator."""
    searches: bool = False
    """Whether it is no estimator but a search over the other model types (`mlcore.automl`)."""
    references: tuple[Reference, ...] = ()
    """What to cite for it, beside how it is explained."""
    known_names: frozenset[str] = frozenset()
    """Names of the hyperparameters that any model type has; the catalogue fills it in."""

    @property
    def recipe(self) -> Recipe:
        """How it is built and fitted."""
        # Here and not above: a server's processes read the entries, and only its jobs fit.
        recipe: Recipe = resolve_name(self.estimator)
        return recipe

    def __reduce__(self) -> tuple[Callable[[str], ModelType], tuple[str]]:
        """Go to another process by name: a row holds functions of its own, which do not travel.

        Raises
        ------
        PicklingError
            When it is no row of the catalogue, so that another process could not find it.
        """
        if _catalogue().get(self.name) is not self:
            raise PicklingError(f"The model type {self.name} is no row of the catalogue.")
        return _row_named, (self.name,)

    def read_hyperparameters(
        self, sent: Mapping[str, Any]
    ) -> tuple[dict[str, Any], tuple[str, ...]]:
        """Return the value of each hyperparameter, and a sentence for each that was ignored.

        Parameters
        ----------
        sent
            Values by name, as a request holds them. A name of another model type is ignored.

        Raises
        ------
        HyperparameterError
            When a name belongs to no model type or a value is not allowed.
        """
        own = {row.name: row for row in self.hyperparameters}
        ignored = []
        for name in sent:
            if name in own:
                continue
            if name not in self.known_names:
                raise HyperparameterError(
                    f"{str(name)[:60]} is no hyperparameter of any model;"
                    f" {self.name} has {', '.join(own)}."
                )
            ignored.append(f"{name} is no hyperparameter of {self.name} and was ignored.")
        return {name: row.read(sent.get(name)) for name, row in own.items()}, tuple(ignored)

    def session_seconds(self, values: Mapping[str, Any], work: Workload) -> float:
        """Return how long a session takes on one core [s].

        Parameters
        ----------
        values
            What `read_hyperparameters` returned.
        work
            How large the session is.
        """
        if self.searches:
            # The user has said how long it may take, and it takes no longer.
            return float(values["time_budget"])

        def fit(rows: int) -> float:
            return (self.fit_seconds or self.seconds)(values, rows, work.columns)

        def out_of_fold(rows: int, folds: int) -> float:
            return folds * fit(round(rows * (folds - 1) / folds))

        first = self.seconds(values, work.rows, work.columns)
        crossed = Protocol.CROSS_VALIDATED in work.protocols
        folds = affordable_folds(first, rows=work.rows, cross_validated=crossed)
        return (
            first
            + out_of_fold(work.rows, folds)
            + (fit(work.rows) if may_repeat(first) else 0.0)
            + sum(
                fit(rows) + out_of_fold(rows, FOLDS_TO_CALIBRATE)
                for rows in work.rows_of_further_tests
            )
            + work.predicted * self.seconds_a_row(values, work.rows, work.columns)
        )

    def check_cost(self, values: Mapping[str, Any], **size: Any) -> None:
        """Refuse hyperparameters that fit the bounds one by one but not together.

        Parameters
        ----------
        values
            What `read_hyperparameters` returned.
        **size
            How large the session is: the fields of a `mlcore.models.workload.Workload`.

        Raises
        ------
        HyperparameterError
            When the session's estimated time exceeds `MOST_SECONDS`, or more components are asked
            for than the table has columns.
        """
        work = Workload(**size)
        components = values.get("n_components")
        most = min(work.rows, work.columns) - (values.get("svd_solver") == "arpack")
        if components is not None and components > most:
            raise HyperparameterError(
                f"n_components was {components}, but it must be a whole number from 1 to {most}"
                f" for {work.rows} training rows with {work.columns} feature columns."
            )
        estimate = self.session_seconds(values, work)
        if estimate > MOST_SECONDS:
            predicting = f" and {work.predicted} rows to predict" if work.predicted else ""
            raise HyperparameterError(
                f"These hyperparameters on {work.rows} training rows{predicting} would take about"
                f" {estimate / 60:.0f} minutes, but at most {MOST_SECONDS / 60:.0f} are allowed;"
                f" {self._remedy(values, work, estimate)}."
            )

    def _remedy(self, values: Mapping[str, Any], work: Workload, estimate: float) -> str:
        def at_default(row: Hyperparameter) -> float:
            return self.session_seconds({**values, row.name: row.default}, work)

        dearest = min(self.hyperparameters, key=at_default)
        if at_default(dearest) >= estimate:
            fits = self.session_seconds(values, replace(work, predicted=0))
            return "predict fewer rows" if fits < estimate / 2 else "use fewer rows"
        if isinstance(dearest, Choice):
            return f"choose another {dearest.name}"
        return f"lower {dearest.name}"


def _catalogue() -> Mapping[str, ModelType]:
    # By its name: the catalogue is made of what this file declares.
    catalogue: Mapping[str, ModelType] = resolve_name("mlcore.models.model_types:MODELS")
    return catalogue


def _row_named(name: str) -> ModelType:
    return _catalogue()[name]
