"""The trials of a search, one after the other, until its time or its number of trials is over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from mlcore.automl.exchange import read_model, read_outputs
from mlcore.automl.fall_back import fall_back
from mlcore.automl.leaderboard import Trial, TrialState, measured
from mlcore.automl.process import FittingProcess
from mlcore.automl.proposals import Proposal, Proposals
from mlcore.errors import HyperparameterError
from mlcore.in_words import decimal
from mlcore.metrics.weighted import log_losses
from mlcore.models.stack_weights import cross_fitted, learn_weights

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mlcore.automl.clock import Clock
    from mlcore.automl.exchange import Order
    from mlcore.automl.explaining import Explaining
    from mlcore.automl.process import Answer
    from mlcore.models.spec import ModelType
    from mlcore.progress import ProgressCallback
    from mlcore.tasks import Task

__all__ = ["Trials"]

_MOST_IN_VAIN = 25
"""Proposals in a row that were tried before or would take too long, before the search ends."""

_MOST_CRASHES = 3


class Trials:
    """Runs trials and keeps what came of them.

    Parameters
    ----------
    order
        The rows.
    task
        What the rows' labels tell apart.
    clock
        The budget.
    folder
        Where the order lies and the results go.
    explaining
        What follows the search; None: whatever it takes.
    features
        The rows' values, shape ``(n, p)``.
    mark
        What must stand beside every figure, see `mlcore.features.feature_sets.mark_of`.
    progress
        As in `mlcore.automl.search`.
    """

    def __init__(
        self,
        order: Order,
        *,
        task: Task,
        clock: Clock,
        folder: Path,
        features: pd.DataFrame,
        explaining: Explaining | None = None,
        mark: str | None = None,
        progress: ProgressCallback,
    ) -> None:
        self._order = order
        self._labels = pd.Series(order.labels, dtype="str")
        self._hosts = pd.Series(order.hosts, dtype="str")
        self._task = task
        self._target = task.targets(order.labels)
        self._clock = clock
        self._folder = folder
        self._features = features
        self._explaining = explaining
        self._mark = mark
        self._progress = progress
        self._proposals = Proposals(order.seed)
        self._known: dict[tuple[str, str], float | None] = {}
        self.tried: list[Trial] = []
        self.notes: list[str] = []

    @property
    def finished(self) -> list[Trial]:
        """The finished trials, the best first."""
        done = [each for each in self.tried if each.state is TrialState.FINISHED]
        return sorted(done, key=lambda each: (each.loss, each.number))

    def run(self, kinds: Sequence[ModelType]) -> None:
        """Try the model types as they are by default, the cheapest first, then what promises most.

        Parameters
        ----------
        kinds
            The model types that take part.
        """
        defaults = [self._proposals.default(kind) for kind in kinds]
        with FittingProcess(self._folder, self._tell_progress) as process:
            process.start()
            for proposal in sorted(defaults, key=self._clock.declared):
                if self._is_over():
                    return
                refusal = self._refusal(proposal)
                if refusal is None:
                    self._try(proposal, process)
                else:
                    self.notes.append(f"{proposal.model_type.label} was left out: {refusal}.")
            self._go_on(process)

    def fall_back(self) -> None:
        """Finish a trial in no time, here and now."""
        began = time.monotonic()
        model, outputs = fall_back(self._order, self._features)
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
        while not self._is_over():
            proposal = self._proposals.propose()
            if proposal is None:
                self.notes.append("The search ended early: there was nothing left to vary.")
                return
            if proposal.key in self._known:
                self._proposals.tell(proposal, self._known[proposal.key])
            elif self._refusal(proposal) is not None:
                self._proposals.tell(proposal, None)
            else:
                in_vain = 0
                self._try(proposal, process)
                continue
            in_vain += 1
            if in_vain == _MOST_IN_VAIN:
                if self._clock.left > self._clock.longest:
                    self.notes.append(
                        "The search ended early: what else was proposed had been tried or would"
                        " have taken too long."
                    )
                return

    def _try(self, proposal: Proposal, process: FittingProcess) -> None:
        self._tell_progress()
        ready = process.make_ready(self._clock.deadline)
        if ready.late:
            return
        began = time.monotonic()
        trial = Trial(number=len(self.tried) + 1, proposal=proposal, crashed=ready.crashed)
        self.tried.append(trial)
        until = self._clock.until(is_first=not self.finished)
        outputs = np.zeros((len(self._target), len(self._task.classes)))
        places = [*range(int(self._order.fold.max()) + 1), None]
        for place in places:
            self._tell_progress()
            answer = process.fit(
                trial.number, proposal.model_type.name, proposal.values, place, until
            )
            if answer.late or answer.failed is not None:
                self._note(trial, answer, place)
                break
            if place is None:
                self._finish(trial, outputs)
                if self._explaining is not None:
                    model = read_model(self._folder, trial.number)
                    trial.explaining = self._explaining.expected(model, self._features)
                self._clock.learn(proposal, time.monotonic() - began)
                break
            here = self._order.fold == place
            outputs[here] = read_outputs(self._folder, trial.number, place)
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

    def _finish(self, trial: Trial, outputs: NDArray[np.float64]) -> None:
        trial.state = TrialState.FINISHED
        trial.outputs = outputs
        # Calibrated by star as the ensemble will be: what counts is what a member can add to it.
        alone = cross_fitted([outputs], self._target, self._order.fold)
        trial.figures = measured(self._labels, alone, self._hosts, task=self._task, mark=self._mark)

    def _note(self, trial: Trial, answer: Answer, place: int | None) -> None:
        trial.crashed = answer.crashed
        if not answer.late:
            trial.state, trial.note = TrialState.FAILED, answer.failed
            return
        trial.state = TrialState.STOPPED
        how_far = "in the fit on all rows" if place is None else f"in fold {place + 1}"
        trial.note = (
            f"Stopped {how_far}: the time budget was over."
            if self._clock.left <= 0
            else f"Stopped {how_far}: one trial may take at most {self._clock.longest:.0f} of the"
            f" {self._clock.seconds:.0f} seconds."
        )

    def _is_over(self) -> bool:
        if self._clock.most_trials is not None and len(self.tried) >= self._clock.most_trials:
            return True
        crashes = [trial.crashed for trial in self.tried[-_MOST_CRASHES:]]
        if len(crashes) == _MOST_CRASHES and all(crashes):
            self.notes.append(
                f"The search ended early: {_MOST_CRASHES} fits in a row took their process with"
                " them; most often memory has run out."
            )
            return True
        return self._clock.left <= 0

    def _refusal(self, proposal: Proposal) -> str | None:
        """Return why not to try a proposal, as the second half of a sentence."""
        try:
            proposal.model_type.check_cost(
                proposal.values, rows=self._clock.rows, columns=self._clock.columns
            )
        except HyperparameterError:
            return "it takes too long on so many rows"
        expected = self._clock.expected(proposal)
        if expected is None or expected <= self._clock.promised:
            return None
        return (
            f"a trial of it would take about {expected:.0f} seconds, which is too much of the"
            f" {self._clock.seconds:.0f}"
        )

    def _tell_progress(self) -> None:
        begun = len(self.tried)
        fraction = self._clock.elapsed / self._clock.seconds
        if self._clock.most_trials is not None:
            running = begun > 0 and self.tried[-1].seconds == 0.0
            fraction = max(fraction, (begun - running) / self._clock.most_trials)
        words = "starting"
        if begun:
            words = f"trial {begun}: {self.tried[-1].proposal.model_type.label}"
            best = next((trial.figures for trial in self.finished), None)
            if best is not None and best.roc_auc.value is not None:
                words += f"; best ROC-AUC {decimal(best.roc_auc.value)}"
        self._progress(min(fraction, 1.0), words)
