"""Features, labels and where each row comes from."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nalpml.channels import BENIGN, LABELS
from nalpml.errors import ConfigError, SchemaError
from nalpml.features import Schema, schema

Text = npt.NDArray[np.str_]

CAPTURED = "captured"
GENERATED = "generated"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled flow windows.

    Attributes
    ----------
    X : DataFrame, shape (n, n_features), float32
        Features in schema order; NaN where there is no evidence.
    y : ndarray, shape (n,), str
        Labels of the vocabulary.
    tool : ndarray, shape (n,), str
        Program or profile that made the traffic; empty where none is named.
    capture : ndarray, shape (n,), str
        Capture that the window comes from.
    source : ndarray, shape (n,), str
        ``captured`` or ``generated``.
    identity : DataFrame, shape (n, k)
        Identity columns of the extraction: times, endpoints, counts.
    schema : Schema
        What the columns of ``X`` are.
    name : str
        For tables and cards.
    """

    X: pd.DataFrame
    y: Text
    tool: Text
    capture: Text
    source: Text
    identity: pd.DataFrame
    schema: Schema
    name: str = "data"

    def __post_init__(self) -> None:
        lengths = {
            len(part)
            for part in (self.X, self.y, self.tool, self.capture, self.source, self.identity)
        }
        if len(lengths) != 1:
            raise ConfigError(f"{self.name}: parts of different lengths {sorted(lengths)}")
        if tuple(self.X.columns) != self.schema.names:
            raise SchemaError(f"{self.name}: columns are not those of the schema, in its order")
        if unknown := set(np.unique(self.y).tolist()) - set(LABELS):
            raise ConfigError(f"{self.name}: {min(unknown)!r} is not a label")

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        return (
            f"Dataset({self.name}: {len(self)} windows, {int(self.covert.sum())} covert, "
            f"{len(np.unique(self.groups))} groups)"
        )

    @property
    def covert(self) -> npt.NDArray[np.bool_]:
        """Shape (n,): whether a window is anything but benign."""
        return np.asarray(self.y != BENIGN)

    @cached_property
    def groups(self) -> Text:
        """Shape (n,): what never lies on two sides of a split.

        ``tool:NAME`` for covert and for generated windows, ``capture:NAME`` for benign windows
        of real captures.
        """
        by_tool = (self.covert | (self.source == GENERATED)) & (self.tool != "")
        tool = np.char.add("tool:", self.tool)
        return np.where(by_tool, tool, np.char.add("capture:", self.capture))

    @cached_property
    def host_pairs(self) -> Text:
        """Shape (n,): capture and unordered pair of addresses."""
        src = self.identity["src"].to_numpy(dtype=object).astype(str)
        dst = self.identity["dst"].to_numpy(dtype=object).astype(str)
        low, high = np.where(src < dst, src, dst), np.where(src < dst, dst, src)
        return np.array(
            [" ".join(parts) for parts in zip(self.capture, low, high, strict=True)], dtype=str
        )

    def fold_groups(self, by: str) -> Text:
        """What folds of calibration keep together.

        Parameters
        ----------
        by : str
            ``tool``: as `groups`. ``benign_session``: benign windows by pair of hosts instead.
            ``kindred``: real captures by families of tools that share code.

        Returns
        -------
        ndarray, shape (n,), str
            A name a row.
        """
        if by == "tool":
            return self.groups
        if by == "kindred":
            from nalpml.datasets.families import kindred  # which needs this class

            return kindred(self)
        return np.where(self.covert, self.groups, np.char.add("hosts:", self.host_pairs))

    @cached_property
    def matrix(self) -> npt.NDArray[np.float32]:
        """Shape (n, n_features), float32, row-major: what a model takes."""
        return np.ascontiguousarray(self.X.to_numpy(dtype=np.float32))

    @cached_property
    def same(self) -> npt.NDArray[np.int64]:
        """Shape (n,): rows whose features are equal, value for value, have one number.

        NaN equals NaN. The number is a 64-bit hash: a multiplier drawn for each column, summed.
        """
        bits = np.nan_to_num(self.matrix, nan=-1.5e38).view(np.uint32)
        draw = np.random.default_rng(20_260_101).integers(1, 1 << 63, bits.shape[1], np.uint64)
        total = np.zeros(len(bits), np.uint64)
        for column, factor in zip(bits.T, draw | np.uint64(1), strict=True):
            total += column * factor
        return total.view(np.int64)

    @cached_property
    def digest(self) -> str:
        """12 hex digits of SHA-256 over features, labels and groups, in row order."""
        total = hashlib.sha256(self.schema.digest.encode())
        total.update(np.nan_to_num(self.matrix, nan=-1.5e38).tobytes())
        for part in (self.y, self.tool, self.capture):
            total.update("\n".join(part).encode())
        return total.hexdigest()[:12]

    def take(self, rows: npt.NDArray[Any], *, name: str | None = None) -> Dataset:
        """Some of the rows.

        Parameters
        ----------
        rows : ndarray of int or bool
            Row numbers, or a mask.
        name : str, optional
            Name of the result.

        Returns
        -------
        Dataset
            Rows in the given order.
        """
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        return dataclasses.replace(
            self,
            X=self.X.iloc[rows].reset_index(drop=True),
            y=self.y[rows],
            tool=self.tool[rows],
            capture=self.capture[rows],
            source=self.source[rows],
            identity=self.identity.iloc[rows].reset_index(drop=True),
            name=self.name if name is None else name,
        )

    def summary(self) -> dict[str, Any]:
        """One row of the model card's table of training data."""
        return {
            "dataset": self.name,
            "windows": len(self),
            "covert": int(self.covert.sum()),
            "groups": len(np.unique(self.groups)),
            "digest": self.digest,
        }


