"""Score a LightGBM model through the library's C interface, without its Python package.

Importing the Python package costs more than a second, because it pulls in scikit-learn and
pandas; scoring a matrix needs five C functions. The shared library is the one that the installed
``lightgbm`` wheel carries, so results are LightGBM's own.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nalpml.errors import BundleError

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

# Values of the C header (LightGBM/c_api.h).
_DTYPE_FLOAT32 = 0
_PREDICT_NORMAL = 0
_PREDICT_RAW = 1
_PREDICT_CONTRIB = 3

_MANY = 8192
"""Rows from which starting threads pays."""

_NAMES = ("lib_lightgbm.so", "lib_lightgbm.dylib", "lib_lightgbm.dll")
_FOLDERS = ("lib", "bin", ".", "../lib")


def library_path() -> Path:
    """Where LightGBM's shared library lies.

    Returns
    -------
    Path
        The library inside the installed ``lightgbm`` package.

    Raises
    ------
    BundleError
        When the package, or the library in it, is not there.
    """
    spec = importlib.util.find_spec("lightgbm")
    roots = [] if spec is None else list(spec.submodule_search_locations or ())
    for root in roots:
        for folder in _FOLDERS:
            for name in _NAMES:
                path = Path(root) / folder / name
                if path.is_file():
                    return path
    where = roots[0] if roots else "no lightgbm package is installed"
    raise BundleError(
        f"LightGBM's shared library was not found ({where}): install it with 'pip install lightgbm'"
    )


@functools.cache
def _library() -> ctypes.CDLL:
    path = library_path()
    try:
        lib = ctypes.CDLL(str(path))
    except OSError as error:  # for example libgomp.so.1 missing on a bare container
        raise BundleError(f"{path}: cannot be loaded: {error}") from error
    lib.LGBM_GetLastError.restype = ctypes.c_char_p
    # By default the library prints to standard output, which belongs to verdicts.
    lib.LGBM_RegisterLogCallback(_SILENT)
    return lib


def _drop(_message: bytes) -> None:
    """Drop a log line; errors arrive by return code and are raised."""


# Kept for the life of the module: the library holds the pointer.
_SILENT = ctypes.CFUNCTYPE(None, ctypes.c_char_p)(_drop)


def _check(status: int, what: str) -> None:
    if status != 0:
        text = _library().LGBM_GetLastError() or b"unknown error"
        raise BundleError(f"{what}: LightGBM says: {text.decode('utf-8', 'replace')}")


class Booster:
    """A loaded LightGBM model.

    Parameters
    ----------
    text : str
        The model in LightGBM's text format.
    threads : int, optional
        Threads for one call; 0 takes one for few rows and lets the library choose for many. Rows
        are scored independently, so the number changes speed and never a value.

    Attributes
    ----------
    n_outputs : int
        Trees per iteration: 1 for a binary model, else the number of classes.
    n_features : int
        Columns that a matrix must have.

    Raises
    ------
    BundleError
        When the text is not a model.
    """

    def __init__(self, text: str, *, threads: int = 0) -> None:
        self._text = text
        self._threads = threads
        self._handle = ctypes.c_void_p()
        self._lock = threading.Lock()
        if not text.startswith("tree\n") or "end of trees" not in text:
            raise BundleError("model.txt: not a complete LightGBM text model")
        lib = _library()
        iterations = ctypes.c_int()
        _check(
            lib.LGBM_BoosterLoadModelFromString(
                ctypes.c_char_p(text.encode()),
                ctypes.byref(iterations),
                ctypes.byref(self._handle),
            ),
            "model.txt",
        )
        self.n_outputs = self._integer("LGBM_BoosterGetNumClasses")
        self.n_features = self._integer("LGBM_BoosterGetNumFeature")

    def _integer(self, function: str) -> int:
        value = ctypes.c_int()
        _check(getattr(_library(), function)(self._handle, ctypes.byref(value)), function)
        return value.value

    def __reduce__(self) -> tuple[type[Booster], tuple[str]]:
        return (Booster, (self._text,))

    def __del__(self) -> None:
        handle = getattr(self, "_handle", None)
        if handle:
            _library().LGBM_BoosterFree(handle)
            self._handle = ctypes.c_void_p()

    def _predict(self, X: F32, kind: int, width: int) -> F64:
        X = np.ascontiguousarray(X, dtype=np.float32)
        if X.ndim != 2 or X.shape[1] != self.n_features:
            raise BundleError(
                f"a matrix of shape {X.shape} was given; the model takes (n, {self.n_features})"
            )
        out = np.empty((X.shape[0], width), dtype=np.float64)
        if X.shape[0] == 0:
            return out
        length = ctypes.c_int64()
        with self._lock:  # the library allows one prediction at a time per handle
            threads = self._threads or int(X.shape[0] < _MANY)
            status = _library().LGBM_BoosterPredictForMat(
                self._handle,
                X.ctypes.data_as(ctypes.c_void_p),
                ctypes.c_int(_DTYPE_FLOAT32),
                ctypes.c_int32(X.shape[0]),
                ctypes.c_int32(X.shape[1]),
                ctypes.c_int(1),
                ctypes.c_int(kind),
                ctypes.c_int(0),
                ctypes.c_int(-1),
                ctypes.c_char_p(f"num_threads={threads} verbosity=-1".encode()),
                ctypes.byref(length),
                out.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            )
        _check(status, "prediction")
        if length.value != out.size:
            raise BundleError(f"prediction: {length.value} values came back, not {out.size}")
        return out

    def raw(self, X: F32) -> F64:
        """Sums of leaf values.

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            One row a sample; NaN where there is no evidence.

        Returns
        -------
        ndarray, shape (n, n_outputs), float64
            ``raw[i, k]`` is the margin of class ``k`` (binary: the log-odds of class 1).
        """
        return self._predict(X, _PREDICT_RAW, self.n_outputs)

    def probabilities(self, X: F32) -> F64:
        """LightGBM's own, uncalibrated probabilities.

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            One row a sample.

        Returns
        -------
        ndarray, shape (n, n_outputs), float64
            Binary: the probability of class 1; else one column a class.
        """
        return self._predict(X, _PREDICT_NORMAL, self.n_outputs)

    def contributions(self, X: F32) -> F64:
        """Tree SHAP values (Lundberg et al. 2018) as LightGBM computes them.

        Parameters
        ----------
        X : ndarray, shape (n, n_features), float32
            One row a sample.

        Returns
        -------
        ndarray, shape (n, n_outputs, n_features + 1), float64
            What each feature adds to each margin; the last column is the expected margin. Rows
            sum to :meth:`raw`.
        """
        width = self.n_outputs * (self.n_features + 1)
        flat = self._predict(X, _PREDICT_CONTRIB, width)
        return flat.reshape(X.shape[0], self.n_outputs, self.n_features + 1)
