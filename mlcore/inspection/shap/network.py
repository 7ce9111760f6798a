"""Walks of a neural network's rows from the baseline, one column after the other.

The first layer is a weighted sum of the columns, so a column that comes in adds its own part to it,
and only what lies behind is computed again: of a hundred units behind sixty columns this is a
sixtieth of the first layer's work at each step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from sklearn.neural_network import MLPClassifier

__all__ = ["NetworkWalk"]

_ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "relu": lambda sums, out: np.maximum(sums, 0.0, out=out),
    "tanh": lambda sums, out: np.tanh(sums, out=out),
    "logistic": lambda sums, out: expit(sums, out=out),
    "identity": lambda sums, out: np.copyto(out, sums),
}


class NetworkWalk:
    """Rows on their way from the baseline, of which a network's probability is asked.

    Parameters
    ----------
    network
        Fitted.
    position
        The explained class's position.
    X
        Prepared rows, shape ``(n, p)``.
    baseline
        Prepared baseline row, shape ``(p,)``.
    """

    def __init__(
        self,
        network: MLPClassifier,
        position: int,
        X: NDArray[np.float64],
        baseline: NDArray[np.float64],
    ) -> None:
        self.network, self.position = network, position
        self.weights: NDArray[np.float64] = network.coefs_[0]
        self.steps = np.ascontiguousarray((X - baseline).T)
        self.at_baseline = baseline @ self.weights + network.intercepts_[0]
        self.sums = np.empty((len(X), self.weights.shape[1]))
        self.moved, self.active = np.empty_like(self.sums), np.empty_like(self.sums)

    def begin(self) -> NDArray[np.float64]:
        """Put all rows to the baseline and return their outputs, shape ``(n,)``."""
        self.sums[:] = self.at_baseline
        return self._outputs()

    def take(self, column: int) -> NDArray[np.float64]:
        """Give all rows their own value of a column and return their outputs, shape ``(n,)``."""
        np.multiply(self.steps[column][:, None], self.weights[column], out=self.moved)
        self.sums += self.moved
        return self._outputs()

    def _outputs(self) -> NDArray[np.float64]:
        activate = _ACTIVATIONS[self.network.activation]
        activate(self.sums, out=self.active)
        layer = self.active
        behind = list(zip(self.network.coefs_, self.network.intercepts_, strict=True))[1:]
        for place, (weights, intercepts) in enumerate(behind):
            layer = layer @ weights + intercepts
            if place < len(behind) - 1:
                activate(layer, out=layer)
        if self.network.out_activation_ == "softmax":
            layer -= layer.max(axis=1, keepdims=True)
            np.exp(layer, out=layer)
            return np.asarray(layer[:, self.position] / layer.sum(axis=1))
        # Of two classes there is one unit, the second's.
        second = expit(layer[:, 0])
        return np.asarray(second if self.position else 1 - second)
