"""The trials of a search, one after the other, until its time or its number of trials is over."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mlcore.automl.exchange import read_model, read_outputs
from mlcore.automl.leaderboard import Trial, TrialState, measured
from mlcore.automl.process import FittingProcess
from mlcore.automl.proposals import Proposal, Proposals
from mlcore.errors import HyperparameterError
from mlcore.in_words import decimal
from mlcore.metrics.weighted import log_losses
from mlcore.models.classifier import fit_classifier
from mlcore.models.model_types import MODELS
from mlcore.models.outputs import class_outputs
from mlcore.models.stack_weights import cross_fitted, learn_weights
from mlcore.parallel import ONE_CORE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from mlcore.automl.clock import Clock
    from mlcore.automl.exchange import Order
    from mlcore.automl.explaining import Explaining
    from mlcore.automl.process import Answer
    from mlcore.models.classifier import Classifier
    from mlcore.models.spec import ModelType
    from mlcore.parallel import Cores
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["STRONGEST", "Trials"]

STRONGEST = "xgboost"
"""The model type whose defaults are the best of all, or within a thousandth of it, on each mission
and task, and among the quickest: measured, see docs/decisions."""

_MOST_IN_VAIN = 25
"""Proposals in a row that were tried before or would take too long, before the search ends."""

_MOST_CRASHES = 3

_ROWS_OF_A_CLASS = 700
"""How many of them a fall-back is fitted on."""
_FALL_BACK = {"max_depth": 4, "min_samples_leaf": 5}


@dataclass(kw_only=True, slots=True, eq=False)
class Trials:
    """Runs trials and keeps what came of them."""

    order: Order
    """The rows."""
    task: Task
    """What the rows' labels tell apart."""
    clock: Clock
    """The budget."""
    folder: Path
    """Where the order lies and the results go."""
    features: pd.DataFrame
    """The rows' values, shape ``(n, p)``."""
    explaining: Explaining | None
    """What follows the search; None: whatever it takes."""
    mark: str | None
    """What must stand beside every figure, see `mlcore.features.feature_sets.mark_of`."""
    progress: ProgressCallback
    """As in `mlcore.automl.search`."""
    cores: Cores = ONE_CORE
    """On what is free of them the folds of a trial are fitted side by side."""
    tried: list[Trial] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _target: NDArray[np.int64] = field(init=False)
    _proposals: Proposals = field(init=False)
    _known: dict[tuple[str, str], float | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._target = self.task.targets(self.order.labels)
        self._proposals = Proposals(self.order.seed)

    @property
    def finished(self) -> list[Trial]:
        """The finished trials, the best first."""
        done = [trial for trial in self.tried if trial.state is TrialState.FINISHED]
        return sorted(done, key=lambda trial: (trial.loss, trial.number))

    def run(self, kinds: Sequence[ModelType]) -> None:
        """Try the model types as they are by default, then what promises most.

        The strongest default comes first and ends however long it takes: no search is worse than
        it. The others follow, the cheapest first, as far as the time allows.

        Parameters
        ----------
        kinds
            The model types that take part.
        """
        defaults = sorted(
            map(self._proposals.default, kinds),
            key=lambda proposal: (
                proposal.model_type.name != STRONGEST,
                self.clock.declared(proposal),
            ),
        )
        with FittingProcess(self.folder, self._tell_progress) as process:
            process.start()
            for place, proposal in enumerate(defaults):
                strongest = proposal.model_type.name == STRONGEST
                if self._is_over() and not strongest:
                    self.notes.append(_not_reached(defaults[place:]))
                    return
                refusal = None if strongest else self._refusal(proposal)
                if refusal is None:
                    self._try(proposal, process, strongest=strongest)
                else:
                    self.notes.append(f"{proposal.model_type.label} was left out: {refusal}.")
            self._go_on(process)

    def fall_back(self) -> None:
        """Finish a trial in no time, here and now."""
        began = time.monotonic()
        model, outputs = _fall_back(self.order, self.features)
        trial = Trial(
            number=len(self.tried) + 1,
            proposal=Proposal(model_type=model.model_type, values=model.hyperparameters),
            model=model,
        )
        self._finish(trial, outputs)
        trial.seconds = time.monotonic() - began
        self.tried.append(trial)
        self.notes.append(
            "No trial finished within the time budget, so that the result is a small decision tree"
            " that was fitted on some of the rows; allow more time."
        )

    def _go_on(self, process: FittingProcess) -> None:
        in_vain = 0
        while in_vain < _MOST_IN_VAIN and not self._is_over():
            proposal = self._proposals.propose()
            if proposal is None:
                self.notes.append("The search ended early: there was nothing left to vary.")
                return
            if proposal.key in self._known or self._refusal(proposal) is not None:
                in_vain += 1
                self._proposals.tell(proposal, self._known.get(proposal.key))
            else:
                in_vain = 0
                self._try(proposal, process)
        if in_vain == _MOST_IN_VAIN and self.clock.left > self.clock.longest:
            self.notes.append(
                "The search ended early: what else was proposed had been tried or would have taken"
                " too long."
            )

    def _try(self, proposal: Proposal, process: FittingProcess, *, strongest: bool = False) -> None:
        self._tell_progress()
        ready = process.make_ready(math.inf if strongest else self.clock.deadline)
        if ready.late:
            return
        began = time.monotonic()
        trial = Trial(number=len(self.tried) + 1, proposal=proposal, crashed=ready.crashed)
        self.tried.append(trial)
        until = math.inf if strongest else self.clock.until(is_first=not self.finished)
        outputs = np.zeros((len(self._target), len(self.task.classes)))
        places = [*range(int(self.order.fold.max()) + 1), None]
        answers: dict[int | None, Answer] = {}
        for place in places:
            self._tell_progress()
            if place not in answers:
                # Most hopeless trials are so after the first fold: nothing is fitted beside it.
                rest = places[places.index(place) :] if place else [place]
                answers |= self._fit(trial, process, rest, until)
            answer = answers[place]
            if answer.late or answer.failed is not None:
                self._note(trial, answer, place)
                break
            if place is None:
                self._finish(trial, outputs)
                if self.explaining is not None:
                    model = read_model(self.folder, trial.number)
                    trial.explaining = self.explaining.expected(model, self.features)
                self.clock.learn(proposal, time.monotonic() - began)
                break
            here = self.order.fold == place
            outputs[here] = read_outputs(self.folder, trial.number, place)
            target = self._target[here]
            # Under the best calibration for this fold.
            stated = learn_weights([outputs[here]], target).probabilities([outputs[here]])
            loss = float(log_losses(stated, target).mean())
            if self._proposals.is_hopeless(proposal, place, loss):
                trial.state = TrialState.GIVEN_UP
                trial.note = (
                    f"Given up after {place + 1} of {len(places) - 1} folds: half of the trials"
                    " before it were better there."
                )
                break
        trial.seconds = time.monotonic() - began
        done = trial.state is TrialState.FINISHED
        failed = trial.state is TrialState.FAILED
        self._known[proposal.key] = trial.loss if done else None
        self._proposals.tell(proposal, trial.loss if done else None, failed=failed)
        self._tell_progress()

    def _fit(
        self, trial: Trial, process: FittingProcess, places: list[int | None], until: float
    ) -> dict[int | None, Answer]:
        """Fit a trial without the first of some folds, or without all where cores are free."""
        with self.cores.taken(len(places) - 1) as more:
            fitted = places if more or self.cores.dask else places[:1]
            answers = process.fit_all(
                trial.number,
                trial.model_type,
                trial.hyperparameters,
                fitted,
                until,
                processes=more + 1,
                dask=self.cores.dask,
            )
        return dict(zip(fitted, answers, strict=True))

    def _finish(self, trial: Trial, outputs: NDArray[np.float64]) -> None:
        trial.state = TrialState.FINISHED
        trial.outputs = outputs
        # Calibrated by star as the ensemble will be: what counts is what a member can add to it.
        alone = cross_fitted([outputs], self._target, self.order.fold)
        trial.figures = measured(
            self.order.labels, alone, self.order.hosts, task=self.task, mark=self.mark
        )

    def _note(self, trial: Trial, answer: Answer, place: int | None) -> None:
        trial.crashed = answer.crashed
        if not answer.late:
            trial.state, trial.note = TrialState.FAILED, answer.failed
            return
        trial.state = TrialState.STOPPED
        how_far = "in the fit on all rows" if place is None else f"in fold {place + 1}"
        trial.note = (
            f"Stopped {how_far}: the time budget was over."
            if self.clock.left <= 0
            else f"Stopped {how_far}: one trial may take at most {self.clock.longest:.0f} of the"
            f" {self.clock.seconds:.0f} seconds."
        )

    def _is_over(self) -> bool:
        if self.clock.most_trials is not None and len(self.tried) >= self.clock.most_trials:
            return True
        crashes = [trial.crashed for trial in self.tried[-_MOST_CRASHES:]]
        if len(crashes) == _MOST_CRASHES and all(crashes):
            self.notes.append(
                f"The search ended early: {_MOST_CRASHES} fits in a row took their process with"
                " them; most often memory has run out."
            )
            return True
        return self.clock.left <= 0

    def _refusal(self, proposal: Proposal) -> str | None:
        """Return why not to try a proposal, as the second half of a sentence."""
        try:
            proposal.model_type.check_cost(
                proposal.values, rows=self.clock.rows, columns=self.clock.columns
            )
        except HyperparameterError:
            return "it takes too long on so many rows"
        expected = self.clock.expected(proposal)
        if expected is None or expected <= self.clock.promised:
            return None
        return (
            f"a trial of it would take about {expected:.0f} seconds, which is too much of the"
            f" {self.clock.seconds:.0f}"
        )

    def _tell_progress(self) -> None:
        begun = len(self.tried)
        fraction = self.clock.elapsed / self.clock.seconds
        if self.clock.most_trials is not None:
            running = begun > 0 and self.tried[-1].seconds == 0.0
            fraction = max(fraction, (begun - running) / self.clock.most_trials)
        words = "starting"
        if begun:
            words = f"trial {begun}: {self.tried[-1].proposal.model_type.label}"
            best = next((trial.figures for trial in self.finished), None)
            if best is not None and (auc := best.figure("roc_auc").value) is not None:
                words += f"; best ROC-AUC {decimal(auc)}"
        self.progress(min(fraction, 1.0), words)


def _not_reached(proposals: Sequence[Proposal]) -> str:
    labels = ", ".join(proposal.model_type.label for proposal in proposals)
    return (
        f"The time budget was over before these were tried, and before any hyperparameter was"
        f" varied: {labels}; allow more time."
    )


def _fall_back(order: Order, features: pd.DataFrame) -> tuple[Classifier, NDArray[np.float64]]:
    """Fit a small decision tree on some of the rows, which takes no time worth speaking of.

    Its outputs for every row, shape ``(n, k)``, are by trees that had not seen the row's star.
    """
    labels = np.asarray(order.labels, dtype=object)
    random = np.random.default_rng(order.seed)
    drawn = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = random.permutation(np.flatnonzero(labels == label))
        # A fold that is held out must leave rows of each class.
        for place in np.unique(order.fold):
            here = rows[order.fold[rows] == place]
            drawn[here[: _ROWS_OF_A_CLASS // 5]] = True

    kind = MODELS["decision_tree"]
    values, _ = kind.read_hyperparameters(_FALL_BACK)

    def fit(kept: NDArray[np.bool_]) -> Classifier:
        rows = order.rows(features[kept], kept)
        return fit_classifier(kind, values, rows, seed=order.seed, task=order.task)

    outputs = np.zeros((len(labels), len(np.unique(labels))))
    for place in np.unique(order.fold):
        here = order.fold == place
        tree = fit(drawn & ~here)
        outputs[here] = class_outputs(tree, tree.prepare(features[here]))
    return fit(drawn), outputs
