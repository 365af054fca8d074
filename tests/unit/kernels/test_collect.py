from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml.capture.packets import PACKET_DTYPE
from nalpml.flows.collecting import Pending
from nalpml.flows.dtypes import MARK_DTYPE, WINDOW_DTYPE


def chunk(windows, first):
    rows, marks = np.zeros(len(windows), PACKET_DTYPE), np.zeros(len(windows), MARK_DTYPE)
    rows["index"] = np.arange(first, first + len(windows))
    marks["window"] = windows
    marks["direction"] = 1
    marks["sport"] = rows["index"] + 7
    return rows, marks


def closed(ids, packets):
    windows = np.zeros(len(ids), WINDOW_DTYPE)
    windows["id"] = ids
    windows["packets_orig"] = packets
    return windows


@given(
    chunks=st.lists(st.lists(st.integers(-1, 5), max_size=8), max_size=8),
    order=st.permutations(range(6)), at=st.integers(1, 8), small=st.booleans(),
)  # fmt: skip
def test_rows_come_back_by_window_in_order(chunks, order, at, small):
    from nalpml.flows import collecting

    keep, collecting._SMALL = collecting._SMALL, 1 << 14 if small else 0
    try:
        pending, all_rows, done = Pending(), [], []
        early = order[:2]
        for number, windows in enumerate(chunks):
            if number == at:
                early = [w for w in early if not any(w in later for later in chunks[at:])]
                done.append((early, pending.collect(closed(early, counts(all_rows, early)))))
            rows, marks = chunk(windows, len(all_rows))
            all_rows += windows
            pending.add(rows, marks)
        rest = [w for w in order if not done or w not in done[0][0]]
        done.append((rest, pending.collect(closed(rest, counts(all_rows, rest)))))
    finally:
        collecting._SMALL = keep
    for ids, flows in done:
        wanted = [i for w in ids for i, x in enumerate(all_rows) if x == w]
        assert flows.packets["index"].tolist() == wanted
        assert flows.packets["sport"].tolist() == [i + 7 for i in wanted]
        assert (flows.packets["direction"] == 1).all()
    assert pending.waiting == 0


def counts(rows, ids):
    return [rows.count(w) for w in ids]
