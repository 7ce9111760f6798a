"""What to try next: first every model type as it is by default, then what promises most.

The proposals after the first come from tree-structured Parzen estimators (Bergstra et al. 2011,
"Algorithms for hyper-parameter optimization") as optuna has them, over the model type and the
hyperparameters that declare a range for searches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState as OptunaState
from optuna.trial import create_trial

from mlcore.models.hyperparameter_kinds import Integer, SearchRange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlcore.models.hyperparameter_kinds import Hyperparameter
    from mlcore.models.spec import ModelType

__all__ = ["Proposal", "Proposals"]

_MODEL_TYPE = "model_type"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What to try, and the losses of its folds so far."""

    model_type: ModelType
    values: Mapping[str, Any]
    trial: optuna.Trial | None = None
    """None for a model type's defaults."""
    losses: dict[int, float] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """The same for what cannot lead to different results."""
        return self.model_type.name, repr(sorted(self.values.items()))


class Proposals:
    """Proposes hyperparameters and learns from what came of them.

    Parameters
    ----------
    seed
        Seed of the draws: the same losses lead to the same proposals.
    """

    def __init__(self, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(
            # Draws at random until there is something to learn from; the defaults are that.
            sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=4)
        )
        self._finished: list[Mapping[int, float]] = []
        self._defaults: list[tuple[Proposal, float]] = []
        self._types: dict[str, ModelType] = {}

    def default(self, model_type: ModelType) -> Proposal:
        """Return a model type with its defaults."""
        values, _ = model_type.read_hyperparameters({})
        return Proposal(model_type=model_type, values=values)

    def propose(self) -> Proposal | None:
        """Return what promises most, None when no model type has anything to vary.

        Only model types whose defaults have come to an end are proposed.
        """
        if not self._types:
            self._begin()
        if not self._types:
            return None
        trial = self._study.ask()
        kind = self._types[trial.suggest_categorical(_MODEL_TYPE, list(self._types))]
        values, _ = kind.read_hyperparameters({})
        for name, row in _searched(kind).items():
            values[row.name] = _drawn(trial, name, row)
        return Proposal(model_type=kind, values=values, trial=trial)

    def is_hopeless(self, proposal: Proposal, fold: int, loss: float) -> bool:
        """Take the loss on a fold; tell whether to give up.

        So it is when its mean over the folds so far is above the median of the finished trials'
        over the same folds. The defaults are never given up: each model type gets its chance.
        """
        proposal.losses[fold] = loss
        if proposal.trial is None:
            return False
        mean = fmean(proposal.losses.values())
        proposal.trial.report(mean, fold)
        return mean > median(
            fmean(finished[place] for place in proposal.losses) for finished in self._finished
        )

    def tell(self, proposal: Proposal, loss: float | None, *, failed: bool = False) -> None:
        """Learn what came of a proposal.

        Parameters
        ----------
        proposal
            What was tried.
        loss
            Its loss over all folds, None when it did not finish.
        failed
            Whether that says nothing about how good it is.
        """
        if loss is not None and proposal.losses:
            self._finished.append(proposal.losses)
        if proposal.trial is None:
            if loss is not None:
                self._defaults.append((proposal, loss))
        elif loss is not None:
            self._study.tell(proposal.trial, loss)
        else:
            state = OptunaState.FAIL if failed else OptunaState.PRUNED
            self._study.tell(proposal.trial, state=state)

    def _begin(self) -> None:
        """Teach the sampler the defaults, now that it is known which model types take part."""
        varied = [
            (proposal, loss) for proposal, loss in self._defaults if _searched(proposal.model_type)
        ]
        self._types = {proposal.model_type.name: proposal.model_type for proposal, _ in varied}
        if not varied:
            return
        types = CategoricalDistribution(list(self._types))
        for proposal, loss in varied:
            kind = proposal.model_type
            rows = _searched(kind)
            self._study.add_trial(
                create_trial(
                    value=loss,
                    params={_MODEL_TYPE: kind.name}
                    | {name: _nearest(row) for name, row in rows.items()},
                    distributions={_MODEL_TYPE: types}
                    | {name: _distribution(row) for name, row in rows.items()},
                )
            )


def _searched(kind: ModelType) -> dict[str, Hyperparameter]:
    """Return the hyperparameters that are varied, by the sampler's name for each."""
    rows = (row for row in kind.hyperparameters if row.search is not None)
    return {f"{kind.name}.{row.name}": row for row in rows}


def _distribution(row: Hyperparameter) -> BaseDistribution:
    search = row.search or ()
    if not isinstance(search, SearchRange):
        # By position, because the sampler takes no tuples as choices.
        return CategoricalDistribution(range(len(search)))
    if isinstance(row, Integer):
        return IntDistribution(int(search.low), int(search.high), log=search.log)
    return FloatDistribution(search.low, search.high, log=search.log)


def _nearest(row: Hyperparameter) -> Any:
    """Return the point of the searched range that stands for the default."""
    search = row.search or ()
    if not isinstance(search, SearchRange):
        return search.index(row.default)
    # No limit is nearest to the highest one.
    value = search.high if row.default is None else min(max(row.default, search.low), search.high)
    return int(value) if isinstance(row, Integer) else float(value)  # type: ignore[arg-type]


def _drawn(trial: optuna.Trial, name: str, row: Hyperparameter) -> Any:
    search = row.search or ()
    if not isinstance(search, SearchRange):
        return search[trial.suggest_categorical(name, range(len(search)))]
    if isinstance(row, Integer):
        return trial.suggest_int(name, int(search.low), int(search.high), log=search.log)
    # Beyond four digits nobody would write a hyperparameter down.
    return float(f"{trial.suggest_float(name, search.low, search.high, log=search.log):.4g}")
