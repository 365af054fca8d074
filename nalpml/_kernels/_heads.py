"""Header fields of the first packets of a pair's flows: data there shows from flow to flow."""

from __future__ import annotations

import numpy as np

from ._jit import kernel

__all__ = ["begin_heads", "note_head", "snapshot_heads"]

ID_RISE, PORT_RISE = 4095, 255
"""Largest steps of a counter that others share: of IP identifications, of source ports."""

STAMP_HZ, STAMP_SLACK = 1100, 1000
"""Fastest clock of TCP timestamps with a tenth to spare (RFC 7323 asks for 1 kHz at the most),
and ticks it may be off."""


@kernel
def _text(value, octets):
    # Whether the octets of a number are printable or zero, and not all zero.
    if value == 0:
        return False
    for _ in range(octets):
        octet = value & 0xFF
        if octet != 0 and not (0x20 <= octet < 0x7F or octet in (9, 10, 13)):
            return False
        value >>= 8
    return True


@kernel
def _mark(marks, octet):
    # A set of octets folded onto 64 places -> (the set with this one, 1 where it is new).
    place = np.uint64(((octet * 0x9E37) >> 5) & 63)
    bit = np.uint64(1) << place
    if marks & bit:
        return marks, 0
    return marks | bit, 1


@kernel
def begin_heads(pair):
    """Forget the headers of a pair.

    Parameters
    ----------
    pair : record
        Entry of the pair in this protocol, of CONTEXT_DTYPE.
    """
    pair["ids"] = 0
    pair["id_round"] = 0
    pair["id_text"] = 0
    pair["id_rise"] = 0
    pair["id_same"] = 0
    pair["id_high"] = 0
    pair["id_low"] = 0
    pair["id_high_marks"] = 0
    pair["id_low_marks"] = 0
    pair["isns"] = 0
    pair["isn_round"] = 0
    pair["isn_text"] = 0
    pair["isn_high"] = 0
    pair["isn_marks"] = 0
    pair["stamps"] = 0
    pair["stamp_law"] = 0
    pair["stamp_text"] = 0
    pair["ports"] = 0
    pair["port_rise"] = 0


@kernel
def _note_id(pair, ident):
    if ident == 0:  # none, or that of a stack that does not count
        return
    if pair["ids"] > 0:
        step = (ident - np.int64(pair["last_id"])) & 0xFFFF
        pair["id_rise"] += 1 <= step <= ID_RISE
        pair["id_same"] += step == 0
    pair["ids"] += 1
    pair["id_round"] += ident & 0xFF == 0
    pair["id_text"] += _text(ident, 2)
    pair["id_high_marks"], new = _mark(pair["id_high_marks"], ident >> 8)
    pair["id_high"] += new
    pair["id_low_marks"], new = _mark(pair["id_low_marks"], ident & 0xFF)
    pair["id_low"] += new
    pair["last_id"] = ident


@kernel
def _note_stamp(pair, stamp, time):
    if stamp == 0:
        return
    if pair["stamps"] > 0:
        step = (stamp - np.int64(pair["last_stamp"])) & 0xFFFFFFFF
        elapsed = max(time - pair["last_stamp_ns"], 0)
        pair["stamp_law"] += step <= elapsed * STAMP_HZ // 1_000_000_000 + STAMP_SLACK
    pair["stamps"] += 1
    pair["stamp_text"] += _text(stamp, 4)
    pair["last_stamp"] = stamp
    pair["last_stamp_ns"] = time


@kernel
def note_head(pair, row, time):
    """Count the header fields of the packet with which an originator opens a flow.

    Parameters
    ----------
    pair : record
        Entry of the pair in this protocol.
    row : record
        The packet, of PACKET_DTYPE.
    time : int
        Now, in ns.
    """
    _note_id(pair, np.int64(row["ip_id"]))
    proto = row["proto"]
    if proto == 6 and row["tcp_flags"] & 0x12 == 2:
        isn = np.int64(row["tcp_seq"])
        pair["isns"] += 1
        pair["isn_round"] += isn & 0xFFFF == 0
        pair["isn_text"] += _text(isn, 4)
        pair["isn_marks"], new = _mark(pair["isn_marks"], isn >> 24)
        pair["isn_high"] += new
        _note_stamp(pair, np.int64(row["tcp_tsval"]), time)
    if proto == 6 or proto == 17:
        port = np.int64(row["sport"])
        if pair["ports"] > 0:
            pair["port_rise"] += 1 <= (port - np.int64(pair["last_sport"])) & 0xFFFF <= PORT_RISE
        pair["ports"] += 1
        pair["last_sport"] = port


@kernel
def snapshot_heads(window, pair, known):
    """Write what the pair's headers were until a window opened, its own flow's first included.

    Parameters
    ----------
    window : record
        Of WINDOW_DTYPE.
    pair : record
        Entry of the pair in this protocol.
    known : int
        0 where the pair's run has ended: nothing counts.
    """
    window["pair_ids"] = known * pair["ids"]
    window["pair_id_round"] = known * pair["id_round"]
    window["pair_id_text"] = known * pair["id_text"]
    window["pair_id_rise"] = known * pair["id_rise"]
    window["pair_id_same"] = known * pair["id_same"]
    window["pair_id_high"] = known * pair["id_high"]
    window["pair_id_low"] = known * pair["id_low"]
    window["pair_isns"] = known * pair["isns"]
    window["pair_isn_round"] = known * pair["isn_round"]
    window["pair_isn_text"] = known * pair["isn_text"]
    window["pair_isn_high"] = known * pair["isn_high"]
    window["pair_stamps"] = known * pair["stamps"]
    window["pair_stamp_law"] = known * pair["stamp_law"]
    window["pair_stamp_text"] = known * pair["stamp_text"]
    window["pair_ports"] = known * pair["ports"]
    window["pair_port_rise"] = known * pair["port_rise"]
