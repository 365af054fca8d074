"""Which windows to learn from: those with evidence, and no kind of traffic by the thousand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from nalpml.datasets import Dataset
from nalpml.datasets.dataset import GENERATED

__all__ = ["evidence", "select"]

IN_PAYLOAD = (
    "icmp_tunnel",
    "udp_c2",
    "tcp_c2",
    "socks",
    "serial_over_lan",
    "vsock_c2",
    "ip_tunnel",
)
"""Channels that are in payloads: a window without any captured payload shows nothing of them."""

OWN_PROTOCOL = ("udp_c2", "tcp_c2")
"""Channels that are what no protocol explains: a window that speaks its port's is not one."""

SLOW_TO_SHOW = (*(c for c in IN_PAYLOAD if c != "icmp_tunnel"), "header_storage")
"""Channels that ordinary sessions of few packets resemble; an echo's data speak at once."""

FULL_EVIDENCE = 8
"""Packets from which a window of such a channel weighs as much as any."""

GENERATED_SHARE = 0.3
"""What a generated window of such a channel weighs beside a captured one."""


def evidence(data: Dataset) -> npt.NDArray[np.float64]:
    """How much each window can teach, by its packets and where it is from.

    What two packets of a channel show, ordinary traffic shows as well: one datagram nobody
    answers, a short message and its reply. At full weight such windows teach that anything short
    and unknown is covert, which costs more false alarms than it finds.

    Parameters
    ----------
    data : Dataset
        Labelled windows.

    Returns
    -------
    ndarray, shape (n,), float64
        In (0, 1]: for `SLOW_TO_SHOW`, packets over `FULL_EVIDENCE`, times `GENERATED_SHARE`
        where they are generated and captured ones stand beside them; 1 for all else.
    """
    packets = np.array([sum(pair) for pair in data.identity["packets"]], np.float64)
    share = np.minimum(1.0, np.maximum(packets, 1.0) / FULL_EVIDENCE)
    slow, generated = np.isin(data.y, SLOW_TO_SHOW), data.source == GENERATED
    if (slow & ~generated).any():  # beside captures; alone, generated windows are all there is
        share[generated] *= GENERATED_SHARE
    return np.where(slow, share, 1.0)


def select(
    data: Dataset,
    *,
    least: Mapping[str, int],
    most: int | None,
    series: Mapping[str, int] | None = None,
    seed: int = 0,
) -> Dataset:
    """Leave out windows that teach nothing.

    A window of two packets of a channel that needs hundreds to show, such as a timing channel, is
    labelled covert and looks like any other: learning from it is learning noise. So is a window
    of which the capture holds headers alone, for channels that are in payloads; and one that
    speaks the protocol of its port, such as the TLS session after an implant's knock, in which
    nothing differs from a browser's. And a sweep over a network gives thousands of alike windows
    where other traffic gives ten.

    Parameters
    ----------
    data : Dataset
        Labelled windows.
    least : mapping of str to int
        Packets that a window of a label must have; other labels need one.
    series : mapping of str to int, optional
        Earlier flows of its pair of hosts after which a shorter window of a label counts all the
        same: a channel of one packet a flow is in the row of flows.
    most : int, optional
        Windows of a group (tool, profile or capture) and label at the most, drawn at random.
    seed : int
        Of the drawing.

    Returns
    -------
    Dataset
        What is left, in order.
    """
    packets = np.array([sum(pair) for pair in data.identity["packets"]], np.int64)
    needed = np.array([least.get(label, 1) for label in data.y], np.int64)
    enough = packets >= needed
    if series:
        before = np.exp2(data.X["pair_flows_log"].to_numpy(np.float64)) - 1
        awaited = np.array([series.get(label, np.inf) for label in data.y], np.float64)
        enough |= before + 0.5 >= awaited
    unseen = data.X[["zero_share_orig", "zero_share_resp"]].isna().all(axis=1).to_numpy()
    silent = np.isin(data.y, IN_PAYLOAD) & unseen
    conforming = np.isin(data.y, OWN_PROTOCOL) & (data.X["port_agreement"] == 1).to_numpy()
    rows = np.flatnonzero(enough & ~silent & ~conforming)
    if most is not None:
        rng = np.random.default_rng(seed)
        kept = []
        keys = np.char.add(np.char.add(data.groups.astype(str), "\n"), data.y.astype(str))[rows]
        for key in np.unique(keys):
            members = rows[keys == key]
            if len(members) > most:
                members = rng.choice(members, most, replace=False)
            kept.append(members)
        rows = np.sort(np.concatenate(kept)) if kept else rows
    return data.take(rows)
