"""Read the trees out of a LightGBM text model.

Only what an exporter and a threshold test need: which feature a node compares, with what, and
where a missing value goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nalpml.errors import BundleError

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

# Bits of decision_type in LightGBM's tree.h.
_CATEGORICAL = 1
_DEFAULT_LEFT = 2
_MISSING_SHIFT = 2
MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2

_ZERO = float(np.float32(1e-35))
"""LightGBM reads any value this close to 0 as 0 (kZeroThreshold in meta.h)."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree: ``m`` inner nodes and ``m + 1`` leaves (``m`` may be 0).

    Attributes
    ----------
    feature : ndarray, shape (m,), int64
        Column that a node compares; a row goes left when ``x <= threshold``.
    threshold : ndarray, shape (m,), float64
        What it is compared with; moved off the values that LightGBM reads as 0, so that a plain
        comparison of the value itself takes LightGBM's branch.
    nan_left : ndarray, shape (m,), bool
        Whether a missing value goes left.
    left, right : ndarray, shape (m,), int64
        Children: an inner node when >= 0, else leaf ``-1 - child``.
    leaf : ndarray, shape (m + 1,), float64
        Leaf values.
    """

    feature: I64
    threshold: F64
    nan_left: npt.NDArray[np.bool_]
    left: I64
    right: I64
    leaf: F64


def parse(text: str) -> tuple[Tree, ...]:
    """Read every tree of a model.

    Parameters
    ----------
    text : str
        LightGBM text model.

    Returns
    -------
    tuple of Tree
        In the model's order: tree ``i`` adds to output ``i % n_outputs``.

    Raises
    ------
    BundleError
        When a tree is categorical, linear, treats zero as missing, or is not complete.
    """
    body = text.partition("end of trees")[0]
    blocks = body.split("\nTree=")[1:]
    return tuple(_tree(block, number) for number, block in enumerate(blocks))


def _tree(block: str, number: int) -> Tree:
    field = dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)
    try:
        inner = int(field["num_leaves"]) - 1
        leaf = np.array(field["leaf_value"].split(), dtype=np.float64)
        if inner == 0:
            none = np.zeros(0, dtype=np.int64)
            return Tree(none, np.zeros(0), np.zeros(0, dtype=bool), none, none, leaf)
        kind = np.array(field["decision_type"].split(), dtype=np.int64)
        threshold = np.array(field["threshold"].split(), dtype=np.float64)
        feature = np.array(field["split_feature"].split(), dtype=np.int64)
        left = np.array(field["left_child"].split(), dtype=np.int64)
        right = np.array(field["right_child"].split(), dtype=np.int64)
    except (KeyError, ValueError) as error:
        raise BundleError(f"model.txt: tree {number} is not complete ({error!r})") from error
    missing = (kind >> _MISSING_SHIFT) & 3
    if (kind & _CATEGORICAL).any() or (missing == MISSING_ZERO).any():
        raise BundleError(
            f"model.txt: tree {number} has categorical splits or takes zero as missing; "
            "only numeric splits can be exported"
        )
    if field.get("is_linear", "0") != "0":
        raise BundleError(f"model.txt: tree {number} is linear; only constant leaves are exported")
    if not len(kind) == len(threshold) == len(feature) == len(left) == len(right) == inner:
        raise BundleError(f"model.txt: tree {number} has fields of different lengths")
    # Without a missing branch LightGBM reads NaN as 0.0 and compares.
    nan_left = np.where(missing == MISSING_NAN, (kind & _DEFAULT_LEFT) != 0, threshold >= 0.0)
    threshold = np.where((threshold >= 0) & (threshold < _ZERO), _ZERO, threshold)
    below = np.nextafter(-_ZERO, -np.inf)
    threshold = np.where((threshold < 0) & (threshold >= -_ZERO), below, threshold)
    return Tree(feature, threshold, nan_left, left, right, leaf)


def to_float32_down(threshold: F64) -> npt.NDArray[np.float32]:
    """Largest float32 that is not above each threshold.

    For every float32 ``x``, ``x <= t`` and ``x <= to_float32_down(t)`` are the same question, so
    a float32 runtime takes the same branch as LightGBM also at the threshold itself. Rounding
    to nearest, as converters do, does not have this property.

    Parameters
    ----------
    threshold : ndarray, shape (m,), float64
        Split thresholds.

    Returns
    -------
    ndarray, shape (m,), float32
        Rounded towards minus infinity.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.array([0.1])  # float32(0.1) is above 0.1
    >>> bool(np.float32(0.1) <= t[0]), bool(np.float32(0.1) <= to_float32_down(t)[0])
    (False, False)
    """
    limit = np.finfo(np.float32).max
    clipped = np.clip(threshold, -np.inf, float(limit))
    with np.errstate(over="ignore"):  # below the range becomes -inf, which is what down means
        near = clipped.astype(np.float32)
    down = np.nextafter(near, np.float32(-np.inf))
    return np.where(near.astype(np.float64) > threshold, down, near).astype(np.float32)


def threshold_rows(
    trees: tuple[Tree, ...], base: npt.NDArray[np.float32], *, seed: int, n: int = 512
) -> npt.NDArray[np.float32]:
    """Rows that lie on split thresholds or one float32 step beside them.

    Parameters
    ----------
    trees : tuple of Tree
        The model's trees.
    base : ndarray, shape (m, n_features), float32
        Rows to start from.
    seed : int
        Chooses rows, thresholds and steps.
    n : int
        Number of rows.

    Returns
    -------
    ndarray, shape (n, n_features), float32
        In each row every feature that the model splits on sits at one of its thresholds, at the
        next float32 above, or the next below.
    """
    rng = np.random.default_rng(seed)
    limit = np.finfo(np.float32).max
    rows = base[rng.integers(0, len(base), n)].copy()
    feature = np.concatenate([t.feature for t in trees])
    threshold = np.concatenate([t.threshold for t in trees])
    for column in np.unique(feature):
        chosen = rng.choice(threshold[feature == column], n)
        near = np.clip(chosen, -float(limit), float(limit)).astype(np.float32)
        step = rng.integers(-1, 2, n)
        toward = np.where(step < 0, -limit, limit)  # a finite goal: rows stay finite
        rows[:, column] = np.where(step == 0, near, np.nextafter(near, toward))
    return rows
