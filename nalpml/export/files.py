"""Exports for other programs, each with what is needed to use it right."""

from __future__ import annotations

from pathlib import Path

from nalpml.errors import BundleError
from nalpml.export import onnx
from nalpml.export.bundle import Model

__all__ = ["write_lightgbm", "write_onnx"]


def write_onnx(model: Model, folder: str | Path) -> Path:
    """Write ``model.onnx`` and ``schema.json``.

    Parameters
    ----------
    model : Model
        What to export.
    folder : path
        Created when absent.

    Returns
    -------
    Path
        The ONNX file: one float32 input in schema order, outputs with the calibrated score;
        names, schema digest, classes and threshold in its metadata.

    Raises
    ------
    BundleError
        If it cannot be written, or the ``onnx`` extra is not installed.
    """
    data = onnx.to_onnx(model)
    return _write(model, Path(folder), "model.onnx", data)


def write_lightgbm(model: Model, folder: str | Path) -> Path:
    """Write ``model.txt`` (LightGBM text) and ``schema.json``.

    Parameters
    ----------
    model : Model
        What to export.
    folder : path
        Created when absent.

    Returns
    -------
    Path
        The text model. Its raw margins are not calibrated: ``model.json`` in the model folder
        says how to make scores of them.

    Raises
    ------
    BundleError
        If it cannot be written.
    """
    return _write(model, Path(folder), "model.txt", model.model_text.encode())


def _write(model: Model, folder: Path, name: str, data: bytes) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
        (folder / "schema.json").write_text(model.schema.to_json(), encoding="utf-8")
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written: {error.strerror}") from error
    return folder / name
