"""The flow tracker again, over dicts and lists: the rules as DESIGN has them, one by one."""

from __future__ import annotations

import itertools
import math
from typing import Any

from nalpml.capture.apps import APP_CODES
from tests.unit.kernels import naive

SECOND = 10**9
REPLIES = {1: {0: 8, 14: 13, 16: 15, 18: 17, 9: 10}, 58: {129: 128, 134: 133, 136: 135}}
ECHO = {1: (8, 0), 58: (128, 129)}
RTP, RTCP = APP_CODES["rtp"], APP_CODES["rtcp"]
ERRORS = {1: (3, 4, 5, 11, 12), 58: (0, 1, 2, 3, 4)}


class Tracker:
    """Feed rows with `take`, then `finish`; windows stand in `closed` in closing order."""

    def __init__(self, idle=60 * SECOND, age=120 * SECOND, packets=1000, flows=1 << 20):
        self.idle, self.age, self.most, self.cap = idle, age, packets, flows
        self.flows: dict[Any, dict] = {}  # in order of the last packet
        self.closed: list[dict] = []
        self.fragments: dict[Any, Any] = {}
        self.identifiers: dict[Any, Any] = {}
        self.contexts: dict[Any, dict] = {}
        self.peers: dict[Any, int] = {}
        self.pairs: dict[Any, dict] = {}
        self.flows_of: dict[Any, int] = {}
        self.seen: dict[int, int] = {}
        self.opened = 0
        self.carrier: dict[int, int] = {}

    # ------------------------------------------------------------------------------ one packet
    def take(self, row: dict, payload: bytes) -> dict | None:
        """Window, direction, role and ports of one packet; None for a skipped one."""
        if row["skip"]:
            return None
        now, proto = row["time_ns"], row["proto"]
        for key in [k for k, f in self.flows.items()]:
            if now - self.flows[key]["last"] <= self.idle:
                break
            self.close(key, 1)
        self.seen[proto] = self.seen.get(proto, 0) + 1
        ports, ident, role, reverse = (row["sport"], row["dport"]), None, 0, None
        key = None
        pair_id = (*source(row), *target(row), row["ip_id"], proto)
        if row["ip_frag"] & 0x1FFF:
            role = 2
            when, *known = self.fragments.get(pair_id, (-math.inf, ports, None))
            if now - when <= 60 * SECOND:
                ports, ident = known
        elif proto in (1, 58):
            if row["icmp_type"] in ERRORS[proto]:
                quoted = self.quoted(row, payload)
                if quoted and quoted[0] in self.flows:
                    key, role = quoted[0], 1
                    reverse = not quoted[1]
            if key is None:
                ident = self.identifier(row)
        if row["ip_frag"] & 0x3FFF == 0x2000:
            self.fragments[pair_id] = (now, ports, ident)
        if key is None:
            key, reverse = canonical(source(row), target(row), ports, proto, ident, row["depth"])
        flow = self.flows.get(key)
        if flow and proto == 6 and row["tcp_flags"] & 0x17 == 2:
            both_finished = flow["tcp"] & 4 and flow["tcp"] & 8
            if flow["tcp"] & 16 or both_finished:
                self.close(key, 5)
                flow = None
        if flow and now - flow["last"] > self.idle:
            self.close(key, 1)
            flow = None
        if flow is None:
            if len(self.flows) >= self.cap:
                self.close(next(iter(self.flows)), 6)
            flow = self.start(row, key, ports, ident, reverse)
            self.open(flow, row)
        else:
            old = now - flow["window"]["start_ns"] >= self.age
            if old or sum(flow["window"]["packets"]) >= self.most:
                self.closed.append({**flow["window"], "reason": 2 if old else 3})
                self.open(flow, row)
            self.flows.pop(key)
        self.flows[key] = flow
        flow["last"] = now
        back = reverse != flow["second"]
        if proto in (1, 58) and role != 1 and source(row) == target(row):
            back = row["icmp_type"] in (0, 129)
        self.carrier[row["depth"]] = flow["uid"]
        self.count(flow, row, role, int(back))
        return {
            "window": flow["window"]["id"], "direction": int(back), "role": role,
            "sport": ports[0], "dport": ports[1],
        }  # fmt: skip

    def finish(self):
        for key in list(self.flows):
            self.close(key, 4)

    # ------------------------------------------------------------------------------- the parts
    def close(self, key, reason):
        self.closed.append({**self.flows.pop(key)["window"], "reason": reason})

    def identifier(self, row):
        kind, proto = row["icmp_type"], row["proto"]
        if kind not in ECHO[proto]:
            return ("type", REPLIES[proto].get(kind, kind))
        key, _ = canonical(source(row), target(row), (0, 0), proto, row["icmp_id"], row["depth"])
        known = self.flows.get(key)
        if known and row["time_ns"] - known["last"] <= self.idle:
            return row["icmp_id"]
        pair = frozenset((source(row), target(row))), proto
        last, number = self.identifiers.get(pair, (0, 0))
        number = 1 if row["time_ns"] - last > self.idle else number + 1
        self.identifiers[pair] = row["time_ns"], number
        return "shared" if number > 16 else row["icmp_id"]

    def quoted(self, row, payload):
        if len(payload) < 20 or row["proto"] != 1 or payload[0] >> 4 != 4:
            return None
        size = (payload[0] & 15) * 4
        inner, proto = payload[size:], payload[9]
        if size < 20:
            return None
        ends = [(0, 0xFFFF << 32 | int.from_bytes(payload[i : i + 4], "big")) for i in (12, 16)]
        ports, ident = (0, 0), None
        if proto in (6, 17, 33, 132):
            if len(inner) < 4:
                return None
            ports = int.from_bytes(inner[:2], "big"), int.from_bytes(inner[2:4], "big")
        elif proto == 1:
            if len(inner) < 6:
                return None
            kind = inner[0]
            ident = ("type", REPLIES[1].get(kind, kind))
            if kind in ECHO[1]:
                ident = int.from_bytes(inner[4:6], "big")
        return canonical(*ends, ports, proto, ident, row["depth"])

    def start(self, row, key, ports, ident, reverse):
        proto, icmp = row["proto"], row["proto"] in (1, 58)
        answer = (
            (proto == 6 and row["tcp_flags"] & 0x12 == 0x12)
            or (icmp and row["icmp_type"] in REPLIES[proto])
            or (proto == 256 and row["icmp_code"] == 2)
        )
        ends = [source(row), target(row)]
        if icmp:
            ports = row["icmp_type"], row["icmp_code"]
        elif answer:
            ports = ports[::-1]
        if answer:
            ends.reverse()
        shown = ident if icmp and isinstance(ident, int) else -1
        return {
            "uid": naive.mix(key_hash(key), row["time_ns"]), "start": row["time_ns"], "number": 0,
            "second": reverse != answer, "ends": ends, "ports": ports, "icmp_id": shown,
            "proto": proto, "tcp": 0, "payloads": [0, 0], "apps": [[0, 0], [0, 0]],
            "heard": set(),
        }  # fmt: skip

    def open(self, flow, row):
        depth, now = row["depth"], row["time_ns"]
        port = flow["ports"][1] if flow["proto"] in (6, 17, 256) else 0
        name = (*flow["ends"], port, flow["proto"])
        host = (flow["ends"][0], flow["proto"])
        if name not in self.contexts:
            self.peers[host] = self.peers.get(host, 0) + 1
            self.contexts[name] = {"starts": [], "packets": [0, 0], "bytes": [0, 0]}
        known = self.contexts[name]
        gaps, after = [], now
        for start in reversed(known["starts"][-16:]):
            if now - start > 600 * SECOND or now < start:
                break
            gaps.append((after - start) / 1e9)
            after = start
        mean = sum(gaps) / len(gaps) if gaps else math.nan
        cv = math.nan
        if len(gaps) >= 3 and mean > 0:
            cv = math.sqrt(max(sum(g * g for g in gaps) / len(gaps) - mean**2, 0)) / mean
        pair = self.pair(flow, row, name, known["starts"])
        known["starts"].append(now)
        flow["context"] = known
        flow["window"] = {
            "id": self.opened, "first_index": row["index"], "start_ns": now, "end_ns": now,
            "flow_start_ns": flow["start"], "flow_uid": flow["uid"], "window": flow["number"],
            "src": flow["ends"][0], "dst": flow["ends"][1], "ports": flow["ports"],
            "icmp_id": flow["icmp_id"], "proto": flow["proto"], "packets": [0, 0],
            "bytes": [0, 0], "depth": depth,
            "outer_uid": self.carrier[depth - 1] if depth else 0,
            "ctx_windows": len(gaps), "ctx_gap_mean": mean, "ctx_gap_cv": cv,
            "ctx_packets": list(known["packets"]), "ctx_bytes": list(known["bytes"]),
            "ctx_peers": self.peers[host],
            "ctx_flows": self.flows_of.get(host, 0), **pair,
            "ctx_share": self.seen.get(flow["proto"], 0) / sum(self.seen.values()),
        }  # fmt: skip
        flow["number"] += 1
        self.opened += 1

    def pair(self, flow, row, service, starts):
        """What is known of the pair whatever the port; a new flow is counted after that."""
        now, ends = row["time_ns"], tuple(flow["ends"])
        opens = flow["number"] == 0

        pair = self.pairs.setdefault((ends, flow["proto"]), {"flows": []})
        flow["pair"] = pair
        flows = pair["flows"]
        if not flows or now - flows[-1]["time"] > 600 * SECOND:
            empty = {"bytes": [0, 0], "answered": 0, "errors": 0, "messages": []}
            known = {**empty, "flows": []}
            if opens:
                pair.update(known)
        else:
            known = pair
        flows, messages = known["flows"], known["messages"]
        gaps = [max(b["time"] - a["time"], 0) / 1e9 for a, b in itertools.pairwise(flows)]
        mean = sum(gaps) / len(gaps) if gaps else math.nan
        cv = math.nan
        if len(gaps) >= 3 and mean > 0:
            cv = math.sqrt(sum((g - mean) ** 2 for g in gaps) / len(gaps)) / mean

        def alike(rows, test):
            return sum(test(a, b) for a, b in itertools.pairwise(rows))

        result = {
            "pair_flows": len(flows),
            "pair_services": sum(f["new"] for f in flows),
            "pair_answered": known["answered"], "pair_errors": known["errors"],
            "pair_first_payloads": len(messages),
            "pair_same_size": alike(messages, lambda a, b: a[0] == b[0]),
            "pair_same_prefix": alike(messages, lambda a, b: a[1] == b[1]),
            "pair_same_payload": alike(messages, lambda a, b: a[2] == b[2]),
            "pair_same_ttl": alike(flows, lambda a, b: a["ttl"] == b["ttl"]),
            "pair_next_port": alike(flows, lambda a, b: b["port"] == a["port"] + 1),
            "pair_bytes": list(known["bytes"]), "pair_gap_mean": mean, "pair_gap_cv": cv,
        }  # fmt: skip
        if opens:
            host = (ends[0], flow["proto"])
            self.flows_of[host] = self.flows_of.get(host, 0) + 1
            begin = flows[0]["time"] if flows else now
            seen = {"time": now, "ttl": row["ttl"], "port": service[2]}
            seen["new"] = not starts or starts[-1] < begin
            seen["row"] = row if source(row) == ends[0] else None
            pair["flows"].append(seen)
            flows = pair["flows"]
        return result | heads([(f["row"], f["time"]) for f in flows if f["row"]])

    def hear(self, flow, row, role, back):
        pair = flow["pair"]
        pair["bytes"][back] += row["ip_len"]
        what = "errors" if role == 1 else "answered"
        if back and what not in flow["heard"]:
            flow["heard"].add(what)
            pair[what] += 1
        if not back and role == 0 and row["payload_cap"] and not flow["payloads"][0]:
            prefix = row["prefix_hi"] >> 32
            pair["messages"].append((row["payload_len"], prefix, row["payload_hash"]))

    def count(self, flow, row, role, back):
        self.hear(flow, row, role, back)
        window = flow["window"]
        window["end_ns"] = row["time_ns"]
        for table in (window, flow["context"]):
            table["packets"][back] += 1
            table["bytes"][back] += row["ip_len"]
        if row["payload_cap"] > 0 and role == 0:
            if flow["payloads"][back] < 2:
                flow["apps"][back][flow["payloads"][back]] = row["app"]
            flow["payloads"][back] += 1
        if row["proto"] == 6 and role == 0:
            for flag, bit in ((2, 1), (1, 4)):
                if row["tcp_flags"] & flag:
                    flow["tcp"] |= bit << back
            if row["tcp_flags"] & 4:
                flow["tcp"] |= 16
        window["tcp_state"] = flow["tcp"]
        window["payloads"] = list(flow["payloads"])
        window["apps"] = [sure(*pair) for pair in flow["apps"]]


