"""How messages begin and end: magic, counters, lengths, echoes of the request, lines."""

from __future__ import annotations

import numpy as np

from .._kernels import framing
from .._kernels.openings import openings
from ..flows.table import Flows
from ._reduce import mean, ratio, row, share
from ._registry import feature
from ._shared import captured, first_octets, replies, stated_length
from ._views import F64, ORIG, RESP, cached, entropy_table, messages, with_payload

__all__: list[str] = []


@cached
def _positions(flows: Flows) -> F64:
    # Rows: constant, counting, entropy, zeros of the originator, of the responder; agreement.
    high, low = first_octets(flows)
    result: F64 = framing.octet_positions(
        high, low, captured(flows), messages(flows), flows.direction, flows.offsets,
        entropy_table(), 2,
    )  # fmt: skip
    return result


@cached
def _length_fields(flows: Flows) -> F64:
    used = messages(flows) & (captured(flows) >= 8)
    size = flows.column("payload_len").astype(np.int64)
    result: F64 = framing.follow_length(
        first_octets(flows)[0], size, used, flows.direction, flows.offsets, 2
    )
    return result


@cached
def _openings(flows: Flows) -> F64:
    # Rows: magic and stated lengths of the originator, then of the responder.
    table = openings(flows.packets, messages(flows), stated_length(flows), flows.offsets)
    return np.concatenate([table[ORIG], table[RESP]])


@feature(unit="1", serves="abnormal data")
def prefix_modal_orig(flows: Flows) -> F64:
    """Share of the most frequent first 4 octets from the originator (magic), NaN below two.

    >>> shown(prefix_modal_orig, "framed", "timing")
    [1.0, 0.006667]
    """
    return row(_openings(flows), 2 * ORIG)


@feature(unit="1", serves="abnormal data")
def header_constant_orig(flows: Flows) -> F64:
    """Share of the first 16 octet positions that hold one value in messages from the originator.

    In nine messages of ten; the first 64, over positions that two and more have. Proprietary
    protocols have constant header octets; a channel encrypted from its first octet has none.

    >>> shown(header_constant_orig, "tunnel", "ping6")
    [0.0, 1.0]
    """
    return row(_positions(flows), 4 * ORIG)


@feature(unit="1", serves="abnormal data")
def header_counting_orig(flows: Flows) -> F64:
    """Share of those positions from the originator that count.

    One step other than 0 takes six in ten, of four and more.

    >>> shown(header_counting_orig, "ping", "tunnel")
    [0.1875, 0.0]
    """
    return row(_positions(flows), 4 * ORIG + 1)


@feature(unit="1", serves="abnormal data")
def header_entropy_orig(flows: Flows) -> F64:
    """Mean entropy of those positions from the originator over that of random octets.

    >>> shown(header_entropy_orig, "beacon", "ping6")
    [1.012, 0.0]
    """
    return row(_positions(flows), 4 * ORIG + 2)


@feature(unit="1", serves="abnormal data")
def header_zero_share_orig(flows: Flows) -> F64:
    """Share of zeros among the first 16 octets of messages from the originator.

    >>> shown(header_zero_share_orig, "tunnel", "clock")
    [0.0, 0.875]
    """
    return row(_positions(flows), 4 * ORIG + 3)


@feature(unit="1", serves="abnormal data")
def length_field_orig(flows: Flows) -> F64:
    """Best fit of a length field among the first octets of messages from the originator.

    Over 16-bit fields at octets 0 to 6 in both byte orders (32-bit fields end in one of them),
    8-bit fields at octets 0 to 3 and a base-128 number: share of changes of payload length
    that the field follows by the same difference. NaN below two changes.

    >>> shown(length_field_orig, "framed", "raw")
    [1.0, 0.0]
    """
    return row(_length_fields(flows), ORIG)


@feature(unit="1", serves="abnormal data")
def length_stated_orig(flows: Flows) -> F64:
    """Share of messages from the originator whose first octets state their length.

    A 16-bit field at octets 0 to 6, in either byte order, that is the payload length or what is
    left behind the field, or a base-128 number at octet 0. Random octets: once in 1,500.

    >>> shown(length_stated_orig, "ping", "framed")
    [0.0, 1.0]
    """
    return row(_openings(flows), 2 * ORIG + 1)


