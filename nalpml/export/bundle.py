"""A model as a folder without pickles, and the object it loads into.

::

    model.txt       trees, LightGBM text
    model.onnx      the same with calibration inside (when the onnx extra is there)
    schema.json     features, their order and revisions
    model.json      format, classes, calibration, threshold, digests, provenance
    selftest.json   a few rows and their scores; loading reproduces them
    MODEL_CARD.md   for people
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nalpml import features
from nalpml.channels import TECHNIQUE
from nalpml.errors import BundleError, SchemaError
from nalpml.export import card, onnx
from nalpml.export.calibration import Calibration, log_odds
from nalpml.export.lgbm import Booster
from nalpml.export.threshold import Threshold

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

FORMAT = 1
SELFTEST_TOLERANCE = 1e-9
DEFAULT = Path(__file__).parent / "default"


@dataclass(frozen=True)
class Model:
    """Everything that scoring needs, and nothing that training needs.

    Attributes
    ----------
    model_text : str
        LightGBM text model; benign is its class 0.
    schema : Schema
        Features in the order of the matrix's columns.
    classes : tuple of str
        Labels in the order of probabilities, benign first.
    calibration : Calibration
        From margins to the score.
    threshold : Threshold
        Where an alert begins.
    meta : mapping
        Name, provenance and metrics: JSON values, for people and for MLflow.
    samples : ndarray, shape (m, n_features), float32
        Rows whose scores are stored as a self-test.
    """

    model_text: str
    schema: features.Schema
    classes: tuple[str, ...]
    calibration: Calibration = field(default_factory=Calibration)
    threshold: Threshold = field(default_factory=Threshold)
    meta: Mapping[str, Any] = field(default_factory=dict)
    samples: F32 = field(
        default_factory=lambda: np.zeros((0, 0), dtype=np.float32), repr=False, compare=False
    )

    def __repr__(self) -> str:
        return (
            f"Model({self.id}, {len(self.classes)} classes, {len(self.schema.names)} features, "
            f"threshold {self.threshold.value:.4g})"
        )

    @functools.cached_property
    def id(self) -> str:
        """Name and 12 hex digits over trees, schema, calibration and threshold."""
        content = json.dumps(
            [
                _sha256(self.model_text.encode()),
                self.schema.digest,
                list(self.classes),
                self.calibration.to_dict(),
                self.threshold.to_dict(),
            ]
        )
        return f"{self.meta.get('name', 'nalpml')}-{_sha256(content.encode())[:12]}"

    @functools.cached_property
    def booster(self) -> Booster:
        """The trees, loaded on first use.

        Raises
        ------
        BundleError
            When trees, classes and schema do not fit each other.
        """
        booster = Booster(self.model_text)
        wanted = 1 if len(self.classes) == 2 else len(self.classes)
        if booster.n_outputs != wanted:
            raise BundleError(
                f"model.txt has {booster.n_outputs} outputs; {len(self.classes)} classes need "
                f"{wanted}"
            )
        if booster.n_features != len(self.schema.names):
            raise BundleError(
                f"model.txt takes {booster.n_features} features; the schema has "
                f"{len(self.schema.names)}"
            )
        return booster

    def predict_proba(self, X: F32) -> F64:
        """Calibrated class probabilities.

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            Rows in schema order.

        Returns
        -------
        ndarray, shape (n, n_classes), float64
            In the order of ``classes``; rows sum to 1.
        """
        return self.calibration.probabilities(self.booster.raw(X))

    def score(self, X: F32) -> F64:
        """Calibrated P(covert).

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            Rows in schema order.

        Returns
        -------
        ndarray, shape (n,), float64
            ``1 - P(benign)``, without the rounding of that subtraction.
        """
        return self.calibration.score(log_odds(self.booster.raw(X)))

    def label(self, X: F32) -> npt.NDArray[np.str_]:
        """Most probable class.

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            Rows in schema order.

        Returns
        -------
        ndarray, shape (n,), str
            One of ``classes``.
        """
        best = self.predict_proba(X).argmax(axis=1)
        labels: npt.NDArray[np.str_] = np.asarray(self.classes)[best]
        return labels

    def contributions(self, X: F32) -> F64:
        """What each feature adds to the log-odds of covert traffic (tree SHAP).

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            Rows in schema order.

        Returns
        -------
        ndarray, shape (n, n_features), float64
            Above 0: speaks for covert; below: for benign.
        """
        phi = self.booster.contributions(X)[:, :, :-1]
        result: F64 = phi[:, 0] if phi.shape[1] == 1 else -phi[:, 0]
        return result

    def save(self, folder: str | Path, *, with_onnx: bool | None = None) -> Path:
        """Write the folder.

        Parameters
        ----------
        folder : str or Path
            Created when absent; files of the same names are replaced.
        with_onnx : bool, optional
            Whether to write ``model.onnx``; by default where the ``onnx`` package is installed.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        BundleError
            When the folder cannot be written, ``onnx`` is asked for and missing, or the ONNX
            model's scores differ.
        """
        return _save(self, Path(folder), with_onnx)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()


def _save(model: Model, folder: Path, with_onnx: bool | None) -> Path:
    scores = model.score(model.samples) if len(model.samples) else np.zeros(0)
    selftest = {
        "format": FORMAT,
        "rows": [[None if math.isnan(v) else v for v in row] for row in model.samples.tolist()],
        "scores": scores.tolist(),
    }
    files = {
        "model.txt": model.model_text.encode(),
        "schema.json": model.schema.to_json().encode(),
        "selftest.json": _json(selftest),
    }
    if with_onnx or (with_onnx is None and _installed("onnx")):
        data = onnx.to_onnx(model)
        if _installed("onnxruntime"):
            onnx.check_parity(model, data, model.samples)
        files["model.onnx"] = data
    files["model.json"] = _json(
        {
            "format": FORMAT,
            "id": model.id,
            "technique": TECHNIQUE,
            "classes": list(model.classes),
            "calibration": model.calibration.to_dict(),
            "threshold": model.threshold.to_dict(),
            "sha256": {name: _sha256(data) for name, data in sorted(files.items())},
            "meta": dict(model.meta),
        }
    )
    files["MODEL_CARD.md"] = card.render(model).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if "model.onnx" not in files:  # never leave another model's export beside this one
            (folder / "model.onnx").unlink(missing_ok=True)
        for name, data in files.items():
            (folder / name).write_bytes(data)
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder


def _installed(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None


def _read(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise BundleError(
            f"{folder}: {name} cannot be read ({error.strerror}): not a complete model folder"
        ) from error


def _object(folder: Path, name: str, data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as error:
        raise BundleError(f"{folder / name}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BundleError(f"{folder / name}: an object is expected")
    return value


def load(folder: str | Path | None = None, *, check_schema: bool = True) -> Model:
    """Read a model folder and prove that it scores as it did when it was saved.

    Parameters
    ----------
    folder : str or Path, optional
        The folder; by default the model that is shipped in the package.
    check_schema : bool
        Whether the model's features must be those of this installation. Off only for looking at
        a model or scoring stored matrices.

    Returns
    -------
    Model
        Ready to score.

    Raises
    ------
    BundleError
        When a file is missing, damaged or changed, the format is unknown, or the self-test is
        not reproduced.
    SchemaError
        When features differ, naming each.
    """
    folder = DEFAULT if folder is None else Path(folder)
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such model folder")
    head = _object(folder, "model.json", _read(folder, "model.json"))
    if head.get("format") != FORMAT:
        raise BundleError(
            f"{folder / 'model.json'}: format {head.get('format')!r} is not known, "
            f"this version reads {FORMAT}"
        )
    data = {name: _read(folder, name) for name in ("model.txt", "schema.json", "selftest.json")}
    digests = head.get("sha256", {})
    if not isinstance(digests, dict):
        raise BundleError(f"{folder / 'model.json'}: sha256 must be an object")
    for name, content in data.items():
        if digests.get(name) != _sha256(content):
            raise BundleError(
                f"{folder / name}: differs from its sha256 in model.json: the file was changed "
                "after the model was saved"
            )
    try:
        schema = features.Schema.from_json(data["schema.json"].decode())
    except (ValueError, SchemaError) as error:
        raise BundleError(f"{folder / 'schema.json'}: {error}") from error
    if check_schema:
        try:
            schema.check(features.schema(schema.level))
        except SchemaError as error:
            raise SchemaError(f"{folder}: model and installed features differ: {error}") from error
    classes, meta = head.get("classes"), head.get("meta", {})
    if not isinstance(classes, list) or len(classes) < 2 or not isinstance(meta, dict):
        raise BundleError(f"{folder / 'model.json'}: classes must be a list of two or more labels")
    selftest = _object(folder, "selftest.json", data["selftest.json"])
    rows, scores = selftest.get("rows", []), selftest.get("scores", [])
    try:
        samples = np.array(
            [[math.nan if v is None else v for v in row] for row in rows], dtype=np.float32
        ).reshape(len(rows), len(schema.names))
        expected = np.array(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BundleError(f"{folder / 'selftest.json'}: {error}") from error
    try:
        text = data["model.txt"].decode()
    except UnicodeDecodeError as error:
        raise BundleError(f"{folder / 'model.txt'}: not text: {error}") from error
    model = Model(
        model_text=text,
        schema=schema,
        classes=tuple(str(c) for c in classes),
        calibration=Calibration.from_dict(head.get("calibration") or {}),
        threshold=Threshold.from_dict(head.get("threshold") or {}),
        meta=meta,
        samples=samples,
    )
    found = model.score(samples) if len(samples) else np.zeros(0)
    if found.shape != expected.shape or (
        len(found) and float(np.abs(found - expected).max()) > SELFTEST_TOLERANCE
    ):
        raise BundleError(
            f"{folder}: the self-test is not reproduced: this LightGBM scores the stored rows "
            "differently"
        )
    return model
