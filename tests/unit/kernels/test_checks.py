from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nalpml._kernels.checks import check_order
from tests.unit.kernels.frames import ipv4, table, udp

packets = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([b"", b"a", b"b"]), st.integers(-60, 60)),
    max_size=12,
)


def twin(rows):
    backwards = duplicates = 0
    ignored = {"index", "time_ns", "payload_off"}
    names = [n for n in rows.dtype.names if n not in ignored]
    same = [tuple(row[n].tobytes() for n in names) for row in rows]
    times = rows["time_ns"].tolist()
    for i in range(len(rows)):
        backwards += i > 0 and times[i] < times[i - 1]
        comparable = rows["ip_id"][i] or rows["payload_cap"][i]
        duplicates += bool(comparable) and any(
            same[i] == same[k] and abs(times[i] - times[k]) <= 50_000_000
            for k in range(max(i - 4, 0), i)
        )
    return backwards, duplicates


@given(made=packets, cut=st.integers(0, 12))
def test_counts_equal_those_of_the_twin(made, cut):
    frames = [ipv4(17, 1, 2, udp(5, 7, data), ident=ident) for ident, data, _ in made]
    times = 10**12 + np.cumsum([step for *_, step in made], dtype=np.int64) * 10**6
    rows = table(frames, link=101, times=times).rows
    first = check_order(rows[:cut], rows[:0])
    second = check_order(rows[cut:], rows[:cut][-4:])
    assert (first[0] + second[0], first[1] + second[1]) == twin(rows)


def test_inner_packets_are_not_counted_again():
    frame = ipv4(4, 1, 2, ipv4(17, 3, 4, udp(5, 7, b"x")), ident=9)
    rows = table([frame, frame], link=101, times=[1, 0]).rows
    assert check_order(rows, rows[:0]) == (1, 1)
