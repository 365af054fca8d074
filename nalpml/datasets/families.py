"""Kindred senders: programs that share code are held out together, never one by one.

``c2-zlib`` and ``c2-tlv`` are one program with other options: a model that learnt the one has met
the other. Leaving out one *name* at a time therefore flatters. Here names are joined to families,
families that share a real capture are joined too, and every family is left out exactly once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from nalpml.datasets.dataset import CAPTURED, Dataset
from nalpml.datasets.splits import Split, check_disjoint, without_copies
from nalpml.errors import ConfigError

Text = npt.NDArray[np.str_]

ALIASES: Mapping[str, str] = MappingProxyType(
    {"nc": "ncat", "netcat": "ncat", "gs-netcat": "gsocket", "fping6": "fping", "ping6": "ping"}
)
"""Families of names whose first word does not tell."""

_CARRIERS = frozenset({"tcp", "udp", "icmp6", "vsock", "v6"})
"""First words of capture names that say how a program talks, not which it is."""


def family(tool: str) -> str:
    """Name of the family that a program belongs to.

    The first word of the name: errs on the side of joining (``ptunnel`` and ``ptunnel-ng``,
    ``c2-tcp`` and ``c2-zlib``, ``tunnel-gre:key`` and ``tunnel-sit``).

    Parameters
    ----------
    tool : str
        As a label file spells it.

    Returns
    -------
    str
        In lower case.

    Examples
    --------
    >>> family("ptunnel-ng"), family("tunnel-gre:key"), family("ncat"), family("nc")
    ('ptunnel', 'tunnel', 'ncat', 'ncat')
    """
    name = tool.lower()
    first = name.replace(":", "-").replace("_", "-").split("-")[0]
    return ALIASES.get(name, ALIASES.get(first, first))


def _scene(capture: str) -> str:
    """Family of what a capture without a covert tool shows, from its name."""
    words = PurePosixPath(capture).name.split(".")[0].replace("_", "-").split("-")
    telling = [word for word in words if word not in _CARRIERS]
    return family(telling[0]) if telling else words[0]


def kindred(data: Dataset) -> Text:
    """What kindred folds keep together, row by row.

    Parameters
    ----------
    data : Dataset
        Any.

    Returns
    -------
    ndarray, shape (n,), str
        Rows of real captures: the families of the covert tools in the capture, joined with those
        of every capture that shares one of them; without a covert tool, ``benign:`` and the
        family that the capture's name tells. Generated rows: their profile, as in
        `Dataset.groups`.
    """
    result = data.groups.astype(object)
    real = data.source == CAPTURED
    named = real & data.covert
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    held: dict[str, str] = {}
    pairs = {
        (str(c), family(str(t)) if t else f"capture {c}")
        for c, t in zip(data.capture[named], data.tool[named], strict=True)
    }
    for capture, name in sorted(pairs):
        first = held.setdefault(capture, name)
        one, other = sorted((root(first), root(name)))
        parent[other] = one
    members: dict[str, list[str]] = {}
    for name in sorted(parent):
        members.setdefault(root(name), []).append(name)
    title = {capture: "+".join(members[root(name)]) for capture, name in held.items()}
    for capture in np.unique(data.capture[real]):
        rows = real & (data.capture == capture)
        result[rows] = title.get(str(capture)) or f"benign:{_scene(str(capture))}"
    return result.astype(str)


def assign(units: Text, labels: Text, n_splits: int) -> dict[str, int]:
    """Spread units over folds so that each fold has some of every label.

    Units are taken from the rarest label on and from the largest on; each goes to the fold that
    has the least of its label, then to the one with the fewest rows.

    Parameters
    ----------
    units : ndarray, shape (n,), str
        What stays together.
    labels : ndarray, shape (n,), str
        Label of each row.
    n_splits : int
        Folds.

    Returns
    -------
    dict of str to int
        Fold of each unit. The same input gives the same folds.
    """
    names, code = np.unique(units, return_inverse=True)
    kinds, kind = np.unique(labels, return_inverse=True)
    count = np.zeros((len(names), len(kinds)), dtype=np.int64)
    np.add.at(count, (code, kind), 1)
    spread = (count > 0).sum(axis=0)  # how many units have the label
    # A unit counts for the rarest of its labels: benign rows are beside every covert tool.
    main = [min(np.flatnonzero(row).tolist(), key=lambda k: (spread[k], k)) for row in count]
    order = sorted(
        range(len(names)),
        key=lambda i: (spread[main[i]], main[i], -count[i, main[i]], str(names[i])),
    )
    load = np.zeros((n_splits, len(kinds)), dtype=np.int64)
    chosen: dict[str, int] = {}
    for i in order:
        fold = min(range(n_splits), key=lambda f: (load[f, main[i]], load[f].sum(), f))
        load[fold] += count[i]
        chosen[str(names[i])] = fold
    return chosen


def leave_kindred_out(data: Dataset, *, n_splits: int = 8) -> Iterator[Split]:
    """Leave every family of real tools out once, with all captures that it is in.

    The guarantee of leaving out one tool at a time (no window of a tool, and none of a capture
    that it is in, is learnt from where it is judged), for families, in a few trainings.
    Generated traffic is on the training side of every fold.

    Parameters
    ----------
    data : Dataset
        With real captures.
    n_splits : int
        Folds at the most; no more than there are families.

    Yields
    ------
    Split
        Every real row is tested exactly once.

    Raises
    ------
    ConfigError
        When there are fewer than two families.
    """
    real = data.source == CAPTURED
    units = kindred(data)
    n_splits = min(n_splits, len(np.unique(units[real])))
    if n_splits < 2:
        raise ConfigError(f"{data.name}: kindred folds need real captures of two families")
    fold_of = assign(units[real], data.y[real], n_splits)
    fold = np.full(len(data), -1)
    fold[real] = [fold_of[str(unit)] for unit in units[real]]
    for number in range(n_splits):
        held = fold == number
        covert = sorted({str(u) for u in units[held] if not u.startswith("benign:")})
        split = Split(
            f"without {', '.join(covert) or 'some benign families'}",
            np.flatnonzero(~held),
            np.flatnonzero(held),
        )
        check_disjoint(units, split.train, split.test, name=split.name)
        yield without_copies(data, split)