def heads(opened):
    """What the header fields of the packets that opened a pair's flows tell."""
    ids = [row["ip_id"] for row, _ in opened if row["ip_id"]]
    syns = [(r, t) for r, t in opened if r["proto"] == 6 and r["tcp_flags"] & 0x12 == 2]
    isns = [row["tcp_seq"] for row, _ in syns]
    stamps = [(row["tcp_tsval"], time) for row, time in syns if row["tcp_tsval"]]
    ports = [row["sport"] for row, _ in opened if row["proto"] in (6, 17)]

    def text(values, size):
        good = {0, 9, 10, 13, *range(0x20, 0x7F)}
        return sum(v > 0 and set(v.to_bytes(size, "big")) <= good for v in values)

    def kinds(values):
        return len({(v * 0x9E37 // 32) % 64 for v in values})

    def steps(values, modulus):
        return [(b - a) % modulus for a, b in itertools.pairwise(values)]

    laws = [
        (b - a) % 2**32 <= max(late - early, 0) * 1100 // SECOND + 1000
        for (a, early), (b, late) in itertools.pairwise(stamps)
    ]
    return {
        "pair_ids": len(ids), "pair_id_round": sum(v % 256 == 0 for v in ids),
        "pair_id_text": text(ids, 2),
        "pair_id_rise": sum(1 <= s < 4096 for s in steps(ids, 65536)),
        "pair_id_same": steps(ids, 65536).count(0),
        "pair_id_high": kinds([v >> 8 for v in ids]), "pair_id_low": kinds([v % 256 for v in ids]),
        "pair_isns": len(isns), "pair_isn_round": sum(v % 65536 == 0 for v in isns),
        "pair_isn_text": text(isns, 4), "pair_isn_high": kinds([v >> 24 for v in isns]),
        "pair_stamps": len(stamps), "pair_stamp_law": sum(laws),
        "pair_stamp_text": text([v for v, _ in stamps], 4),
        "pair_ports": len(ports),
        "pair_port_rise": sum(1 <= s < 256 for s in steps(ports, 65536)),
    }  # fmt: skip


def sure(first, second):
    """RTP counts where two payloads are of a call, or the second follows something else."""
    if first == RTP and second not in (RTP, RTCP):
        return [0, second]
    if second == RTP and not first:
        return [0, 0]
    return [first, second]


def source(row):
    return row["src_hi"], row["src_lo"]


def target(row):
    return row["dst_hi"], row["dst_lo"]


def canonical(src, dst, ports, proto, ident, depth):
    """Key of a flow, the lower endpoint first, and whether the source is the second."""
    reverse = (src, ports[0]) > (dst, ports[1]) if src == dst else src > dst
    ends = (dst, src) if reverse else (src, dst)
    return (*ends, ports[::-1] if reverse else tuple(ports), proto, ident, depth), reverse


def key_hash(key):
    """The stable hash of a key: seven words."""
    low, high, ports, proto, ident, depth = key
    code = {None: -1, "shared": 0x20000}.get(ident) if not isinstance(ident, int | tuple) else (
        0x10000 + ident[1] if isinstance(ident, tuple) else ident
    )  # fmt: skip
    words = [*low, *high, ports[0] << 32 | ports[1], proto << 32 | depth << 24 | (code + 1)]
    return naive.mix(naive.hash_words(words), 6)
