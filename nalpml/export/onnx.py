"""Write a model as ONNX and prove that it gives the same scores.

The graph is written straight from the trees: one float32 input ``features`` of shape
``[None, n]``; outputs ``score`` (calibrated P(covert), shape ``[None]``), ``probabilities``
(``[None, K]``, benign first) and ``label`` (``[None]``, text). Thresholds are rounded down to
float32 (:func:`nalpml.export.trees.to_float32_down`), so that every float32 row takes the same
branches as in LightGBM; what remains is float32 summation of leaf values.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nalpml.errors import BundleError
from nalpml.export import trees as _trees

if TYPE_CHECKING:
    from nalpml.export.bundle import Model

F32 = npt.NDArray[np.float32]

TOLERANCE = 1e-5
OPSET = 18
OPSET_ML = 3
IR_VERSION = 8


def _require(name: str) -> Any:
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise BundleError(
            f"ONNX export needs the package {name!r}: install it with 'pip install nalpml[onnx]'"
        ) from error


def metadata(model: Model) -> dict[str, str]:
    """What the ONNX file says about itself.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    dict of str to str
        ``metadata_props``; every value is JSON.
    """
    return {
        "feature_names": json.dumps(list(model.schema.names)),
        "schema_digest": json.dumps(model.schema.digest),
        "schema_version": json.dumps(model.schema.version),
        "schema_level": json.dumps(model.schema.level),
        "classes": json.dumps(list(model.classes)),
        "threshold": json.dumps(model.threshold.value),
        "target_fpr": json.dumps(model.threshold.target_fpr),
        "calibration": json.dumps(model.calibration.to_dict()),
        "technique": json.dumps("T1095"),
        "model": json.dumps(model.id),
    }


def _ensemble(model: Model, n_outputs: int, helper: Any) -> Any:
    """One TreeEnsembleRegressor node that gives LightGBM's margins."""
    nodes: dict[str, list[Any]] = {
        key: []
        for key in [
            "treeids",
            "nodeids",
            "featureids",
            "modes",
            "values",
            "truenodeids",
            "falsenodeids",
            "missing_value_tracks_true",
            "hitrates",
        ]
    }
    target: dict[str, list[Any]] = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
    for number, tree in enumerate(_trees.parse(model.model_text)):
        inner = len(tree.feature)
        down = _trees.to_float32_down(tree.threshold)

        def place(child: int, inner: int = inner) -> int:
            return int(child) if child >= 0 else inner - 1 - int(child)

        for i in range(inner):
            _append(
                nodes,
                number,
                i,
                int(tree.feature[i]),
                "BRANCH_LEQ",
                float(down[i]),
                place(tree.left[i]),
                place(tree.right[i]),
                int(tree.nan_left[i]),
            )
        for j, value in enumerate(tree.leaf):
            _append(nodes, number, inner + j, 0, "LEAF", 0.0, 0, 0, 0)
            target["treeids"].append(number)
            target["nodeids"].append(inner + j)
            target["ids"].append(number % n_outputs)
            target["weights"].append(float(value))
    attributes = {f"nodes_{key}": value for key, value in nodes.items()}
    attributes |= {f"target_{key}": value for key, value in target.items()}
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["raw"],
        domain="ai.onnx.ml",
        n_targets=n_outputs,
        post_transform="NONE",
        aggregate_function="SUM",
        **attributes,
    )


def _append(nodes: dict[str, list[Any]], *values: Any) -> None:
    for key, value in zip(
        (
            "treeids",
            "nodeids",
            "featureids",
            "modes",
            "values",
            "truenodeids",
            "falsenodeids",
            "missing_value_tracks_true",
        ),
        values,
        strict=True,
    ):
        nodes[key].append(value)
    nodes["hitrates"].append(1.0)


