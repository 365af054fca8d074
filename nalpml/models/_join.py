"""Put two LightGBM models into one: whether a window is covert, and which channel it is.

LightGBM's own multi-class objective grows one forest in which every class competes with every
other. Here the two questions are kept apart: column 0 is a binary model of benign against all
else, the other columns are a model of the covert channels among covert windows alone. The text
format holds both, tree ``i`` adding to column ``i % n_columns``.
"""

from __future__ import annotations

import re

_TREE = re.compile(r"(?m)^Tree=\d+\n")
_PER_ITERATION = re.compile(r"(?m)^num_tree_per_iteration=(\d+)$")

_NOTHING = (
    "num_leaves=1\nnum_cat=0\nsplit_feature=\nsplit_gain=\nthreshold=\ndecision_type=\n"
    "left_child=\nright_child=\nleaf_value=0\nleaf_weight=\nleaf_count=0\ninternal_value=\n"
    "internal_weight=\ninternal_count=\nis_linear=0\nshrinkage=1\n\n\n"
)


def join(benign: str, channels: str) -> str:
    """One text model whose column 0 is `benign` and whose other columns are `channels`.

    Parameters
    ----------
    benign : str
        Binary model, text: its margin is the log-odds of benign.
    channels : str
        Multi-class model, text.

    Returns
    -------
    str
        Text model. Its objective is one-against-rest, so LightGBM's own ``predict`` gives the
        uncalibrated P(benign) as column 0.

    Raises
    ------
    ValueError
        When they are not of these shapes.

    Notes
    -----
    Training stops early where no split is left; the shorter model is then filled with trees that
    add nothing.
    """
    head, first, tail = _parts(benign)
    _, rest, _ = _parts(channels)
    found = _PER_ITERATION.search(channels)
    width = int(found.group(1)) if found else 0
    if width < 1 or not rest or len(rest) % width or not first:
        raise ValueError(f"{len(rest)} trees cannot be shared out among {width} channels")
    rounds = max(len(first), len(rest) // width)
    first += [_NOTHING] * (rounds - len(first))
    rest += [_NOTHING] * (rounds * width - len(rest))
    order = []
    for i, tree in enumerate(first):
        order += [tree, *rest[i * width : (i + 1) * width]]
    blocks = [f"Tree={number}\n{tree}" for number, tree in enumerate(order)]
    columns = width + 1
    head = re.sub(r"(?m)^num_class=.*$", f"num_class={columns}", head)
    head = _PER_ITERATION.sub(f"num_tree_per_iteration={columns}", head)
    head = re.sub(
        r"(?m)^objective=.*$", f"objective=multiclassova num_class:{columns} sigmoid:1", head
    )
    sizes = " ".join(str(len(block.encode())) for block in blocks)
    head = re.sub(r"(?m)^tree_sizes=.*$", f"tree_sizes={sizes}", head)
    return head + "".join(blocks) + tail


def _parts(text: str) -> tuple[str, list[str], str]:
    """Head, trees without their numbers, and what follows them."""
    body, mark, tail = text.partition("end of trees")
    head, *trees = _TREE.split(body)
    # Split counts a feature are of one model alone, and LightGBM counts them from the trees.
    tail = re.sub(r"(?s)^\n\nfeature_importances:\n.*?\n\nparameters:", "\n\nparameters:", tail)
    return head, trees, mark + tail