def concatenate(parts: Sequence[Dataset], *, name: str | None = None) -> Dataset:
    """Put datasets of one schema together.

    Parameters
    ----------
    parts : sequence of Dataset
        At least one.
    name : str, optional
        Name of the result; by default names joined by ``+``.

    Returns
    -------
    Dataset
        Rows in the order of the parts.

    Raises
    ------
    ConfigError
        When there is no part.
    SchemaError
        When schemas differ, naming the features.
    """
    if not parts:
        raise ConfigError("no data: name at least one capture folder or mixture")
    for part in parts[1:]:
        parts[0].schema.check(part.schema)
    return Dataset(
        X=pd.concat([p.X for p in parts], ignore_index=True),
        y=np.concatenate([p.y for p in parts]),
        tool=np.concatenate([p.tool for p in parts]),
        capture=np.concatenate([p.capture for p in parts]),
        source=np.concatenate([p.source for p in parts]),
        identity=pd.concat([p.identity for p in parts], ignore_index=True),
        schema=parts[0].schema,
        name="+".join(p.name for p in parts) if name is None else name,
    )


def from_frame(
    frame: pd.DataFrame, *, name: str, source: str = CAPTURED, level: str = "flow"
) -> Dataset:
    """Make a dataset of an extracted frame with a column ``label``.

    Parameters
    ----------
    frame : DataFrame
        Identity columns, features, ``label``, and perhaps ``tool``. Rows whose label is null or
        empty are left out.
    name : str
        For tables and messages.
    source : str
        ``captured`` or ``generated``.
    level : str
        ``flow`` or ``packet``.

    Returns
    -------
    Dataset
        Labelled rows.

    Raises
    ------
    ConfigError
        When there is no column ``label``.
    SchemaError
        When a feature is missing, naming it.
    """
    wanted = schema(level)
    if "label" not in frame.columns:
        raise ConfigError(f"{name}: no column 'label': extract with labels to train or evaluate")
    missing = [column for column in wanted.names if column not in frame.columns]
    if missing:
        raise SchemaError(f"{name}: features are missing: {', '.join(missing)}")
    label = _text(frame["label"])
    frame = frame[label != ""]
    tool = frame["tool"] if "tool" in frame.columns else pd.Series("", index=frame.index)
    own = {*wanted.names, "label", "tool"}
    return Dataset(
        X=frame[list(wanted.names)].astype(np.float32).reset_index(drop=True),
        y=_text(frame["label"]),
        tool=_text(tool),
        capture=_text(frame["capture"])
        if "capture" in frame.columns
        else np.full(len(frame), name),
        source=np.full(len(frame), source),
        identity=frame[[c for c in frame.columns if c not in own]].reset_index(drop=True),
        schema=wanted,
        name=name,
    )


def read_parquet(path: str | Path) -> Dataset:
    """Read what ``nalpml extract --labels`` wrote.

    Parameters
    ----------
    path : str or Path
        Parquet with identity columns, features and ``label``.

    Returns
    -------
    Dataset
        Labelled rows.

    Raises
    ------
    ConfigError
        When the file cannot be read or has no labels.
    SchemaError
        When its features are not those of this installation.
    """
    import pyarrow
    import pyarrow.parquet

    path = Path(path)
    try:
        stored = pyarrow.parquet.read_schema(path).metadata or {}
        frame = pd.read_parquet(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error})") from error
    except (pyarrow.ArrowException, ValueError) as error:
        raise ConfigError(f"{path}: not Parquet ({error})") from error
    text = stored.get(b"nalpml.schema")
    level = "flow"
    if text is not None:
        found = Schema.from_json(text.decode())
        level = found.level
        try:
            schema(level).check(found)
        except SchemaError as error:
            raise SchemaError(f"{path}: {error}") from error
    return from_frame(frame, name=str(path), level=level)


def _text(column: Any) -> Text:
    """Column as text, null as empty."""
    values = np.asarray(column, dtype=object)
    empty = pd.isna(values)
    return np.where(empty, "", values).astype(str)