def to_onnx(model: Model) -> bytes:
    """Write a model as an ONNX file.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    bytes
        The file; the same model gives the same bytes.

    Raises
    ------
    BundleError
        When the package ``onnx`` is missing or the trees cannot be expressed.
    """
    onnx = _require("onnx")
    helper, tensor = onnx.helper, onnx.TensorProto
    n_outputs, n_classes = model.booster.n_outputs, len(model.classes)

    def node(op: str, inputs: list[str], output: str, **attributes: Any) -> Any:
        return helper.make_node(op, inputs, [output], **attributes)

    def constant(name: str, values: list[Any], kind: Any) -> Any:
        return helper.make_tensor(name, kind, [len(values)], values)

    constants = [
        constant("slope", [model.calibration.slope], tensor.FLOAT),
        constant("intercept", [model.calibration.intercept], tensor.FLOAT),
        constant("one", [1], tensor.INT64),
    ]
    graph = [_ensemble(model, n_outputs, helper)]
    if n_outputs == 1:
        graph.append(node("Identity", ["raw"], "z"))
    else:
        constants.append(constant("zero", [0], tensor.INT64))
        constants.append(constant("end", [n_classes], tensor.INT64))
        graph += [
            node("Slice", ["raw", "zero", "one", "one"], "benign"),
            node("Slice", ["raw", "one", "end", "one"], "covert"),
            node("ReduceMax", ["covert", "one"], "top", keepdims=1),
            node("Sub", ["covert", "top"], "below"),
            node("Exp", ["below"], "weights"),
            node("ReduceSum", ["weights", "one"], "total", keepdims=1),
            node("Neg", ["benign"], "z"),
            node("Div", ["weights", "total"], "shares"),
        ]
    graph += [
        node("Mul", ["z", "slope"], "scaled"),
        node("Add", ["scaled", "intercept"], "logit"),
        node("Sigmoid", ["logit"], "score_column"),
        node("Neg", ["logit"], "minus_logit"),
        node("Sigmoid", ["minus_logit"], "benign_column"),
    ]
    if n_outputs == 1:
        covert = "score_column"
    else:
        covert = "covert_columns"
        graph.append(node("Mul", ["shares", "score_column"], covert))
    graph += [
        node("Concat", ["benign_column", covert], "probabilities", axis=1),
        node("Squeeze", ["score_column", "one"], "score"),
        node("ArgMax", ["probabilities"], "label_index", axis=1, keepdims=0),
        node(
            "LabelEncoder",
            ["label_index"],
            "label",
            domain="ai.onnx.ml",
            keys_int64s=list(range(n_classes)),
            values_strings=list(model.classes),
        ),
    ]
    value = helper.make_tensor_value_info
    proto = helper.make_model(
        helper.make_graph(
            graph,
            "nalpml",
            [value("features", tensor.FLOAT, [None, len(model.schema.names)])],
            [
                value("label", tensor.STRING, [None]),
                value("probabilities", tensor.FLOAT, [None, n_classes]),
                value("score", tensor.FLOAT, [None]),
            ],
            initializer=constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", OPSET_ML)],
        producer_name="nalpml",
        ir_version=IR_VERSION,
    )
    helper.set_model_props(proto, metadata(model))
    onnx.checker.check_model(proto)
    data: bytes = proto.SerializeToString(deterministic=True)
    return data


def run(data: bytes, X: F32) -> dict[str, npt.NDArray[Any]]:
    """Score rows with ONNX Runtime.

    Parameters
    ----------
    data : bytes
        The ONNX file.
    X : ndarray, shape (n, n_features), float32
        Rows in schema order.

    Returns
    -------
    dict
        ``score`` (n,) float32, ``probabilities`` (n, K) float32, ``label`` (n,) text.

    Raises
    ------
    BundleError
        When ``onnxruntime`` is missing.
    """
    runtime = _require("onnxruntime")
    session = runtime.InferenceSession(data, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"features": X}), strict=True))


def check_parity(model: Model, data: bytes, X: F32, *, seed: int = 0) -> float:
    """Compare ONNX Runtime with LightGBM, at split thresholds too.

    Parameters
    ----------
    model : Model
        The model as LightGBM scores it.
    data : bytes
        The same model as ONNX.
    X : ndarray, shape (n, n_features), float32
        Rows to compare, besides rows made to lie on split thresholds and one all-NaN row.
    seed : int
        Chooses the threshold rows.

    Returns
    -------
    float
        Largest difference between two scores.

    Raises
    ------
    BundleError
        When it exceeds ``TOLERANCE`` or ``onnxruntime`` is missing.
    """
    base = X if len(X) else np.zeros((1, len(model.schema.names)), dtype=np.float32)
    rows = np.concatenate(
        [
            base,
            _trees.threshold_rows(_trees.parse(model.model_text), base, seed=seed),
            np.full((1, base.shape[1]), np.nan, dtype=np.float32),
        ]
    )
    difference = float(
        np.abs(run(data, rows)["score"].astype(np.float64) - model.score(rows)).max()
    )
    if difference > TOLERANCE:
        raise BundleError(
            f"model.onnx: scores differ from LightGBM's by up to {difference:.3g}, more than "
            f"{TOLERANCE:g}: the export is refused"
        )
    return difference
