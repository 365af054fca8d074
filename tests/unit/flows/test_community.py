"""Vectors of the specification's baseline (seed 0), from its reference implementations."""

from __future__ import annotations

import numpy as np
import pytest

from nalpml.capture.address import address_halves
from nalpml.flows.community import community_id, flow_uid
from nalpml.flows.dtypes import WINDOW_DTYPE


def window(proto, source, target, sport=0, dport=0):
    made = np.zeros(1, WINDOW_DTYPE)
    made["proto"], made["sport"], made["dport"] = proto, sport, dport
    made["src_hi"], made["src_lo"] = address_halves(source)
    made["dst_hi"], made["dst_lo"] = address_halves(target)
    return made


@pytest.mark.parametrize(
    "flow,wanted",
    [
        ((6, "128.232.110.120", "66.35.250.204", 34855, 80), "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        ((6, "66.35.250.204", "128.232.110.120", 80, 34855), "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
        ((17, "192.168.1.52", "8.8.8.8", 54585, 53), "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
        ((17, "8.8.8.8", "192.168.1.52", 53, 54585), "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
        ((132, "192.168.170.8", "192.168.170.56", 7, 80), "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="),
        ((1, "192.168.0.89", "192.168.0.1", 8, 0), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
        # The reply alone was seen: the originator is who must have asked.
        ((1, "192.168.0.89", "192.168.0.1", 0, 0), "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="),
        ((1, "192.168.0.89", "192.168.0.1", 5, 1), "1:bgekcoPzxdl++b8eoKZ3uwfuh38="),
        ((47, "10.0.0.1", "10.0.0.2"), "1:+KlEHDT0vJgzs/eNmzHq0aSpRYw="),
        (
            (58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0),
            "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=",
        ),
    ],
)
def test_baseline_vectors(flow, wanted):
    assert community_id(window(*flow)) == [wanted]


def test_one_way_messages_keep_their_direction():
    there = community_id(window(1, "192.168.0.89", "192.168.0.1", 5, 1))
    back = community_id(window(1, "192.168.0.1", "192.168.0.89", 5, 1))
    assert there != back


def test_other_protocols_and_vsock():
    gre = community_id(window(47, "10.0.0.1", "10.0.0.2"))
    assert gre == community_id(window(47, "10.0.0.2", "10.0.0.1"))
    assert gre[0].startswith("1:")
    assert community_id(window(256, "3", "2", 9, 9)) == [None]


def test_uid_is_16_digits():
    made = window(6, "::1", "::2")
    made["flow_uid"] = 255
    assert flow_uid(made).tolist() == ["00000000000000ff"]
