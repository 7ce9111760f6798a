"""A trained classifier as one ONNX file: columns in, probabilities out, nothing left to do by hand.

What scikit-learn and xgboost fitted is written by skl2onnx and onnxmltools; the steps around it
by `mlcore.persistence.onnx_graph`. Trees see single precision, as they do in their own libraries,
and what else those two write computes in it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from onnxmltools.convert import convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as BoosterInput
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType

from mlcore.datasets import DATASETS
from mlcore.errors import ArtifactError
from mlcore.models.kernel_sums import kernel_width, margin_weights
from mlcore.persistence.manifest import no_onnx
from mlcore.persistence.onnx_graph import (
    FEATURES,
    PROBABILITIES,
    UNCALIBRATED,
    Steps,
    finish,
    prepare,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlcore.models.classifier import Classifier
    from mlcore.models.trained_model import TrainedModel

__all__ = ["write_onnx"]

_OPSET, _TREES, _IR = 15, 3, 8
"""Versions of ONNX's operators, the newest that onnxmltools writes, of those for trees and of its
files."""
_TREE_DOMAIN = "ai.onnx.ml"
_ESTIMATOR = "estimator_"


def write_onnx(model: TrainedModel, path: Path) -> dict[str, str]:
    """Write a trained model's classifier as ONNX.

    Parameters
    ----------
    model
        What training left.
    path
        Where to write.

    Returns
    -------
    dict
        What stands in the file's metadata: the columns with their units in order, the classes in
        order, which of the outputs are calibrated, and what the model is.

    Raises
    ------
    ArtifactError
        When the model is of a type that cannot be written so.
    """
    classifier = model.classifier
    if refusal := no_onnx(classifier.model_type.name):
        raise ArtifactError(refusal)
    steps, columns = Steps(), len(classifier.columns)
    prepared = prepare(steps, classifier.preparation, columns)
    stated = _WRITERS.get(classifier.model_type.name, _by_library)(steps, classifier, prepared)
    classes = [str(kind) for kind in classifier.task.classes]
    finish(
        steps, stated, [str(kind) for kind in classifier.classes], classes, classifier.calibration
    )
    graph = helper.make_graph(
        steps.nodes,
        "classifier",
        [helper.make_tensor_value_info(FEATURES, TensorProto.DOUBLE, [None, columns])],
        [
            helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None, len(classes)])
            for name in (PROBABILITIES, UNCALIBRATED)
        ],
        steps.constants,
    )
    written = helper.make_model(
        graph,
        opset_imports=[
            helper.make_opsetid("", _OPSET),
            helper.make_opsetid(_TREE_DOMAIN, _TREES),
        ],
        ir_version=_IR,
        producer_name="exoplanet-playground",
    )
    about = _metadata(model, classes)
    helper.set_model_props(written, about)
    onnx.checker.check_model(written)
    path.write_bytes(written.SerializeToString(deterministic=True))
    return about


def _metadata(model: TrainedModel, classes: list[str]) -> dict[str, str]:
    classifier, calibration = model.classifier, model.classifier.calibration
    known = [DATASETS[name] for name in model.missions if name in DATASETS]
    columns = model.columns(known[0]) if known else ()
    calibrated = (
        f"{PROBABILITIES} is calibrated ({calibration.method}), {UNCALIBRATED} is not"
        if calibration is not None
        else f"nothing was learnt to calibrate with: {PROBABILITIES} is as {UNCALIBRATED}"
    )
    return {
        "columns": json.dumps(list(classifier.columns)),
        "units": json.dumps([column.unit for column in columns]),
        "missing_values": "NaN",
        "classes": json.dumps(classes),
        "calibration": calibrated,
        "model_type": classifier.model_type.name,
        "task": classifier.task.name,
        "missions": json.dumps(list(model.missions)),
        "seed": str(classifier.seed),
    }


def _by_library(steps: Steps, classifier: Classifier, prepared: str) -> str:
    """Add what scikit-learn's own models compute, as skl2onnx writes it."""
    columns = len(classifier.columns)
    return _spliced(
        steps,
        convert_sklearn(
            classifier.estimator,
            initial_types=[("X", FloatTensorType([None, columns]))],
            options={id(classifier.estimator): {"zipmap": False}},
            target_opset={"": _OPSET, _TREE_DOMAIN: _TREES},
        ),
        prepared,
    )


def _boosted(steps: Steps, classifier: Classifier, prepared: str) -> str:
    """Add a booster's trees, as onnxmltools writes them."""
    columns = len(classifier.columns)
    return _spliced(
        steps,
        convert_xgboost(
            classifier.estimator,
            initial_types=[("X", BoosterInput([None, columns]))],
            target_opset=_OPSET,
        ),
        prepared,
    )


