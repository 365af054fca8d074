"""CoAP (RFC 7252) by its codes and options, and what only begins like it."""

from __future__ import annotations

import pytest

from nalpml.capture.apps import APP_CODES
from tests.unit.kernels.frames import ipv4, table, udp

HEAD = bytes.fromhex("4001 1234")  # GET, no token
PATH = b"\xb4rest\x03api"  # Uri-Path twice


def known(data: bytes, length: int | None = None) -> bool:
    frame = ipv4(17, 1, 2, udp(40_000, 5683, data))
    cut = len(frame) if length is None else len(frame) - len(data) + length
    found = table([frame[:cut]], link=101, wire=[len(frame)]).rows[0]
    return int(found["app"]) == APP_CODES["coap"]


@pytest.mark.parametrize("data", [
    bytes.fromhex("40000001"),  # empty: a ping
    HEAD + PATH, b"\x42\1\0\1TK" + PATH,
    bytes.fromhex("6045 1234 c132 ff") + b"21.5 C",  # content, its format, a payload
    bytes.fromhex("6044 1234"), bytes.fromhex("405f 1234") + PATH,
    bytes.fromhex("6084 1234 ff") + b"no", bytes.fromhex("609d 1234"),
    bytes.fromhex("60a3 1234"),
    HEAD + b"\xbd\x01" + b"a" * 14,  # a length of one octet more
    HEAD + b"\xbe\0\0" + b"a" * 269, HEAD + b"\xd1\x0a\x40\xffdata",
    HEAD + b"\xe1\x06\xf4x\xffdata",  # option 2049, of OCF
    HEAD + b"\xd2\x01ab", HEAD + b"\xd0\x04",  # an extended step right before the end
])  # fmt: skip
def test_coap_is_known(data: bytes) -> None:
    assert known(data)


@pytest.mark.parametrize("data", [
    b"\x80" + HEAD[1:] + PATH, b"\x49" + HEAD[1:] + PATH,
    bytes.fromhex("40001234") + PATH,  # empty, and yet more
    bytes.fromhex("4008 1234") + PATH, bytes.fromhex("4046 1234") + PATH,
    bytes.fromhex("4090 1234") + PATH, bytes.fromhex("40a9 1234") + PATH,
    bytes.fromhex("40e1 1234") + PATH,
    HEAD + b"\xff",  # a marker without payload
    HEAD + b"\x21ab", HEAD + b"\xf1abcdefgh", HEAD + b"\x1fabcdefgh",
    HEAD + b"\xd1\x30" + b"abcdef",  # option 61
    HEAD + b"\xd3\x01a", HEAD + b"\xb2a\1", HEAD + b"\x75abcde", HEAD + b"\x51a",
    HEAD + b"\x49abcdefghi", b"\x70" + HEAD[1:] + PATH, b"\x60" + HEAD[1:] + PATH,
    HEAD + b"\xe1\1\0" + b"abcdef",  # option 525
    HEAD + b"\xb8rest", HEAD + b"\xb0" + bytes(30),
    HEAD + b"\xd8\x01a", HEAD + b"\x10" * 24 + b"ab",
    HEAD + b"\x00\x00\x00\x00\x00\x00",
])  # fmt: skip
def test_what_only_begins_like_it_is_not(data: bytes) -> None:
    assert not known(data)


def test_a_snap_length_hides_nothing_that_was_told() -> None:
    whole = HEAD + PATH + b"\xff" + b"text"
    assert all(known(whole, cut) for cut in range(6, len(whole)))