@feature(unit="1", serves="abnormal data")
def prefix_modal_resp(flows: Flows) -> F64:
    """Share of the most frequent first 4 octets from the responder (magic), NaN below two.

    >>> shown(prefix_modal_resp, "ping", "framed")
    [0.08333, 1.0]
    """
    return row(_openings(flows), 2 * RESP)


@feature(unit="1", serves="abnormal data")
def header_constant_resp(flows: Flows) -> F64:
    """Share of the first 16 octet positions that hold one value in messages from the responder.

    In nine messages of ten; the first 64, over positions that two and more have. Proprietary
    protocols have constant header octets; a channel encrypted from its first octet has none.

    >>> shown(header_constant_resp, "tunnel", "dns")
    [0.0, 0.9375]
    """
    return row(_positions(flows), 4 * RESP)


@feature(unit="1", serves="abnormal data")
def header_counting_resp(flows: Flows) -> F64:
    """Share of those positions from the responder that count.

    One step other than 0 takes six in ten, of four and more.

    >>> shown(header_counting_resp, "tunnel", "duplex")
    [0.0, 0.25]
    """
    return row(_positions(flows), 4 * RESP + 1)


@feature(unit="1", serves="abnormal data")
def header_entropy_resp(flows: Flows) -> F64:
    """Mean entropy of those positions from the responder over that of random octets.

    >>> shown(header_entropy_resp, "dns", "udp6")
    [0.06281, 1.006]
    """
    return row(_positions(flows), 4 * RESP + 2)


@feature(unit="1", serves="abnormal data")
def header_zero_share_resp(flows: Flows) -> F64:
    """Share of zeros among the first 16 octets of messages from the responder.

    >>> shown(header_zero_share_resp, "ping", "tunnel")
    [0.6406, 0.0]
    """
    return row(_positions(flows), 4 * RESP + 3)


@feature(unit="1", serves="abnormal data")
def length_field_resp(flows: Flows) -> F64:
    """Best fit of a length field among the first octets of messages from the responder.

    Over 16-bit fields at octets 0 to 6 in both byte orders (32-bit fields end in one of them),
    8-bit fields at octets 0 to 3 and a base-128 number: share of changes of payload length
    that the field follows by the same difference. NaN below two changes.

    >>> shown(length_field_resp, "tunnel", "framed")
    [0.0, 1.0]
    """
    return row(_length_fields(flows), RESP)


@feature(unit="1", serves="abnormal data")
def length_stated_resp(flows: Flows) -> F64:
    """Share of messages from the responder whose first octets state their length.

    A 16-bit field at octets 0 to 6, in either byte order, that is the payload length or what is
    left behind the field, or a base-128 number at octet 0. Random octets: once in 1,500.

    >>> shown(length_stated_resp, "ping", "framed")
    [0.0, 1.0]
    """
    return row(_openings(flows), 2 * RESP + 1)


@feature(unit="1", serves="abnormal data")
def header_agreement(flows: Flows) -> F64:
    """Share of the first 16 octet positions that hold one and the same value on both sides.

    >>> shown(header_agreement, "tunnel", "sol")
    [0.0, 0.875]
    """
    return row(_positions(flows), 8)


@feature(unit="1", serves="abnormal data")
def reply_octets_share(flows: Flows) -> F64:
    """Mean share of a reply's first 16 octets that are its request's.

    A reply is a payload of the responder right behind one of the originator. Protocols repeat
    version, command and transaction number; unrelated ciphertext agrees in one octet of 256.

    >>> shown(reply_octets_share, "ping", "tunnel")
    [1.0, 0.0]
    """
    return mean(flows, replies(flows)[0])


@feature(unit="1", serves="extraneous packets")
def request_answered_share(flows: Flows) -> F64:
    """Replies over payloads of the originator: 1 for request and reply in turn.

    >>> shown(request_answered_share, "ping", "timing")
    [1.0, 0.0]
    """
    replied = ~np.isnan(replies(flows)[0])
    later = with_payload(flows) & ((flows.direction == ORIG) | replied)
    answers = share(flows, replied, later)
    return ratio(answers, 1 - answers)