def _spliced(steps: Steps, part: Any, prepared: str) -> str:
    """Add the operators of a model with an input X and the probabilities as its second output."""
    graph = part.graph
    # Its own names may be anything.
    steps.then("Cast", prepared, to=TensorProto.FLOAT, name=_ESTIMATOR + graph.input[0].name)
    for constant in graph.initializer:
        constant.name = _ESTIMATOR + constant.name
        steps.constants.append(constant)
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                names[place] = _ESTIMATOR + name if name else name
        steps.nodes.append(node)
    return _ESTIMATOR + str(graph.output[1].name)


def _histogram_boosted(steps: Steps, classifier: Classifier, prepared: str) -> str:
    """Add the trees of scikit-learn's histogram boosting, which compare in double precision."""
    estimator = classifier.estimator
    trees: dict[str, Any] = {name: [] for name in (*_NODES, *_LEAVES)}
    thresholds: list[float] = []
    weights: list[float] = []
    # The predictors of a fitted model have no public name.
    for number, tree in enumerate(
        (tree, place)
        for one_round in estimator._predictors  # noqa: SLF001
        for place, tree in enumerate(one_round)
    ):
        predictor, target = tree
        for place, node in enumerate(predictor.nodes):
            leaf = bool(node["is_leaf"])
            trees["nodes_treeids"].append(number)
            trees["nodes_nodeids"].append(place)
            trees["nodes_featureids"].append(0 if leaf else int(node["feature_idx"]))
            trees["nodes_modes"].append("LEAF" if leaf else "BRANCH_LEQ")
            trees["nodes_truenodeids"].append(0 if leaf else int(node["left"]))
            trees["nodes_falsenodeids"].append(0 if leaf else int(node["right"]))
            trees["nodes_missing_value_tracks_true"].append(int(node["missing_go_to_left"]))
            thresholds.append(0.0 if leaf else float(node["num_threshold"]))
            if leaf:
                trees["target_treeids"].append(number)
                trees["target_nodeids"].append(place)
                trees["target_ids"].append(target)
                weights.append(float(node["value"]))
    base = np.ravel(estimator._baseline_prediction)  # noqa: SLF001
    scores = steps.then(
        "TreeEnsembleRegressor",
        prepared,
        domain=_TREE_DOMAIN,
        n_targets=len(base),
        nodes_values_as_tensor=_doubles(thresholds),
        target_weights_as_tensor=_doubles(weights),
        base_values_as_tensor=_doubles(base.tolist()),
        **trees,
    )
    if len(base) > 1:
        return steps.then("Softmax", scores, axis=1)
    second = steps.then("Sigmoid", scores)
    first = steps.then("Sub", steps.constant(1.0, np.float32), second)
    return steps.then("Concat", first, second, axis=1)


_NODES = (
    *("nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes"),
    *("nodes_truenodeids", "nodes_falsenodeids", "nodes_missing_value_tracks_true"),
)
_LEAVES = ("target_treeids", "target_nodeids", "target_ids")


def _doubles(values: list[float]) -> Any:
    return helper.make_tensor("", TensorProto.DOUBLE, [len(values)], values)


def _margins(steps: Steps, classifier: Classifier, prepared: str) -> str:
    """Add a support vector machine's kernel, its pairs' margins and what they say of classes."""
    machine = classifier.estimator
    svc = machine.svc_
    vectors, gamma = np.asarray(svc.support_vectors_), kernel_width(svc)
    products = steps.then("MatMul", prepared, steps.constant(vectors.T))
    if svc.kernel == "linear":
        values = products
    elif svc.kernel == "rbf":
        squares = steps.then("Mul", prepared, prepared)
        of_rows = steps.then("ReduceSum", squares, steps.constant([1], np.int64), keepdims=1)
        of_vectors = steps.constant((vectors**2).sum(axis=1)[None, :])
        twice = steps.then("Mul", products, steps.constant(2.0))
        distance = steps.then("Sub", steps.then("Add", of_rows, of_vectors), twice)
        # Rounding must not make it negative.
        distance = steps.then("Max", distance, steps.constant(0.0))
        values = steps.then("Exp", steps.then("Mul", distance, steps.constant(-gamma)))
    else:
        scaled = steps.then("Mul", products, steps.constant(gamma))
        shifted = steps.then("Add", scaled, steps.constant(svc.coef0))
        values = (
            steps.then("Pow", shifted, steps.constant(float(svc.degree)))
            if svc.kernel == "poly"
            else steps.then("Tanh", shifted)
        )
    weighted = steps.then("MatMul", values, steps.constant(margin_weights(svc).T))
    pairs = steps.then("Add", weighted, steps.constant(np.asarray(svc.intercept_)[None, :]))
    signs = machine.pair_signs() * machine.sharpness_
    return steps.then("Softmax", steps.then("MatMul", pairs, steps.constant(signs)), axis=1)


_WRITERS: dict[str, Callable[[Steps, Classifier, str], str]] = {
    "xgboost": _boosted,
    "gradient_boosting": _histogram_boosted,
    "svm": _margins,
}
"""How the estimators are written that skl2onnx does not write."""
